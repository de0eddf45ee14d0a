"""The result in Markdown, for a pull request or the summary of a CI job."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from conformance.exchange import printable
from conformance.outcomes import Outcome
from conformance.report.judged import MEANING, ORDER, Judged, Told, by_reason
from conformance.report.markdown import table

LISTED: Final = 40
"""Findings of one outcome that are listed; report.html has them all."""

NAMED: Final = 8
"""Requirements that a line about several of them names."""

LONG: Final = 240
"""Characters of a reason that are repeated."""

SIGNS: Final = {"CONFORMANT": "✅", "INCOMPLETE": "⚠️"}

SPEAKS: Final = re.compile(r"[\\`*_{}\[\]()#+!|<>~&$^]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What can mean something in Markdown as it is shown on the web: links and HTML among it."""

NOBODY: Final = "@\u200b"
"""An @ that mentions nobody: what is invisible after it is no part of a name."""


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
    more = f"\nand {len(found) - LISTED} more, in `report.html`\n" if len(found) > LISTED else ""
    return table(["requirement", "seen", "who breaks"], rows) + more


def reasons(found: Iterable[Told]) -> str:
    """Why requirements were not looked at, and which these are."""
    lines = []
    grouped = by_reason(found)
    for reason, told in list(grouped.items())[:LISTED]:
        names = ", ".join(f"`{one.entry.id}`" for one in told[:NAMED])
        more = f" and {len(told) - NAMED} more" if len(told) > NAMED else ""
        lines.append(f"- {text(reason)} ({names}{more})")
    if len(grouped) > LISTED:
        lines.append(f"- and {len(grouped) - LISTED} other reasons, in `report.html`")
    return "\n".join([*lines, ""])


def text(said: str) -> str:
    """Somebody's words on a line, cut where they are long, which mean nothing but themselves."""
    line = printable(said if len(said) <= LONG else f"{said[:LONG]}…")
    return SPEAKS.sub(lambda found: f"&#{ord(found[0])};", line).replace("@", NOBODY)
