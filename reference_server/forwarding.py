"""An application that is nothing of its own: it hands all that it is asked on to another server, to the letter."""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

import httpcore
from starlette.types import Message, Receive, Scope, Send
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

Headers = Iterable[tuple[bytes, bytes]]

OF_ONE_CONNECTION: Final = (b"connection", b"content-length", b"expect", b"keep-alive", b"transfer-encoding")
"""Headers that belong to one connection, or say how a body is framed there: they are made anew on the next."""

WITH_BODY: Final = ("PATCH", "POST", "PUT")
"""The methods that say how long their body is, even where it is empty."""

ANSWERED_IN: Final = 60.0
"""Seconds in which the other server has answered: longer than it takes to install a module."""

CLOSED: Final = 1000
"""The code with which a websocket is closed where there is nothing to say."""


class Forwarding:
    """An ASGI application in front of the server whose admin root has this URL, over http.

    Paths keep their percent-encoding, bodies their content-encoding, and headers their order and their number; a
    redirect is handed back. Where the other server cannot be reached the answer is 502.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = parts.netloc
        self._host = (parts.hostname or "").encode()
        self._port = parts.port or 80
        self._root = parts.path.rstrip("/").encode()
        # None is kept open: nobody would close it when this application is no longer served.
        self._pool = httpcore.AsyncConnectionPool(max_connections=None, max_keepalive_connections=0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or a websocket as the other server does."""
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
            return
        body = await body_of(receive)
        try:
            start, given = await self._answer(scope, body)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            said = [(b"content-type", b"text/plain")]
            start, given = {"type": "http.response.start", "status": 502, "headers": said}, f"{error!r}".encode()
        await send(start)
        await send({"type": "http.response.body", "body": given})

    async def _answer(self, scope: Scope, body: bytes) -> tuple[Message, bytes]:
        method, headers = scope["method"], handed_on(scope["headers"])
        if body or method in WITH_BODY:
            headers.append((b"content-length", str(len(body)).encode()))
        url = httpcore.URL(scheme=b"http", host=self._host, port=self._port, target=self._target(scope))
        waiting = {"timeout": {"connect": ANSWERED_IN, "read": ANSWERED_IN, "write": ANSWERED_IN}}
        reply = await self._pool.request(method, url, headers=headers, content=body, extensions=waiting)
        told = [(name.lower(), value) for name, value in reply.headers]
        length = [(name, value) for name, value in told if name == b"content-length"]
        start = {
            "type": "http.response.start",
            "status": reply.status,
            "headers": [*handed_on(told), *length],
        }
        return start, reply.content

    def _target(self, scope: Scope) -> bytes:
        """What is asked for, as it was written."""
        query: bytes = scope["query_string"]
        path: bytes = scope.get("raw_path") or scope["path"].encode()
        return self._root + path + (b"?" + query if query else b"")

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stand between a client and the other server until one of them ends the conversation."""
        await receive()  # the client wants to be connected
        target = self._target(scope).decode("latin-1")
        names = (b"authorization", b"cookie", b"origin", b"user-agent")
        headers = [(name.decode(), value.decode("latin-1")) for name, value in scope["headers"] if name in names]
        uri = f"ws://{self._address}{target}"
        try:
            connection = await connect(uri, additional_headers=headers, user_agent_header=None, proxy=None)
        except InvalidStatus as refused:
            await refuse(scope, send, refused.response.status_code)
        except (OSError, TimeoutError, WebSocketException):
            await refuse(scope, send, 502)
        else:
            async with connection:
                await send({"type": "websocket.accept"})
                await both_ways(connection, receive, send)


def handed_on(headers: Headers) -> list[tuple[bytes, bytes]]:
    """The headers that belong to more than one connection."""
    return [(name, value) for name, value in headers if name not in OF_ONE_CONNECTION]


async def body_of(receive: Receive) -> bytes:
    """The whole body of a request, as far as it arrives."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def refuse(scope: Scope, send: Send, status: int) -> None:
    """Refuse a websocket with this status, or as well as it can be."""
    if "websocket.http.response" in scope.get("extensions", {}):
        await send({"type": "websocket.http.response.start", "status": status, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        await send({"type": "websocket.close", "code": CLOSED})


async def both_ways(connection: ClientConnection, receive: Receive, send: Send) -> None:
    """Hand on what each says to the other."""
    listening = asyncio.create_task(listen(connection, receive))
    try:
        async for said in connection:
            kind = "text" if isinstance(said, str) else "bytes"
            await send({"type": "websocket.send", kind: said})
    except ConnectionClosed:
        pass  # without a word, which is told all the same
    finally:
        listening.cancel()
        with contextlib.suppress(RuntimeError):  # where the client has gone first
            await send({"type": "websocket.close", "code": connection.close_code or CLOSED})


async def listen(connection: ClientConnection, receive: Receive) -> None:
    """Hand on what the client says until it goes away."""
    with contextlib.suppress(ConnectionClosed):
        while (message := await receive())["type"] != "websocket.disconnect":
            text = message.get("text")
            await connection.send(text if text is not None else message["bytes"])
    await connection.close()
