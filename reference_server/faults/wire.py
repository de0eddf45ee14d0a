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
