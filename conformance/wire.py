"""How requests travel: over a pool of connections, alone on one that the target ends, or on one that the suite ends."""

import contextlib
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import h11
import httpcore
import httpx

ALONE: Final = "alone"
"""The extension of a request that travels alone; its value is `HTTP/1.0` or `HTTP/1.1`.

It carries `Connection: close`, and its reply is read until the target has ended the connection.
"""

LEAVING: Final = "leaving"
"""The extension of a request whose client goes away without its reply; its value is a `Leaving`."""

READ_SIZE: Final = 65_536
"""Bytes that are read at once."""

CHUNK: Final = 16_384
"""Bytes of a chunk, where a body is sent in chunks."""

RESET: Final = struct.pack("ii", 1, 0)
"""To linger for no time: what makes the end of a connection a reset."""


class Left(Exception):
    """The client went away, as it was meant to; the message says when."""


@dataclass(frozen=True)
class Leaving:
    """How a client goes away."""

    share: float
    """The part of the body that it sends before; all of it is 1."""
    resets: bool = False
    """Whether it resets the connection instead of closing it."""
    meanwhile: Callable[[], object] | None = None
    """What is done between the last byte and the end of the connection."""


class Transport(httpx.HTTPTransport):
    """A pool of connections, and for each request that asks for it a connection of its own."""

    def __init__(self, context: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=context, trust_env=False, limits=limits)
        self._context = context

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; raises httpx.TransportError where no reply came that could be read, and Left."""
        if not {ALONE, LEAVING} & request.extensions.keys():
            return super().handle_request(request)
        try:
            if LEAVING in request.extensions:
                raise Left(left(request, request.extensions[LEAVING], self._context))
            return sent_alone(request, self._context)
        except httpcore.TimeoutException as error:
            raise httpx.ReadTimeout("the target did not end the connection") from error
        except httpcore.NetworkError as error:
            raise httpx.NetworkError(str(error)) from error
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError(str(error)) from error


def sent_alone(request: httpx.Request, context: ssl.SSLContext) -> httpx.Response:
    """The reply; raises h11.RemoteProtocolError where it has not the length that it announces."""
    speaking = h11.Connection(h11.CLIENT)
    asked = speaking.send(h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw))
    message = b"".join(speaking.send(event) or b"" for event in (h11.Data(data=request.content), h11.EndOfMessage()))
    # h11 speaks HTTP/1.1 alone, and understands the replies to both.
    line, _, rest = (asked or b"").partition(b" HTTP/1.1\r\n")
    version: str = request.extensions[ALONE]
    speaking.receive_data(answer(request, line + f" {version}\r\n".encode() + rest + message, context))
    speaking.receive_data(b"")
    status, headers, body = 0, httpx.Headers(), b""
    while not isinstance(event := speaking.next_event(), h11.ConnectionClosed):
        if isinstance(event, h11.Response):
            status, headers = event.status_code, httpx.Headers(list(event.headers))
        elif isinstance(event, h11.Data):
            body += event.data
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


def left(request: httpx.Request, leaving: Leaving, context: ssl.SSLContext) -> str:
    """Send the request up to where the client goes away, and say in words when that was."""
    speaking = h11.Connection(h11.CLIENT)
    parts = [h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)]
    sent = request.content[: int(len(request.content) * leaving.share)]
    chunks = [h11.Data(data=sent[start : start + CHUNK]) for start in range(0, len(sent), CHUNK)]
    ending = [h11.EndOfMessage()] if leaving.share == 1 else []
    message = b"".join(speaking.send(event) or b"" for event in (*parts, *chunks, *ending))
    stream = connected(request, context)
    try:
        with contextlib.suppress(httpcore.NetworkError, httpcore.TimeoutException):  # the target need not listen
            stream.write(message, request.extensions["timeout"]["write"])
        if leaving.meanwhile is not None:
            leaving.meanwhile()
        if leaving.resets:
            stream.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    finally:
        stream.close()
    how = "reset the connection" if leaving.resets else "closed the connection"
    return f"the client {how} after {len(sent)} of {len(request.content)} bytes of the body"


def connected(request: httpx.Request, context: ssl.SSLContext) -> httpcore.NetworkStream:
    """A connection to where the request goes."""
    url, timeout = request.url, request.extensions["timeout"]["connect"]
    secure = url.scheme == "https"
    stream = httpcore.SyncBackend().connect_tcp(url.host, url.port or (443 if secure else 80), timeout=timeout)
    return stream.start_tls(context, url.host, timeout) if secure else stream


def answer(request: httpx.Request, asked: bytes, context: ssl.SSLContext) -> bytes:
    """All that the target sends before it ends the connection."""
    timeout = request.extensions["timeout"]["read"]
    stream = connected(request, context)
    try:
        stream.write(asked, timeout)
        return b"".join(iter(lambda: stream.read(READ_SIZE, timeout), b""))
    finally:
        stream.close()
