"""The client of the websocket `/comms`, on which a target tells of changes as they happen."""

import contextlib
import json
import time
from collections.abc import Iterator
from socket import create_connection
from socket import socket as Socket  # noqa: N812 - it is a class
from typing import Final

import httpx
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.uri import parse_uri

from conformance import __version__, tape
from conformance.client import Admin
from conformance.connection import Connection
from conformance.data import Json
from conformance.evidence.observing import text_of
from conformance.outcomes import NotApplicable
from conformance.recorder import PATIENCE, NoReply, Recorder
from conformance.targets import Target
from conformance.values import read_json

DEPLOYED: Final = "notification/runtime-deploy"
"""The topic under which a deployment is told."""

FRAME: Final = 131_072
"""Bytes of a frame that is read; Node-RED's are a few hundred."""

WAITING: Final = 512
"""Frames that may wait to be heard, before no more is read of the connection."""

HEARD: Final = 16_777_216
"""Characters that one listener hears: more than any number of deployments of one case comes to."""

LATE, CLOSED, FRAMED = "nothing in time", "the end", "a frame"
"""What a listener can hear next, as the tape has it."""

OPEN, UNREACHED, REFUSED, SILENT = "open", "unreached", "refused", "silent"
"""What can come of an attempt to open a websocket, as the tape has it."""

SUBSCRIPTION: Final = {"subscribe": "notification/#"}
"""The message that asks for all notifications."""


class Listener:
    """One websocket of a target, and all that went over it so far."""

    def __init__(self, connection: ClientConnection | None, patience: float) -> None:
        """There is no connection where a recording is judged again."""
        self._connection = connection
        self._patience = patience
        self.said: list[str] = []
        self.heard: list[str] = []
        self._hearable = HEARD
        self.ended = False
        """Whether the target has closed the websocket, as far as was heard."""

    def say(self, message: Json) -> None:
        """Send a message; text goes as it is, and anything else as JSON."""
        text = message if isinstance(message, str) else json.dumps(message)
        self.said.append(text)
        if self._connection:
            with contextlib.suppress(ConnectionClosed):
                self._connection.send(text)

    def show(self, token: str | None) -> Json:
        """What the target answers to a token: `ok`, `fail`, or None where it answers nothing in time."""
        self.say({"auth": token})
        deadline = self._deadline()
        while self._hear(deadline):
            if answers_token(self.heard[-1]):
                return value_of(self.heard[-1])["auth"]
        return None

    def catch_up(self) -> None:
        """Hear all that the target has sent until now, which comes before its answer to a ping."""
        if not tape.decide("pong", self._ping):
            raise AssertionError("the websocket answers no ping")
        while self._hear(time.monotonic()):
            pass

    def closed(self) -> bool:
        """Whether the target closes the websocket, at once or in time."""
        deadline = self._deadline()
        while self._hear(deadline):
            pass
        return self.ended

    def deployments_until(self, rev: Json) -> list[Json]:
        """The revs of the deployments that are told from here on, up to this one; raises AssertionError without it."""
        __tracebackhide__ = True
        deadline, told = self._deadline(), list[Json]()
        while rev not in told:
            if not self._hear(deadline):
                end = "until the target closed the websocket" if self.ended else f"within {self._patience:g} s"
                raise AssertionError(f"no deployment of the rev {rev!r} was told {end}; told were {told}")
            told += revs_in(self.heard[-1])
        return told

    @property
    def messages(self) -> list[Json]:
        """What was told under any topic so far."""
        return [message for frame in self.heard for message in messages_in(frame)]

    @property
    def deployments(self) -> list[Json]:
        """The revs of the deployments that were told so far."""
        return [rev for frame in self.heard for rev in revs_in(frame)]

    def _deadline(self) -> float:
        return time.monotonic() + self._patience

    def _hear(self, deadline: float) -> bool:
        what, *frames = tape.decide("heard", lambda: self._receive(max(0.0, deadline - time.monotonic())))
        self.ended = self.ended or what == CLOSED
        self.heard += frames
        self._hearable -= sum(map(len, frames))
        if self._hearable < 0:
            raise AssertionError(f"the websocket tells more than {HEARD} characters")
        return bool(frames)

    def _receive(self, seconds: float) -> list[str]:
        """What comes in that time: a frame, nothing, or the end."""
        assert self._connection is not None  # noqa: S101 - nobody is asked in a replay
        try:
            frame = self._connection.recv(timeout=seconds)
        except TimeoutError:
            return [LATE]
        except ConnectionClosed:
            return [CLOSED]
        return [FRAMED, frame if isinstance(frame, str) else text_of(frame)]

    def _ping(self) -> bool:
        """Whether a ping is answered, or the end has come."""
        assert self._connection is not None  # noqa: S101 - the same
        with contextlib.suppress(ConnectionClosed):
            return self._connection.ping(ack_on_close=True).wait(self._patience)
        return True


class Comms:
    """The websocket of one target, to be opened as often as a case likes; each is recorded when it is closed."""

    def __init__(self, target: Target, recorder: Recorder, connection: Connection) -> None:
        self._url = f"ws{target.url.removeprefix('http')}/comms"
        self._protected = target.protected
        self._recorder = recorder
        self._connection = connection
        self._patience = min(PATIENCE, connection.timeout)
        self._unanswered = ""
        self._opened = False

    @contextlib.contextmanager
    def connected(self) -> Iterator[Listener]:
        """A listener that has said nothing yet; raises NotApplicable where the target opens no websocket."""
        started, patience = time.monotonic(), self._patience
        with contextlib.ExitStack() as closing:
            listener = Listener(closing.enter_context(self._open()), patience)
            try:
                yield listener
            finally:
                end = ["(closed by the target)"] if listener.ended else []
                self._keep(started, 101, "Switching Protocols", listener.said, [*listener.heard, *end])

    @contextlib.contextmanager
    def let_in(self, client: Admin) -> Iterator[Listener]:
        """A listener who was let in as this client, where the target asks who comes, and has subscribed to nothing."""
        with self.connected() as listener:
            if self._protected and listener.show(client.token) != "ok":
                raise AssertionError("the target does not let the client listen")
            yield listener

    @contextlib.contextmanager
    def listening(self, client: Admin) -> Iterator[Listener]:
        """A listener who was let in as this client, and has subscribed to all notifications."""
        with self.let_in(client) as listener:
            listener.say(SUBSCRIPTION)
            yield listener

    @contextlib.contextmanager
    def _open(self) -> Iterator[ClientConnection | None]:
        if self._unanswered:
            raise NotApplicable(self._unanswered)
        started, opened = time.monotonic(), list[ClientConnection]()
        with contextlib.ExitStack() as closing:
            what, *told = tape.decide("opened", lambda: self._try(closing, opened))
            if what == UNREACHED:
                self._keep(started, None, told[0], [], [])
                raise NoReply(f"no connection to the target: {self._recorder.masked(told[0])}")
            if what != OPEN:
                raise self._refused(started, told)
            self._opened = True
            yield opened[0] if opened else None

    def _try(self, closing: contextlib.ExitStack, opened: list[ClientConnection]) -> Json:
        """What comes of an attempt to open a websocket, which is among those that were opened then."""
        try:
            socket = self._connect()
        except OSError as error:
            return [UNREACHED, str(error)]
        try:
            opened.append(closing.enter_context(self._shake_hands(socket)))
        except (WebSocketException, OSError, EOFError, ValueError) as error:
            refusal = error.__cause__ if isinstance(error, ValueError) else error  # which a redirect becomes
            if not isinstance(refusal, InvalidStatus):
                return [SILENT]
            reply = refusal.response
            return [REFUSED, reply.status_code, reply.reason_phrase, text_of(bytes(reply.body or b""))]
        return [OPEN]

    def _connect(self) -> Socket:
        """A connection on which nothing was said yet."""
        place = parse_uri(self._url)
        connection = create_connection((place.host, place.port), self._patience)
        connection.settimeout(None)
        return connection

    def _shake_hands(self, socket: Socket) -> ClientConnection:
        """The websocket on this connection. As the connection was given, no redirect can lead anywhere else."""
        return connect(
            self._url,
            sock=socket,
            ssl=self._connection.context() if parse_uri(self._url).secure else None,
            proxy=None,
            compression=None,
            open_timeout=self._patience,
            close_timeout=self._patience,
            ping_interval=None,
            max_queue=WAITING,
            max_size=FRAME,
            user_agent_header=f"nodered-conformance/{__version__} ({self._recorder.case})",
        )

    def _refused(self, started: float, reply: list[Json]) -> NotApplicable | NoReply:
        """What it means that no websocket was opened: a reply came, with a status, a reason and a body, or nothing."""
        if reply:
            status, reason, body = reply
            self._keep(started, status, reason, [], [body])
            if status >= httpx.codes.INTERNAL_SERVER_ERROR or self._opened:
                return NoReply(f"the target opens no websocket: /comms answers {status}")
            return NotApplicable(f"the target opens no websocket: /comms answers {status}")
        if self._opened:
            self._keep(started, None, "no answer to the handshake", [], [])
            return NoReply("the target opens no websocket any more: /comms does not answer the handshake")
        # Node-RED lets whoever asks for another websocket than its own wait in vain, which is enough once.
        self._unanswered = "the target opens no websocket: /comms does not answer the handshake"
        self._keep(started, None, "no answer to the handshake", [], [])
        return NotApplicable(self._unanswered)

    def _keep(self, started: float, status: int | None, reason: str, said: list[str], heard: list[str]) -> None:
        numbered = self._recorder.numbered
        self._recorder.keep(
            {
                "strand": "",
                "turn": None,
                "path": "/comms",
                "method": "GET",
                "url": numbered(self._url),
                "version": "HTTP/1.1",
                "request_headers": [],
                "request_body": numbered("\n".join(said)),
                "seconds": round(time.monotonic() - started, 6),
                "error": numbered(reason) if status is None else "",
                "ended": "websocket",
                "status": status,
                "reason": "" if status is None else numbered(reason),
                "reply_headers": [],
                "reply_body": numbered("\n".join(heard)),
            }
        )


def value_of(frame: str) -> Json:
    """The JSON of a frame, None where it is none."""
    try:
        return read_json(frame)
    except ValueError:
        return None


def answers_token(frame: str) -> bool:
    """Whether a frame is the answer to a token, whatever else it says."""
    value = value_of(frame)
    return isinstance(value, dict) and "auth" in value


def messages_in(frame: str) -> list[Json]:
    """The messages with a topic in a frame: an array of them or, up to Node-RED 0.17, a single one."""
    value = value_of(frame)
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict) and "topic" in one]


def revs_in(frame: str) -> list[Json]:
    """The revs of the deployments that a frame tells."""
    told = [message.get("data") for message in messages_in(frame) if message["topic"] == DEPLOYED]
    return [data.get("revision") if isinstance(data, dict) else None for data in told]
