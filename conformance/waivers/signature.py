"""How a requirement fails, in words that are the same in every run that sees the same failure."""

import re
from typing import Final

from conformance.outcomes import Finding

LENGTH: Final = 160
"""Characters that the signature has of each thing that was seen."""

OF_ONE_RUN: Final = (
    (r"^[A-Z]\w* (?:read|deployed) .* at \S+ ms.*?(?:: |$)", ""),  # what clients did in the turns of one race
    (r"(?<!\w)(?-i:[A-Z])(?!\w)", "#"),  # and which of them it was
    (r"(?<=: )[\[{'\"][^…]*…|[^\s…]+…", "…"),  # a value that is cut, where the length of its parts decides where
    (r"[^\s.]*\.{3}[^\s.]*", "..."),
    (r"\b[a-z][a-z0-9+.-]*://[^\s'\"]+", "URL"),
    (r"\[[0-9 ]+(?:, *[0-9 ]+)+,?(?:\]|(?= ?\.\.\.))", "[#]"),  # what each of several clients was told, in their turns
    (r"\b[0-9a-f]+(?:-[0-9a-f]{4}){3}-[0-9a-f]+\b", "#"),
    (r"\b\d{4}-\d\d-\d\d(?:[t ]\d\d:\d\d[\d:.]*z?)?", "#"),
    (r"(?<![^\W_])(?=[a-z_]*\d)(?=\d*[a-z])\w{6,}|(?<![^\W_])[0-9a-f]{6,}(?![^\W_])", "#"),  # ids and revs
    (r"\d+\.\d+", "#"),
    (r"(?<!\w)\d+(?= ?(?:ms|s|seconds?|minutes?|requests?|steps?|bytes|times)\b)", "#"),
    (r"(?<!\w)(?![1-5]\d\d(?!\w))\d+(?!\w)", "#"),  # all other numbers but the statuses of replies
    (r"#(?:[.:_-]?#)+", "#"),
)
"""What differs between runs that see the same, and what stands for it."""


def signature(finding: Finding) -> str:
    """How the requirement fails: the outcome, and what was seen without what differs from run to run."""
    return f"{finding.outcome}: {'; '.join(sorted(parts(finding.reason)))}"


def is_as(finding: Finding, fails: str) -> bool:
    """Whether the requirement fails as a waiver says, or in some of the ways that it says."""
    outcome, _, seen = fails.partition(": ")
    return finding.outcome == outcome.strip() and parts(finding.reason) <= parts(seen)


def parts(reason: str) -> set[str]:
    """What the rows of a requirement saw, each without what differs from run to run."""
    return {steady(part) for part in reason.split("; ")} - {""}


def steady(text: str) -> str:
    """The text without what differs from run to run, and no longer than LENGTH; of such a text the same one."""
    while (less := without_some(text)) != text:  # which each time has fewer characters, or fewer digits
        text = less
    return text


def without_some(text: str) -> str:
    """The text without some of what differs from run to run."""
    said = " ".join(text.split())
    if said.endswith("…"):  # cut, where the length of what differs decides where
        said = said.rpartition(" ")[0]
    for pattern, word in OF_ONE_RUN:
        said = re.sub(pattern, word, said, flags=re.IGNORECASE)
    return said if len(said) <= LENGTH else said[:LENGTH].rpartition(" ")[0] or said[:LENGTH]
