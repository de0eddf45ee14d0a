"""What extends the editor beyond nodes: `/plugins`. This server has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from reference_server.messages import ApiError, json_reply
from reference_server.routing import Endpoint, Endpoints
from reference_server.settings import VERSION

if TYPE_CHECKING:
    from reference_server.app import Api


async def get_plugins(_: Api, request: Request) -> Response:
    """GET /plugins: a list to whoever accepts nothing but JSON, else the HTML that the editor loads."""
    return json_reply([], request) if request.headers.get("accept") == "application/json" else HTMLResponse("")


async def get_messages(_: Api, request: Request) -> Response:
    """GET /plugins/messages: the texts of all plugins."""
    return json_reply({}, request)


async def get_module(_: Api, request: Request) -> Response:
    """GET /plugins/:module."""
    if request.path_params["module"] != "node-red":
        raise ApiError(404, "not_found", "There is no such module")
    return json_reply({"name": "node-red", "version": VERSION, "nodes": [], "plugins": []}, request)


ENDPOINTS: Final[Endpoints] = (
    Endpoint("GET", "/plugins", "plugins.read", get_plugins),
    Endpoint("GET", "/plugins/messages", "plugins.read", get_messages),
    Endpoint("GET", "/plugins/{module}", "plugins.read", get_module),
)
