"""The conflicts of documentation and runtimes for readers: what the page says, and what each version did."""

from collections.abc import Iterable

from conformance.catalogue import Requirement
from conformance.report.results import Results

HEAD = """\
# Where the documentation and real Node-RED contradict each other

Both answers pass, no server is scored on them, and the finding says which one was seen.
Made from `conformance/requirements/` and the results beside this file by `make published`.
"""


def markdown(requirements: Iterable[Requirement], results: Results) -> str:
    """Every conflict: the page, what it says, what runtimes do, and what each version did."""
    entries = [entry for entry in requirements if entry.authority == "conflict"]
    areas = dict.fromkeys(entry.area for entry in entries)
    parts = [HEAD, contents(entries)]
    for area in areas:
        parts += [f"## {area}\n", *(conflict(entry, results) for entry in entries if entry.area == area)]
    return "\n".join(parts)


def topic(entry: Requirement) -> str:
    """What the conflict is about: the words of the requirement's name."""
    return entry.id.partition(".")[2].replace("-", " ").capitalize()


def contents(entries: list[Requirement]) -> str:
    """A line for each conflict that leads to it."""
    return "\n".join([*(f"- {entry.area}: [{topic(entry)}](#{entry.id})" for entry in entries), ""])


def conflict(entry: Requirement, results: Results) -> str:
    """One conflict."""
    lines = [
        f'### <a id="{entry.id}"></a>{topic(entry)}\n',
        f"`{entry.id}`, since {entry.span}\n",
        f"- [{entry.documented}]({entry.source}) says: {entry.text}",
        f"- Real runtimes do: {entry.runtime}",
        *(f"- {versions}: {said}" for versions, said in results.grouped(entry)),
        "",
    ]
    return "\n".join(lines)
