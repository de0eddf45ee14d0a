"""The result in Markdown, for a pull request or the summary of a CI job."""

import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Final

from conformance.exchange import printable
from conformance.outcomes import Outcome
from conformance.report.judged import MEANING, ORDER, Judged, Told, by_reason
from conformance.report.markdown import table

LISTED: Final = 40
"""Findings of one outcome that are listed; report.html has them all."""

ROOM: Final = 12_000
"""Bytes that the list of one outcome takes: all of them stay far below what a comment or a job's summary may be."""

NAMED: Final = 8
"""Requirements that a line about several of them names."""

LONG: Final = 240
"""Characters of a reason that are repeated."""

SIGNS: Final = {"CONFORMANT": "✅", "INCOMPLETE": "⚠️"}

SPEAKS: Final = re.compile(r"[\\`*_{}\[\]()#+!|<>~&$^@]|:(?=//)|(?<=www)\.|(?<=\bGH)-", re.IGNORECASE)
"""What can mean something in Markdown as it is shown on the web: links, HTML, people and issues among it."""

NAMES: Final = "@#-"
"""Those of them that mean a person or an issue however they are written, if a name or a number comes next."""

NOTHING: Final = "\u200b"
"""What is not seen, and is no part of a name or a number."""


def markdown(judged: Judged) -> str:
    """The summary: the verdict, how many came to what, and what is broken."""
    parts = [
        f"## {SIGNS.get(judged.verdict, '❌')} {judged.verdict}: Node-RED admin API\n",
        f"{text(judged.target)}. {judged.advice}\n",
    ]
    if reason := judged.document["reason"]:
        parts.append(f"{text(reason)}\n")
    if judged.findings:
        parts.append(counted(judged))
    if judged.waived:
        parts.append(f"{len(judged.waived)} of the failures are waived.\n")
    for outcome in (Outcome.VIOLATES, Outcome.SUITE_ERROR, Outcome.DEVIATES):
        if found := judged.of(outcome):
            parts += [f"### {outcome}: {MEANING[outcome]}\n", broken(found)]
    if untested := judged.of(Outcome.NOT_TESTED):
        parts += [f"### not tested: {MEANING[Outcome.NOT_TESTED]}\n", reasons(untested)]
    suite = judged.document["suite"]
    parts.append(f"By {suite['name']} {suite['version']}; `report.html` beside this has all of it.\n")
    return "\n".join(parts)


def counted(judged: Judged) -> str:
    """A line for each area and one for all: how many requirements came to what."""
    columns = [outcome for outcome in ORDER if judged.of(outcome)]
    rows = [[area, *(str(counts[one] or "") for one in columns)] for area, counts in judged.areas.items()]
    rows.append(["**all**", *(f"**{len(judged.of(one))}**" for one in columns)])
    return table(["area", *(str(one) for one in columns)], rows)


def broken(found: Sequence[Told]) -> str:
    """What is broken, whom that harms, and how it was seen."""
    rows = [
        [
            f"`{one.entry.id}`<br>{one.entry.text}",
            text(one.reason) + (f"<br>waived until {text(one.waived['expires'])}" if one.waived else ""),
            one.entry.harm or ", ".join(one.entry.clients),
        ]
        for one in found[:LISTED]
    ]
    fitting = fit([" ".join(row) for row in rows])
    more = f"\nand {len(found) - fitting} more, in `report.html`\n" if len(found) > fitting else ""
    return table(["requirement", "seen", "who breaks"], rows[:fitting]) + more


def fit(lines: Iterable[str]) -> int:
    """How many of the lines there is room for, the first one always."""
    sizes = itertools.accumulate(len(line.encode()) for line in lines)
    return sum(1 for number, size in enumerate(sizes) if size <= ROOM or not number)


def reasons(found: Iterable[Told]) -> str:
    """Why requirements were not looked at, and which these are."""
    lines = []
    grouped = by_reason(found)
    for reason, told in list(grouped.items())[:LISTED]:
        names = ", ".join(f"`{one.entry.id}`" for one in told[:NAMED])
        more = f" and {len(told) - NAMED} more" if len(told) > NAMED else ""
        lines.append(f"- {text(reason)} ({names}{more})")
    fitting = fit(lines)
    if len(grouped) > fitting:
        lines[fitting:] = [f"- and {len(grouped) - fitting} other reasons, in `report.html`"]
    return "\n".join([*lines, ""])


def text(said: str) -> str:
    """Somebody's words on a line, cut where they are long, which mean nothing but themselves."""
    line = printable(said if len(said) <= LONG else f"{said[:LONG]}…")
    return SPEAKS.sub(harmless, line)


def harmless(found: re.Match[str]) -> str:
    """The same sign to the eye, which means nothing."""
    return found[0] + NOTHING if found[0] in NAMES else f"&#{ord(found[0])};"
