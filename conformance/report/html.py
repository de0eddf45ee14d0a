"""The result as one page of HTML that needs nothing else: `report.html`."""

import base64
import hashlib
from pathlib import Path
from typing import Final

from markupsafe import Markup

from conformance.report.judged import MEANING, ORDER, Explain, Judged, by_reason
from conformance.report.matrix import code
from conformance.report.page import rendered

TEMPLATE: Final = Path(__file__).with_name("report.html.jinja")
STYLE: Final = Path(__file__).with_name("report.css")
SCRIPT: Final = Path(__file__).with_name("report.js")

FEW: Final = 3
"""Findings of a kind that are shown whole; of more it is shown first which these are."""


def html(judged: Judged, explain: Explain, written: str) -> str:
    """The page; `written` says when, as a person reads it."""
    style, script = STYLE.read_text("utf-8"), SCRIPT.read_text("utf-8")
    return rendered(
        TEMPLATE,
        judged=judged,
        document=judged.document,
        written=written,
        order=[outcome for outcome in ORDER if judged.of(outcome)],
        meaning=MEANING,
        explain=explain,
        by_reason=by_reason,
        few=FEW,
        code=code,
        style=Markup(style),  # noqa: S704 - our own
        script=Markup(script),  # noqa: S704 - our own
        allowed={"style": digest(style), "script": digest(script)},
    )


def digest(inline: str) -> str:
    """What a Content-Security-Policy allows an inline element by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"
