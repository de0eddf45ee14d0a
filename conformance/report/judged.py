"""One `verdict.json` as the reports for people read it, whatever run it is of."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from conformance.catalogue import Requirement, catalogue
from conformance.data import Json
from conformance.outcomes import Outcome

ORDER: Final = (
    Outcome.VIOLATES,
    Outcome.SUITE_ERROR,
    Outcome.DEVIATES,
    Outcome.NOT_TESTED,
    Outcome.OBSERVED,
    Outcome.CONFORMS,
    Outcome.NOT_APPLICABLE,
)
"""The outcomes in the order in which a person wants to know of them."""

MEANING: Final[Mapping[Outcome, str]] = {
    Outcome.VIOLATES: "a MUST is broken: documented, and every real runtime keeps it",
    Outcome.SUITE_ERROR: "the suite itself broke",
    Outcome.DEVIATES: "a SHOULD is missed: undocumented, yet the same in every version, and clients depend on it",
    Outcome.NOT_TESTED: "it binds the target and could not be looked at",
    Outcome.OBSERVED: "recorded, and never scored",
    Outcome.CONFORMS: "the promise is kept",
    Outcome.NOT_APPLICABLE: "the target does not offer it, or its version precedes it",
}

ADVICE: Final[Mapping[str, str]] = {
    "CONFORMANT": "No promise that counts is broken, and all of them were looked at.",
    "NON-CONFORMANT": "Mend the server: each violation below says what was asked, what came, and how to ask it again.",
    "INCOMPLETE": "No promise that counts is broken, but not all were looked at: see what was not tested, and why.",
    "NEEDS CREDENTIALS": "Give a user with --admin, or a token in CONFORMANCE_TOKEN.",
    "NOT NODE-RED": "Something else answers there: look whether the URL lacks the path of the admin API.",
    "UNREACHABLE": "Look at the URL, at the server, at the network.",
    "SUITE ERROR": "The suite broke, not the target: please report it, with what is below.",
    "REFUSED": "The suite would not write; the line above says why.",
    "WAIVERS OUTDATED": "Look at the waivers that the run says are outdated: each line tells what to do.",
    "TARGET CHANGED": "Run again with --restore, and look at the target.",
}
"""What to do next, by the words of the verdict."""

Explain = Callable[[str], Mapping[str, str]]
"""What explains a finding, by the id of its requirement: texts under their names, none where there is none."""


@dataclass(frozen=True)
class Told:
    """A finding with the requirement that it is of."""

    entry: Requirement
    outcome: Outcome
    reason: str
    requests: int
    seconds: float
    waived: Mapping[str, str] | None = None
    """Who knows of the failure, why and until when; None where nobody does."""
    scored: bool = True
    """Whether the verdict depends on it."""


class Judged:
    """What a run came to on one target."""

    def __init__(self, document: Json) -> None:
        """`document` is what `schemas/verdict.json` describes."""
        self.document = document
        known = catalogue()
        self.findings = [
            Told(
                known[row["requirement"]],
                Outcome(row["outcome"]),
                row["reason"],
                row["requests"],
                row["seconds"],
                row.get("waived"),
                row.get("scored", True),
            )
            for row in document["findings"]
            if row["requirement"] in known
        ]

    @property
    def target(self) -> str:
        """What was judged: a URL and a version, as far as they are known."""
        target = self.document["target"]
        if target["bundled"]:
            return "the bundled reference server"
        version = f", Node-RED {target['version']}" if target["version"] else ""
        return f"{target['url'] or target['name']}{version}"

    @property
    def verdict(self) -> str:
        """The words of the verdict."""
        return str(self.document["verdict"])

    @property
    def advice(self) -> str:
        """What to do next."""
        return ADVICE.get(self.verdict, "")

    @property
    def waived(self) -> list[Told]:
        """The failures that somebody has said are known."""
        return [one for one in self.findings if one.waived]

    @property
    def by_outcome(self) -> dict[Outcome, list[Told]]:
        """The findings under their outcomes, those first that matter most."""
        found = {outcome: [one for one in self.findings if one.outcome is outcome] for outcome in ORDER}
        return {outcome: told for outcome, told in found.items() if told}

    @property
    def areas(self) -> dict[str, Counter[Outcome]]:
        """How many requirements of each area came to what."""
        counted: dict[str, Counter[Outcome]] = {}
        for one in self.findings:
            counted.setdefault(one.entry.area, Counter())[one.outcome] += 1
        return counted

    @property
    def clients(self) -> list[tuple[str, int]]:
        """The clients that break, and by how many broken promises each; the most harmed first."""
        broken = self.of(Outcome.VIOLATES, Outcome.DEVIATES)
        return Counter(client for one in broken for client in one.entry.clients).most_common()

    def of(self, *outcomes: Outcome) -> list[Told]:
        """The findings that came to one of these."""
        return [one for one in self.findings if one.outcome in outcomes]


def by_reason(findings: Iterable[Told]) -> dict[str, list[Told]]:
    """The findings under what was said of them."""
    reasons: dict[str, list[Told]] = {}
    for one in findings:
        reasons.setdefault(one.reason, []).append(one)
    return reasons
