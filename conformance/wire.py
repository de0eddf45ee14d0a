"""How requests travel: over a pool of connections, or alone on a connection that the target ends."""

import ssl
from typing import Final

import h11
import httpcore
import httpx

ALONE: Final = "alone"
"""The extension of a request without a body that travels alone; its value is `HTTP/1.0` or `HTTP/1.1`.

It carries `Connection: close`, and its reply is read until the target has ended the connection.
"""

READ_SIZE: Final = 65_536
"""Bytes that are read at once."""


class Transport(httpx.HTTPTransport):
    """A pool of connections, and for each request that asks for it a connection of its own."""

    def __init__(self, context: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=context, trust_env=False, limits=limits)
        self._context = context

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; raises httpx.TransportError where no reply came that could be read."""
        if ALONE not in request.extensions:
            return super().handle_request(request)
        try:
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
    speaking.send(h11.EndOfMessage())
    # h11 speaks HTTP/1.1 alone, and understands the replies to both.
    line, _, rest = (asked or b"").partition(b" HTTP/1.1\r\n")
    version: str = request.extensions[ALONE]
    speaking.receive_data(answer(request, line + f" {version}\r\n".encode() + rest, context))
    speaking.receive_data(b"")
    status, headers, body = 0, httpx.Headers(), b""
    while not isinstance(event := speaking.next_event(), h11.ConnectionClosed):
        if isinstance(event, h11.Response):
            status, headers = event.status_code, httpx.Headers(list(event.headers))
        elif isinstance(event, h11.Data):
            body += event.data
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


def answer(request: httpx.Request, asked: bytes, context: ssl.SSLContext) -> bytes:
    """All that the target sends before it ends the connection."""
    url, timeout = request.url, request.extensions["timeout"]["read"]
    secure = url.scheme == "https"
    stream = httpcore.SyncBackend().connect_tcp(url.host, url.port or (443 if secure else 80), timeout=timeout)
    try:
        if secure:
            stream = stream.start_tls(context, url.host, timeout)
        stream.write(asked, timeout)
        return b"".join(iter(lambda: stream.read(READ_SIZE, timeout), b""))
    finally:
        stream.close()
