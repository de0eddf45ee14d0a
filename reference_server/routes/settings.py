"""What a client needs to know of the runtime: `/settings`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from reference_server.messages import Json, json_reply
from reference_server.routing import Endpoint, Endpoints
from reference_server.settings import VERSION

if TYPE_CHECKING:
    from reference_server.app import Api


async def get_settings(_: Api, request: Request) -> Response:
    """GET /settings."""
    settings: dict[str, Json] = {"httpNodeRoot": "/", "version": VERSION}
    if request.state.session is not None:
        user = request.state.session.user
        settings["user"] = {"username": user.name, "permissions": user.permissions}
    return json_reply(settings, request)


ENDPOINTS: Final[Endpoints] = (Endpoint("GET", "/settings", "settings.read", get_settings),)
