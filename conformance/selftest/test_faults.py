"""The cases against servers that lie: each fault is caught by the requirements that it names."""

import json
from collections.abc import Iterable
from itertools import groupby
from typing import Final

import pytest

from conformance.catalogue import catalogue
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import AS_BOTH, PASSWORDS, protected
from conformance.selftest.running import ROOT, Suite
from reference_server.faults import FAULTS, Fault, Lying

TOGETHER: Final = 12
"""Faults that one run of the suite meets, each as a target of its own."""


def areas(fault: Fault) -> list[str]:
    """The areas of the requirements that must catch the fault."""
    return sorted({requirement.partition(".")[0] for requirement in fault.requirements})


def runs() -> Iterable[list[Fault]]:
    """The faults, those of the same areas together and no more than TOGETHER at once."""
    for _, alike in groupby(sorted(FAULTS.values(), key=areas), key=areas):
        faults = list(alike)
        yield from (faults[start : start + TOGETHER] for start in range(0, len(faults), TOGETHER))


def cases_of(faults: list[Fault]) -> list[str]:
    """The files of the cases that must catch these faults."""
    named = {area for fault in faults for area in areas(fault)}
    files = sorted((ROOT / "conformance" / "cases").glob("test_*.py"))
    return [str(file) for file in files if file.stem.split("_")[1] in named]


@pytest.mark.parametrize("faults", list(runs()), ids=lambda faults: f"{'-'.join(areas(faults[0]))}-{faults[0].name}")
def test_faults_are_caught(suite: Suite, served: Serve, faults: list[Fault]) -> None:
    targets = [f"--target={fault.name}={served(Lying(protected().app(), fault), **fault.options)}" for fault in faults]
    only = json.dumps({fault.name: fault.requirements for fault in faults})
    # Without xdist, which would give each target a process of its own.
    plugins = ["-p", "conformance.selftest.only", "-p", "no:xdist"]

    # Where nothing is told on the websocket, that is soon known of a server on loopback.
    patience = ["--timeout=2"] if any(fault.line for fault in faults) else []

    # Longer than in every run, in which not every sequence comes.
    longer = ["--explore=3000", "--explore-seed=1"] if "explore" in areas(faults[0]) else []

    cases = cases_of(faults)
    ended = suite(*plugins, *targets, *patience, *longer, *cases, *AS_BOTH, **PASSWORDS, ONLY=only)

    several = len(faults) > 1
    outcomes = {fault.name: ended.outcomes(fault.name if several else "") for fault in faults}
    assert [
        f"{fault.name} is not caught by {requirement}: {outcomes[fault.name].get(requirement)}"
        for fault in faults
        for requirement in fault.requirements
        if outcomes[fault.name].get(requirement) != {"MUST": "violates", "SHOULD": "deviates"}[level(requirement)]
    ] == []


def level(requirement: str) -> str:
    """The level of a requirement."""
    return catalogue()[requirement].level


def test_every_scoring_requirement_has_a_fault() -> None:
    caught = {requirement for fault in FAULTS.values() for requirement in fault.requirements}

    assert caught == {entry.id for entry in catalogue().values() if entry.scores and not entry.excluded}


def test_every_fault_says_how_it_lies() -> None:
    assert [fault.name for fault in FAULTS.values() if not fault.text or not fault.requirements] == []
