"""Explorations find what no single request shows, make it short, and are repeated by their seed."""

import asyncio
import json
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest
from starlette.types import Receive, Scope, Send

from conformance import explore
from conformance.catalogue import catalogue
from conformance.exchange import Exchange
from conformance.explore import nodes
from conformance.explore.exploring import drawn
from conformance.explore.script import script
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import AS_BOTH, PASSWORDS, protected
from conformance.selftest.running import Ended, Suite
from reference_server import Api
from reference_server.faults import FAULTS, Lying

DOCUMENTED: Final = "explore.documented-promises-hold-in-any-order"
CUSTOMS: Final = "explore.customs-hold-in-any-order"

AREAS: Final = r'"((?:auth|flow|flows|state|transport)\.[a-z0-9-]+)"'

LONGER: Final = ("conformance/cases/test_explore.py", "--explore=1500", "--explore-seed=1")


def test_every_promise_of_the_model_is_one_of_the_catalogue_that_counts() -> None:
    files = Path(explore.__file__).parent.glob("*.py")
    named = {name for file in files for name in re.findall(AREAS, file.read_text("utf-8"))}

    assert len(named) > 80
    assert [name for name in named if name not in catalogue()] == []
    assert [name for name in named if not catalogue()[name].scores or catalogue()[name].excluded] == []


def test_what_is_drawn_depends_on_the_key_alone() -> None:
    assert drawn("a key 1") == drawn("a key 1")
    assert drawn("a key 1") != drawn("a key 2")


def test_ids_of_nodes_differ() -> None:
    ids = [*nodes.TABS, *nodes.NODES, nodes.SUBFLOW, nodes.IN_SUBFLOW, nodes.CONFIG, nodes.LOCAL_CONFIG]

    assert len(ids) == len(set(ids))


@pytest.mark.long
@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "in-parallel"])
def test_honest_server_is_explored_and_nothing_else_is(suite: Suite, tmp_path: Path, workers: list[str]) -> None:
    kept = tmp_path / "hypothesis"

    ended = suite("--explore=120", "--explore-seed=7", *workers, HYPOTHESIS_STORAGE_DIRECTORY=f"{kept}")

    assert ended.exit_code == 0, ended.said
    assert ended.outcomes() == {DOCUMENTED: "conforms", CUSTOMS: "conforms"}
    assert ended.reason(DOCUMENTED) == "60 steps of --explore=120 --explore-seed=7"
    assert "explores: --explore=120 --explore-seed=7" in ended.stdout
    assert not kept.exists()


@pytest.mark.long
def test_seed_is_chosen_and_told(suite: Suite) -> None:
    ended = suite("--explore=40", "-n", "2")

    told = [ended.said, ended.reason(DOCUMENTED), ended.reason(CUSTOMS)]
    (seed,) = {seed for text in told for seed in re.findall(r"--explore-seed=([0-9]+)", text)}
    assert all(seed in text for text in told)


def test_time_ends_an_exploration(suite: Suite) -> None:
    ended = suite("--explore=6s", "--explore-seed=7")

    assert ended.exit_code == 0, ended.said
    assert sum(finding["seconds"] for finding in ended.verdict["findings"]) < 12


def lines_of(ended: Ended) -> str:
    """The first script that the run shows."""
    section = ended.stdout.partition("send it again")[2].partition("\n")[2]
    return "\n".join(line for line in section.partition("\n=")[0].splitlines() if line.startswith(("curl", "CONF")))


def sent(script_lines: str) -> list[int]:
    """The statuses that the script is answered with."""
    ended = subprocess.run(["/bin/sh"], input=script_lines, capture_output=True, text=True, check=False)
    return [int(status) for status in re.findall(r"^HTTP/\S+ (\d+)", ended.stdout + ended.stderr, re.MULTILINE)]


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "promises", "most"),
    [
        ("checks-no-rev-after-a-reload", "rev", 3),
        ("checks-the-rev-of-full-deployments-only", "rev", 3),
        ("stores-nothing-of-type-flows", "flows", 2),
        ("brings-a-deleted-flow-back-at-a-reload", "flows.reload-keeps-what-is-stored", 4),
        ("loses-an-added-flow-at-the-next-refusal", "refused", 3),
    ],
)
def test_difference_is_found_and_made_short(suite: Suite, served: Serve, name: str, promises: str, most: int) -> None:
    url = served(Lying(Api().app(), FAULTS[name]))

    ended = suite(f"--target={url}", *LONGER, "-k", "documented")

    assert ended.exit_code == 1, ended.said
    told = re.match(r"after (\d+) requests (\S+) does not hold: ", ended.reason(DOCUMENTED))
    assert told is not None, ended.reason(DOCUMENTED)
    assert promises in told[2]
    assert int(told[1]) <= most + 1
    assert "ypothesis" not in ended.stdout.partition("collected")[2]


def test_difference_is_found_again_by_what_the_finding_says(suite: Suite, served: Serve) -> None:
    url = served(Lying(Api().app(), FAULTS["checks-the-rev-of-full-deployments-only"]))
    first = suite(f"--target={url}", *LONGER, "-k", "documented").reason(DOCUMENTED)
    options = first.partition(" (")[2].removesuffix(")").split()

    again = suite(f"--target={url}", LONGER[0], *options, "-k", "documented").reason(DOCUMENTED)

    assert options[0] != LONGER[1]
    assert again == first


@pytest.mark.parametrize("name", ["checks-no-rev-after-a-reload", "checks-the-rev-of-full-deployments-only"])
def test_script_shows_the_difference(suite: Suite, served: Serve, name: str) -> None:
    url = served(Lying(Api().app(), FAULTS[name]))

    statuses = sent(lines_of(suite(f"--target={url}", *LONGER, "-k", "documented")))

    assert statuses[0] == 200
    assert statuses[-1] == 200  # and not 409


def test_difference_that_is_seen_once_is_called_that(suite: Suite, served: Serve) -> None:
    app, number = Api().app(), iter(range(10_000))

    async def fails_once(scope: Scope, receive: Receive, send: Send) -> None:
        if (scope.get("method"), scope["path"]) == ("GET", "/flows") and next(number) == 60:
            scope = {**scope, "path": "/nowhere", "raw_path": b"/nowhere"}
        await app(scope, receive, send)

    ended = suite(f"--target={served(fails_once)}", *LONGER, "-k", "documented")

    assert ended.outcomes()[DOCUMENTED] == "violates"
    assert "seen once, and not again when the same was sent again" in ended.reason(DOCUMENTED)


def test_target_that_goes_away_is_called_that(suite: Suite, served: Serve) -> None:
    app, number = Api().app(), iter(range(10_000))

    async def stops(scope: Scope, receive: Receive, send: Send) -> None:
        if next(number) > 60:
            await asyncio.sleep(3)
        await app(scope, receive, send)

    ended = suite(f"--target={served(stops)}", "--timeout=0.3", *LONGER)

    assert "the target went away during explore." in ended.reason(DOCUMENTED)
    assert ended.outcomes()[CUSTOMS] == "not-tested"


@pytest.mark.thorough
@pytest.mark.long
def test_secured_server_is_explored_by_strangers_too(suite: Suite, served: Serve) -> None:
    url = served(Lying(protected().app(), FAULTS["deploys-what-it-refuses-for-its-token"]))

    ended = suite(f"--target={url}", *AS_BOTH, *LONGER, **PASSWORDS)

    assert re.search(
        r"requests flows\.post-[a-z-]+-refused does not hold: the flows are others", ended.reason(DOCUMENTED)
    )
    assert "$CONFORMANCE_TOKEN" in lines_of(ended)


def exchange(method: str, path: str, sent_body: str, reply: object) -> Exchange:
    """A request and its reply."""
    return Exchange(
        method=method,
        url=f"http://localhost{path}",
        request_headers=(),
        request_body=sent_body,
        status=200,
        reply_body=json.dumps(reply),
    )


def test_script_has_variables_for_what_was_given() -> None:
    told = script(
        [
            exchange("POST", "/flow", "{}", {"id": "abc123"}),
            exchange("GET", "/flows", "", {"flows": [], "rev": "r-1"}),
            exchange("GET", "/flows", "", {"flows": [], "rev": "r-2"}),
            exchange("PUT", "/flow/abc123", '{"rev": "r-1"}', {}),
        ],
        asides=[1, 2],
    )

    first, second, last = told.splitlines()
    assert first.startswith("CONFORMANCE_FLOW_1=$(curl ")
    assert second.startswith("CONFORMANCE_REV_2=$(curl ")
    assert '"http://localhost/flow/$CONFORMANCE_FLOW_1"' in last
    assert r'"{\"rev\": \"$CONFORMANCE_REV_2\"}"' in last
