"""Other bytes on the wire, below what an ASGI application gets to see."""

import re
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from reference_server.variants.travelling import changing_the_start, with_an_end
from reference_server.variants.variant import register, speaking

HEAD = re.compile(rb"HTTP/1\.1 [2-5]\d\d .*?\r\n\r\n", re.DOTALL)
"""The status line and the headers of a reply."""


class Rewriting:
    """A transport that writes the heads of replies in other bytes."""

    def __init__(self, transport: Any, rewrite: Any) -> None:
        self._transport = transport
        self._rewrite = rewrite

    def write(self, data: bytes) -> None:
        """Send the bytes."""
        head = HEAD.match(data)
        self._transport.write(self._rewrite(head[0]) + data[head.end() :] if head else data)

    def __getattr__(self, name: str) -> Any:
        """All else is the transport's own."""
        return getattr(self._transport, name)


class OtherHeads(H11Protocol):
    """uvicorn's protocol, which writes the heads of replies in other bytes."""

    def connection_made(self, transport: Any) -> None:
        """Put such a transport in the place of the connection's own."""
        super().connection_made(Rewriting(transport, self.rewrite))  # type: ignore[arg-type]  # all that uvicorn uses of one

    def rewrite(self, head: bytes) -> bytes:
        """The same head."""
        return head


def renamed(head: bytes, name: Any) -> bytes:
    """The head with its headers' names written otherwise."""
    return re.sub(rb"\r\n([^:\r]+):", lambda line: b"\r\n" + name(line[1]) + b":", head)


@speaking
class CapitalHeaderNames(OtherHeads):
    """The names of headers begin with capital letters."""

    def rewrite(self, head: bytes) -> bytes:
        """The head with Such-Names."""
        return renamed(super().rewrite(head), bytes.title)


@speaking
class ShoutedHeaderNames(OtherHeads):
    """The names of headers are in upper case."""

    def rewrite(self, head: bytes) -> bytes:
        """The head with SUCH-NAMES."""
        return renamed(super().rewrite(head), bytes.upper)


@speaking
class LowerCaseHeaderNames(OtherHeads):
    """The names of headers are in lower case, with no blank after the colon."""

    def rewrite(self, head: bytes) -> bytes:
        """The head with such-names."""
        return renamed(super().rewrite(head), bytes.lower).replace(b": ", b":")


@speaking
class NoReasons(OtherHeads):
    """No status has words after it."""

    def rewrite(self, head: bytes) -> bytes:
        """The head with nothing after the number."""
        return re.sub(rb"^(HTTP/1\.. \d\d\d )[^\r]*", rb"\1", super().rewrite(head))


class OldHttp(OtherHeads):
    """HTTP/1.0, in which a connection ends with its reply."""

    def rewrite(self, head: bytes) -> bytes:
        """The head of the old version, unless the reply is in chunks, which that does not know."""
        old = b"chunked" not in head.lower()
        return super().rewrite(head).replace(b"HTTP/1.1 ", b"HTTP/1.0 ", 1) if old else super().rewrite(head)


register(
    "http-1-0",
    "Every reply is one of HTTP/1.0, and ends its connection.",
    carries=lambda app, _: changing_the_start(with_an_end)(app),
    options={"http": OldHttp},
)
register("no-date", "No reply has a Date.", options={"date_header": False})
register(
    "short-connections",
    "A connection on which nothing comes for a second ends.",
    options={"timeout_keep_alive": 1},
)
register(
    "narrow-websocket",
    "The websocket takes messages of four thousand bytes and pings every second.",
    options={"ws_max_size": 4_096, "ws_ping_interval": 1.0},
)
