"""What a run leaves on disk: `verdict.json`, and the reports that are made of it."""

import contextlib
import functools
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from conformance.data import Json
from conformance.ending import tell
from conformance.options import REPORTS, given, reports_asked
from conformance.report import verdict_json
from conformance.report.judged import Explain, Judged
from conformance.run import Run

FILES: Final = {"html": "report.html", "summary": "summary.md", "badge": "badge.svg"}
"""What each report is called on disk."""


def write(run: Run) -> bool:
    """Write what the run came to, of several targets each into a folder by its name; false where that failed."""
    folder = run.config.invocation_params.dir / given(run.config, "--report-dir")
    asked = reports_asked(given(run.config, "--reports"))
    try:
        for name in run.names:
            place = folder / name if len(run.names) > 1 else folder
            document = verdict_json.document(run, name)
            clear(place)
            write_text(place / "verdict.json", json.dumps(document, indent=2, ensure_ascii=False) + "\n")
            write_reports(place, asked, document, functools.partial(run.explained, name))
    except OSError as error:
        tell(f"{what_failed(error)} could not be written: {error}. Name another folder with --report-dir=DIR.")
        return False
    return True


def what_failed(error: OSError) -> str:
    """The name of the file that could not be written."""
    name = Path(str(error.filename or "")).name.removesuffix(PART)
    return name if name in FILES.values() else "verdict.json"


def write_reports(folder: Path, asked: frozenset[str], document: Json, explain: Explain) -> None:
    """Write the reports that were asked for; raises OSError."""
    making = makers(document, explain) if asked else {}
    for report in REPORTS:
        if report in asked:
            write_text(folder / FILES[report], making[report]())


def clear(folder: Path) -> None:
    """Leave nothing there that an earlier run has written, as it would be taken for this one's; raises OSError."""
    for name in ("verdict.json", *FILES.values()):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            (folder / name).unlink()


def makers(document: Json, explain: Explain) -> dict[str, Callable[[], str]]:
    """What makes the text of each report."""
    from conformance.report import badge, html, summary  # noqa: PLC0415 - templates are loaded only in need

    judged, written = Judged(document), f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    return {
        "html": lambda: html.html(judged, explain, written),
        "summary": lambda: summary.markdown(judged),
        "badge": lambda: badge.svg(judged),
    }


PART: Final = ".part"
"""How a file is called beside its name until it is whole."""


def write_text(path: Path, text: str) -> None:
    """Write the text, or leave nothing: neither half of it, nor what an earlier run has written; raises OSError."""
    part = path.with_name(path.name + PART)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, "utf-8")
        os.replace(part, path)  # noqa: PTH105 - as one step
    except OSError as error:
        for left in (part, path):
            with contextlib.suppress(OSError):
                left.unlink()
        raise type(error)(error.errno, error.strerror, str(path)) from error
