"""What the flows themselves answer: every path that the API leaves to them, which is all below `httpNodeRoot`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from reference_server.messages import BadBody, read_body

if TYPE_CHECKING:
    from reference_server.app import Api


class HttpNodes:
    """The application that is asked where the API has no route."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as an `http in` node's flow does, or with 404."""
        request = Request(scope, receive)
        try:
            payload = dict(request.query_params) if request.method in ("GET", "HEAD") else await read_body(request)
            answer = self._api.runtime.answer(request.method, "/" + request.path_params["path"], payload)
        except BadBody as error:
            answer = PlainTextResponse(str(error), error.status)
        await (answer or PlainTextResponse("Not Found", 404))(scope, receive, send)
