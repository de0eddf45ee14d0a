"""The icons of nodes: `/icons`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from reference_server.messages import json_reply
from reference_server.routing import Endpoint, Endpoints

if TYPE_CHECKING:
    from reference_server.app import Api

ICONS: Final = {
    "node-red": {
        "comment.svg": "M8 12h24v24h-16l-8 8z",
        "debug.svg": "M8 18h24v4h-24zM8 28h24v4h-24zM8 38h16v4h-16z",
        "function.svg": "M24 14h6v4h-6v8h6v4h-6v18h-4v-18h-6v-4h6z",
        "inject.svg": "M8 26h16v-8l10 12l-10 12v-8h-16z",
    }
}
"""The outlines of all icons, by module and file name."""

DEFAULT: Final = "M20 10l16 20l-16 20l-16 -20z"
"""The outline of whatever has no icon of its own."""


async def get_icons(_: Api, request: Request) -> Response:
    """GET /icons: the file names by module."""
    return json_reply({module: list(icons) for module, icons in ICONS.items()}, request)


async def get_icon(_: Api, request: Request) -> Response:
    """GET /icons/:module/:icon: an image, whether there is such an icon or not."""
    outline = ICONS.get(request.path_params["module"], {}).get(request.path_params["icon"], DEFAULT)
    image = f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="60"><path d="{outline}" fill="#fff"/></svg>'
    return Response(image, media_type="image/svg+xml")


ENDPOINTS: Final[Endpoints] = (
    Endpoint("GET", "/icons", "nodes.read", get_icons),
    Endpoint("GET", "/icons/{module:path}/{icon}", None, get_icon),
)
