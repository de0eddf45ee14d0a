"""How requests travel: over a pool of connections, alone on one that the target ends, or on one that the suite ends."""

import contextlib
import socket
import ssl
import struct
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

import h11
import httpcore
import httpx

from conformance.bounds import HEAD, Backend, Budget, TooMuch, budget, check_unpacked

ALONE: Final = "alone"
"""The extension of a request that travels alone; its value is `HTTP/1.0` or `HTTP/1.1`.

It carries `Connection: close`, and its reply is read until the target has ended the connection.
"""

LEAVING: Final = "leaving"
"""The extension of a request whose client goes away without its reply; its value is a `Leaving`."""

CHARSETS: Final = frozenset({"utf-8", "us-ascii", "iso-8859-1", "windows-1252", "utf-16"})
"""Charsets that are taken at their word; Python knows more, and some of them unpack, or take their time."""

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


class Garbled(httpx.RemoteProtocolError):
    """The headers of a reply came, and a body that cannot be read."""


class Transport(httpx.BaseTransport):
    """A pool of connections, and for each request that asks for it a connection of its own."""

    def __init__(self, context: ssl.SSLContext, limits: httpx.Limits) -> None:
        self._context = context
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=Backend(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The reply, its body read; raises httpx.TransportError where none came that could be read, and Left."""
        with in_words_of_httpx(), budget(request) as spending:
            if LEAVING in request.extensions:
                raise Left(left(request, request.extensions[LEAVING], self._context))
            if ALONE in request.extensions:
                return sent_alone(request, self._context, spending)
            return self._sent(request, spending)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def _sent(self, request: httpx.Request, spending: Budget) -> httpx.Response:
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        reply = self._pool.handle_request(asked)
        spending.body()
        try:
            return read(reply.status, reply.headers, reply.read(), reply.extensions)
        except TooMuch:
            raise
        except (httpcore.RemoteProtocolError, httpcore.NetworkError) as error:
            raise Garbled(str(error)) from error
        finally:
            reply.close()


def read(
    status: int, headers: list[tuple[bytes, bytes]], body: bytes, extensions: MutableMapping[str, Any] | None = None
) -> httpx.Response:
    """The reply with its body; raises TooMuch where that is too large once it is unpacked."""
    told = httpx.Headers(headers)
    check_unpacked(told.get("content-encoding", ""), body)
    reply = httpx.Response(status, headers=told, stream=httpx.ByteStream(body), extensions=dict(extensions or {}))
    if (reply.charset_encoding or "").lower() not in CHARSETS:
        reply.encoding = "utf-8"
    return reply


@contextlib.contextmanager
def in_words_of_httpx() -> Iterator[None]:
    """Raise httpx.TransportError for what httpcore and h11 raise."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.TimeoutException(str(error)) from error
    except httpcore.ConnectError as error:
        raise httpx.ConnectError(str(error)) from error
    except httpcore.NetworkError as error:
        raise httpx.NetworkError(str(error)) from error
    except httpcore.LocalProtocolError as error:
        raise httpx.LocalProtocolError(str(error)) from error
    except (httpcore.ProtocolError, h11.RemoteProtocolError) as error:
        raise httpx.RemoteProtocolError(str(error)) from error


def sent_alone(request: httpx.Request, context: ssl.SSLContext, spending: Budget) -> httpx.Response:
    """The reply; raises h11.RemoteProtocolError where it has not the length that it announces."""
    speaking = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD)
    asked = speaking.send(h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw))
    message = b"".join(speaking.send(event) or b"" for event in (h11.Data(data=request.content), h11.EndOfMessage()))
    # h11 speaks HTTP/1.1 alone, and understands the replies to both.
    line, _, rest = (asked or b"").partition(b" HTTP/1.1\r\n")
    version: str = request.extensions[ALONE]
    stream = connected(request, context)
    status, headers, parts = 0, list[tuple[bytes, bytes]](), list[bytes]()
    try:
        stream.write(line + f" {version}\r\n".encode() + rest + message, request.extensions["timeout"]["write"])
        while not isinstance(event := next_event(speaking, stream), h11.ConnectionClosed):
            if isinstance(event, h11.Response):
                spending.body()
                status, headers = event.status_code, list(event.headers)
            elif isinstance(event, h11.Data):
                parts.append(bytes(event.data))
    finally:
        stream.close()
    return read(status, headers, b"".join(parts))


def next_event(speaking: h11.Connection, stream: httpcore.NetworkStream) -> h11.Event:
    """What comes next; raises h11.RemoteProtocolError for what is no HTTP."""
    while (event := speaking.next_event()) is h11.NEED_DATA:
        speaking.receive_data(stream.read(READ_SIZE))
    if not isinstance(event, h11.Event):
        raise h11.RemoteProtocolError("more comes after the reply")
    return event


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
    stream = Backend().connect_tcp(url.host, url.port or (443 if secure else 80), timeout=timeout)
    return stream.start_tls(context, url.host, timeout) if secure else stream
