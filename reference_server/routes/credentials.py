"""What is told of stored credentials: `/credentials`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from reference_server.messages import json_reply
from reference_server.routing import Endpoint, Endpoints

if TYPE_CHECKING:
    from reference_server.app import Api


async def get_credentials(api: Api, request: Request) -> Response:
    """GET /credentials/:type/:id: the texts, and whether there is a password."""
    told = api.flows.credentials.told(request.path_params["type"], request.path_params["id"])
    return json_reply(told, request)


ENDPOINTS: Final[Endpoints] = (Endpoint("GET", "/credentials/{type}/{id}", "credentials.read", get_credentials),)
