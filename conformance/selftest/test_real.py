"""The cases against servers that lie before a real Node-RED: the suite is made for the API, and not for one server."""

from typing import Final

import pytest

from conformance.catalogue import catalogue
from conformance.outcomes import Finding, Outcome
from conformance.selftest.proof.matrix import HONEST
from conformance.selftest.proof.real import EACH, SLOW, first_area, judge, sample, standing
from reference_server.faults import FAULTS

MISSED: Final = (Outcome.VIOLATES, Outcome.DEVIATES)

ONE_IN: Final = 6
"""How many faults of the sample there are to one that every run of the self-tests meets."""


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Finding]]:
    """What a few faults came to, and the runtime without any."""
    return judge(sample()[::ONE_IN])


@pytest.mark.long
def test_faults_before_a_real_runtime_are_caught(found: dict[str, dict[str, Finding]]) -> None:
    assert [
        f"{name} is not caught by {requirement}: {finding.outcome} {finding.reason}"
        for name, findings in found.items()
        for requirement, finding in findings.items()
        if name != HONEST and finding.outcome not in MISSED
    ] == []
    assert {name: set(findings) for name, findings in found.items() if name != HONEST} == {
        name: set(FAULTS[name].requirements) for name in sample()[::ONE_IN]
    }


def test_nobody_who_tells_the_truth_is_caught(found: dict[str, dict[str, Finding]]) -> None:
    assert {finding.outcome for finding in found[HONEST].values()} == {Outcome.CONFORMS}


def test_sample_is_of_every_area_that_needs_no_sequences() -> None:
    named = [first_area(name) for name in sample()]

    scoring = {entry.area for entry in catalogue().values() if entry.scores and not entry.excluded}
    assert set(named) == scoring - {"explore"}
    assert [area for area in set(named) - set(SLOW) if named.count(area) < EACH] == []
    assert set(sample()) < set(standing())
