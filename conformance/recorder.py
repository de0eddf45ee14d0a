"""The one way to a target: a transport that records every exchange, without its secrets."""

import contextlib
import gc
import logging
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import httpx

from conformance import __version__, tape
from conformance.connection import TOLD, answers, no_reply
from conformance.data import Json
from conformance.evidence.lines import exchange_of, extended, united
from conformance.evidence.observing import UNANSWERED, answered_of, asked_of, has_secrets
from conformance.evidence.replaying import ASKED, LEAKED, PLACE, digest, told
from conformance.evidence.writing import Nowhere, Record
from conformance.exchange import Exchange, printable
from conformance.live.beside import NotKept
from conformance.live.journal import JournalError
from conformance.live.taped import Taped
from conformance.outcomes import Finding
from conformance.secrets import FRESH, SEEN, Secrets
from conformance.waiting import comes_true
from conformance.wire import Left

PATIENCE: Final = 5
"""Seconds, or less with a shorter --timeout, in which a target that did not reply shows that it is still there."""

IN_A_ROW: Final = 3
"""Cases in a row that cannot reach the target; after them it is asked no further."""

HELD: Final = 2_000_000
"""Bytes of bodies that are kept of one case as they are; of the later ones no more than a transcript shows."""

LARGE: Final = 4_000_000
"""Bytes of replies after which a case's memory is asked back at once."""

LEAKS: Final = 3
"""Replies of a case which held a secret that are told of."""

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""The methods that change nothing."""

SESSIONS: Final = ("/auth/token", "/auth/revoke")
"""The paths, below the admin root, where a POST changes who is logged in and nothing else."""


class NoReply(AssertionError):
    """The target gave no reply that could be read."""


class Recorder(httpx.BaseTransport):
    """Sends requests, keeps each exchange without its secrets, and notices when the target goes away."""

    def __init__(  # noqa: PLR0913 - each is about another thing
        self,
        inner: httpx.BaseTransport,
        secrets: Secrets,
        *,
        pause: float = 0.0,
        home: str | None = None,
        may_write: bool = False,
        record: Record | None = None,
    ) -> None:
        """`home` is the URL that shows whether the target is there, `/` without it."""
        self._record: Record = record or Nowhere()
        self._spans: list[list[int]] = []
        self._began = time.monotonic()
        self.beside: Taped | None = None
        self._inner = inner
        self._secrets = secrets
        self._pause = pause
        self._home = home
        self._next_write = 0.0
        self._partial = False
        self._lock = threading.Lock()
        self._writing = may_write
        self.case = "before any case"
        self.exchanges: list[Exchange] = []
        self._held = 0
        self.requests = 0
        self.leaks: dict[str, str] = {}
        """The replies that held a secret, each with the same and the case that it came in; a few tell enough."""
        self.gone = ""
        self.lost = ""
        """Why the target is asked no further, empty while it is."""
        self._unreached = 0
        self._unanswered: httpx.Request | None = None

    def begin(self, case: str, key: str = "") -> None:
        """What is sent from now on belongs to this case; a target that went away is asked whether it has come back.

        `case` is the requirement, and `key` tells its rows apart.
        """
        self._record.begin(key or case, case)
        self.is_there()
        self.case = case
        self._spans = []
        held = self._held
        self.forget()
        if held > LARGE:
            gc.collect()  # of a case that failed, the frames that hold its replies go round in a circle
        self.requests = 0

    def end(self) -> None:
        """The case has ended; after three in a row that could not reach the target it is given up."""
        self._unreached = self._unreached + 1 if self.gone else 0
        if self._unreached >= IN_A_ROW:
            self.lost = f"{self.gone}, and {IN_A_ROW} cases in a row could not reach it"

    def recorded(self, finding: Finding, following: str | None) -> Finding:
        """The finding of the case with the numbers of its exchanges; the key of the case that follows is kept."""
        spans = united([(first, last) for first, last in self._spans])
        finding = finding.told_as(finding.requests, finding.seconds, [(first, last) for first, last in spans])
        return self._record.end(finding, spans, lost=self.lost, following=following)

    def share(self, exchanges: list[Exchange]) -> None:
        """The case goes on from what went over the wire during another one."""
        self.exchanges += exchanges
        for exchange in exchanges:
            self._count(exchange)

    def forget(self) -> None:
        """Keep no more of the exchanges of the case than comes from now on, and how many requests there were."""
        self.exchanges = []
        self._held = 0

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

    def numbered(self, text: str) -> str:
        """The text without secrets, each of which can still be told from the others."""
        return self._secrets.numbered(text)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and read its reply; raises NoReply where none came, and Left where none was waited for."""
        session = request.method == "POST" and request.url.path.endswith(SESSIONS)
        writes = request.method not in READING and not session
        if writes and not self._writing:
            raise RuntimeError(f"{self.case} writes, and nothing would put back what it found: it needs `put_back`")
        request.read()
        if writes and self.beside:
            asked = digest(told(request, self.masked))
            request = self.beside.outgoing(request, self.case)
            request.extensions = {**request.extensions, ASKED: asked}
        request.headers["User-Agent"] = f"nodered-conformance/{__version__} ({self.case})"
        partial = request.headers.get("Node-RED-Deployment-Type", "full") != "full"
        if writes and (partial or self._partial):
            tape.sleep(max(0.0, self._next_write - time.monotonic()))
        reply = self._exchanged(request)
        if writes and reply.is_success:
            self._next_write, self._partial = time.monotonic() + self._pause, partial
        return self.beside.incoming(request, reply) if self.beside else reply

    def ask(self, request: httpx.Request) -> httpx.Response:
        """Send the request as it is; raises NoReply."""
        request.read()
        with tape.aside():
            return self._exchanged(request)

    def close(self) -> None:
        """Close the connections, and let go of all that the target held before."""
        self._inner.close()
        self.beside = None

    def _exchanged(self, request: httpx.Request) -> httpx.Response:
        request.extensions = {**request.extensions, PLACE: tape.current().place()}
        started = time.monotonic()
        try:
            reply = self._inner.handle_request(request)
            reply.read()
        except Left as end:
            self._keep(request, started, error=str(end), ended="left")
            raise
        except (httpx.TransportError, httpx.DecodingError) as error:
            self._keep(request, started, error=no_reply(error), ended="silence")
            self._look_whether_gone(request)
            gone = f"; {self.gone}" if self.gone else ""
            raise NoReply(f"no reply to {request.method} {request.url.path}: {no_reply(error)}{gone}") from error
        text = reply.content.decode("utf-8", "replace")
        with self._lock:
            self._secrets.add_given(text, reply.headers.multi_items(), FRESH if logs_in(request) else SEEN)
        self._keep(request, started, reply, text)
        return reply

    def _notice(self, request: httpx.Request, reply: httpx.Response, text: str) -> list[str]:
        """Keep in mind which secrets the reply tells: a login may give a token, a redirect lead to where one was."""
        if (leaked := reply.extensions.get(LEAKED)) is None:
            headers = [f"{name}: {value}" for name, value in reply.headers.multi_items() if name.lower() != "location"]
            leaked = self._secrets.told("\n".join([reply.reason_phrase, *headers, text]))
        told = [name for name in leaked if not (logs_in(request) and name.endswith("TOKEN"))]
        if told and len(self.leaks) < LEAKS:  # a path can hold what an earlier reply told
            leak = printable(self.masked(f"{request.method} {request.url.path}")[:TOLD])
            leak = f"{leak} tells {', '.join(told)}"
            self.leaks.setdefault(leak, f"{leak} during {self.case}")
        return list(leaked)

    def leaks_until_now(self) -> dict[str, str]:
        """What was noticed since this was asked last."""
        leaks, self.leaks = self.leaks, {}
        return leaks

    def _keep(  # noqa: PLR0913 - a reply and its text, or why there is none
        self,
        request: httpx.Request,
        started: float,
        reply: httpx.Response | None = None,
        text: str = "",
        *,
        error: str = "",
        ended: str = "reply",
    ) -> None:
        numbered = self._secrets.numbered
        line = {
            **asked_of(request, numbered),
            "began": round(started - self._began, 6),
            "seconds": round(time.monotonic() - started, 6),
            "error": numbered(error),
            "ended": ended,
            **UNANSWERED,
        }
        if reply is not None:
            line |= answered_of(reply, numbered)
            if line.get("reply_body") != text or has_secrets(line):
                line |= {"leaked": self._notice(request, reply, text), "lossy": self._secrets.is_ambiguous(text)}
        self.keep(line)

    def keep(self, line: dict[str, Json]) -> None:
        """Keep what went over the wire, without its secrets, among the exchanges of the case."""
        exchange = replace(exchange_of(line), number=self._record.exchange(line))
        with self._lock:
            self._held += sys.getsizeof(exchange.request_body) + sys.getsizeof(exchange.reply_body)
            if self._held > HELD:
                exchange = exchange.shortened()
            self.exchanges.append(exchange)
            self._count(exchange)
            self.requests += 1

    def _count(self, exchange: Exchange) -> None:
        if exchange.number:
            extended(self._spans, exchange.number)

    def is_there(self) -> bool:
        """Whether what was changed can be put back: a target that was only busy for a moment is not gone."""
        if self.gone and self._unanswered and not self.lost:
            before, self.gone = self.gone, ""
            self._look_whether_gone(self._unanswered)
            self.gone = self.gone and before
        return not (self.gone or (self.beside and self.beside.disturbed))

    def disturbed(self) -> str:
        """Why what the target does tells nothing of it: somebody else deploys there. Empty where nobody does."""
        try:
            return self.beside.looked_again() if self.beside and not self.gone else ""
        except (NoReply, JournalError) as error:
            return f"nobody can tell whether somebody else has deployed: {error}"
        except NotKept:
            return ""

    def _look_whether_gone(self, request: httpx.Request) -> None:
        self._unanswered = request
        home = httpx.URL(self._home) if self._home else request.url.copy_with(path="/", query=None)
        asking = httpx.Request("GET", home, headers={"User-Agent": request.headers["User-Agent"]})
        patience = min(PATIENCE, request.extensions["timeout"]["read"])
        if not tape.decide("answers", lambda: comes_true(lambda: answers(asking, patience), patience)):
            self.gone = f"the target went away during {self.case}"


def logs_in(request: httpx.Request) -> bool:
    """Whether the reply is meant to hold a token."""
    return request.method == "POST" and request.url.path.endswith(SESSIONS[0])


def silence() -> None:
    """Let no library log a URL or a header, which can hold a secret: the recorder tells what was sent."""
    for name in ("httpx", "httpcore", "websockets"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
