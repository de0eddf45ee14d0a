"""The texts of the editor, language by language: `/locales`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from reference_server.messages import json_reply
from reference_server.routing import Endpoint, Endpoints

if TYPE_CHECKING:
    from reference_server.app import Api

TEXTS: Final = {
    "editor": {
        "en-US": {"common": {"label": {"name": "Name", "done": "Done", "delete": "Delete"}}},
        "de": {"common": {"label": {"name": "Name", "done": "Fertig", "delete": "Löschen"}}},
    },
    "node-red": {
        "en-US": {"common": {"label": {"topic": "Topic", "password": "Password"}}},
        "de": {"common": {"label": {"topic": "Topic", "password": "Passwort"}}},
    },
}
"""All texts, by namespace and language."""


async def get_locale(_: Api, request: Request) -> Response:
    """GET /locales/:namespace: its texts in a language, an empty object where there are none."""
    language = request.query_params.get("lng", "en-US")
    return json_reply(TEXTS.get(request.path_params["namespace"], {}).get(language, {}), request)


ENDPOINTS: Final[Endpoints] = (Endpoint("GET", "/locales/{namespace}", None, get_locale),)
