"""What a target holds is safe: the suite writes only where nothing can be lost, and leaves what it found."""

import asyncio
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from conformance.look import Credentials
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import AS_BOTH, PASSWORDS, READER_PASSWORD, Answer, Liar, Lie, protected
from conformance.selftest.running import ROOT, Suite, found
from reference_server import Api


def test_flows_that_are_there_are_left_alone(suite: Suite, served: Serve) -> None:
    api = Api()
    api.flows.deploy([{"id": "mine", "type": "tab", "label": "Mine"}])
    before = (list(api.flows.nodes), api.flows.rev)
    methods: set[str] = set()
    liar = Liar(api.app(), noting(methods))

    ended = suite(f"--target={served(liar)}")

    assert (api.flows.nodes, api.flows.rev) == before
    assert methods <= {"GET", "HEAD", "OPTIONS"}
    assert ended.exit_code == 10
    assert ended.verdict["verdict"] == "INCOMPLETE"
    assert ended.outcomes()["flows.get-v1-gives-array"] == "conforms"
    assert ended.outcomes()["flows.v1-round-trip"] == "not-tested"
    assert "holds flows" in ended.reason("flows.v1-round-trip")
    assert "holds flows" in ended.stdout


def noting(methods: set[str]) -> Lie:
    """The truth, after the method was noted."""

    def lie(request: Request, true: Answer) -> Answer:
        methods.add(request.method)
        return true

    return lie


def giving(body: bytes, methods: set[str]) -> Lie:
    """GET /flows gives this body."""
    note = noting(methods)

    def lie(request: Request, true: Answer) -> Answer:
        unread = request.method == "GET" and request.url.path == "/flows"
        return Answer(200, true.headers, body) if unread else note(request, true)

    return lie


@pytest.mark.parametrize("body", [b'{"flows": [], "rev": "1"}', b"null", b"", b"<html>", b"\xff", b"[" * 100_000])
def test_target_whose_flows_nobody_can_read_is_not_to_be_written_to(served: Serve, body: bytes) -> None:
    assert "no array" in found(served(Liar(Api().app(), giving(body, set())))).no_writes


def test_target_whose_flows_nobody_can_read_is_not_written_to(suite: Suite, served: Serve) -> None:
    methods: set[str] = set()
    url = served(Liar(Api().app(), giving(b'{"flows": [], "rev": "1"}', methods)))

    ended = suite(f"--target={url}", "-k", "round_trip or get_v1_gives_array")

    assert "POST" not in methods
    assert ended.outcomes()["flows.v1-round-trip"] == "not-tested"
    assert "no array" in ended.reason("flows.v1-round-trip")
    assert ended.outcomes()["flows.get-v1-gives-array"] in ("violates", "not-tested")


def test_admin_who_may_only_read_writes_nothing(served: Serve) -> None:
    reader = Credentials(users={"admin": "reader"}, passwords={"admin": READER_PASSWORD})

    target = found(served(protected().app()), reader)

    assert target.no_writes.endswith("their permissions are read")


def test_target_that_lets_anybody_read_is_never_conformant(suite: Suite, served: Serve) -> None:
    def lie(request: Request, true: Answer) -> Answer:
        leaks = request.method == "GET" and request.url.path == "/flows" and true.status == 401
        return Answer(200, ((b"content-type", b"application/json"),), b"[]") if leaks else true

    ended = suite(f"--target={served(Liar(protected().app(), lie))}", *AS_BOTH, "--profile=auth", **PASSWORDS)

    assert ended.exit_code != 0
    assert ended.outcomes()["flows.get-without-token-refused"] == "not-tested"


def test_token_that_may_only_read_writes_nothing(served: Serve) -> None:
    api = protected()
    token = api.users.log_in("reader", READER_PASSWORD, "read") or ""

    target = found(served(api.app()), Credentials(tokens={"admin": token}))

    assert target.no_writes.endswith("their permissions are read")


def test_target_is_left_as_it_was_found(suite: Suite, served: Serve) -> None:
    api = protected()
    before = api.flows.rev

    ended = suite(f"--target={served(api.app())}", *AS_BOTH, "conformance/cases/test_flows_auth.py", **PASSWORDS)

    assert set(ended.outcomes().values()) == {"conforms", "observed", "not-tested"}
    assert api.flows.nodes == []
    assert api.flows.rev == before


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_run_that_is_ended_puts_back_what_it_found(tmp_path: Path, served: Serve, ending: signal.Signals) -> None:
    api = Api()
    deployed = threading.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await api.app()(scope, receive, send)
        if api.flows.nodes:
            deployed.set()

    command = [sys.executable, "-m", "pytest", f"--target={served(slow)}", f"--report-dir={tmp_path}"]
    with subprocess.Popen([*command, "-p", "no:cacheprovider"], cwd=ROOT, stdout=subprocess.DEVNULL) as running:  # noqa: S603 - our own
        assert deployed.wait(30)
        running.send_signal(ending)

    assert running.returncode == pytest.ExitCode.INTERRUPTED
    assert api.flows.nodes == []


def test_target_that_was_busy_for_a_moment_is_put_back(suite: Suite, served: Serve) -> None:
    api = Api()
    app, unanswered = api.app(), iter(range(3))  # a request, and two looks whether the target is still there

    async def busy(scope: Scope, receive: Receive, send: Send) -> None:
        if api.flows.nodes and next(unanswered, None) is not None:
            await asyncio.sleep(1)
        await app(scope, receive, send)

    ended = suite(f"--target={served(busy)}", "--timeout=0.3", "-k", "v1_round_trip")

    assert "the target went away" in ended.reason("flows.v1-round-trip")
    assert next(unanswered, None) is None
    assert api.flows.nodes == []
