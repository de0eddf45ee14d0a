"""The admin client: an httpx client whose transport records every exchange, and sends nothing that it may not."""

import contextlib
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from conformance import __version__
from conformance.checks import conforms, first_difference
from conformance.data import Json
from conformance.exchange import Exchange, Secrets

PATIENCE: Final = 5
"""Seconds in which a target that did not reply shows that it is still there."""

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""The methods that change nothing."""


@dataclass(frozen=True)
class ApiVersion:
    """A version of the API: the header that asks for it, and what a deployment looks like under it."""

    name: str
    deployed: int
    """The status of a deployment that succeeded."""

    @property
    def headers(self) -> dict[str, str]:
        """The header that asks for this version."""
        return {"Node-RED-API-Version": self.name}

    def body(self, nodes: list[Json]) -> Json:
        """The body that deploys these nodes."""
        return {"flows": nodes} if self.name == "v2" else nodes

    def __str__(self) -> str:
        """Its name, which is also the id of a table's row."""
        return self.name


V1: Final = ApiVersion("v1", deployed=204)
V2: Final = ApiVersion("v2", deployed=200)


def deployment_type(value: str) -> dict[str, str]:
    """The header that says how to deploy: `full`, `nodes`, `flows` or `reload`."""
    return {"Node-RED-Deployment-Type": value}


class NoReply(AssertionError):
    """The target gave no reply that could be read."""


@dataclass(frozen=True)
class Deployment:
    """What `GET /flows` gives under v2: the active flows and their revision."""

    rev: str
    flows: list[Json] = field(repr=False)

    def __eq__(self, other: object) -> bool:
        """The same revision of the same flows, compared as JSON: 1 is 1.0, and true is not 1."""
        if not isinstance(other, Deployment):
            return NotImplemented
        return self.rev == other.rev and not first_difference(self.flows, other.flows)

    __hash__ = None  # type: ignore[assignment]  # flows are lists


@dataclass(frozen=True, kw_only=True)
class Connection:
    """How targets are reached."""

    timeout: float = 10.0
    insecure: bool = False
    ca_bundle: Path | None = None

    def transport(self) -> httpx.BaseTransport:
        """A pool of connections. Raises OSError where the CA bundle cannot be read."""
        context = ssl.create_default_context(cafile=self.ca_bundle)
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        # Node.js closes a connection that was idle for five seconds; a request in that moment would be lost.
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=2)
        return httpx.HTTPTransport(verify=context, trust_env=False, limits=limits)


class Recorder(httpx.BaseTransport):
    """Sends requests, keeps each exchange without its secrets, and notices when the target goes away."""

    def __init__(self, inner: httpx.BaseTransport, secrets: Secrets, *, pause: float = 0.0) -> None:
        self._inner = inner
        self._secrets = secrets
        self._pause = pause
        self._next_write = 0.0
        self._lock = threading.Lock()
        self._writing = False
        self.case = "before any case"
        self.exchanges: list[Exchange] = []
        self.gone = ""

    def begin(self, case: str) -> None:
        """What is sent from now on belongs to this case."""
        self.case = case
        self.exchanges = []

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Let requests through that change the target; whoever asks puts back what they change."""
        self._writing = True
        try:
            yield
        finally:
            self._writing = False

    def masked(self, text: str) -> str:
        """The text without secrets."""
        return self._secrets.masked(text)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and read its reply; raises NoReply where none came."""
        writes = request.method not in READING
        if writes and not self._writing:
            raise RuntimeError(f"{self.case} writes, and nothing would put back what it found: it needs `put_back`")
        request.read()
        request.headers["User-Agent"] = f"nodered-conformance/{__version__} ({self.case})"
        if writes:
            time.sleep(max(0.0, self._next_write - time.monotonic()))
        try:
            return self._exchanged(request)
        finally:
            self._next_write = time.monotonic() + self._pause

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _exchanged(self, request: httpx.Request) -> httpx.Response:
        started = time.monotonic()
        try:
            reply = self._inner.handle_request(request)
            reply.read()
        except (httpx.TransportError, httpx.DecodingError) as error:
            self._keep(request, started, error=no_reply(error))
            self._look_whether_gone(request.url)
            gone = f"; {self.gone}" if self.gone else ""
            raise NoReply(f"no reply to {request.method} {request.url.path}: {no_reply(error)}{gone}") from error
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
                "reply_body": masked(reply.text),
            }
        exchange = Exchange(
            method=request.method,
            url=masked(str(request.url)),
            request_headers=tuple(
                (name.decode("latin-1"), masked(value.decode("latin-1"))) for name, value in request.headers.raw
            ),
            request_body=masked(text_of(request.content)),
            error=masked(error),
            seconds=time.monotonic() - started,
            **answer,
        )
        with self._lock:
            self.exchanges.append(exchange)

    def _look_whether_gone(self, url: httpx.URL) -> None:
        try:
            with httpx.Client(transport=Connection(insecure=True).transport(), timeout=PATIENCE) as client:
                client.get(url.copy_with(path="/", query=None))
        except (httpx.ConnectError, httpx.TimeoutException):
            self.gone = f"the target went away during {self.case}"
        except httpx.HTTPError:
            pass  # it answers, in whatever way


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


class Admin(httpx.Client):
    """A client of one target, in the name of one of its users or of nobody."""

    def __init__(self, url: str, recorder: Recorder, timeout: float, token: str | None = None) -> None:
        headers: Mapping[str, str] = {"Authorization": f"Bearer {token}"} if token else {}
        super().__init__(base_url=url, transport=recorder, timeout=timeout, headers=headers, trust_env=False)
        self.recorder = recorder
        self.token = token

    def read(self) -> Deployment:
        """The active flows, by `GET /flows` under v2."""
        reply = self.get("/flows", headers=V2.headers)
        assert reply.status_code == 200
        body = conforms(reply, "flows-v2")
        return Deployment(body["rev"], body["flows"])

    def deploy(self, nodes: list[Json]) -> Deployment:
        """Make these the active flows, by `POST /flows` under v2 without a rev, and read what is active then."""
        reply = self.post("/flows", headers=V2.headers, json=V2.body(nodes))
        assert reply.status_code == 200
        return self.read()
