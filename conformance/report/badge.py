"""The verdict as a badge: a small picture for a README, made of the verdict alone."""

from pathlib import Path
from typing import Final

from conformance.report.judged import Judged
from conformance.report.page import rendered

TEMPLATE: Final = Path(__file__).with_name("badge.svg.jinja")

SUBJECT: Final = "Node-RED admin API"

COLOURS: Final = {"CONFORMANT": "#1a7f37", "INCOMPLETE": "#8a6100"}
"""The background of a verdict; all others are bad news. White is easy to read on each."""

BAD: Final = "#b3261e"

LONGEST: Final = 24
"""Characters of a version that are shown."""

PADDING: Final = 6
"""Pixels on either side of a text."""

NARROW, WIDE = "fijlrtI.,:;|!'()[]- ", "mwMW@%ADGHNOQRUV"
"""Characters that take less or more room than others, in fonts without serifs."""


def svg(judged: Judged) -> str:
    """The badge."""
    version = judged.document["target"]["version"]
    waived = f", {len(judged.waived)} waived" if judged.waived else ""
    said = judged.verdict.lower() + waived + (f" ({version[:LONGEST]})" if version else "")
    return rendered(
        TEMPLATE,
        subject=SUBJECT,
        said=said,
        colour=COLOURS.get(judged.verdict, BAD),
        widths=[width(text) + 2 * PADDING for text in (SUBJECT, said)],
    )


def width(text: str) -> int:
    """About how many pixels a text is wide, in eleven of them high; the picture stretches it to that."""
    return round(sum(3.7 if sign in NARROW else 8.6 if sign in WIDE else 6.6 for sign in text))
