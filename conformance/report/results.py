"""What several targets came to, side by side: those of published results, or of any `verdict.json`."""

import enum
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.catalogue import Requirement
from conformance.data import Json
from conformance.node_red import pinned
from conformance.outcomes import UNLIKE


class Mark(enum.Enum):
    """What a requirement came to on a version, as a table shows it: a word, a sign, and what it means."""

    CONFORMS = ("conforms", "✓", "the promise is kept")
    OBSERVED = ("observed", "○", "never scored, and as the requirement says; of a conflict, as one of both says")
    OTHERWISE = ("otherwise", "≠", "never scored, and otherwise than the requirement says")
    DEVIATES = ("deviates", "△", "a SHOULD is missed")
    VIOLATES = ("violates", "✗", "a MUST is broken")
    NOT_APPLICABLE = ("not applicable", "-", "the version does not offer it, or the promise does not bind it")
    NOT_TESTED = ("not tested", "?", "it could not be looked at")
    SUITE_ERROR = ("suite error", "!", "the suite itself broke")
    NOT_JUDGED = ("not judged", "·", "nobody can judge it from outside, or nobody has yet")

    def __init__(self, word: str, sign: str, meaning: str) -> None:
        self.word = word
        self.sign = sign
        self.meaning = meaning

    @property
    def slug(self) -> str:
        """The word without blanks."""
        return self.word.replace(" ", "-")


@dataclass(frozen=True)
class Answer:
    """What one requirement came to on one version."""

    mark: Mark
    said: str
    """What was seen, or why nothing was; empty where there is nothing to say."""


class Results:
    """What each of several targets came to, under its name."""

    def __init__(self, findings: Mapping[str, Mapping[str, Json]], versions: Mapping[str, str | None]) -> None:
        """`findings` are those of each target by their requirements, and `versions` what the targets are of."""
        self.names: tuple[str, ...] = tuple(findings)
        self.findings = findings
        self.versions = versions

    @staticmethod
    def published(folder: Path) -> "Results":
        """What the pinned versions of Node-RED came to, whose `node-red-VERSION/verdict.json` are in the folder."""
        versions = tuple(pinned()["node_js"])
        return Results(
            {version: findings(folder / f"node-red-{version}") for version in versions},
            {version: version for version in versions},
        )

    def answer(self, entry: Requirement, name: str) -> Answer:
        """What a requirement came to on a target."""
        found = self.findings[name].get(entry.id)
        if found is None:
            return Answer(Mark.NOT_JUDGED, entry.excluded or "")
        mark, reason = Mark[found["outcome"].upper().replace("-", "_")], found["reason"]
        if reason.startswith(UNLIKE):
            return Answer(Mark.OTHERWISE, f"otherwise: {reason.removeprefix(UNLIKE)}")
        if mark is Mark.NOT_APPLICABLE and entry.out_of_range(self.versions[name]):
            return Answer(mark, f"not bound by it, which holds from {entry.span}")
        return Answer(mark, reason)

    def answers(self, entry: Requirement) -> list[Answer]:
        """What a requirement came to on each target, in their order."""
        return [self.answer(entry, name) for name in self.names]

    def grouped(self, entry: Requirement) -> list[tuple[str, str]]:
        """What was said of a requirement, each answer after the targets that gave it: `0.15.3 to 2.2.3`."""
        groups: dict[str, list[str]] = {}
        for name, answer in zip(self.names, self.answers(entry), strict=True):
            groups.setdefault(answer.said or answer.mark.word, []).append(name)
        return [(spans(given, self.names), said) for said, given in groups.items()]

    def counts(self, entries: Collection[Requirement]) -> list[tuple[Mark, list[int]]]:
        """How many requirements came to each mark on each target, without the marks that none came to."""
        counted = [Counter(self.answer(entry, name).mark for entry in entries) for name in self.names]
        return [(mark, [each[mark] for each in counted]) for mark in Mark if any(each[mark] for each in counted)]


def findings(folder: Path) -> dict[str, Json]:
    """The findings of one version by their requirement; none where nothing is published of it."""
    path = folder / "verdict.json"
    if not path.exists():
        return {}
    return {found["requirement"]: found for found in json.loads(path.read_text("utf-8"))["findings"]}


def spans(some: Collection[str], versions: Sequence[str]) -> str:
    """Some of the versions in words, those that follow each other as a span: `0.15.3 to 1.0.6, 3.0.2`."""
    runs: list[list[str]] = []
    before = None
    for number, version in enumerate(versions):
        if version in some:
            if before != number - 1:
                runs.append([])
            runs[-1].append(version)
            before = number
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
