"""Who lies: an application that stands before an honest one, and answers in its place."""

import asyncio
from typing import Final

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from reference_server.between import Json, answered, asked, honest_in
from reference_server.faults.lying import Fault

GOING: Final = 0.05
"""Seconds in which a client that goes away without the reply to what it posted has gone."""


class Lying:
    """An ASGI application that lies in front of an honest one."""

    def __init__(self, honest: ASGIApp, fault: Fault) -> None:
        self._app = honest
        self._honest = honest_in(honest)
        self._fault = fault
        self._memory: dict[str, Json] = {}
        self._arriving = 0
        if fault.runtime is not None and isinstance(honest, Starlette):
            honest.state.api.run_on(fault.runtime)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or stand before the honest server's websocket."""
        if scope["type"] == "websocket":
            line = self._fault.line
            await (line(self._app, self._memory) if line else self._app)(scope, receive, send)
            return
        request = Request(scope, receive)
        body, left = await self._arrived(request)
        ask = asked(request, body, self._memory, self._arriving)
        if left:
            if self._fault.left:
                await self._fault.left(ask, self._honest)
            return
        await answered(await self._fault.lie(ask, self._honest))(scope, receive, send)

    async def _arrived(self, request: Request) -> tuple[bytes, bool]:
        """As much of the body as arrived, and whether the client has gone away."""
        body = b""
        self._arriving += 1
        try:
            async for part in request.stream():
                body += part
        except ClientDisconnect:
            return body, True
        finally:
            self._arriving -= 1
        if self._fault.left is None or request.method != "POST":
            return body, False
        await (
            request.is_disconnected()
        )  # uvicorn stops reading in the middle of a large body, until it is asked for more
        await asyncio.sleep(GOING)
        return body, await request.is_disconnected()
