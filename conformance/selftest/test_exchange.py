"""An exchange is shown without secrets, without end and without steering a terminal, and its curl line is real."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from conformance.data import Json
from conformance.exchange import SHOWN, SHOWN_EXCHANGES, Exchange, curl_lines, transcripts
from conformance.secrets import Secrets
from conformance.selftest.liars import STEER
from conformance.selftest.running import run
from reference_server import serve

SECRET: Final = "open/sesame+1=="  # noqa: S105 - of nobody

JSON_TYPE: Final = ("Content-Type", "application/json")


def exchange(**changes: Json) -> Exchange:
    """A request and its reply."""
    facts = {
        "method": "GET",
        "url": "http://localhost/flows",
        "request_headers": (("Host", "localhost"), ("Node-RED-API-Version", "v2")),
        "request_body": "",
        "status": 200,
        "reason": "OK",
        "reply_headers": (("content-type", "text/plain"),),
        "reply_body": "hello",
    }
    return Exchange(**{**facts, **changes})


@pytest.mark.parametrize("spelling", [SECRET, quote(SECRET, safe=""), f"Bearer {SECRET}", f'{{"a": "{SECRET}"}}'])
def test_secret_is_masked_in_every_spelling(spelling: str) -> None:
    masked = Secrets({SECRET: "CONFORMANCE_TOKEN"}).masked(spelling)

    assert masked == spelling.replace(SECRET, "$CONFORMANCE_TOKEN").replace(
        quote(SECRET, safe=""), "$CONFORMANCE_TOKEN"
    )
    assert "sesame" not in masked


def test_longer_secret_is_masked_before_the_shorter_that_it_contains() -> None:
    secrets = Secrets({"abc": "CONFORMANCE_TOKEN", "abcdef": "CONFORMANCE_READER_TOKEN"})

    assert secrets.masked("abcdef abc") == "$CONFORMANCE_READER_TOKEN $CONFORMANCE_TOKEN"


def test_transcript_tells_who_said_what() -> None:
    assert exchange(method="POST", request_body="a\nb").transcript().splitlines() == [
        "> POST http://localhost/flows",
        "> Node-RED-API-Version: v2",
        "> a",
        "> b",
        "< 200 OK",
        "< content-type: text/plain",
        "< hello",
    ]


def test_transcript_tells_that_no_reply_came() -> None:
    silent = exchange(status=None, error="it took too long")

    assert silent.transcript().splitlines()[-1] == "< (no reply: it took too long)"


@pytest.mark.parametrize(("length", "left"), [(SHOWN, ""), (SHOWN + 1, "(1 more characters)"), (9_000, "(7000 more")])
def test_long_body_is_cut_and_says_how_much_is_left(length: int, left: str) -> None:
    shown = exchange(reply_body="x" * length).transcript()

    assert shown.count("x") == SHOWN + 1  # one in text/plain
    assert left in shown
    assert ("more characters" in shown) is bool(left)


def test_long_request_is_named_in_the_curl_line() -> None:
    line = exchange(method="POST", request_body="x" * 9_000).curl()

    assert "@BODY" in line
    assert "9000" in line
    assert len(line) < 500


@pytest.mark.parametrize("length", [0, SHOWN, SHOWN + 1, 9_000])
def test_shortened_exchange_is_shown_as_it_was(length: int) -> None:
    whole = exchange(method="POST", request_body="x" * length, reply_body="y" * length)
    short = whole.shortened().shortened()

    assert (short.transcript(), short.curl(), short.sent) == (whole.transcript(), whole.curl(), length)
    assert len(short.request_body + short.reply_body) <= 2 * SHOWN


@pytest.mark.parametrize("place", ["reply_body", "reply_headers", "reason", "error"])
def test_nothing_in_a_reply_steers_the_terminal(place: str) -> None:
    words = f"a{STEER}b\x07c\x9bd\u202ee"
    changes: dict[str, Json] = {place: (("x-odd", words),) if place == "reply_headers" else words}
    shown = exchange(**changes | ({"status": None} if place == "error" else {})).transcript()

    assert [character for character in shown if not character.isprintable() and character != "\n"] == []
    assert "\\x1b[2J" in shown


def test_no_reply_forges_a_line_of_the_suite() -> None:
    shown = exchange(reply_body="one\r\n> GET /forged\u2028> GET /forged\x0b> GET /forged").transcript()

    assert [line for line in shown.splitlines() if line.startswith(">")] == [
        "> GET http://localhost/flows",
        "> Node-RED-API-Version: v2",
    ]


def test_last_exchanges_are_shown() -> None:
    exchanges = [exchange(url=f"http://localhost/{number}") for number in range(SHOWN_EXCHANGES + 3)]

    assert transcripts(exchanges).startswith("(3 earlier exchanges)\n\n> GET http://localhost/3\n")
    assert curl_lines(exchanges).splitlines()[0] == exchanges[3].curl()
    assert len(curl_lines(exchanges).splitlines()) == SHOWN_EXCHANGES
    assert "earlier" not in transcripts(exchanges[3:])


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with what arrives."""
    request = Request(scope, receive)
    arrived = {
        "method": request.method,
        "target": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "headers": dict(request.headers),
        "body": (await request.body()).decode("utf-8"),
    }
    await JSONResponse(arrived)(scope, receive, send)


@pytest.fixture(scope="module")
def echoing() -> Iterator[str]:
    """The URL of a server that answers with what arrives."""
    with serve(echo) as server:
        yield server.url


def sent_again(curl: str, folder: Path) -> Json:
    """What arrives when the curl line is given to a shell."""
    ended = run(["sh", "-c", curl], folder, folder, {"CONFORMANCE_TOKEN": SECRET, "HOME": str(folder)})
    assert ended.exit_code == 0, ended.stderr
    return json.loads(ended.stdout.replace("\r\n", "\n").partition("\n\n")[2] or "{}")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "it's \"quoted\" and 'quoted'",
        "$HOME ${HOME} $(echo no) `echo no` $$ !!",
        "back\\slash \\n \\\\ \\$HOME",
        "two\nlines\n\nand\ttabs\n",
        "größer 漢字 🙂",
        "* ? [a-z] {a,b} ~ # & | ; < >",
        "@no-such-file",
        '{"token": "$CONFORMANCE_TOKEN"}',
        '$CONFORMANCE_TOKEN "$HOME" $(echo no) `echo no` it\'s \\ back\\\\slash',
        "-d",
    ],
)
def test_curl_line_sends_the_body_again(echoing: str, tmp_path: Path, body: str) -> None:
    again = exchange(method="POST", url=f"{echoing}/flows", request_headers=(JSON_TYPE,), request_body=body)

    arrived = sent_again(again.curl(), tmp_path)

    assert arrived["method"] == "POST"
    assert arrived["target"] == "/flows"
    assert arrived["headers"]["content-type"] == "application/json"
    assert arrived["body"] == body.replace("$CONFORMANCE_TOKEN", SECRET)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize(
    ("name", "value", "arrives"),
    [
        ("Authorization", "Bearer $CONFORMANCE_TOKEN", f"Bearer {SECRET}"),
        ("If-None-Match", 'W/"1-a$b`c`"', 'W/"1-a$b`c`"'),
        ("Node-RED-API-Version", "", ""),
        ("Accept-Language", "it's $HOME", "it's $HOME"),
    ],
)
def test_curl_line_sends_the_headers_again(echoing: str, tmp_path: Path, name: str, value: str, arrives: str) -> None:
    again = exchange(url=f"{echoing}/flows?_=1&rev=$HOME", request_headers=((name, value),))

    arrived = sent_again(again.curl(), tmp_path)

    assert arrived["method"] == "GET"
    assert arrived["target"] == "/flows?_=1&rev=$HOME"
    assert arrived["headers"][name.lower()] == arrives
    assert "content-type" not in arrived["headers"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD"])
def test_curl_line_has_the_method_and_no_type_of_its_own(echoing: str, tmp_path: Path, method: str) -> None:
    body = "" if method == "HEAD" else "x=1"
    again = exchange(method=method, url=f"{echoing}/flows", request_headers=(), request_body=body)

    arrived = sent_again(again.curl(), tmp_path)

    if method != "HEAD":
        assert arrived["method"] == method
        assert arrived["body"] == body
        assert "content-type" not in arrived["headers"]


def test_two_exchanges_in_a_row_are_two_lines() -> None:
    twice = [exchange(method="POST", request_body="one"), exchange()]

    assert curl_lines(twice).splitlines() == [twice[0].curl(), twice[1].curl()]
