"""The end of a run's evidence: the parts that several processes wrote become one file, under one last line."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.data import Json
from conformance.evidence.keeping import NAME, header, path_of, place
from conformance.evidence.lines import EXCHANGE, SEALED
from conformance.evidence.writing import Lines

if TYPE_CHECKING:
    from conformance.run import Run

NUMBER: Final = re.compile(rb"[0-9]+")


def finish(run: Run, *, wanted: bool) -> str:
    """Let the evidence of each target be whole; why that failed, empty where it did not or nobody wants any."""
    if run.replay:
        return ""
    trouble = next((why for why in run.troubles if why), "")
    for name in run.names if wanted else ():
        trouble = trouble or finished(run, name)
    for name in run.names if trouble or not wanted else ():
        clear(place(run, name), set())  # no half of it, nor what an earlier run has written
    return trouble


def finished(run: Run, name: str) -> str:
    """The same of one target."""
    parts = [path_of(run, name, section) for section in run.parts.get(name, ())]
    whole = Lines(place(run, name) / f"{NAME}.jsonl.new")
    whole.open()
    counts = {"cases": 0, "exchanges": 0}
    if not parts:
        whole.seal({"type": "header", **header(run, name, None), "short": []})
    with whole.troubled():
        for section, part in zip(run.parts.get(name, ()), parts, strict=True):
            offset = counts["exchanges"]
            copied(part, whole, counts)
            run.rows.shift(name, section, offset)
    proof = run.kept.proofs.get(name)
    put_back = {"proved": proof.same, "told": [run.hiding.masked(line) for line in proof.lines]} if proof else None
    whole.seal({"type": "footer", **counts, "put_back": put_back, "lost": run.lost.get(name, "")})
    whole.close()
    with whole.troubled():
        if not whole.trouble:
            whole.path.replace(place(run, name) / f"{NAME}.jsonl")
            clear(place(run, name), {f"{NAME}.jsonl"})
    return whole.trouble


def clear(folder: Path, kept: set[str]) -> None:
    """Take away the parts of this and of earlier runs."""
    with contextlib.suppress(OSError):
        for path in folder.glob(f"{NAME}*.jsonl*"):
            if path.name not in kept:
                path.unlink()


def copied(part: Path, whole: Lines, counts: dict[str, int]) -> None:
    """Write the lines of a part, with other numbers where parts come before it; raises OSError."""
    offset = counts["exchanges"]
    with part.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break  # its process was killed
            if line.startswith(EXCHANGE):
                counts["exchanges"] += 1
                whole.add(renumbered(line, offset) if offset else line)
            else:
                value = json.loads(SEALED.sub(b"}\n", line))
                counts["cases"] += value["type"] == "end"
                whole.seal(shifted(value, offset))


def renumbered(line: bytes, offset: int) -> bytes:
    """The line of an exchange, whose number comes after those of other parts."""
    return NUMBER.sub(lambda found: b"%d" % (int(found[0]) + offset), line, count=1)


def shifted(line: Json, offset: int) -> Json:
    """The line, whose numbers come after those of other parts."""
    if "exchanges" in line:
        line["exchanges"] = [[first + offset, last + offset] for first, last in line["exchanges"]]
    return line
