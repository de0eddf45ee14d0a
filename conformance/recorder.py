"""The one way to a target: a transport that records every exchange, without its secrets."""

import contextlib
import functools
import logging
import signal
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from conformance import __version__
from conformance.data import Json
from conformance.exchange import FRESH, Exchange, Secrets
from conformance.live.beside import Beside
from conformance.wire import ALONE, Left, Transport

PATIENCE: Final = 5
"""Seconds, or less with a shorter --timeout, in which a target that did not reply shows that it is still there."""

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""The methods that change nothing."""

SESSIONS: Final = ("/auth/token", "/auth/revoke")
"""The paths, below the admin root, where a POST changes who is logged in and nothing else."""


class NoReply(AssertionError):
    """The target gave no reply that could be read."""


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


class Recorder(httpx.BaseTransport):
    """Sends requests, keeps each exchange without its secrets, and notices when the target goes away."""

    def __init__(
        self, inner: httpx.BaseTransport, secrets: Secrets, *, pause: float = 0.0, may_write: bool = False
    ) -> None:
        self.beside: Beside | None = None
        self._inner = inner
        self._secrets = secrets
        self._pause = pause
        self._next_write = 0.0
        self._partial = False
        self._lock = threading.Lock()
        self._writing = may_write
        self.case = "before any case"
        self.exchanges: list[Exchange] = []
        self.requests = 0
        self.gone = ""
        self._unanswered: httpx.Request | None = None

    def begin(self, case: str) -> None:
        """What is sent from now on belongs to this case."""
        self.case = case
        self.forget()
        self.requests = 0

    def forget(self) -> None:
        """Keep no more of the exchanges of the case than comes from now on, and how many requests there were."""
        self.exchanges = []

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Let requests through that change the target; whoever asks puts back what they change."""
        self._writing = True
        try:
            yield
        finally:
            self._writing = False

    def hide(self, secret: str, name: str = FRESH) -> None:
        """Show `$NAME` in place of this secret from now on."""
        with self._lock:
            self._secrets.add(secret, name)

    def masked(self, text: str) -> str:
        """The text without secrets."""
        return self._secrets.masked(text)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and read its reply; raises NoReply where none came, and Left where none was waited for."""
        writes = request.method not in READING and not request.url.path.endswith(SESSIONS)
        if writes and not self._writing:
            raise RuntimeError(f"{self.case} writes, and nothing would put back what it found: it needs `put_back`")
        request.read()
        if writes and self.beside:
            request = self.beside.outgoing(request)
        request.headers["User-Agent"] = f"nodered-conformance/{__version__} ({self.case})"
        partial = request.headers.get("Node-RED-Deployment-Type", "full") != "full"
        if writes and (partial or self._partial):
            time.sleep(max(0.0, self._next_write - time.monotonic()))
        reply = self._exchanged(request)
        if writes and reply.is_success:
            self._next_write, self._partial = time.monotonic() + self._pause, partial
        return self.beside.incoming(request, reply) if self.beside else reply

    def ask(self, request: httpx.Request) -> httpx.Response:
        """Send the request as it is; raises NoReply."""
        request.read()
        return self._exchanged(request)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _exchanged(self, request: httpx.Request) -> httpx.Response:
        started = time.monotonic()
        try:
            reply = self._inner.handle_request(request)
            reply.read()
        except Left as end:
            self._keep(request, started, error=str(end))
            raise
        except (httpx.TransportError, httpx.DecodingError) as error:
            self._keep(request, started, error=no_reply(error))
            self._look_whether_gone(request)
            gone = f"; {self.gone}" if self.gone else ""
            raise NoReply(f"no reply to {request.method} {request.url.path}: {no_reply(error)}{gone}") from error
        with self._lock:
            self._secrets.add_given(reply.content.decode("utf-8", "replace"))
        self._keep(request, started, reply=reply)
        return reply

    def _keep(
        self, request: httpx.Request, started: float, reply: httpx.Response | None = None, error: str = ""
    ) -> None:
        masked = self._secrets.masked
        answer: dict[str, Json] = {}
        if reply is not None:
            answer = {
                "status": reply.status_code,
                "reason": reply.reason_phrase,
                "reply_headers": tuple((name, masked(value)) for name, value in reply.headers.multi_items()),
                "reply_body": masked(reply.content.decode("utf-8", "replace")),
            }
        exchange = Exchange(
            method=request.method,
            url=masked(url_of(request)),
            version=request.extensions.get(ALONE, "HTTP/1.1"),
            request_headers=tuple(
                (name.decode("latin-1"), masked(value.decode("latin-1"))) for name, value in request.headers.raw
            ),
            request_body=masked(text_of(request.content)),
            error=masked(error),
            seconds=time.monotonic() - started,
            **answer,
        )
        self.keep(exchange)

    def keep(self, exchange: Exchange) -> None:
        """Keep what went over the wire, without its secrets, among the exchanges of the case."""
        with self._lock:
            self.exchanges.append(exchange)
            self.requests += 1

    def is_there(self) -> bool:
        """Whether what was changed can be put back: a target that was only busy for a moment is not gone."""
        if self.gone and self._unanswered:
            self.gone = ""
            self._look_whether_gone(self._unanswered)
        return not self.gone

    def _look_whether_gone(self, request: httpx.Request) -> None:
        self._unanswered = request
        url, agent = request.url, {"User-Agent": request.headers["User-Agent"]}
        patience = min(PATIENCE, request.extensions["timeout"]["read"])
        try:
            with httpx.Client(transport=Connection(insecure=True).transport(), timeout=patience) as client:
                client.get(url.copy_with(path="/", query=None), headers=agent)
        except (httpx.ConnectError, httpx.TimeoutException):
            self.gone = f"the target went away during {self.case}"
        except httpx.HTTPError:
            pass  # it answers, in whatever way


def silence() -> None:
    """Let no library log a URL or a header, which can hold a secret: the recorder tells what was sent."""
    for name in ("httpx", "httpcore", "websockets"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def url_of(request: httpx.Request) -> str:
    """The URL as it was sent; a case may say so to the letter."""
    target = request.extensions.get("target")
    return (
        f"{request.url.copy_with(path='/', query=None)}".rstrip("/") + target.decode() if target else f"{request.url}"
    )


def text_of(body: bytes) -> str:
    """The body as text, or how many bytes it has where it is none."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"({len(body)} bytes that are no text)"


def no_reply(error: Exception) -> str:
    """Why no reply came, in words."""
    if isinstance(error, httpx.TimeoutException):
        return "it took longer than --timeout allows"
    return f"{error}".rstrip(".") or type(error).__name__


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Make a SIGTERM, by which CI cancels a job, or a SIGHUP end the run as Ctrl-C does: the case puts back."""
    before = {ending: signal.getsignal(ending) for ending in (signal.SIGTERM, signal.SIGHUP)}
    for ending, handler in before.items():
        if handler is not signal.SIG_IGN:  # as it is under nohup
            signal.signal(ending, signal.default_int_handler)
    try:
        yield
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)
