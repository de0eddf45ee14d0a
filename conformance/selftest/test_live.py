"""A target that somebody uses keeps what it holds: beside a run, after it, and after one that was killed."""

import contextlib
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from conformance.data import Json
from conformance.live.beside import SIGN
from conformance.live.journal import Journal, read
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import AS_BOTH, PASSWORDS, protected
from conformance.selftest.running import Ended, Suite
from reference_server import Api

MINE: Final[list[Json]] = [
    {"id": "mine", "type": "tab", "label": "Mine"},
    {"id": "button", "type": "inject", "z": "mine", "name": "", "x": 100, "y": 100, "wires": [["log"]]},
    {"id": "log", "type": "debug", "z": "mine", "name": "", "x": 300, "y": 100, "wires": []},
    {"id": "idle", "type": "tab", "label": "Idle", "disabled": True},
    {"id": "inner", "type": "subflow", "name": "Inner", "in": [], "out": []},
    {"id": "use", "type": "subflow:inner", "z": "mine", "x": 100, "y": 200, "wires": []},
    {"id": "unused", "type": "link in", "z": "idle", "name": "", "links": [], "x": 100, "y": 100, "wires": [[]]},
]
"""What somebody has deployed."""

SHORT: Final = ("conformance/cases/test_flows_kept.py", "conformance/cases/test_flow_post.py")
"""Cases of a short run."""

SOME: Final = (
    *SHORT,
    *(f"conformance/cases/test_{name}.py" for name in ("flows_post", "flows_rev", "credentials", "deploy_unknown")),
)
"""Cases of a longer one, which has some that cannot be run beside flows of somebody else."""


@pytest.fixture
def api() -> Api:
    """A server in use."""
    api = protected()
    api.flows.deploy([dict(node) for node in MINE])
    return api


class Watched:
    """A server whose deployments are looked at: whatever was there is there at every moment."""

    def __init__(self, api: Api) -> None:
        self.api, self.app = api, api.app()
        self.writes: list[str] = []
        self.lost = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and look."""

        async def sent(message: Message) -> None:
            here = {node["id"]: node for node in self.api.flows.nodes}
            self.lost = self.lost or any(here.get(node["id"]) != node for node in MINE)
            await send(message)

        await self.app(scope, receive, sent)
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            self.writes.append(f"{scope['method']} {scope['path']}")


def run(suite: Suite, url: str, *words: str) -> Ended:
    """A run that may write."""
    return suite(f"--target={url}", *AS_BOTH, "--allow-writes", *words, **PASSWORDS)


@pytest.mark.parametrize("words", [SOME, pytest.param((), marks=pytest.mark.thorough)], ids=["some", "all"])
def test_nothing_that_is_there_stops_existing(
    suite: Suite, served: Serve, api: Api, state: Path, words: tuple[str, ...]
) -> None:
    watched = Watched(api)
    rev = api.flows.rev

    ended = run(suite, served(watched), *words)

    assert ended.exit_code == 10, ended.said
    assert not watched.lost
    assert (api.flows.nodes, api.flows.rev) == (MINE, rev)
    outcomes = ended.outcomes()
    assert set(outcomes.values()) <= {"conforms", "observed", "not-tested", "not-applicable"}
    assert outcomes["flows.v2-round-trip"] == outcomes["flows.stale-rev-refused"] == "conforms"
    assert outcomes["flows.omitted-rev-forces"] == outcomes["flows.v1-round-trip"] == "not-tested"
    assert "could undo what somebody else deploys" in ended.reason("flows.omitted-rev-forces")
    assert "the place of their credentials" in ended.reason("credentials.separate-credentials-are-stored")
    assert "would stop flows" in ended.reason("deploy.unknown-node-stops-all-with-full")
    assert list(state.rglob("*.jsonl")) == []


def test_read_only_writes_nothing_even_where_there_is_nothing(suite: Suite, served: Serve, state: Path) -> None:
    watched = Watched(protected())

    ended = suite(f"--target={served(watched)}", *AS_BOTH, "--read-only", *SHORT, **PASSWORDS)

    assert {write.rpartition("/")[2] for write in watched.writes} <= {"token", "revoke"}
    assert "--read-only was given" in ended.stdout
    assert not state.exists()


def test_last_line_says_how_to_go_on(suite: Suite, served: Serve, api: Api) -> None:
    ended = suite(f"--target={served(api.app())}", *AS_BOTH, *SHORT, **PASSWORDS)

    verdict = next(line for line in reversed(ended.stdout.splitlines()) if line.startswith("INCOMPLETE"))
    assert "--allow-writes" in verdict


def test_plan_says_what_a_run_would_do_and_does_nothing(suite: Suite, served: Serve, api: Api) -> None:
    watched = Watched(api)

    ended = suite(f"--target={served(watched)}", *AS_BOTH, "--allow-writes", "--plan", *SHORT, **PASSWORDS)

    assert ended.exit_code == 0, ended.said
    assert {write.rpartition("/")[2] for write in watched.writes} <= {"token"}
    assert "holds 7 nodes" in ended.stderr
    assert "deploys of type flows, which restart only flows of the suite" in ended.stderr
    assert "no flow that is in use restarts" in ended.stderr or "flows that are in use restart" in ended.stderr
    assert not ended.reports.exists()


def test_plan_asks_nothing_of_another_target_that_a_configuration_names(suite: Suite, served: Serve, api: Api) -> None:
    watched = Watched(api)
    url = served(watched)

    ended = suite("--plan", SHORT[1], *AS_BOTH, PYTEST_ADDOPTS=f"--target={url} --allow-writes", **PASSWORDS)

    assert ended.exit_code == 0, ended.said
    assert {write.rpartition("/")[2] for write in watched.writes} <= {"token"}


def test_what_the_plan_says_is_what_the_run_does(suite: Suite, served: Serve, api: Api) -> None:
    watched = Watched(api)
    url = served(watched)

    planned = suite(f"--target={url}", *AS_BOTH, "--allow-writes", "--plan", *SHORT, **PASSWORDS).stderr
    watched.writes.clear()
    run(suite, url, *SHORT)

    singles = sum(write.split()[1].startswith("/flow/") or write.endswith("/flow") for write in watched.writes)
    assert f" {singles} changes of single flows" in planned


def journalled(state: Path) -> tuple[int, Json]:
    """The mode of the only journal, and the flows that it tells of."""
    (journal,) = state.rglob("*.jsonl")
    entries = read(journal)
    assert entries is not None
    return stat.S_IMODE(journal.stat().st_mode), entries.found["flows"]


def test_journal_is_there_before_the_first_write_for_its_owner_alone(
    suite: Suite, served: Serve, api: Api, state: Path
) -> None:
    seen: list[tuple[int, Json]] = []
    app = api.app()

    async def looking(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") == "POST" and scope["path"] == "/flows" and not seen:
            seen.append(journalled(state))
        await app(scope, receive, send)

    run(suite, served(looking), *SHORT)

    assert seen == [(0o600, MINE)]


def test_somebody_else_who_deploys_is_noticed_and_left_alone(suite: Suite, served: Serve, api: Api) -> None:
    theirs = {"id": "theirs", "type": "tab", "label": "Theirs"}
    app, posts = api.app(), iter(range(100))

    async def meanwhile(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") == "POST" and scope["path"] == "/flows" and next(posts) == 3:
            api.flows.deploy([*api.flows.nodes, theirs])
        await app(scope, receive, send)

    ended = run(suite, served(meanwhile), *SHORT)

    assert api.flows.nodes == [*MINE, theirs]
    assert "somebody else" in ended.stdout
    assert ended.exit_code == 10
    assert "violates" not in ended.outcomes().values()


@pytest.mark.reaches(15)
def test_second_run_refuses_and_names_the_first(suite: Suite, served: Serve, api: Api) -> None:
    url = served(api.app())
    with holding(url):
        ended = run(suite, url, *SHORT)

    assert ended.exit_code == 15
    assert ended.verdict["verdict"] == "REFUSED"
    assert "run first is there, process" in ended.stderr
    assert run(suite, url, SHORT[0], "-k", "node_order").exit_code == 10


def test_run_from_another_machine_is_seen_by_its_tab(suite: Suite, served: Serve, api: Api) -> None:
    api.flows.deploy([*api.flows.nodes, {"id": SIGN, "type": "tab", "label": "Conformance run 1234"}])

    ended = run(suite, served(api.app()), *SHORT)

    assert ended.exit_code == 15
    assert "the tab 'Conformance run 1234' is there" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_target_that_loses_what_it_held_is_told_so(
    suite: Suite, served: Serve, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy = api.flows.deploy
    monkeypatch.setattr(api.flows, "deploy", lambda nodes: deploy([node for node in nodes if node["id"] != "use"]))

    ended = run(suite, served(api.app()), "conformance/cases/test_flows_post.py", "-k", "v2_round_trip")

    assert ended.exit_code == 16
    assert ended.outcomes()["flows.v2-round-trip"] == "violates"
    assert "has not kept what it held" in ended.stdout
    assert "1 nodes are missing: use" in ended.stdout


@pytest.mark.reaches(16)
def test_target_that_takes_nothing_back_is_called_changed_and_restored_later(
    suite: Suite, served: Serve, api: Api
) -> None:
    app = api.app()
    stubborn = True

    async def takes_no_more(scope: Scope, receive: Receive, send: Send) -> None:
        writes = scope.get("method") in ("POST", "PUT", "DELETE") and not scope["path"].startswith("/auth/")
        if stubborn and writes and len(api.flows.nodes) > len(MINE):
            await PlainTextResponse("no", 500)(scope, receive, send)
        else:
            await app(scope, receive, send)

    url = served(takes_no_more)
    ended = run(suite, url, SHORT[1])
    stubborn = False
    restored = suite(f"--target={url}", *AS_BOTH, "--restore", **PASSWORDS)

    assert ended.exit_code == 16
    assert ended.verdict["verdict"] == "TARGET CHANGED"
    assert ended.verdict["put_back"]["proved"] is False
    assert "nodes are new" in ended.stdout
    assert restored.exit_code == 0, restored.said
    assert api.flows.nodes == MINE


@contextlib.contextmanager
def holding(url: str) -> Iterator[None]:
    """Another run that has the target."""
    journal = Journal(url)
    journal.begin("first", {"flows": MINE})
    try:
        yield
    finally:
        journal.end()
        journal.close()
