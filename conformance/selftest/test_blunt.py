"""What a bluntly wrong server answers is a miss of a requirement, and never passes a case nor brings one down."""

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from conformance.catalogue import catalogue
from conformance.data import Json
from conformance.outcomes import Outcome
from conformance.selftest.liars import other_container, without_the_first
from conformance.selftest.proof.blunt import APART, EXCUSED, INCIDENTAL, Body, Switch, judge, judged, refusals, watched
from conformance.selftest.proof.blunt_servers import BLUNT, Blunt, Knowledge
from reference_server.faults.lying import Answer, Ask, Honest

SAMPLE: Final = (
    "auth.unknown-client-refused",
    "auth.get-settings-needs-settings-read",
    "context.unknown-store-refused",
    "flow.post-refusal-error",
    "flows.stale-rev-refused",
    "flows.get-unknown-version-error",
    "install.no-module-refused",
    "library.unknown-entry-refused",
    "nodes.unknown-module-is-404",
    "state.unknown-state-error",
    "transport.password-in-no-refused-login",
    "transport.missing-token-is-401",
)
"""Refusals of several areas."""

EVERY: Final = 12
"""Of so many requirements one is judged when nothing but errors of the suite is looked for."""


def telling(told: Callable[[Json], Json]) -> Blunt:
    """Every reply in JSON is made into what is told of it."""

    async def lie(ask: Ask, honest: Honest, _knows: Knowledge) -> Answer:
        answer = await honest(ask)
        return answer if answer.json is None else answer.with_json(told(answer.json))

    return lie


async def without_the_last_node(ask: Ask, honest: Honest, _knows: Knowledge) -> Answer:
    """What is read lacks a node."""
    answer = await honest(ask)
    nodes = answer.json.get("flows") if isinstance(answer.json, dict) else answer.json
    return answer.with_nodes(ask, nodes[:-1]) if ask.reads and answer.status == 200 and nodes else answer


LIES = {
    "without-the-first": telling(without_the_first),
    "other-container": telling(other_container),
    "without-the-last-node": without_the_last_node,
}


@pytest.fixture(scope="module")
def honest() -> Mapping[str, Body]:
    """The sample against an honest server."""
    return refusals(SAMPLE)


def test_sample_is_of_refusals(honest: Mapping[str, Body]) -> None:
    assert {body.requirement for body in honest.values()} == set(SAMPLE)


@pytest.mark.parametrize("server", BLUNT)
def test_blunt_server_passes_no_refusal(honest: Mapping[str, Body], server: str) -> None:
    assert [found for found in judge(server, honest) if not found.by or found.outcome is Outcome.SUITE_ERROR] == []


@pytest.mark.parametrize(("number", "lie"), list(enumerate(LIES.values())), ids=LIES)
def test_blunt_lie_is_no_error_of_the_suite(number: int, lie: Blunt) -> None:
    bodies = watched(Switch(lie), judged()[number::EVERY])

    outcomes = {name: body.finding.outcome for name, body in bodies.items() if body.finding}
    assert [name for name, outcome in outcomes.items() if outcome is Outcome.SUITE_ERROR] == []
    assert Outcome.VIOLATES in outcomes.values()


def test_exceptions_are_of_the_catalogue() -> None:
    assert {*EXCUSED, *INCIDENTAL} <= catalogue().keys()
    assert set(APART) <= {entry.area for entry in catalogue().values()}
