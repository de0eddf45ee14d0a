"""What a bluntly wrong server answers is a miss of a requirement, and never passes a case nor brings one down."""

from collections.abc import Mapping
from typing import Final

import pytest

from conformance.catalogue import catalogue
from conformance.outcomes import Outcome
from conformance.selftest.proof.blunt import APART, EXCUSED, INCIDENTAL, Body, judge, judged, refusals, told
from conformance.selftest.proof.blunt_servers import BLUNT, LIES

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

EVERY: Final = 16
"""Of so many requirements one is judged when nothing but errors of the suite is looked for."""


@pytest.fixture(scope="module")
def honest() -> Mapping[str, Body]:
    """The sample against an honest server."""
    return refusals(SAMPLE)


def test_sample_is_of_refusals(honest: Mapping[str, Body]) -> None:
    assert {body.requirement for body in honest.values()} == set(SAMPLE)


@pytest.mark.parametrize("server", BLUNT)
def test_blunt_server_passes_no_refusal(honest: Mapping[str, Body], server: str) -> None:
    assert [found for found in judge(server, honest) if not found.by or found.outcome is Outcome.SUITE_ERROR] == []


@pytest.mark.parametrize(("number", "lie"), list(enumerate(LIES)), ids=LIES)
def test_blunt_lie_is_no_error_of_the_suite(number: int, lie: str) -> None:
    outcomes = told(lie, judged()[number::EVERY])

    assert [name for name, outcome in outcomes.items() if outcome is Outcome.SUITE_ERROR] == []
    assert Outcome.VIOLATES in outcomes.values()


def test_exceptions_are_of_the_catalogue() -> None:
    assert {*EXCUSED, *INCIDENTAL} <= catalogue().keys()
    assert set(APART) <= {entry.area for entry in catalogue().values()}
