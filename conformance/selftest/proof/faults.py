"""Each fault against the requirements that it can touch: which of them catch it, and what else it trips."""

import contextlib
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.catalogue import Requirement, catalogue
from conformance.outcomes import Finding, Outcome
from conformance.selftest.liars import protected
from conformance.selftest.proof.session import NOBODY, session
from reference_server import serve
from reference_server.faults import FAULTS, Fault, Lying

TOGETHER: Final = 12
"""Faults that one session meets, each as a target of its own."""

CASES_TOGETHER: Final = 150
"""Requirements that one session judges, all of its faults together, before it is long enough."""

FEW: Final = 10
"""Requirements that are all judged, where a fault touches no more."""

ONE_IN: Final = 32
"""Of more that a fault touches, one in so many is judged, unless all are asked for."""

REACH: Final = {
    "runtime": ("deploy", "state", "context"),
    "websocket": ("comms", "deploy"),
    "wire": ("transport", "flows"),
    "departure": ("concurrency",),
}
"""The areas that faults touch which are none of requests and replies, besides those of what they name."""

SCORES_AS: Final = {"MUST": Outcome.VIOLATES, "SHOULD": Outcome.DEVIATES}
"""What a requirement of a level comes to that catches a fault."""

Wanted = Mapping[str, Collection[str]]
"""The requirements to judge, by the name of the fault."""


@dataclass(frozen=True)
class Met:
    """What came of a fault."""

    fault: str
    judged: tuple[str, ...]
    """The requirements whose cases met it."""
    caught: Mapping[str, Outcome]
    """Those that it names, with what they came to where that is a failure of their level."""
    tripped: Mapping[str, Outcome]
    """The others that failed."""
    broken: Mapping[str, str]
    """Those that came to an error of the suite, with the reason."""

    @property
    def escapes(self) -> list[str]:
        """The requirements that it names and that do not catch it."""
        return [name for name in FAULTS[self.fault].requirements if name not in self.caught]


def kind(fault: Fault) -> str:
    """At what a fault lies."""
    if fault.runtime:
        return "runtime"
    if fault.line:
        return "websocket"
    return "departure" if fault.left else "wire" if fault.options else "http"


def scoring() -> dict[str, Requirement]:
    """The requirements that score, and that something outside can judge."""
    return {name: entry for name, entry in catalogue().items() if entry.scores and not entry.excluded}


def reached(fault: Fault, touched: Collection[str], *, all_of_it: bool) -> set[str]:
    """The requirements to judge a fault by: those that it names, and those that it touches, or a part of them."""
    several = scoring().keys() & set(touched)
    if not fault.speaks_http:
        areas = {name.partition(".")[0] for name in fault.requirements}.union(REACH[kind(fault)])
        several = {name for name, entry in scoring().items() if entry.area in areas}
    if not all_of_it and len(several) > FEW:
        several = {name for name in several if chosen(fault.name, name)}
    return {*fault.requirements, *several}


def chosen(fault: str, requirement: str) -> bool:
    """Whether the pair is in the part that is judged, which is always the same."""
    return hashlib.sha256(f"{fault} {requirement}".encode()).digest()[0] % ONE_IN == 0


def together(wanted: Wanted) -> list[dict[str, Collection[str]]]:
    """The faults in groups for a session each, those of the same areas together, the longest first."""
    groups: list[dict[str, Collection[str]]] = []
    for name in sorted(
        wanted, key=lambda name: (kind(FAULTS[name]), long(FAULTS[name]), sorted(FAULTS[name].requirements))
    ):
        last = groups[-1] if groups else {}
        alike = last and goes_with(FAULTS[name], FAULTS[next(iter(last))])
        if not alike or len(last) == TOGETHER or sum(map(len, last.values())) + len(wanted[name]) > CASES_TOGETHER:
            groups.append({})
        groups[-1][name] = wanted[name]
    return sorted(groups, key=lambda group: -sum(map(len, group.values())))


def goes_with(one: Fault, other: Fault) -> bool:
    """Whether two faults can be met in one session, under the same options."""
    return options(one) == options(other)


def long(fault: Fault) -> bool:
    """Whether only long sequences of requests show the fault."""
    return any(name.startswith("explore.") for name in fault.requirements)


def options(fault: Fault) -> list[str]:
    """How the suite is run for the sake of a fault."""
    # Where nothing is told on the websocket, that is soon known of a server on loopback.
    patience = ["--timeout=2"] if fault.line else []
    # Longer than in every run, in which not every sequence comes.
    return [*patience, *(["--explore=3000", "--explore-seed=1"] if long(fault) else [])]


def meet(wanted: Wanted) -> list[Met]:
    """Judge these faults, all of which go with each other, by what is wanted of each."""
    faults = [FAULTS[name] for name in wanted]
    findings: dict[str, dict[str, Finding]] = {fault.name: {} for fault in faults}
    # What is named first, and alone: what a server has done to others may hide it.
    named: Wanted = {fault.name: fault.requirements for fault in faults}
    others: Wanted = {name: some for name, all_of_it in wanted.items() if (some := {*all_of_it} - {*named[name]})}
    for part in filter(None, (named, others)):
        with serving(FAULTS[name] for name in part) as urls:
            for name, found in session(urls, part, *options(faults[0])).findings.items():
                findings[name] |= found
    return [met(fault, findings[fault.name]) for fault in faults]


def replay(wanted: Wanted, folder: Path) -> dict[str, tuple[bytes, bytes]]:
    """By the name of the fault, the `verdict.json` of a run that judged it by these, and of its recording."""
    options_of_all = options(FAULTS[next(iter(wanted))])
    with serving(FAULTS[name] for name in wanted) as urls:
        session(urls, wanted, *options_of_all, f"--report-dir={folder}")
    came = {}
    for name in wanted:
        live, again = folder / name if len(wanted) > 1 else folder, folder / f"{name}-again"
        session({}, wanted, f"--replay={live / 'evidence.jsonl'}", f"--report-dir={again}", entry=NOBODY)
        came[name] = (live / "verdict.json").read_bytes(), (again / "verdict.json").read_bytes()
    return came


@contextlib.contextmanager
def serving(faults: Iterable[Fault]) -> Iterator[dict[str, str]]:
    """The URLs of servers with these faults, by their names, for as long as the block lasts."""
    with contextlib.ExitStack() as servers:
        running = {
            fault.name: servers.enter_context(serve(Lying(protected().app(), fault), **fault.options))
            for fault in faults
        }
        try:
            yield {name: server.url for name, server in running.items()}
        finally:
            for server in running.values():
                server.ends()


def met(fault: Fault, findings: Mapping[str, Finding]) -> Met:
    """What these findings say of the fault."""
    failed = {
        name: found.outcome
        for name, found in findings.items()
        if found.outcome.fails or found.outcome is Outcome.DEVIATES
    }
    caught = {
        name: failed[name]
        for name in fault.requirements
        if name in failed and failed[name] is SCORES_AS[catalogue()[name].level]
    }
    broken = {name: findings[name].reason for name, outcome in failed.items() if outcome is Outcome.SUITE_ERROR}
    tripped = {name: outcome for name, outcome in failed.items() if name not in caught and name not in broken}
    return Met(fault.name, tuple(findings), caught, tripped, broken)


def uncaught(all_met: Sequence[Met]) -> list[str]:
    """A line for each fault that a requirement does not catch though it is named, and what to do."""
    return [
        f"the fault {one.fault} is not caught by {name}: sharpen its case, or take the name from the fault"
        for one in all_met
        for name in one.escapes
    ]
