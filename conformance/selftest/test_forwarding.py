"""What stands before another server hands on what it is asked, and what it is answered, to the letter."""

import gzip
import json
import subprocess
import sys

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from conformance.selftest.conftest import Serve
from conformance.selftest.running import ROOT, run
from reference_server import Api
from reference_server.forwarding import Forwarding
from reference_server.server import listen

PROGRAM = [sys.executable, "-m", "reference_server", "--port", "0"]


async def mirror(scope: Scope, receive: Receive, send: Send) -> None:
    """A server that tells what it was asked, gzipped, and leads elsewhere."""
    request = Request(scope, receive)
    target = scope["raw_path"].decode(), scope["query_string"].decode()
    said = {"target": target, "headers": request.headers.items(), "body": (await request.body()).decode("latin-1")}
    reply = Response(gzip.compress(json.dumps(said).encode()), 302, {"content-encoding": "gzip", "location": "/other"})
    reply.headers.append("set-cookie", "a=1")
    reply.headers.append("set-cookie", "b=2")
    await reply(scope, receive, send)


def test_nothing_is_made_of_a_request_or_its_reply(served: Serve) -> None:
    url = served(Forwarding(f"{served(mirror)}/admin/"), date_header=False)
    headers = [("X-Twice", "1"), ("X-Twice", "2"), ("Accept-Encoding", "br"), ("Content-Encoding", "other")]

    with httpx.Client(trust_env=False) as client:
        request = client.build_request("POST", url, headers=headers, content=b"\xff\x00")
        request.extensions = {**request.extensions, "target": b"/a//b/../%2f%C3%A9%?q=%20+&q"}
        reply = client.send(request)

    told = reply.json()
    assert told["target"] == ["/admin/a//b/../%2f%C3%A9%", "q=%20+&q"]
    assert told["body"] == "\xff\x00"
    sent = [[name, value] for name, value in request.headers.multi_items() if name != "connection"]
    assert sorted(told["headers"]) == sorted(sent)
    assert [value for name, value in told["headers"] if name == "x-twice"] == ["1", "2"]
    assert (reply.status_code, reply.headers["location"]) == (302, "/other")
    assert reply.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert len(reply.headers.get_list("date")) == 1


def test_length_of_what_is_not_read_is_told(served: Serve) -> None:
    honest = served(Api().app())

    heads = [httpx.head(f"{url}/settings", trust_env=False) for url in (honest, served(Forwarding(honest)))]

    assert heads[0].headers["content-length"] == heads[1].headers["content-length"] != "0"


def test_server_that_is_not_there_is_a_bad_gateway(served: Serve) -> None:
    with listen() as nobody:
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    before = served(Forwarding(url))

    assert httpx.get(f"{before}/flows", trust_env=False).status_code == 502
    with pytest.raises(InvalidStatus) as refused, connect(f"{before.replace('http', 'ws')}/comms", proxy=None):
        pass
    assert refused.value.response.status_code == 502


def test_websocket_is_handed_on(served: Serve) -> None:
    url = served(Forwarding(served(Api().app())))

    with connect(f"{url.replace('http', 'ws')}/comms", proxy=None) as line:
        line.send('{"subscribe": "notification/#"}')
        reply = httpx.post(f"{url}/flows", headers={"Node-RED-API-Version": "v2"}, json={"flows": []}, trust_env=False)
        while reply.json()["rev"] not in (heard := line.recv(timeout=5)):
            pass

    assert "notification/runtime-deploy" in heard


def test_end_of_a_websocket_is_handed_on(served: Serve) -> None:
    async def brief(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "bytes": b"\x00"})
        await send({"type": "websocket.close", "code": 4000})

    with connect(served(Forwarding(served(brief))).replace("http", "ws"), proxy=None) as line:
        assert line.recv(timeout=5) == b"\x00"
        with pytest.raises(ConnectionClosed) as end:
            line.recv(timeout=5)

    assert end.value.rcvd is not None
    assert end.value.rcvd.code == 4000


def test_program_lies_before_a_server_of_the_users(served: Serve) -> None:
    command = [*PROGRAM, "--before", served(Api().app()), "--fault", "refuses-queries"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:  # noqa: S603 - our own
        try:
            assert program.stdout is not None
            url = program.stdout.readline().split()[-1]
            statuses = [httpx.get(f"{url}{path}", trust_env=False).status_code for path in ("/flows", "/flows?a=b")]
        finally:
            program.terminate()

    assert statuses == [200, 404]


@pytest.mark.parametrize(
    ("words", "hint"),
    [(["localhost:1880"], "http://HOST:PORT"), (["http://localhost:1880", "--fault", "spares-disabled-tabs"], "flows")],
)
def test_program_says_what_cannot_stand_before_a_server(words: list[str], hint: str) -> None:
    ended = run([*PROGRAM, "--before", *words], ROOT, ROOT, {})

    assert ended.exit_code == 2
    assert hint in ended.stderr.splitlines()[-1]
