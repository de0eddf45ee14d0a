"""What a run leaves on disk: `verdict.json`, and the reports that are made of it."""

import contextlib
import functools
import json
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from conformance.data import Json
from conformance.ending import tell
from conformance.evidence import finishing, keeping
from conformance.options import given, reports_asked
from conformance.report import verdict_json
from conformance.report.judged import Explain, Judged
from conformance.run import Run

FILES: Final = {"html": "report.html", "summary": "summary.md", "badge": "badge.svg"}
"""What each report on one target is called on disk."""

REPRO: Final = "repro"
"""The folder of the scripts that show violations."""

MATRIX: Final = {"matrix.html", "matrix.md", "matrix.json"}
"""What the report on several targets is made of."""


OFTEN: Final = 5.0
"""Seconds between two times that what came of a run so far is written, or more where that takes its time."""

SHARE: Final = 100
"""Of the time of a run, one part in so many is for that."""


def write(run: Run) -> bool:
    """Write what the run came to, of several targets each into a folder by its name; false where that failed."""
    asked = reports_asked(given(run.config, "--reports"))
    if trouble := finishing.finish(run, wanted="evidence" in asked):
        tell(f"evidence.jsonl could not be written: {trouble}. Name another folder with --report-dir=DIR.")
    documents = {name: verdict_json.document(run, name) for name in run.names}
    try:
        for name, document in documents.items():
            folder = keeping.place(run, name)
            clear(folder)
            write_verdict(folder, document)
            write_reports(folder, asked, document, functools.partial(run.rows.explained, name))
            if "repro" in asked:
                write_repros(folder / REPRO, run.rows.repros(name))
        if "matrix" in asked and len(documents) > 1:
            write_matrix(keeping.folder(run), documents)
    except OSError as error:
        tell(f"{what_failed(error)} could not be written: {error}. Name another folder with --report-dir=DIR.")
        return False
    return not trouble


def write_so_far(run: Run) -> None:
    """Write what came of the run so far, unless that was done a moment ago: what a run leaves that is killed."""
    began = time.monotonic()
    if began < run.next_written:
        return
    with contextlib.suppress(OSError):  # which is told at the end
        for name in run.names:
            folder = keeping.place(run, name)
            clear(folder, but="verdict.json")
            write_verdict(folder, verdict_json.document(run, name, complete=False))
    now = time.monotonic()
    run.next_written = now + max(OFTEN, SHARE * (now - began))


def write_verdict(folder: Path, document: Json) -> None:
    """Write `verdict.json`, for a person to read once it is complete; raises OSError."""
    write_text(folder / "verdict.json", as_text(document) if document["complete"] else json.dumps(document))


def as_text(value: Json) -> str:
    """JSON that a person can read."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def what_failed(error: OSError) -> str:
    """The name of the file that could not be written."""
    name = Path(str(error.filename or "")).name.removesuffix(PART)
    return name if name in {*FILES.values(), *MATRIX} else "verdict.json"


def write_reports(folder: Path, asked: frozenset[str], document: Json, explain: Explain) -> None:
    """Write the reports that were asked for; raises OSError."""
    making = makers(document, explain) if asked else {}
    for report, file in FILES.items():
        if report in asked:
            write_text(folder / file, making[report]())


def write_repros(folder: Path, repros: Mapping[str, Mapping[str, str]]) -> None:
    """Write a script for each violation that can have one, and a list of all; raises OSError."""
    for name, repro in repros.items():
        if "script" in repro:
            write_text(folder / f"{name}.sh", repro["script"])
            (folder / f"{name}.sh").chmod(0o755)
    if repros:
        lines = [f"{name}: {repro.get('why') or f'{name}.sh'}" for name, repro in repros.items()]
        write_text(folder / "index.txt", "\n".join([*lines, ""]))


def write_matrix(folder: Path, documents: Mapping[str, Json]) -> None:
    """Write what several targets came to, side by side; raises OSError."""
    from conformance.report import side_by_side  # noqa: PLC0415 - templates are loaded only in need

    write_text(folder / "matrix.html", side_by_side.html(documents))
    write_text(folder / "matrix.md", side_by_side.markdown(documents))
    write_text(folder / "matrix.json", as_text(side_by_side.as_json(documents)))


def clear(folder: Path, but: str = "") -> None:
    """Leave nothing there that an earlier run has written, as it would be taken for this one's; raises OSError."""
    written = {"verdict.json", *FILES.values(), *MATRIX}
    for name in written - {but} | {name + PART for name in written}:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            (folder / name).unlink()
    for script in (folder / REPRO).glob("*"):
        script.unlink()
    with contextlib.suppress(OSError):
        (folder / REPRO).rmdir()


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
