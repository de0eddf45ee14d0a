"""The reference server with each of its faults: the requirements that it names catch it."""

import pytest

from conformance.selftest.proof.faults import meet, met, scoring, together, uncaught
from reference_server.faults import FAULTS

NAMED = {name: fault.requirements for name, fault in FAULTS.items()}


GROUPS = together(NAMED)

ONE_IN = 6
"""Of the groups of faults one in so many is met in every run of the tests, and the others in `make prove`."""


@pytest.mark.long
@pytest.mark.parametrize(
    "group",
    [
        pytest.param(group, marks=[pytest.mark.thorough] if number % ONE_IN else [], id=next(iter(group)))
        for number, group in enumerate(GROUPS)
    ],
)
def test_faults_are_caught(group: dict[str, tuple[str, ...]]) -> None:
    came = meet(group)

    assert uncaught(came) == []
    assert [(one.fault, one.broken) for one in came if one.broken] == []


@pytest.mark.parametrize("requirement", scoring())
def test_scoring_requirement_has_a_fault(requirement: str) -> None:
    naming = [name for name, requirements in NAMED.items() if requirement in requirements]

    assert naming, f"write a fault that breaks {requirement}, in a module of reference_server/faults, and name it there"


@pytest.mark.parametrize("name", FAULTS)
def test_fault_says_how_it_lies_and_what_catches_it(name: str) -> None:
    fault = FAULTS[name]

    assert fault.text, f"{name}: say in its docstring how the server lies"
    assert fault.requirements, f"{name}: name the requirements that must catch it"
    assert set(fault.requirements) <= scoring().keys(), f"{name}: name requirements of the catalogue that score"


def test_a_fault_that_nothing_catches_is_told_with_what_to_do() -> None:
    name = next(iter(FAULTS))

    told = uncaught([met(FAULTS[name], {})])

    first = FAULTS[name].requirements[0]
    assert told[0] == f"the fault {name} is not caught by {first}: sharpen its case, or take the name from the fault"
