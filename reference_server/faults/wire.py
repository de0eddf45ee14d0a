"""Faults of the bytes on the wire, below what an ASGI application gets to see."""

import re
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from reference_server.faults.lying import wire_fault


class HardOfHearing(H11Protocol):
    """uvicorn's protocol, which knows one header in one spelling alone."""

    known = b""

    def data_received(self, data: bytes) -> None:
        """Take every other spelling of the header for another header."""

        def unheard(line: re.Match[bytes]) -> bytes:
            return line[0] if line[1] == self.known else b"\r\nX-Unheard:"

        super().data_received(re.sub(rb"\r\n(" + re.escape(self.known) + rb"):", unheard, data, flags=re.IGNORECASE))


@wire_fault("transport.version-header-name-in-any-case")
class KnowsTheVersionInOneSpelling(HardOfHearing):
    """Node-RED-API-Version is known in this spelling alone."""

    known = b"Node-RED-API-Version"


@wire_fault("transport.deployment-type-name-in-any-case")
class KnowsTheDeploymentTypeInOneSpelling(HardOfHearing):
    """Node-RED-Deployment-Type is known in this spelling alone."""

    known = b"Node-RED-Deployment-Type"


@wire_fault("transport.content-type-name-in-any-case")
class KnowsTheContentTypeInOneSpelling(HardOfHearing):
    """Content-Type is known in this spelling alone."""

    known = b"Content-Type"


class Announcing:
    """A transport that announces a body with every 204."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def write(self, data: bytes) -> None:
        """Send the bytes, and a length that is none."""
        self._transport.write(data.replace(b" 204 No Content\r\n", b" 204 No Content\r\ncontent-length: 2\r\n"))

    def __getattr__(self, name: str) -> Any:
        """All else is the transport's own."""
        return getattr(self._transport, name)


@wire_fault("transport.no-content-has-no-body")
class AnnouncesABodyWith204(H11Protocol):
    """A 204 reply has a Content-Length of 2."""

    def connection_made(self, transport: Any) -> None:
        """Put the announcing transport in the place of the connection's own."""
        super().connection_made(Announcing(transport))  # type: ignore[arg-type]  # all that uvicorn uses of one


class Resizing(Announcing):
    """A transport whose replies that end their connection announce another length than they have."""

    more = 0

    def write(self, data: bytes) -> None:
        """Send the bytes, and where they are such a reply's headers the wrong length."""

        def wrong(line: re.Match[bytes]) -> bytes:
            return b"content-length: %d\r\n" % (int(line[1]) + self.more)

        ends = b"connection: close" in data.lower()
        self._transport.write(re.sub(rb"content-length: (\d+)\r\n", wrong, data, count=1) if ends else data)


class AnnouncingLess(Resizing):
    """Such a transport that announces a byte too few."""

    more = -1


class AnnouncingMore(Resizing):
    """Such a transport that announces a byte too many."""

    more = 1


@wire_fault("transport.every-length-is-right")
class AnnouncesAByteTooFew(H11Protocol):
    """A reply that ends its connection has a byte more than its Content-Length."""

    def connection_made(self, transport: Any) -> None:
        """Put the announcing transport in the place of the connection's own."""
        super().connection_made(AnnouncingLess(transport))  # type: ignore[arg-type]  # all that uvicorn uses of one


@wire_fault("transport.every-length-is-right")
class AnnouncesAByteTooMany(H11Protocol):
    """A reply that ends its connection has a byte less than its Content-Length."""

    def connection_made(self, transport: Any) -> None:
        """Put the announcing transport in the place of the connection's own."""
        super().connection_made(AnnouncingMore(transport))  # type: ignore[arg-type]  # all that uvicorn uses of one


@wire_fault("transport.http-1-0-answered")
class KnowsNoOldHttp(H11Protocol):
    """A request of HTTP/1.0 is answered with 505."""

    def data_received(self, data: bytes) -> None:
        """Refuse what speaks the old version."""
        if data.partition(b"\r\n")[0].endswith(b" HTTP/1.0"):
            self.transport.write(b"HTTP/1.1 505 HTTP Version Not Supported\r\ncontent-length: 0\r\n\r\n")
            self.transport.close()
        else:
            super().data_received(data)


@wire_fault("transport.very-many-headers-survived")
class FailsAtManyHeaders(H11Protocol):
    """A request with more than five hundred headers is answered with 500."""

    def data_received(self, data: bytes) -> None:
        """Fail where there are too many."""
        if data.partition(b"\r\n\r\n")[0].count(b"\r\n") > 300:
            self.transport.write(b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n")
            self.transport.close()
        else:
            super().data_received(data)
