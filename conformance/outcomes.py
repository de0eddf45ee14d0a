"""What a case can come to: the outcomes, and the finding that carries one."""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from _pytest.outcomes import Skipped

from conformance.catalogue import Requirement

UNLIKE: Final = "unlike Node-RED: "
"""How the reason begins where what is never scored is otherwise than the requirement says."""


NOT_REACHED: Final = "its case did not run"
"""Why nothing is known of a requirement whose case nobody selected, or that came too late."""


class Outcome(enum.StrEnum):
    """What a requirement came to, from the mildest to the gravest: of several rows the gravest counts."""

    NOT_APPLICABLE = "not-applicable"
    CONFORMS = "conforms"
    OBSERVED = "observed"
    DEVIATES = "deviates"
    NOT_TESTED = "not-tested"
    SUITE_ERROR = "suite-error"
    VIOLATES = "violates"

    @property
    def fails(self) -> bool:
        """Whether this counts at any level."""
        return self in (Outcome.VIOLATES, Outcome.SUITE_ERROR)

    @property
    def gravity(self) -> int:
        """The place in the order from mild to grave."""
        return list(Outcome).index(self)


BROKEN: Final = (Outcome.VIOLATES, Outcome.DEVIATES)
"""The outcomes of a promise that was not kept."""


class NotTested(Skipped):
    """Raised where a requirement binds the target but could not be looked at; the message says why."""


class NotApplicable(Skipped):
    """Raised where the target does not offer what the requirement is about; the message says why."""


@dataclass(frozen=True)
class Finding:
    """What one requirement came to on one target."""

    requirement: str
    outcome: Outcome
    reason: str = ""
    requests: int = 0
    seconds: float = 0.0
    exchanges: tuple[tuple[int, int], ...] = ()
    """The numbers of its exchanges in the evidence: the first and the last of those that follow each other."""
    section: str = ""
    """The part of the evidence that has these numbers, where several processes write one each."""

    def shifted(self, offset: int) -> "Finding":
        """The same in the whole of the evidence, where so many exchanges come before those of its part."""
        spans = tuple((first + offset, last + offset) for first, last in self.exchanges)
        return replace(self, exchanges=spans, section="")

    def told_as(self, requests: int, seconds: float, exchanges: Iterable[tuple[int, int]]) -> "Finding":
        """The same, with what was counted of it at another time."""
        return replace(self, requests=requests, seconds=seconds, exchanges=tuple(exchanges))

    def as_row(self) -> dict[str, Any]:
        """The finding in plain values, which processes can send each other."""
        return {**asdict(self), "outcome": self.outcome.value}

    @staticmethod
    def from_row(row: Mapping[str, Any]) -> "Finding":
        """The finding that `as_row` put into plain values."""
        spans = tuple((first, last) for first, last in row["exchanges"])
        return Finding(**{**row, "outcome": Outcome(row["outcome"]), "exchanges": spans})


def missed(requirement: Requirement) -> Outcome:
    """What it is called when the promise is not kept: the level decides."""
    return {"MUST": Outcome.VIOLATES, "SHOULD": Outcome.DEVIATES}.get(requirement.level, Outcome.OBSERVED)


def kept(requirement: Requirement) -> Outcome:
    """What it is called when the promise is kept."""
    return Outcome.OBSERVED if requirement.level == "OBSERVE" else Outcome.CONFORMS


def merged(findings: Iterable[Finding]) -> Finding:
    """The finding of a requirement that several rows judged: the gravest outcome, and all that was seen."""
    rows = list(findings)
    gravest = max((row.outcome for row in rows), key=lambda outcome: outcome.gravity)
    reasons = dict.fromkeys(row.reason for row in rows if row.outcome is gravest and row.reason)
    return Finding(
        rows[0].requirement,
        gravest,
        "; ".join(reasons),
        sum(row.requests for row in rows),
        sum(row.seconds for row in rows),
        tuple(span for row in rows for span in row.exchanges),
    )
