"""The cases against servers that lie: each fault is caught by the requirements that it names."""

import pytest

from conformance.catalogue import catalogue
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import AS_BOTH, PASSWORDS, protected
from conformance.selftest.running import Suite
from reference_server.faults import FAULTS, Fault, Lying


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_fault_is_caught(suite: Suite, served: Serve, fault: Fault) -> None:
    url = served(Lying(protected().app(), fault), **fault.options)
    only = {"ONLY": " ".join(fault.requirements)}

    ended = suite("-p", "conformance.selftest.only", f"--target={url}", *AS_BOTH, **PASSWORDS, **only)

    outcomes = ended.outcomes()
    for requirement in fault.requirements:
        expected = {"MUST": "violates", "SHOULD": "deviates"}[catalogue()[requirement].level]
        assert outcomes[requirement] == expected, ended.reason(requirement)


def test_every_scoring_requirement_has_a_fault() -> None:
    caught = {requirement for fault in FAULTS.values() for requirement in fault.requirements}

    assert caught == {entry.id for entry in catalogue().values() if entry.scores and not entry.excluded}


def test_every_fault_says_how_it_lies() -> None:
    assert [fault.name for fault in FAULTS.values() if not fault.text or not fault.requirements] == []
