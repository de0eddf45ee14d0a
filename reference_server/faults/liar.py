"""Who lies: an application that stands before an honest one, and answers in its place."""

import asyncio
from typing import Final
from urllib.parse import quote, unquote

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_server.faults.lying import HOP_BY_HOP, Answer, Ask, Fault, Json

GOING: Final = 0.05
"""Seconds in which a client that goes away without the reply to what it posted has gone."""


class Lying:
    """An ASGI application that lies in front of an honest one."""

    def __init__(self, honest: ASGIApp, fault: Fault) -> None:
        self._app = honest
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
        ask = Ask(
            request.method,
            scope["path"],
            scope["query_string"].decode("latin-1"),
            {name: ", ".join(request.headers.getlist(name)) for name in request.headers},
            body,
            self._memory,
            scope.get("raw_path", b"").decode("latin-1"),
            self._arriving,
        )
        if left:
            if self._fault.left:
                await self._fault.left(ask, self._honest)
            return
        answer = await self._fault.lie(ask, self._honest)
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
        await Response(answer.body, answer.status, headers)(scope, receive, send)

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

    async def _honest(self, ask: Ask) -> Answer:
        headers = [(name, value) for name, value in ask.headers.items() if name not in HOP_BY_HOP]
        # Sent on to the letter: a client of HTTP would tidy the path.
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": ask.method,
            "path": ask.path,
            "raw_path": (ask.raw_path if unquote(ask.raw_path) == ask.path else quote(ask.path)).encode("latin-1"),
            "root_path": "",
            "query_string": ask.query.encode("latin-1"),
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        }
        told: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": ask.body, "more_body": False}

        async def send(message: Message) -> None:
            told.append(message)

        await self._app(scope, receive, send)
        start, *parts = told
        given = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
        return Answer(start["status"], given, b"".join(part.get("body", b"") for part in parts))
