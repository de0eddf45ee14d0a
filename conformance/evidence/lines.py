"""The lines of `evidence.jsonl`, under `schemas/evidence.json`: what they hold, and the digest that chains them.

A section begins with a header; then come the cases, each with a line at its begin, one for each exchange and one at its
end. Among exchanges are the texts that long bodies are made of. The last line of a whole file is the footer. Every line
but those of exchanges ends with the digest of all bytes before it and of itself without the digest.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.data import Json
from conformance.exchange import Exchange
from conformance.secrets import plain

FORMAT: Final = 1
"""The version of the format; it changes when a reader of an older one would misread it."""

LONG: Final = 1_000_000
"""Characters of a body from which on it is written piece by piece."""

PIECE: Final = 100_000
"""Characters of such a piece."""

BODIES: Final = ("request_body", "request_bytes", "reply_body", "reply_bytes")
"""The parts of an exchange that can be long, and come last."""

SEALED: Final = re.compile(rb', "sha256": "([0-9a-f]{64})"\}\n\Z')
"""The end of a line that carries a digest."""

OPEN: Final = b', "sha256": ""}\n'
"""The same before the digest is there."""

EXCHANGE: Final = b'{"type": "exchange", "number": '
"""How the line of an exchange begins."""

Spans = tuple[tuple[int, int], ...]
"""The first and the last of numbers that follow each other, several times."""


def written(line: Json) -> bytes:
    """A line as it is written."""
    return f"{json.dumps(line)}\n".encode()


def unsealed(line: Mapping[str, Json]) -> bytes:
    """A line as it is written, in which the digest is still missing."""
    return written({**line, "sha256": ""})


def sealed(line: bytes, digest: Any) -> bytes:  # noqa: ANN401 - hashlib tells no name of the class
    """The line with its digest, which goes on from that of all lines before."""
    going = digest.copy()
    going.update(line)
    return line.removesuffix(OPEN) + f', "sha256": "{going.hexdigest()}"}}\n'.encode()


def is_sealed(line: bytes, digest: Any) -> bool:  # noqa: ANN401 - the same
    """Whether the line and all before it are as they were written."""
    found = SEALED.search(line)
    return bool(found) and sealed(line[: found.start()] + OPEN, digest) == line if found else False


def new_digest() -> Any:  # noqa: ANN401 - the same
    """The digest of no lines."""
    return hashlib.sha256()


def pieces(line: Mapping[str, Json]) -> Iterator[bytes]:
    """The line of an exchange as it is written, in pieces where it is long."""
    long = [name for name in BODIES if len(line.get(name) or "") > LONG]
    if not long:
        yield written(line)
        return
    yield written({name: value for name, value in line.items() if name not in long}).removesuffix(b"}\n")
    for name in long:
        yield f', "{name}": "'.encode()
        for start in range(0, len(line[name]), PIECE):
            yield json.dumps(line[name][start : start + PIECE])[1:-1].encode()
        yield b'"'
    yield b"}\n"


def body_of(line: Mapping[str, Json], whose: str) -> bytes:
    """The body of the `request` or the `reply` of an exchange."""
    if (raw := line.get(f"{whose}_bytes")) is not None:
        return base64.b64decode(raw)
    return str(line.get(f"{whose}_body") or "").encode("utf-8", "surrogatepass")


def exchange_of(line: Mapping[str, Json]) -> Exchange:
    """The exchange that a line tells, as reports show it."""
    size = len(body_of(line, "request")) if "request_bytes" in line else 0
    reply = body_of(line, "reply").decode("utf-8", "replace") if "reply_bytes" in line else line["reply_body"]
    return Exchange(
        method=line["method"],
        url=plain(line["url"]),
        version=line["version"],
        request_headers=tuple((name, plain(value)) for name, value in line["request_headers"]),
        request_body=f"({size} bytes that are no text)" if size else plain(line.get("request_body") or ""),
        status=line["status"],
        reason=line["reason"],
        reply_headers=tuple((name, plain(value)) for name, value in line["reply_headers"]),
        reply_body=plain(reply),
        error=plain(line["error"]),
        seconds=line["seconds"],
    )


def extended(spans: list[list[int]], number: int) -> None:
    """Add a number to spans."""
    if spans and spans[-1][1] == number - 1:
        spans[-1][1] = number
    else:
        spans.append([number, number])


def united(spans: Iterator[tuple[int, int]] | list[tuple[int, int]]) -> list[list[int]]:
    """The same numbers in as few spans as possible, in their order."""
    told: list[list[int]] = []
    for first, last in sorted(spans):
        if told and first <= told[-1][1] + 1:
            told[-1][1] = max(told[-1][1], last)
        else:
            told.append([first, last])
    return told
