"""An exchange, a request and its reply, as it is kept and shown: without secrets, and not without end."""

import base64
import contextlib
import html
import itertools
import json
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, quote_plus, unquote_plus

SHOWN: Final = 2_000
"""Characters of a body that a transcript or a curl line shows."""

SHOWN_EXCHANGES: Final = 12
"""Exchanges of a case that a failure shows; the last ones."""

UNTOLD: Final = frozenset({"host", "accept-encoding", "connection", "user-agent", "content-length"})
"""Request headers that every request of the suite has, so that a transcript need not."""


VARIABLE: Final = (
    r"\$CONFORMANCE_(?:(?:READER_|WRITER_|FRESH_)?TOKEN|(?:ADMIN|READER)_PASSWORD|(?:REV|FLOW)_\d+|SEEN_SECRET)\b"
)
"""What stands for a secret, or for what a reply of the same script gave."""

FRESH: Final = "CONFORMANCE_FRESH_TOKEN"
"""What stands for every token that the target gives during a run."""

SEEN: Final = "CONFORMANCE_SEEN_SECRET"
"""What stands for every other secret that a reply tells: a password, a session."""

GIVEN: Final = r'"(?:access|refresh)_?[tT]oken"\s*:\s*("(?:[^"\\]|\\.){8,}")'
"""A token that a reply gives, as JSON."""

IN_URL: Final = r"(?:access|refresh)_?[tT]oken=(?!conformance)([^\s&#;\"'<>]{8,})"
"""A token that a reply gives, in a form or a URL; those that the suite makes up are none."""

TOLD: Final = (
    r'"[\w-]{0,40}(?i:password|passphrase|secret|private_?key|api_?key)[\w-]{0,40}"'
    r'\s*:\s*("(?!conformance)(?:[^"\\\s]|\\\S){12,}")'
)
"""A secret of somebody that a reply tells, as JSON."""

COOKIE: Final = r"^[^=;]*=\s*([^;]{8,})"
"""What a reply wants to be sent back, which can be a session."""

SHORT: Final = 300
"""Characters of a text that is likely to come again."""

TELLING: Final = 12
"""Characters by which a part of a secret is recognised."""


NO_ACCIDENT: Final = 8
"""Characters from which on a secret is not in a reply for another reason, unless it is a word."""

LONG: Final = 16
"""Characters from which on it is no word."""


class Secrets:
    """What must never be shown, each under the environment variable that stands for it."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names: dict[str, str] = {}
        self._marks: tuple[str, ...] = ()
        """What is in a text that holds any of them, or the beginning or the end of one."""
        self._told: dict[str, str] = {}
        """What short texts, which headers repeat all the time, have become since the last secret was added."""
        for secret, name in names.items():
            self.add(secret, name)

    def add(self, secret: str, name: str) -> None:
        """Never show this either. What is a secret already keeps its name."""
        if secret in self._names:
            return
        spelled = usual_spellings(secret) if name in (FRESH, SEEN) else spellings_of(secret)
        spellings = dict.fromkeys(spelled, name) | self._names
        self._names = dict(sorted(spellings.items(), key=lambda item: -len(item[0])))
        parts = ((known[:TELLING], known[-TELLING:]) if is_cut(known) else (known,) for known in self._names)
        self._marks = tuple(dict.fromkeys(itertools.chain.from_iterable(parts)))
        self._told = {}

    def add_given(self, reply: str, headers: Sequence[tuple[str, str]] = (), name: str = FRESH) -> None:
        """Never show the tokens that this reply gives, called `name`, nor the passwords and sessions that it tells."""
        for pattern, stands in ((GIVEN, name), (TOLD, SEEN)):
            for spelled in re.findall(pattern, reply):
                with contextlib.suppress(ValueError):
                    self.add(json.loads(spelled), stands)
        for header, value in headers:
            if header.lower() == "set-cookie" and (session := re.match(COOKIE, value)):
                self.add(session[1], SEEN)
        for token in re.findall(IN_URL, "\n".join([reply, *(value for _, value in headers)])):
            self.add(unquote_plus(token), name)

    def told(self, text: str) -> list[str]:
        """What is secret and in this text, by the names that stand for it; a word is in many texts by accident."""
        found = [name for known, name in self._names.items() if name != SEEN and telling(known) and known in text]
        return sorted(set(found))

    def masked(self, text: str) -> str:
        """The text with `$NAME` in place of each secret, and of the beginning or the end of one that was cut."""
        if len(text) > SHORT:
            return self._masked(text)
        told = self._told  # another thread may add a secret, and begin another one
        if text not in told:
            told[text] = self._masked(text)
        return told[text]

    def _masked(self, text: str) -> str:
        if not any(map(text.__contains__, self._marks)):
            return text
        for secret, name in self._names.items():
            text = text.replace(secret, f"${name}")
            head, tail = secret[:TELLING], secret[-TELLING:]
            # Looked for before they are matched: a pattern that starts with anything takes its time on megabytes.
            if is_cut(secret) and head in text:
                text = re.sub(re.escape(head) + r"[^\s'\"]*", f"${name}", text)
            if is_cut(secret) and tail in text:
                text = re.sub(rf"[^\s'\"]{{0,{len(secret)}}}{re.escape(tail)}", f"${name}", text)
        return text


def telling(secret: str) -> bool:
    """Whether a secret in a reply is no coincidence."""
    word = len(secret) < LONG and re.fullmatch(r"[A-Za-z]+|[0-9]+", secret)
    return len(secret) >= NO_ACCIDENT and not word


def is_cut(secret: str) -> bool:
    """Whether a secret is so long that its beginning and its end alone tell of it."""
    return len(secret) >= 2 * TELLING


def usual_spellings(secret: str) -> set[str]:
    """The ways in which a token comes back that was given during the run, of which there are hundreds."""
    return {spelling(secret) for spelling in SPELLINGS[:USUAL]}


def spellings_of(secret: str) -> set[str]:
    """The ways in which a secret comes back: as it is, in a URL, a form, JSON, HTML, Python, base64, or in two of them.

    JSON within JSON is such, and what Python shows of JSON. For a secret without odd letters most of them are one.
    """
    once = {spelling(secret) for spelling in SPELLINGS}
    return once | {spelling(spelled) for spelled in once for spelling in SPELLINGS} | in_base64(secret)


def lowered(text: str) -> str:
    """The text with the hexadecimal digits of its percent-encoding in small letters."""
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text)


SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (
    str,
    lambda text: quote(text, safe=""),
    quote_plus,
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text).replace("/", "\\/")[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: quote(text, safe="/"),
    lambda text: lowered(quote(text, safe="")),
    html.escape,
    lambda text: html.escape(text).replace("&#x27;", "&#39;"),
    lambda text: repr(f"'\"{text}")[4:-1],
    lambda text: repr(f"'\"{text}")[4:-1].replace("\\'", "'"),
    lambda text: repr(text.encode("utf-8", "surrogateescape"))[2:-1],
)
"""How a text is spelled where it is part of another one; the usual ways first."""

USUAL: Final = 6
"""How many of them are usual."""


def in_base64(secret: str) -> set[str]:
    """What is in every base64 of a text that holds the secret, wherever it begins there; nothing for a short one."""
    raw, inside = secret.encode("utf-8", "surrogateescape"), set()
    for before in range(3):
        whole = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        # The first letters depend on what comes before, and the last ones on what comes after.
        core = whole[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        inside |= {core, core.replace("+", "-").replace("/", "_")} if len(core) >= TELLING else set()
    return inside


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request and what came of it: a reply, or the error in its place."""

    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: str
    version: str = "HTTP/1.1"
    """The version of HTTP that the request speaks."""
    status: int | None = None
    reason: str = ""
    reply_headers: tuple[tuple[str, str], ...] = ()
    reply_body: str = ""
    error: str = ""
    seconds: float = field(default=0.0, compare=False)

    @property
    def told_headers(self) -> list[tuple[str, str]]:
        """The headers of the request that say something about it."""
        return [
            (name, value)
            for name, value in self.request_headers
            if name.lower() not in UNTOLD and (name.lower(), value) != ("accept", "*/*")
        ]

    def transcript(self) -> str:
        """The exchange in lines: `>` is what the suite sent, `<` what the target answered."""
        told = [f"{name}: {value}" for name, value in self.told_headers]
        sent = [f"{self.method} {self.url}", *told, *cut(self.request_body)]
        if self.status is None:
            answered = [f"(no reply: {self.error})"]
        else:
            headers = [f"{name}: {value}" for name, value in self.reply_headers]
            answered = [f"{self.status} {self.reason}", *headers, *cut(self.reply_body)]
        return "\n".join([f"> {printable(line)}" for line in sent] + [f"< {printable(line)}" for line in answered])

    def curl(self) -> str:
        """A POSIX shell command that sends the request again; secrets are environment variables."""
        if self.url.startswith("ws"):
            return self.websocket()
        words = ["curl -sS -i"]
        if self.version == "HTTP/1.0":
            words.append("--http1.0")
        if self.method == "HEAD":
            words.append("--head")
        elif self.method != "GET":
            words.append(f"-X {self.method}")
        words.append(shell_word(self.url))
        told = self.told_headers
        # curl sends a header without a value only when a semicolon ends it.
        words += [f"-H {shell_word(f'{name}: {value}' if value else f'{name};')}" for name, value in told]
        if self.request_body and not any(name.lower() == "content-type" for name, _ in told):
            words.append("-H Content-Type:")
        if len(self.request_body) > SHOWN:
            words.append(f"--data-binary @BODY  # BODY: the {len(self.request_body)} characters that were sent")
        elif self.request_body:
            words.append(f"--data-raw {shell_word(self.request_body)}")
        return " ".join(words)

    def websocket(self) -> str:
        """A POSIX shell command that opens the websocket, says the same again at leisure, and listens for a while."""
        said = " ".join(shell_word(line) for line in self.request_body.split("\n") if line)
        saying = f"for said in {said}; do printf '%s\\n' \"$said\"; sleep 1; done; sleep 3"
        return f"({saying}) | python -m websockets {shell_word(self.url)}"


def shell_word(text: str) -> str:
    """The text as one word of a shell command, in which `$CONFORMANCE_…` is still expanded."""
    if not re.search(VARIABLE, text):
        return shlex.quote(text)
    return '"' + re.sub(rf'(["`\\]|\$(?!{VARIABLE[2:]}))', r"\\\1", text) + '"'


def cut(body: str) -> list[str]:
    """The lines of a body, cut after SHOWN characters, which it then says."""
    if len(body) <= SHOWN:
        return body.split("\n") if body else []
    return [*body[:SHOWN].split("\n"), f"({len(body) - SHOWN} more characters)"]


def printable(text: str) -> str:
    """The line with control characters written out, so that no reply can steer a terminal."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def transcripts(exchanges: Iterable[Exchange]) -> str:
    """The last exchanges, one after the other; it says how many came before."""
    shown = list(exchanges)
    earlier = len(shown) - SHOWN_EXCHANGES
    head = [f"({earlier} earlier exchanges)"] if earlier > 0 else []
    return "\n\n".join(head + [exchange.transcript() for exchange in shown[-SHOWN_EXCHANGES:]])


def curl_lines(exchanges: Iterable[Exchange]) -> str:
    """The commands that send the last exchanges again, in their order."""
    return "\n".join(exchange.curl() for exchange in list(exchanges)[-SHOWN_EXCHANGES:])
