"""Requests that httpx would not send so: in an old version of HTTP, to the letter, alone on a connection, in part."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from conformance.client import Admin
from conformance.connection import Connection
from conformance.exchange import Exchange
from conformance.recorder import NoReply, Recorder
from conformance.secrets import Secrets
from conformance.selftest.conftest import Serve
from conformance.waiting import comes_true
from conformance.wire import ALONE, LEAVING, Leaving, Left
from reference_server.faults import FAULTS

CLOSING = {"Connection": "close"}


async def telling(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that says what was asked: the version of HTTP, and the path to the letter."""
    request = Request(scope)
    said = f"{scope['http_version']} {request.scope['raw_path'].decode()}"
    await PlainTextResponse(said)(scope, receive, send)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder(Connection().transport(), Secrets({})) as recording:
        yield recording


def asked(served: Serve, recorder: Recorder, path: str, **extensions: Any) -> tuple[httpx.Response, Exchange]:
    """The reply, and what was recorded."""
    admin = Admin(served(telling) + "/admin", recorder, timeout=2)
    return admin.get(path, headers=CLOSING, extensions=extensions), recorder.exchanges[-1]


@pytest.mark.parametrize(("version", "heard"), [("HTTP/1.0", "1.0"), ("HTTP/1.1", "1.1")])
def test_request_travels_alone_in_its_version(served: Serve, recorder: Recorder, version: str, heard: str) -> None:
    reply, exchange = asked(served, recorder, "/flows", **{ALONE: version})

    assert reply.text == f"{heard} /admin/flows"
    assert exchange.version == version
    assert exchange.reply_body == reply.text
    assert ("--http1.0" in exchange.curl()) == (version == "HTTP/1.0")


def test_path_is_sent_and_recorded_to_the_letter(served: Serve, recorder: Recorder) -> None:
    reply, exchange = asked(served, recorder, "/", target=b"/admin//flow/%zz")

    assert reply.text == "1.1 /admin//flow/%zz"
    assert exchange.url.endswith("/admin//flow/%zz")
    assert "//admin" not in exchange.url


@pytest.mark.parametrize("fault", ["announces-a-byte-too-few", "announces-a-byte-too-many"])
def test_wrong_length_is_no_reply(served: Serve, recorder: Recorder, fault: str) -> None:
    admin = Admin(served(telling, **FAULTS[fault].options), recorder, timeout=2)

    with pytest.raises(NoReply):
        admin.get("/flows", headers=CLOSING, extensions={ALONE: "HTTP/1.1"})
    assert not recorder.gone


def test_connection_that_does_not_end_is_no_reply(served: Serve, recorder: Recorder) -> None:
    admin = Admin(served(telling), recorder, timeout=0.3)

    with pytest.raises(NoReply, match="longer than --timeout"):
        admin.get("/flows", headers={"Connection": "keep-alive"}, extensions={ALONE: "HTTP/1.1"})


def test_target_that_is_not_there_is_gone(recorder: Recorder) -> None:
    with pytest.raises(NoReply):
        Admin("http://127.0.0.1:9", recorder, timeout=2).get("/flows", headers=CLOSING, extensions={ALONE: "HTTP/1.0"})
    assert recorder.gone


class Listening:
    """An application that keeps as much of each body as arrived, and whether that was all."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, bool]] = []
        self.begun = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, and answer where somebody waits."""
        request, length = Request(scope, receive), 0
        if request.method == "POST":
            try:
                async for part in request.stream():
                    length += len(part)
                    self.begun += bool(part)
            except ClientDisconnect:
                self.heard.append((length, False))
                return
            self.heard.append((length, True))
        await PlainTextResponse("heard")(scope, receive, send)


@pytest.mark.parametrize("resets", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
@pytest.mark.parametrize(("share", "sent"), [(0.5, 50_000), (1, 100_000)])
def test_client_goes_away(  # noqa: PLR0913 - every way of it
    served: Serve, recorder: Recorder, share: float, sent: int, *, chunked: bool, resets: bool
) -> None:
    listening = Listening()
    admin = Admin(served(listening), recorder, timeout=2, token="a-token-that-nobody-may-see")  # noqa: S106 - as it says
    recorder.hide("a-token-that-nobody-may-see", "CONFORMANCE_TOKEN")
    body = b"x" * 100_000
    heard_meanwhile: list[bool] = []

    def meanwhile() -> None:
        heard_meanwhile.append(comes_true(lambda: listening.begun > 0))

    content = iter([body]) if chunked else body
    with recorder.writing(), pytest.raises(Left):
        admin.post("/flows", content=content, extensions={LEAVING: Leaving(share, resets, meanwhile)})

    assert heard_meanwhile == [True]
    assert comes_true(lambda: bool(listening.heard))
    ((length, whole),) = listening.heard
    assert length <= sent
    assert not whole or share == 1
    (exchange,) = recorder.exchanges
    how = "reset" if resets else "closed"
    assert exchange.error == f"the client {how} the connection after {sent} of 100000 bytes of the body"
    assert "a-token-that-nobody-may-see" not in exchange.transcript()
    assert not recorder.gone
    assert admin.get("/").text == "heard"


def test_client_that_cannot_come_does_not_go_away(recorder: Recorder) -> None:
    admin = Admin("http://127.0.0.1:9", recorder, timeout=2)

    with recorder.writing(), pytest.raises(NoReply):
        admin.post("/flows", content=b"x", extensions={LEAVING: Leaving(0.5)})
    assert recorder.gone
