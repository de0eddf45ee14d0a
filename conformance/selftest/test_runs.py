"""Runs: what is selected, several at once, side by side, cut short, and against a target that goes away."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from conformance.catalogue import catalogue
from conformance.node_red import free_port
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import (
    AS_BOTH,
    PASSWORDS,
    Answer,
    Liar,
    forgets_the_last_node,
    protected,
    takes_any_version,
)
from conformance.selftest.running import Suite
from conformance.targets import BROWSER
from reference_server import Api
from reference_server.server import listen, settings

GET = "conformance/cases/test_flows_get.py"
POST = "conformance/cases/test_flows_post.py"
SCOPE = {entry.id: entry for entry in catalogue().values() if not entry.excluded}


@pytest.mark.long
def test_reference_server_is_conformant(suite: Suite) -> None:
    ended = suite("-n", "2")

    assert ended.exit_code == 0, ended.said
    assert ended.outcomes().keys() == SCOPE.keys()
    ended_before = {entry.id for entry in SCOPE.values() if entry.until}
    unkept = {name for name, outcome in ended.outcomes().items() if outcome not in ("conforms", "observed")}
    assert unkept == ended_before
    assert ended.verdict["target"]["bundled"] is True
    assert [entry["requirement"] for entry in ended.verdict["excluded"]] == [
        entry.id for entry in catalogue().values() if entry.excluded
    ]
    assert "\nCONFORMANT\n" in ended.stdout


@pytest.mark.long
def test_parallel_run_finds_the_same(suite: Suite, served: Serve) -> None:
    url = served(Liar(Api().app(), forgets_the_last_node))

    target = (f"--target={url}", "--level=MUST", "conformance/cases/test_flows_kept.py", POST)
    alone, parallel = suite(*target), suite(*target, "-n", "2")

    assert alone.exit_code == parallel.exit_code == 1
    assert alone.outcomes() == parallel.outcomes()
    assert "violates" in alone.outcomes().values()


@pytest.mark.thorough
@pytest.mark.long
def test_open_server_is_conformant_and_authorization_is_not_its_affair(suite: Suite, served: Serve) -> None:
    mounted = Starlette(routes=[Mount("/admin", app=Api().app())])

    ended = suite(f"--target={served(mounted)}/admin/")

    assert ended.exit_code == 0, ended.said
    assert ended.verdict["target"]["url"].endswith("/admin")
    outcomes = ended.outcomes()
    assert {outcomes[entry.id] for entry in SCOPE.values() if entry.profile == "auth"} == {"not-applicable"}
    assert {
        (finding["outcome"], finding["reason"])
        for finding in ended.verdict["findings"]
        if finding["outcome"] not in ("conforms", "observed")
    } == {
        ("not-applicable", "the target asks for no token"),
        ("not-applicable", "it held until Node-RED 0.20.8, and the target says it is 5.0.7"),
        ("not-applicable", f"the target lets no browser of {BROWSER} read its replies"),
        ("not-tested", "nobody could undo it over HTTP, so the suite does it only to a server that it started itself"),
    }


@pytest.mark.long
def test_several_targets_have_a_verdict_each(suite: Suite, served: Serve) -> None:
    good, bad = served(protected().app()), served(Liar(protected().app(), takes_any_version))
    targets = (f"--target=good={good}", f"--target=bad={bad}", f"--target=none=http://127.0.0.1:{free_port()}")

    ended = suite(*targets, *AS_BOTH, "--profile=read", **PASSWORDS)

    assert ended.exit_code == 1
    verdicts = {name: ended.verdict_on(name)["verdict"] for name in ("good", "bad", "none")}
    assert verdicts == {"good": "CONFORMANT", "bad": "NON-CONFORMANT", "none": "UNREACHABLE"}
    assert ended.verdict_on("none")["findings"] == []
    assert ended.outcomes("good").keys() == ended.outcomes("bad").keys()
    assert not (ended.reports / "verdict.json").exists()
    assert "UNREACHABLE: " in ended.said


@pytest.mark.reaches(0)
@pytest.mark.parametrize("profile", ["read", "auth"])
def test_profile_selects(suite: Suite, profile: str) -> None:
    ended = suite(f"--profile={profile}")

    assert ended.exit_code == 0
    assert ended.outcomes().keys() == {entry.id for entry in SCOPE.values() if entry.profile == profile}
    asked = {"profile": [profile], "level": None, "explore": None, "fail_on": "must"}
    assert ended.verdict["options"] | asked == ended.verdict["options"]


@pytest.mark.long
@pytest.mark.parametrize("clients", [("backup",), ("Backup", "FLOWFUSE")], ids=" and ".join)
def test_client_as_a_profile_selects_what_it_depends_on(suite: Suite, clients: tuple[str, ...]) -> None:
    ended = suite(*[f"--profile={client}" for client in clients])

    asked = {client.lower() for client in clients}
    assert ended.exit_code == 0
    assert ended.outcomes().keys() == {entry.id for entry in SCOPE.values() if asked & set(entry.clients)}
    assert ended.verdict["options"]["profile"] == list(clients)


def test_client_and_part_of_the_api_as_profiles_select_both(suite: Suite) -> None:
    ended = suite("--profile=flowfuse", "--profile=read")

    assert ended.exit_code == 0
    assert ended.outcomes().keys() == {
        entry.id for entry in SCOPE.values() if entry.profile == "read" or "flowfuse" in entry.clients
    }


@pytest.mark.parametrize("level", ["MUST", "should"])
def test_level_selects_itself_and_stricter_ones(suite: Suite, level: str) -> None:
    levels = {"MUST": {"MUST"}, "should": {"MUST", "SHOULD"}}[level]

    ended = suite(f"--level={level}", "--profile=read", "--profile=comms")

    assert ended.exit_code == 0
    assert ended.outcomes().keys() == {
        entry.id for entry in SCOPE.values() if entry.level in levels and entry.profile in ("read", "comms")
    }


def test_what_is_deselected_is_not_tested(suite: Suite) -> None:
    ended = suite("-k", "get_v1_gives_array")

    assert ended.exit_code == 10
    assert ended.verdict["verdict"] == "INCOMPLETE"
    outcomes = ended.outcomes()
    assert outcomes.pop("flows.get-v1-gives-array") == "conforms"
    assert set(outcomes.values()) == {"not-tested"}
    assert outcomes.keys() | {"flows.get-v1-gives-array"} == SCOPE.keys()


@pytest.mark.reaches(10)
@pytest.mark.parametrize(
    "left_out",
    [("--deselect", f"{GET}::test_get_unknown_version_refused[latest]", "--profile=read"), ("-k", "v3 and not latest")],
    ids=["deselected", "not-chosen"],
)
def test_row_that_is_left_out_leaves_its_requirement_not_tested(suite: Suite, left_out: tuple[str, ...]) -> None:
    ended = suite(GET, *left_out)

    assert ended.outcomes()["flows.get-unknown-version-refused"] == "not-tested"
    assert ended.exit_code == 10


@pytest.mark.reaches(1)
def test_run_that_stops_at_the_first_failure_is_no_better(suite: Suite, served: Serve) -> None:
    ended = suite(f"--target={served(Liar(Api().app(), forgets_the_last_node))}", POST, "-x")

    assert ended.exit_code == 1
    assert ended.verdict["counts"]["violates"] == 1
    assert ended.verdict["counts"]["not-tested"] > 0


@pytest.mark.reaches(5)
def test_run_without_a_case_leaves_no_verdict_of_an_earlier_one(suite: Suite, tmp_path: Path) -> None:
    place = f"--report-dir={tmp_path}"
    suite(GET, "-k", "get_v1_gives", place)
    assert (tmp_path / "verdict.json").exists()

    ended = suite(GET, "-k", "no_such_case", place)

    assert ended.exit_code == pytest.ExitCode.NO_TESTS_COLLECTED
    left = tmp_path / "verdict.json"
    assert not left.exists() or nonzero(json.loads(left.read_text("utf-8"))["counts"]) == {"not-tested"}


def nonzero(counts: dict[str, int]) -> set[str]:
    """The outcomes that something came to."""
    return {outcome for outcome, number in counts.items() if number}


class Mortal:
    """A server that goes away in the middle of a run."""

    def __init__(self, requests: int) -> None:
        self.left = requests
        self.api = Api().app()
        self.server = uvicorn.Server(settings(self))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and at the last request see to it that no other comes in."""
        self.left -= 1
        if self.left <= 0:
            self.server.should_exit = True
            await asyncio.sleep(0.5)
        await self.api(scope, receive, send)


@pytest.fixture
def mortal_url() -> Iterator[str]:
    """The URL of a server that goes away soon after the look."""
    mortal = Mortal(20)
    with listen() as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=mortal.server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield url
        mortal.server.should_exit = True
        thread.join(5)


def test_target_that_goes_away_is_called_that_and_the_rest_is_not_tested(suite: Suite, mortal_url: str) -> None:
    ended = suite(
        f"--target={mortal_url}", "conformance/cases/test_flows_get.py", "conformance/cases/test_flows_rev.py"
    )

    assert ended.exit_code == 13
    outcomes = ended.outcomes()
    assert outcomes["flows.get-without-version-gives-array"] == "conforms"
    assert outcomes["flows.second-last-rev-refused"] == "not-tested"
    assert ended.reason("flows.second-last-rev-refused").startswith("the target went away during flows.")
    assert "violates" not in outcomes.values()
    assert "3 cases in a row could not reach it" in ended.verdict["reason"]


def test_target_that_falls_silent_is_asked_no_further(suite: Suite, served: Serve) -> None:
    api = Api().app()

    async def falls_silent(scope: Scope, receive: Receive, send: Send) -> None:
        if "(flows." in Request(scope).headers.get("user-agent", ""):
            await asyncio.sleep(3)
        await api(scope, receive, send)

    ended = suite(f"--target={served(falls_silent)}", "--timeout=0.3", "-k", "get_v1_gives or get_v2_gives")

    assert "longer than --timeout allows" in ended.reason("flows.get-v1-gives-array")
    assert ended.outcomes()["flows.get-v2-gives-flows-and-rev"] == "not-tested"


def test_requirement_out_of_the_targets_version_does_not_bind_it(suite: Suite, served: Serve) -> None:
    def old(request: Request, true: Answer) -> Answer:
        return true.with_json({**true.json, "version": "0.15.3"}) if request.url.path == "/settings" else true

    ended = suite(f"--target={served(Liar(Api().app(), old))}", "-k", "simultaneous or get_v1_gives")

    assert ended.outcomes()["flows.one-of-simultaneous-deploys-wins"] == "not-applicable"
    assert "since Node-RED 1.2.0" in ended.reason("flows.one-of-simultaneous-deploys-wins")
    assert ended.outcomes()["flows.get-v1-gives-array"] == "conforms"


def test_unlike_node_red_is_observed_and_never_scored(suite: Suite, served: Serve) -> None:
    def lie(request: Request, true: Answer) -> Answer:
        return replace(true, status=404) if request.url.path == "/FLOWS" else true

    ended = suite(f"--target={served(Liar(Api().app(), lie))}", "--profile=http")

    assert ended.exit_code == 0
    assert ended.outcomes()["transport.path-in-other-case"] == "observed"
    assert ended.reason("transport.path-in-other-case") == "unlike Node-RED: assert 404 == 200"
