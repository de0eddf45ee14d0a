"""What a run comes to: the verdict on a target, and the exit code that says it."""

import enum
from collections.abc import Iterable, Mapping

from conformance.catalogue import Requirement
from conformance.outcomes import Finding, Outcome


class Verdict(enum.Enum):
    """The verdicts, from best to worst, each with an exit code; 2 to 5 stay what pytest means by them."""

    CONFORMANT = ("CONFORMANT", 0)
    INCOMPLETE = ("INCOMPLETE", 10)
    NEEDS_CREDENTIALS = ("NEEDS CREDENTIALS", 11)
    NOT_NODE_RED = ("NOT NODE-RED", 12)
    UNREACHABLE = ("UNREACHABLE", 13)
    SUITE_ERROR = ("SUITE ERROR", 14)
    REFUSED = ("REFUSED", 15)
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


def judge(findings: Iterable[Finding], requirements: Mapping[str, Requirement]) -> Verdict:
    """The verdict that the findings come to. Nothing but a promise that was kept makes a target conformant."""
    verdicts = {
        Outcome.VIOLATES: Verdict.NON_CONFORMANT,
        Outcome.SUITE_ERROR: Verdict.SUITE_ERROR,
        Outcome.NOT_TESTED: Verdict.INCOMPLETE,
        Outcome.DEVIATES: Verdict.CONFORMANT,
        Outcome.CONFORMS: Verdict.CONFORMANT,
    }
    counted = [
        verdicts[finding.outcome]
        for finding in findings
        if finding.outcome in verdicts and (finding.outcome.fails or requirements[finding.requirement].scores)
    ]
    return worst(counted) if counted else Verdict.INCOMPLETE


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts."""
    return max(verdicts, key=lambda verdict: verdict.gravity)
