"""What the flows themselves answer: every path that the API leaves to them, which is all below `httpNodeRoot`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
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
        await (await self._answer(Request(scope, receive)))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        runtime = self._api.runtime
        node = runtime.http_in(request.method, f"/{request.path_params['path']}")
        if node is None:
            return PlainTextResponse("Not Found", 404)
        try:
            payload = dict(request.query_params) if request.method in ("GET", "HEAD") else await read_body(request)
        except BadBody as error:
            return PlainTextResponse(str(error), error.status)
        # Node-RED would let whoever asks wait for ever.
        return runtime.answer(node, payload) or PlainTextResponse("The flow does not answer", 504)
