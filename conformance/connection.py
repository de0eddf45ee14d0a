"""How targets are reached: whom to trust, and how long to wait."""

import functools
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from conformance.exchange import printable
from conformance.wire import Garbled, Transport

TOLD: Final = 300
"""Characters of a library's words that are repeated: they can hold a target's."""


@dataclass(frozen=True, kw_only=True)
class Connection:
    """How targets are reached."""

    timeout: float = 10.0
    insecure: bool = False
    ca_bundle: Path | None = None

    @functools.cache  # noqa: B019 - a run has one way to reach its targets, and authorities take long to read
    def context(self) -> ssl.SSLContext:
        """Whom to trust. Raises OSError where the CA bundle cannot be read."""
        context = ssl.create_default_context(cafile=self.ca_bundle)
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def transport(self) -> httpx.BaseTransport:
        """A pool of connections. Raises OSError where the CA bundle cannot be read."""
        context = self.context()
        # Node.js closes a connection that was idle for five seconds; a request in that moment would be lost.
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=2)
        return Transport(context, limits)


def answers(request: httpx.Request, seconds: float) -> bool:
    """Whether the target answers in whatever way, as long as that is HTTP and comes to an end in time."""
    request.extensions = {"timeout": httpx.Timeout(seconds).as_dict()}
    with Connection(insecure=True).transport() as transport:
        try:
            transport.handle_request(request)
        except httpx.TransportError as error:
            return isinstance(error, Garbled)
    return True


def no_reply(error: Exception) -> str:
    """Why no reply came, in words."""
    if isinstance(error, httpx.TimeoutException):
        return "it took longer than --timeout allows"
    words = printable(f"{error}"[:TOLD]).rstrip(".") or type(error).__name__
    return words if len(f"{error}") <= TOLD else f"{words}…"
