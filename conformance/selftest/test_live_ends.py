"""However a run ends that writes beside what a target holds: the target is put back, then, on demand or next time."""

import contextlib
import functools
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

import pytest
from starlette.types import Receive, Scope, Send

from conformance.client import Admin
from conformance.connection import Connection
from conformance.data import Json
from conformance.live import snapshot
from conformance.live.journal import Journal, Notes, read
from conformance.live.kept import Kept
from conformance.recorder import Recorder
from conformance.secrets import Secrets
from conformance.selftest.conftest import Serve
from conformance.selftest.proof.in_use import runs
from conformance.selftest.running import ROOT, Suite, found
from conformance.selftest.test_live import MINE, SHORT
from conformance.verdict import Verdict
from reference_server import Api, serve

A_CASE: Final = ("conformance/cases/test_flow_post.py", "-k", "leaves_the_rest_alone")
"""One case, so that a run can be killed at each of its requests."""

CREDENTIALS: Final = ("conformance/cases/test_credentials.py", "conformance/cases/test_flows_credentials.py")
"""Cases that could harm what is stored."""

THOROUGH: Final = pytest.mark.thorough


class Deadly:
    """A server that kills the run at one of its requests, before or after that has come to something."""

    def __init__(self, api: Api, number: int, *, deaf: bool = False) -> None:
        self.app, self.number, self.deaf = api.app(), number, deaf
        self.requests = 0
        self.process: subprocess.Popen[bytes] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Kill the run when its number has come; a deaf server does not do what that request asks."""
        self.requests += scope["type"] == "http"
        if self.requests == self.number and self.process:
            self.process.kill()
            if self.deaf:
                return
        await self.app(scope, receive, send)


def started(url: str, folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """A run in the background."""
    command = [sys.executable, "-m", "pytest", f"--target={url}", "--allow-writes", f"--report-dir={folder}", *words]
    return subprocess.Popen([*command, "-p", "no:cacheprovider"], cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603


def in_use() -> Api:
    """A server that asks for no token, and holds flows."""
    api = Api()
    api.flows.deploy([dict(node) for node in MINE])
    return api


def put_back(url: str) -> None:
    """What `--restore` does, in this process."""
    said: list[str] = []
    Kept(Connection(), said.append).restore(found(url))


@functools.cache
def requests_of_a_case(folder: Path) -> int:
    """How many requests a run of one case sends."""
    deadly = Deadly(in_use(), 0)
    with serve(deadly) as server, started(server.url, folder, *A_CASE) as run:
        assert run.wait(60) == Verdict.INCOMPLETE.exit_code
    return deadly.requests


@pytest.mark.parametrize("deaf", [False, True], ids=["done", "undone"])
@pytest.mark.parametrize("step", [9, pytest.param(1, marks=THOROUGH)])
def test_restore_after_a_kill_at_each_request(
    tmp_path: Path, served: Serve, state: Path, step: int, deaf: bool
) -> None:
    for number in range(step, requests_of_a_case(tmp_path) + 1, step):
        api = in_use()
        rev = api.flows.rev
        deadly = Deadly(api, number, deaf=deaf)
        url = served(deadly)
        with started(url, tmp_path, *A_CASE) as deadly.process:
            deadly.process.wait(60)
        deadly.process = None

        put_back(url)

        assert (api.flows.nodes, api.flows.rev) == (MINE, rev), number
        assert list(state.rglob("*.jsonl")) == []


@pytest.mark.parametrize("number", [300, *(pytest.param(number, marks=THOROUGH) for number in range(500, 5_000, 500))])
def test_restore_after_a_kill_of_a_whole_run(tmp_path: Path, suite: Suite, served: Serve, number: int) -> None:
    deadly = Deadly(api := in_use(), number)
    url = served(deadly)
    with started(url, tmp_path) as deadly.process:
        assert deadly.process.wait(120) == -signal.SIGKILL
    deadly.process = None

    ended = suite(f"--target={url}", "--restore")

    assert ended.exit_code == 0, ended.said
    assert api.flows.nodes == MINE


@pytest.mark.thorough
@pytest.mark.long
def test_node_red_in_use_loses_nothing() -> None:
    with runs("4.1", 200, (*SHORT, *CREDENTIALS)) as of_suite:
        bad, seconds = of_suite.whole()
        bad += of_suite.killed(seconds / 2)
        bad += of_suite.killed(seconds / 3)

    assert bad == []


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_run_that_is_ended_gives_back(tmp_path: Path, served: Serve, ending: signal.Signals) -> None:
    api = in_use()
    deployed = threading.Event()
    app = api.app()

    async def telling(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)
        if len(api.flows.nodes) > len(MINE):
            deployed.set()

    with started(served(telling), tmp_path) as running:
        assert deployed.wait(30)
        running.send_signal(ending)

    assert running.returncode == pytest.ExitCode.INTERRUPTED
    assert api.flows.nodes == MINE


def left_behind(url: str, *ids: str) -> None:
    """Let it look as if a run had been killed that put these nodes beside what is there now."""
    journal = Journal(url)
    with Admin(url, Recorder(Connection().transport(), Secrets({})), timeout=5) as admin:
        journal.begin("killed", snapshot.take(admin).as_value())
    with contextlib.closing(Notes(journal.path)) as notes:
        notes.note(ids=ids)
    journal.close()


def test_nodes_without_a_usual_id_are_taken_out_of_a_target_that_held_nothing(served: Serve) -> None:
    api = Api()
    url = served(api.app())
    odd = [{"id": 5, "type": "tab"}, {"type": "tab", "label": {}}, {"id": ["a"], "type": "debug", "z": []}]
    left_behind(url, "ours")
    api.flows.deploy([*odd, {"id": "ours", "type": "tab", "label": "Ours"}])

    put_back(url)

    assert api.flows.nodes == []


def test_restore_names_the_targets_that_it_knows_of(suite: Suite, served: Serve) -> None:
    url = served(in_use().app())
    left_behind(url.replace("127.0.0.1", "localhost"), "ours")

    ended = suite(f"--target={url}", "--restore")

    assert ended.exit_code == 0
    assert "It knows of http://localhost:" in ended.stderr


def test_what_somebody_else_changed_stays_and_what_it_was_is_kept(suite: Suite, served: Serve, state: Path) -> None:
    api = in_use()
    url = served(api.app())
    left_behind(url, "ours")
    edited = [MINE[0] | {"label": "Edited"}, *MINE[1:]]
    api.flows.deploy([*edited, {"id": "ours", "type": "tab", "label": "Ours"}])

    first = suite(f"--target={url}", "--restore")
    second = suite(f"--target={url}", "--restore")

    assert (first.exit_code, second.exit_code) == (16, 0)
    assert api.flows.nodes == edited
    (aside,) = state.rglob("*.kept")
    assert f"what it held before is in {aside}" in first.stderr
    assert entries_in(aside) == MINE


def entries_in(journal: Path) -> list[Json]:
    """The nodes that a journal tells of."""
    entries = read(journal)
    assert entries is not None
    return list(entries.found["flows"])


def test_next_run_puts_back_by_itself(tmp_path: Path, suite: Suite, served: Serve) -> None:
    api = in_use()
    deadly = Deadly(api, 30)
    url = served(deadly)
    with started(url, tmp_path, *SHORT) as deadly.process:
        deadly.process.wait(60)
    deadly.process = None

    ended = suite(f"--target={url}", "--allow-writes", "-k", "get_v1_gives")

    assert "what an earlier run had left there was put back" in ended.stderr
    assert api.flows.nodes == MINE
