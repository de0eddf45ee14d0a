"""What the inject and debug nodes add to the API: `/inject` and `/debug`."""

from __future__ import annotations

from http import HTTPStatus
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
    return status_reply(200 if api.runtime.poke(request.path_params["id"]) else 404)


async def post_debug(api: Api, request: Request) -> Response:
    """POST /debug/:id/:state: what the node is sent is shown, or no more."""
    runs = request.path_params["id"] in api.runtime.running
    return status_reply(TOGGLED.get(request.path_params["state"], 404) if runs else 404)


def status_reply(status: int) -> Response:
    """A status, and its words for a body."""
    return PlainTextResponse(HTTPStatus(status).phrase, status)


ENDPOINTS: Final[Endpoints] = (
    Endpoint("POST", "/inject/{id}", "inject.write", post_inject),
    Endpoint("POST", "/debug/{id}/{state}", "debug.write", post_debug),
)
