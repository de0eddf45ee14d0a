"""Faults of connections and of the bytes on them, more of those below what an ASGI application gets to see."""

import re
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from reference_server.faults.lying import wire_fault
from reference_server.faults.wire import Announcing

SHOUTED: Final = re.compile(rb"\r\n[A-Z]+(-[A-Z]+)+:")
"""The name of a header in capitals, of several words."""


@wire_fault(
    "transport.version-header-name-in-any-case",
    "transport.deployment-type-name-in-any-case",
    "transport.content-type-name-in-any-case",
)
class RefusesHeaderNamesInCapitals(H11Protocol):
    """A request with the name of a header in capitals is answered with 400."""

    def data_received(self, data: bytes) -> None:
        """Refuse what is shouted."""
        if SHOUTED.search(data.partition(b"\r\n\r\n")[0]):
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()
        else:
            super().data_received(data)


class Adding(Announcing):
    """A transport that sends something after every 204."""

    def write(self, data: bytes) -> None:
        """Send the bytes, and a body that nobody expects."""
        self._transport.write(data + b"{}" if data.startswith(b"HTTP/1.1 204 ") else data)


@wire_fault("transport.no-content-has-no-body")
class SendsABodyWith204(H11Protocol):
    """A 204 reply is followed by an empty object."""

    def connection_made(self, transport: Any) -> None:
        """Put the adding transport in the place of the connection's own."""
        super().connection_made(Adding(transport))  # type: ignore[arg-type]  # all that uvicorn uses of one


class Chunking(Announcing):
    """A transport that sends replies in chunks, where it has been told to."""

    chunks = False

    def write(self, data: bytes) -> None:
        """Send the bytes, or where they are of a body a chunk of them."""
        if not self.chunks:
            self._transport.write(data)
            return
        head, ended, body = data.partition(b"\r\n\r\n") if data.startswith(b"HTTP/") else (b"", b"", data)
        head = re.sub(rb"\r\ncontent-length: \d+", b"\r\ntransfer-encoding: chunked", head)
        chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
        self._transport.write(head + ended + chunk)

    def close(self) -> None:
        """Send the last chunk, and end the connection."""
        if self.chunks:
            self._transport.write(b"0\r\n\r\n")
        self._transport.close()


@wire_fault("transport.http-1-0-answered")
class SendsChunksToOldHttp(H11Protocol):
    """A request of HTTP/1.0 is answered in chunks."""

    def connection_made(self, transport: Any) -> None:
        """Put the chunking transport in the place of the connection's own."""
        super().connection_made(Chunking(transport))  # type: ignore[arg-type]  # all that uvicorn uses of one

    def data_received(self, data: bytes) -> None:
        """Notice the old version."""
        if data.partition(b"\r\n")[0].endswith(b" HTTP/1.0"):
            vars(self.transport)["chunks"] = True
        super().data_received(data)
