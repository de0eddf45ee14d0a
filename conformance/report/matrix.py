"""The compatibility table for readers: each requirement on each of several targets, as Markdown and as HTML."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from markupsafe import Markup, escape

from conformance.catalogue import Requirement
from conformance.report.markdown import table
from conformance.report.page import rendered
from conformance.report.results import Mark, Results

TEMPLATE: Final = Path(__file__).with_name("matrix.html.jinja")

TITLE: Final = "The compatibility table of the Node-RED admin API"


def by_area(entries: Iterable[Requirement]) -> dict[str, list[Requirement]]:
    """The requirements of each area."""
    areas: dict[str, list[Requirement]] = {}
    for entry in entries:
        areas.setdefault(entry.area, []).append(entry)
    return areas


def published_markdown(entries: list[Requirement], results: Results) -> str:
    """The table of the pinned versions as Markdown."""
    about = (
        f"What {len(results.names)} versions of Node-RED came to, made from the results beside this file by "
        "`make published`.\nThe same with every sentence is in `matrix.html`; each id leads to what it promises.\n"
    )
    return markdown(TITLE, about, entries, results, linked)


def markdown(
    title: str, about: str, entries: list[Requirement], results: Results, named: Callable[[Requirement], str]
) -> str:
    """The table as Markdown: the legend, the counts, and a table for each area."""
    legend = table(["", "finding", "meaning"], [[mark.sign, mark.word, mark.meaning] for mark in Mark])
    parts = [f"# {title}\n", about, legend, "## All areas\n", counted(entries, results)]
    for area, of_area in by_area(entries).items():
        rows = [
            [named(entry), entry.level, entry.span, *(answer.mark.sign for answer in results.answers(entry))]
            for entry in of_area
        ]
        parts += [f"## {area}\n", table(["requirement", "level", "since", *results.names], rows)]
    return "\n".join(parts)


def linked(entry: Requirement) -> str:
    """The id, which can be linked to and leads to the sentence."""
    return f'<a id="{entry.id}"></a>[{entry.id}](requirements.md#{entry.id})'


def counted(entries: list[Requirement], results: Results) -> str:
    """How many requirements came to what on each version."""
    rows = [[f"{mark.sign} {mark.word}", *map(str, numbers)] for mark, numbers in results.counts(entries)]
    return table(["", *results.names], rows)


def published_html(entries: list[Requirement], results: Results) -> str:
    """The table of the pinned versions as HTML."""
    names = results.names
    about = Markup(
        'Which of {} promises of the <a href="https://nodered.org/docs/api/admin/">Node-RED admin API</a> {} versions '
        "of Node-RED keep, from {} to {}."
    )
    return html(TITLE, about.format(len(entries), len(names), names[0], names[-1]), entries, results)


def html(title: str, about: str, entries: list[Requirement], results: Results) -> str:
    """The table as one file of HTML that needs nothing else."""
    return rendered(
        TEMPLATE,
        title=title,
        about=about,
        areas=by_area(entries),
        entries=entries,
        marks=list(Mark),
        results=results,
        code=code,
    )


def code(text: str) -> Markup:
    """A sentence of the catalogue, whose words between backticks are code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before
