"""The catalogue for readers: `python -m conformance.report.requirements` writes it as Markdown."""

import sys
from collections.abc import Iterable

from conformance.catalogue import Requirement, catalogue, vocabulary

HEAD = """\
# The requirements

What the suite judges, made from `conformance/requirements/` by `make published`.
MUST is documented, and the runtimes agree.
SHOULD is undocumented, yet the same in every version, and clients can depend on it.
OBSERVE is recorded and never scored.
"""


def markdown(requirements: Iterable[Requirement]) -> str:
    """The catalogue: a table for each area, the conflicts, and what nobody can judge."""
    entries = list(requirements)
    areas = dict.fromkeys(entry.area for entry in entries)
    parts = [HEAD, counts(entries), *(area(name, entries) for name in areas), conflicts(entries), excluded(entries)]
    return "\n".join(parts)


def counts(entries: list[Requirement]) -> str:
    """How many there are of each level."""
    numbers = {level: sum(entry.level == level for entry in entries) for level in vocabulary("level")}
    told = ", ".join(f"{number} {level}" for level, number in numbers.items() if number)
    return f"{len(entries)} requirements: {told}.\n"


def area(name: str, entries: list[Requirement]) -> str:
    """The table of one area."""
    rows = [
        " | ".join(
            [f"| `{entry.id}`", entry.level, entry.text, source(entry), entry.since, f"{', '.join(entry.clients)} |"]
        )
        for entry in entries
        if entry.area == name
    ]
    head = ["| id | level | promise | documented | since | clients |", "|---|---|---|---|---|---|"]
    return "\n".join([f"## {name}\n", *head, *rows, ""])


def source(entry: Requirement) -> str:
    """A link to the page that documents the promise, or a hyphen."""
    return f"[{entry.documented}]({entry.source})" if entry.documented else "-"


def conflicts(entries: list[Requirement]) -> str:
    """Where documentation and runtimes contradict each other."""
    rows = [
        f"| `{entry.id}` | {source(entry)} | {entry.text} | {entry.runtime} |"
        for entry in entries
        if entry.authority == "conflict"
    ]
    head = ["| id | page | the documentation says | real runtimes do |", "|---|---|---|---|"]
    told = "Both answers pass, and the finding says which one was seen.\n"
    return "\n".join(["## Conflicts of documentation and runtimes\n", told, *head, *rows, ""])


def excluded(entries: list[Requirement]) -> str:
    """What is documented and cannot be judged from outside."""
    rows = [f"| `{entry.id}` | {entry.text} | {entry.excluded} |" for entry in entries if entry.excluded]
    return "\n".join(["## Not judged\n", "| id | promise | why |", "|---|---|---|", *rows, ""])


if __name__ == "__main__":
    sys.stdout.write(markdown(catalogue().values()))
