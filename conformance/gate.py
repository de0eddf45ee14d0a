"""What a run is held to beside the levels: what fails it, which requirements score, and which failures are known."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from conformance.catalogue import Requirement, catalogue
from conformance.outcomes import BROKEN, Finding, Outcome
from conformance.verdict import Terms
from conformance.waivers.reading import Waiver
from conformance.waivers.signature import is_as, signature

SHOULD = "should"
"""What `--fail-on` says where a deviation fails a run, too."""


def today() -> dt.date:
    """The day, where this machine is."""
    return dt.datetime.now().astimezone().date()


@dataclass(frozen=True)
class Outdated:
    """A waiver that no longer says the truth, and what to do about it."""

    waiver: Waiver
    line: str


@dataclass(frozen=True)
class Gate:
    """What a run is held to."""

    fail_on: str = "must"
    waivers: tuple[Waiver, ...] = ()
    requirements: Mapping[str, Requirement] = field(default_factory=catalogue, repr=False)
    """The catalogue, with the levels of the set that was asked for, and what only that has."""
    newer: frozenset[str] = frozenset()
    """The requirements that are newer than that set, and do not score."""
    lost: Mapping[str, str] = field(default_factory=dict)
    """Why the suite cannot judge what that set has, by the requirements' ids."""
    day: dt.date = field(default_factory=today)

    def scores(self, requirement: str) -> bool:
        """Whether it counts how a requirement is kept."""
        return self.requirements[requirement].scores and requirement not in self.newer

    def fails(self, finding: Finding) -> bool:
        """Whether the finding makes a target non-conformant, if nobody waives it."""
        failing = BROKEN if self.fail_on == SHOULD else (Outcome.VIOLATES,)
        return finding.outcome in failing and finding.requirement not in self.newer

    def waiver(self, requirement: str, target: str) -> Waiver | None:
        """The waiver for a requirement on a target, whether it holds or not; one that names the target comes first."""
        found = [one for one in self.waivers if one.requirement == requirement and one.target in (target, None)]
        return max(found, key=lambda one: one.target is not None, default=None)

    def known(self, finding: Finding, target: str) -> Waiver | None:
        """The waiver that makes the finding a known failure, None where it is none."""
        waiver = self.waiver(finding.requirement, target) if self.fails(finding) else None
        return waiver if waiver and not waiver.expired(self.day) and is_as(finding, waiver.fails) else None

    def forgives(self, finding: Finding, target: str) -> bool:
        """Whether the run goes on as if a promise that was not kept had not been looked at."""
        return finding.outcome in BROKEN and (not self.fails(finding) or self.known(finding, target) is not None)

    def outdated(self, target: str, findings: Mapping[str, Sequence[Finding]]) -> list[Outdated]:
        """The waivers that are outdated on a target, from what each target came to."""
        told = []
        for finding in findings[target]:
            waiver = self.waiver(finding.requirement, target)
            if waiver and (why := self.why_outdated(waiver, finding, needed(waiver, findings))):
                told.append(Outdated(waiver, f"{waiver.place}: {why}"))
        return told

    def why_outdated(self, waiver: Waiver, finding: Finding, needed: bool) -> str:
        """Why a waiver no longer says the truth, and what to do; empty where it does. Another target may need it."""
        name = waiver.requirement
        if finding.outcome is Outcome.CONFORMS and not needed:
            return f"{name} conforms now. Take the waiver out."
        if waiver.expired(self.day):
            return f"{name} was waived until {waiver.expires}. Mend it, or agree on another day with {waiver.owner}."
        if finding.outcome in BROKEN and finding.requirement not in self.newer and not is_as(finding, waiver.fails):
            now = json.dumps(signature(finding), ensure_ascii=False)
            return f"{name} fails in another way. Look at it, and where that is known write fails = {now}"
        return ""

    def terms(self, target: str, findings: Mapping[str, Sequence[Finding]]) -> Terms:
        """What the verdict on a target is judged by, from what each target came to."""
        known = (finding.requirement for finding in findings[target] if self.known(finding, target))
        outdated = (one.waiver.requirement for one in self.outdated(target, findings))
        return Terms(self.fail_on == SHOULD, self.newer, frozenset(known), frozenset(outdated))

    def handed(self) -> str:
        """The gate as text, for the workers of a parallel run."""
        return json.dumps([asdict(waiver) for waiver in self.waivers])


def needed(waiver: Waiver, findings: Mapping[str, Iterable[Finding]]) -> bool:
    """Whether a waiver is for something that some target does not keep."""
    return any(
        finding.requirement == waiver.requirement and finding.outcome in BROKEN
        for target, found in findings.items()
        if waiver.target in (target, None)
        for finding in found
    )


def loads(text: str) -> tuple[Waiver, ...]:
    """The waivers that `handed` made text of."""
    return tuple(Waiver(**one) for one in json.loads(text))
