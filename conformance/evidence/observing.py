"""What a line of the evidence tells of a request and of its reply, as they go over the wire."""

import base64
import contextlib
import itertools
from collections.abc import Callable
from typing import Final

import httpx

from conformance.data import Json
from conformance.evidence.replaying import ASKED, PLACE, path_of
from conformance.wire import ALONE

UNANSWERED: Final[dict[str, Json]] = {"status": None, "reason": "", "reply_headers": [], "reply_body": ""}
"""What a line tells of a reply that did not come."""

Numbered = Callable[[str], str]
"""Gives a text in which each secret has a name of its own."""


def asked_of(request: httpx.Request, numbered: Numbered) -> dict[str, Json]:
    """What a line tells of a request."""
    strand, turn = request.extensions.get(PLACE) or ("", None)
    headers = [[name.decode("latin-1"), numbered(value.decode("latin-1"))] for name, value in request.headers.raw]
    return {
        "strand": strand,
        "turn": turn,
        **({"asked": request.extensions[ASKED]} if ASKED in request.extensions else {}),
        "path": numbered(path_of(request)),
        "method": request.method,
        "url": numbered(url_of(request)),
        "version": request.extensions.get(ALONE, "HTTP/1.1"),
        "request_headers": headers,
        **body_in("request", request.content, numbered),
    }


def answered_of(reply: httpx.Response, numbered: Numbered) -> dict[str, Json]:
    """What a line tells of a reply."""
    whole = body_in("reply", reply.content, numbered)
    return {
        "status": reply.status_code,
        "reason": numbered(reply.reason_phrase),
        "reply_version": reply.http_version,
        "connection": port_of(reply),
        "leaked": [],
        "reply_headers": [[*map(numbered, header)] for header in reply.headers.multi_items()],
        "reply_body": None,
        **whole,
    }


def has_secrets(line: dict[str, Json]) -> bool:
    """Whether something stands for a secret in what a line tells of a reply, its body left out."""
    return any("$CONFORMANCE_" in text for text in [line["reason"], *itertools.chain(*line["reply_headers"])])


def url_of(request: httpx.Request) -> str:
    """The URL as it was sent; a case may say so to the letter."""
    if "target" not in request.extensions:
        return f"{request.url}"
    return f"{request.url.copy_with(path='/', query=None)}".rstrip("/") + path_of(request)


def body_in(whose: str, content: bytes, numbered: Numbered) -> dict[str, Json]:
    """A body as a line has it: text, or base64 where it is none."""
    try:
        return {f"{whose}_body": numbered(content.decode())}
    except UnicodeDecodeError:
        hidden = numbered(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        return {f"{whose}_bytes": base64.b64encode(hidden).decode()}


def text_of(body: bytes) -> str:
    """The body as text, or how many bytes it has where it is none."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"({len(body)} bytes that are no text)"


def port_of(reply: httpx.Response) -> int | None:
    """Which connection a reply came over, None where nobody can tell."""
    with contextlib.suppress(OSError, TypeError, LookupError):
        return int(reply.extensions["network_stream"].get_extra_info("client_addr")[1])
    return None
