"""The catalogue for readers, as Markdown."""

from collections.abc import Iterable

from conformance.catalogue import Requirement, vocabulary
from conformance.report.markdown import table

HEAD = """\
# The requirements

What the suite judges, made from `conformance/requirements/` by `make published`.
MUST is documented, and the runtimes agree.
SHOULD is undocumented, yet the same in every version, and clients can depend on it.
MAY is optional.
OBSERVE is recorded and never scored.

[The compatibility table](matrix.md) says which versions of Node-RED keep them,
and [the conflicts](conflicts.md) are where the documentation and real runtimes contradict each other.
"""


def markdown(requirements: Iterable[Requirement]) -> str:
    """The catalogue: a table for each area, and what nobody can judge."""
    entries = list(requirements)
    areas = dict.fromkeys(entry.area for entry in entries)
    return "\n".join([HEAD, counts(entries), *(area(name, entries) for name in areas), excluded(entries)])


def counts(entries: list[Requirement]) -> str:
    """How many there are of each level."""
    numbers = {level: sum(entry.level == level for entry in entries) for level in vocabulary("level")}
    told = ", ".join(f"{number} {level}" for level, number in numbers.items() if number)
    return f"{len(entries)} requirements: {told}.\n"


def area(name: str, entries: list[Requirement]) -> str:
    """The table of one area."""
    rows = [
        [f'<a id="{entry.id}"></a>`{entry.id}`', entry.level, entry.text, source(entry), entry.span, entry.harm]
        for entry in entries
        if entry.area == name
    ]
    return f"## {name}\n\n" + table(["id", "level", "promise", "documented", "since", "who breaks without it"], rows)


def source(entry: Requirement) -> str:
    """A link to the page that documents the promise, with the rows of its tables; or a hyphen."""
    if not entry.documented:
        return "-"
    rows = f": {', '.join(entry.rows)}" if entry.rows else ""
    conflict = f"; [runtimes contradict it](conflicts.md#{entry.id})" if entry.authority == "conflict" else ""
    return f"[{entry.documented}]({entry.source}){rows}{conflict}"


def excluded(entries: list[Requirement]) -> str:
    """What is documented and cannot be judged from outside."""
    rows = [[f"`{entry.id}`", entry.text, entry.excluded] for entry in entries if entry.excluded]
    return "## Not judged\n\n" + table(["id", "promise", "why"], rows)
