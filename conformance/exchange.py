"""An exchange, a request and its reply, as it is kept and shown: without secrets, and not without end."""

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Self

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
    number: int = field(default=0, compare=False)
    """Its number in the evidence, 0 without any."""
    left_out: tuple[int, int] = (0, 0)
    """How many more characters the body of the request had, and that of the reply, than are kept."""

    def shortened(self) -> Self:
        """The same with no more of its bodies than a transcript shows."""
        asked, answered = self.request_body[:SHOWN], self.reply_body[:SHOWN]
        left_out = (self.sent - len(asked), self.left_out[1] + len(self.reply_body) - len(answered))
        return replace(self, request_body=asked, reply_body=answered, left_out=left_out)

    @property
    def sent(self) -> int:
        """Characters of the body of the request."""
        return len(self.request_body) + self.left_out[0]

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
        sent = [f"{self.method} {self.url}", *told, *cut(self.request_body, self.left_out[0])]
        if self.status is None:
            answered = [f"(no reply: {self.error})"]
        else:
            headers = [f"{name}: {value}" for name, value in self.reply_headers]
            answered = [f"{self.status} {self.reason}", *headers, *cut(self.reply_body, self.left_out[1])]
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
        if self.sent > SHOWN:
            words.append(f"--data-binary @BODY  # BODY: the {self.sent} characters that were sent")
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


def cut(body: str, left_out: int = 0) -> list[str]:
    """The lines of a body, cut after SHOWN characters, which it then says; so many were left out before."""
    shown = body[:SHOWN].split("\n") if body else []
    more = max(0, len(body) - SHOWN) + left_out
    return [*shown, f"({more} more characters)"] if more else shown


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
