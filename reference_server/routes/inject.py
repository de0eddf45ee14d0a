"""What the inject and debug nodes add to the API: `/inject` and `/debug`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from reference_server.routing import Endpoint, Endpoints

if TYPE_CHECKING:
    from reference_server.app import Api

TOGGLED: Final = {"enable": 200, "disable": 201}
"""The status that each word for a debug node is answered with."""


async def post_inject(api: Api, request: Request) -> Response:
    """POST /inject/:id: a message, as if the node's button had been pressed."""
    return PlainTextResponse("OK") if is_active(api, request.path_params["id"]) else Response(status_code=404)


async def post_debug(api: Api, request: Request) -> Response:
    """POST /debug/:id/:state: what the node is sent is shown, or no more."""
    known = is_active(api, request.path_params["id"])
    return Response(status_code=TOGGLED.get(request.path_params["state"], 404) if known else 404)


def is_active(api: Api, node_id: str) -> bool:
    """Whether a node of this id is among the active flows."""
    return any(isinstance(node, dict) and node.get("id") == node_id for node in api.flows.nodes)


ENDPOINTS: Final[Endpoints] = (
    Endpoint("POST", "/inject/{id}", "inject.write", post_inject),
    Endpoint("POST", "/debug/{id}/{state}", "debug.write", post_debug),
)
