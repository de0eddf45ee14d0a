"""How long an exchange may take, and how much of a reply is read: no target keeps the suite, or fills its memory."""

import contextlib
import time
import zlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, Final

import httpcore
import httpx

HEAD: Final = 262_144
"""Bytes up to the end of a reply's headers, with all interim replies before it."""

BODY: Final = 33_554_432
"""Bytes of a body, on the wire and after it is unpacked: three times what 20,000 nodes take."""

SLICE: Final = 16_384
"""Bytes that are sent before the deadline is looked at again."""

PIECE: Final = 1_048_576
"""Bytes that are unpacked at once."""

PACKED: Final = {"gzip": (zlib.MAX_WBITS | 16,), "deflate": (zlib.MAX_WBITS, -zlib.MAX_WBITS)}
"""The content codings that the suite asks for, each with zlib's ways to unpack it."""

ASKED_FOR: Final = ", ".join(PACKED)
"""`Accept-Encoding`, whatever else could be unpacked where the suite runs."""


class TooMuch(httpcore.RemoteProtocolError):
    """The target sent more than the suite reads."""


class Budget:
    """What one exchange may still take."""

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._left = HEAD
        self._part = f"headers are longer than {HEAD // 1024} KiB"

    def body(self) -> None:
        """The headers have come; what follows is the body."""
        self._left = BODY
        self._part = f"body is larger than {BODY // PIECE} MiB"

    def seconds(self, asked: float | None) -> float:
        """The seconds that a step may take, of those that it asks for; raises httpcore.ReadTimeout without any."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole exchange took too long")
        return left if asked is None else min(asked, left)

    def spend(self, size: int) -> None:
        """Count bytes that came; raises TooMuch."""
        self._left -= size
        if self._left < 0:
            raise TooMuch(f"its {self._part}")


BUDGET: ContextVar[Budget | None] = ContextVar("BUDGET", default=None)
"""What the exchange of this thread may still take."""


@contextlib.contextmanager
def budget(request: httpx.Request) -> Iterator[Budget]:
    """Bound all that goes over a `Stream` meanwhile by the request's own timeout, and by HEAD and BODY."""
    spending = Budget(request.extensions["timeout"]["read"])
    before = BUDGET.set(spending)
    try:
        yield spending
    finally:
        BUDGET.reset(before)


class Stream(httpcore.NetworkStream):
    """A connection on which every step counts."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What comes next, empty at the end; raises what httpcore does, and TooMuch."""
        spending = BUDGET.get()
        if spending is None:
            return self._inner.read(max_bytes, timeout)
        data = self._inner.read(max_bytes, spending.seconds(timeout))
        spending.spend(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send it all; raises what httpcore does."""
        for start in range(0, len(buffer), SLICE):
            self._inner.write(buffer[start : start + SLICE], within(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> "Stream":  # noqa: ANN401 - httpcore's own
        """The connection under TLS."""
        return Stream(self._inner.start_tls(ssl_context, server_hostname, within(timeout)))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own
        """What the connection tells of itself."""
        return self._inner.get_extra_info(info)


class Backend(httpcore.SyncBackend):
    """Opens connections on which every step counts."""

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *args: Any, **options: Any) -> Stream:  # noqa: ANN401 - httpcore's own
        """A connection; raises what httpcore does."""
        return Stream(super().connect_tcp(host, port, within(timeout), *args, **options))


def within(timeout: float | None) -> float | None:
    """The seconds that a step may take."""
    spending = BUDGET.get()
    return timeout if spending is None else spending.seconds(timeout)


def check_unpacked(coding: str, packed: bytes) -> None:
    """Raise TooMuch where a body unpacks to too much, and httpcore.RemoteProtocolError for codings not asked for."""
    codings = [word.strip().lower() for word in coding.split(",")]
    if codings in (["br"], ["zstd"]) or len(codings) > 1:
        raise httpcore.RemoteProtocolError("its body is packed in a way that was not asked for")
    for way in PACKED.get(codings[0], ()):
        with contextlib.suppress(zlib.error):  # which is told by whoever unpacks it to read it
            measure(zlib.decompressobj(way), packed)


def measure(unpacking: Any, packed: bytes) -> None:  # noqa: ANN401 - zlib tells no name of the class
    """Raise TooMuch where more than BODY comes of it; keeps nothing."""
    size = 0
    while packed and not unpacking.eof:
        size += len(unpacking.decompress(packed, PIECE))
        packed = unpacking.unconsumed_tail
        if size > BODY:
            raise TooMuch(f"its body is larger than {BODY // PIECE} MiB once it is unpacked")
