"""What a run comes to: the verdict on a target, and the exit code that says it."""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.catalogue import Requirement
from conformance.outcomes import BROKEN, Finding, Outcome


class Verdict(enum.Enum):
    """The verdicts, from best to worst, each with an exit code; 2 to 5 stay what pytest means by them."""

    CONFORMANT = ("CONFORMANT", 0)
    INCOMPLETE = ("INCOMPLETE", 10)
    NEEDS_CREDENTIALS = ("NEEDS CREDENTIALS", 11)
    NOT_NODE_RED = ("NOT NODE-RED", 12)
    UNREACHABLE = ("UNREACHABLE", 13)
    SUITE_ERROR = ("SUITE ERROR", 14)
    REFUSED = ("REFUSED", 15)
    WAIVERS_OUTDATED = ("WAIVERS OUTDATED", 17)
    NON_CONFORMANT = ("NON-CONFORMANT", 1)
    TARGET_CHANGED = ("TARGET CHANGED", 16)

    def __init__(self, words: str, exit_code: int) -> None:
        self.words = words
        self.exit_code = exit_code

    @property
    def gravity(self) -> int:
        """The place in the order from best to worst."""
        return list(Verdict).index(self)


class CannotJudge(Exception):
    """The look at a target ended before any case: which verdict that is, and the line that says why."""

    def __init__(self, verdict: Verdict, line: str) -> None:
        super().__init__(line)
        self.verdict = verdict


@dataclass(frozen=True)
class Terms:
    """What findings are judged by, beside the levels of their requirements."""

    deviations_fail: bool = False
    unscored: frozenset[str] = frozenset()
    """Requirements that do not score, whatever their level."""
    waived: frozenset[str] = frozenset()
    """Requirements whose violation or deviation is known, and counts as if it were not there."""
    outdated: frozenset[str] = frozenset()
    """Requirements whose waiver no longer says the truth."""


def judge(findings: Iterable[Finding], requirements: Mapping[str, Requirement], terms: Terms | None = None) -> Verdict:
    """The verdict that the findings come to. Nothing but a promise that was kept makes a target conformant."""
    terms = terms or Terms()
    each = [judged(finding, requirements[finding.requirement], terms) for finding in findings]
    outdated = [Verdict.WAIVERS_OUTDATED] if terms.outdated else []
    counted = [*(verdict for verdict in each if verdict), *outdated]
    return worst(counted) if counted else Verdict.INCOMPLETE


def judged(finding: Finding, requirement: Requirement, terms: Terms) -> Verdict | None:
    """The verdict that one finding alone comes to, None where it does not count."""
    if finding.outcome is Outcome.SUITE_ERROR:
        return Verdict.SUITE_ERROR
    if finding.requirement in terms.unscored:
        return None
    failing = BROKEN if terms.deviations_fail else (Outcome.VIOLATES,)
    if finding.outcome in failing and finding.requirement in terms.waived:
        return None
    if finding.outcome in failing:
        return Verdict.WAIVERS_OUTDATED if finding.requirement in terms.outdated else Verdict.NON_CONFORMANT
    verdicts = {
        Outcome.NOT_TESTED: Verdict.INCOMPLETE,
        Outcome.DEVIATES: Verdict.CONFORMANT,
        Outcome.CONFORMS: Verdict.CONFORMANT,
    }
    return verdicts.get(finding.outcome) if requirement.scores else None


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts."""
    return max(verdicts, key=lambda verdict: verdict.gravity)
