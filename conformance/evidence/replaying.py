"""Judges a recording again: cases get the replies that were recorded, and nothing is sent to anybody."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx

from conformance import tape
from conformance.data import Json
from conformance.evidence.lines import PIECE, body_of
from conformance.evidence.reading import Kept, Recorded, read
from conformance.evidence.standing_in import NAMED, Words
from conformance.exchange import UNTOLD
from conformance.outcomes import NOT_REACHED, Finding
from conformance.secrets import Secrets, plain
from conformance.targets import Target, loads
from conformance.wire import CHARSETS, LEAVING, Left

PLACE: Final = "conformance-place"
"""The extension of a request that says where in its case it was sent."""

ASKED: Final = "conformance-asked"
"""The extension that says what the case asked, where something else was sent in its place."""

LEAKED: Final = "conformance-leaked"
"""The extension of a reply that says which secrets the recorded one told."""

TIMEOUT: Final = "it took longer than --timeout allows"
"""The words of a recorded exchange that took too long."""


WORD: Final = r"[^\s'\"\\]*"
"""What a word of a request can be, as JSON has it."""

HIDDEN: Final = rf"(?<![^\s'\"\\]){WORD}{NAMED}{WORD}"
"""A word of a request that holds a secret: what is beside that can be hidden with it."""


class Replay:
    """A recording, and the case of it that is judged now."""

    def __init__(self, path: Path) -> None:
        """Read the recording; raises BadEvidence."""
        self.recorded: Recorded = read(path)
        self.by_key = {case.key: case for case in self.recorded.cases}
        self.section = -1
        self.entries: dict[tuple[str, int], Json] = {}
        self._kept: Kept | None = None
        self._secrets: Secrets | None = None
        self.enter(0)

    @property
    def header(self) -> Json:
        """The header of the section that is judged."""
        return self.recorded.headers[self.section]

    def enter(self, section: int) -> None:
        """Judge this section from now on."""
        if section != self.section:
            self.section = section
            seed = (self.header["target"] or {}).get("seed", "")
            self.words = Words(seed, self.header.get("short", ()))

    @property
    def target(self) -> Target:
        """The target, as the look had found it."""
        return loads(json.dumps([self.words.inside(self.header["target"])]))[0]

    def untold(self, requirement: str) -> str:
        """Why the recording tells nothing of a requirement."""
        if requirement not in self.header["requirements"]:
            return "the recording cannot answer: when it was made, nobody asked for this"
        if not self.recorded.whole:
            return "the recording cannot answer: it is a part, as its run was killed before this case ended"
        return NOT_REACHED

    def using(self, secrets: Secrets) -> "Replay":
        """Tell these what stands for secrets."""
        self._secrets = secrets
        return self

    def begin(self, case: str, requirement: str) -> None:  # noqa: ARG002 - the key is enough
        """A case begins."""
        self._kept = self.by_key.get(case)
        lines = list(self.recorded.lines(self._kept)) if self._kept else []
        self.entries = {(line["strand"], line["turn"]): line for line in lines[:-1] if line.get("turn")}
        decisions = defaultdict(lambda: defaultdict(list), lines[-1]["decisions"] if lines else {})
        tape.play(tape.Playing(self.words.inside(decisions)))
        for line in lines[:-1]:
            self.words.inside({name: value for name, value in line.items() if not name.endswith("_bytes")})
        for word, kind in self.words.given.items():
            if self._secrets:
                self._secrets.add(word, kind)

    def exchange(self, line: dict[str, Json]) -> int:  # noqa: ARG002 - it has its number
        """Something is told again."""
        return 0

    def end(self, finding: Finding, spans: list[list[int]], **about: Json) -> Finding:  # noqa: ARG002 - as recorded
        """The case has come to this; how long it took, and with how many requests, is as it was."""
        kept, self._kept, self.entries = self._kept, None, {}
        tape.play(tape.Playing({}))
        if kept is None:
            return finding
        told = [(first, last) for first, last in kept.end["exchanges"]]
        return finding.told_as(kept.end["requests"], kept.end["seconds"], told)

    def close(self) -> None:
        """There is nothing to close."""

    def taken(self, request: httpx.Request, asked: Json, raw: Json) -> Json:
        """What was recorded of a request that asks this, which is not given again; raises Unanswerable.

        `raw` is the same with secrets.
        """
        place: tape.Place = request.extensions.get(PLACE) or ("", 0)
        here = self.entries.get(place)
        if here is not None and (same(here, asked) or alike(here, raw)):
            return self.entries.pop(place)
        strand = place[0]
        others = sorted(self.entries, key=lambda other: (other[0] != strand, other))
        for other in others:
            if same(self.entries[other], asked):
                return self.entries.pop(other)
        raise tape.Unanswerable(f"it holds no {request.method} {request.url.path} of this kind at this place")


class Replayed(httpx.BaseTransport):
    """Gives the recorded replies."""

    def __init__(self, replay: Replay, secrets: Secrets) -> None:
        self.replay, self.secrets = replay, secrets

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The reply as it was; raises what was raised, and Unanswerable."""
        leaving = request.extensions.get(LEAVING)
        try:
            line = self.replay.taken(request, told(request, self.secrets.masked), told(request, str))
        except tape.Unanswerable:
            if leaving is not None and leaving.meanwhile is not None:
                leaving.meanwhile()  # where it broke, the rest was not recorded
            raise
        if line.get("lossy"):
            raise tape.Unanswerable("a reply held a secret that is so short that not all of it was kept")
        if line["ended"] == "left":
            if leaving is not None and leaving.meanwhile is not None:
                leaving.meanwhile()
            raise Left(line["error"])
        if line["status"] is None:
            raise failed(self.replay.words.text(line["error"]))
        return self.reply(line)

    def reply(self, line: Json) -> httpx.Response:
        """The reply that a line tells."""
        words = self.replay.words
        if "reply_bytes" in line:
            body = words.encoded(line["reply_bytes"])
        else:
            body = words.text(line["reply_body"]).encode("utf-8", "surrogatepass")
        headers = [(words.text(name), words.text(value)) for name, value in line["reply_headers"]]
        extensions = {
            "http_version": line["reply_version"].encode(),
            "reason_phrase": words.text(line["reason"]).encode("ascii", "ignore"),
            "network_stream": Stream(line["connection"]),
            LEAKED: line["leaked"],
        }
        reply = httpx.Response(line["status"], content=body, extensions=extensions)
        reply.headers = httpx.Headers(headers)
        if (reply.charset_encoding or "").lower() not in CHARSETS:
            reply.encoding = "utf-8"
        return reply


class Stream:
    """Which connection a reply came over, where that could be told."""

    def __init__(self, port: int | None) -> None:
        self._port = port

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own
        """The address of this end; raises OSError where the connection had ended."""
        if self._port is None or info != "client_addr":
            raise OSError("the connection had ended")
        return "", self._port


def path_of(request: httpx.Request) -> str:
    """The path and the query, as they were sent."""
    target: bytes = request.extensions.get("target") or request.url.raw_path
    return target.decode("ascii")


def told(request: httpx.Request, masked: Callable[[str], str]) -> Json:
    """What a request asks, without secrets: two that ask the same are equal."""
    headers = [(name.decode("latin-1").lower(), masked(value.decode("latin-1"))) for name, value in request.headers.raw]
    body = masked(request.content.decode("utf-8", "surrogateescape"))
    return asking(request.method, masked(path_of(request)), headers, body)


def asking(method: str, path: str, headers: list[tuple[str, str]], body: str) -> Json:
    """The same of its parts."""
    telling = sorted((name, value) for name, value in headers if name not in UNTOLD)
    return [method, path, telling, body]


def same(line: Json, asked: Json) -> bool:
    """Whether a line tells of a request that asks this."""
    return bool(line["asked"] == digest(asked)) if "asked" in line else bool(asked_in(line) == asked)


def alike(line: Json, raw: Json) -> bool:
    """Whether it does but for its secrets, with which what was beside them can be hidden."""
    if "asked" in line:
        return False
    recorded, given = (json.dumps(one) for one in (asked_in(line), raw))
    parts = re.split(HIDDEN, recorded)[::2] if "$CONFORMANCE_" in recorded else []
    return len(parts) > 1 and bool(re.fullmatch(WORD.join(map(re.escape, parts)), given))


def asked_in(line: Json) -> Json:
    """What the request of a line asks."""
    headers = [(name.lower(), plain(value)) for name, value in line["request_headers"]]
    body = plain(body_of(line, "request").decode("utf-8", "surrogateescape"))
    return asking(line["method"], plain(line["path"]), headers, body)


def digest(asked: Json) -> str:
    """A few characters that stand for what a request asks; a long body is not written out once more for that."""
    *head, body = asked
    going = hashlib.sha256(json.dumps(head).encode())
    for start in range(0, len(body), PIECE):
        going.update(body[start : start + PIECE].encode("utf-8", "surrogatepass"))
    return going.hexdigest()[:32]


def failed(words: str) -> Exception:
    """Why no reply came, as it was raised."""
    return httpx.TimeoutException(words) if words == TIMEOUT else httpx.TransportError(words)
