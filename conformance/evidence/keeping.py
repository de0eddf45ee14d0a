"""Where a run keeps its evidence: a file for each target, which several processes write parts of."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from conformance import __version__, asked
from conformance.data import Json
from conformance.evidence.lines import FORMAT
from conformance.evidence.replaying import Replayed
from conformance.evidence.writing import Nowhere, Record, Section
from conformance.options import HELD_TO, given, kept_options, reports_asked, run_seed
from conformance.secrets import Secrets
from conformance.targets import Target

if TYPE_CHECKING:
    from conformance.run import Run

NAME: Final = "evidence"
"""The name of the file, without what comes behind the dot."""

FOLLOWING: Final = pytest.StashKey[str | None]()
"""The case that comes next in this process."""


def key_of(item: pytest.Item) -> str:
    """The name of a case in a recording, the same wherever the suite lies, and whichever target it is for."""
    name = re.sub(r"(?:-@[^\]]*|\[@[^\]]*)\]\Z", lambda found: "]" if found[0][0] == "-" else "", item.name)
    return f"{item.path.name}::{name}"


def following_of(item: pytest.Item) -> str | None:
    """The name of the case that comes next in this process, None for the last."""
    return item.stash.get(FOLLOWING, None)


def process(config: pytest.Config) -> str:
    """The name of this process in a parallel run, empty where it is alone."""
    return str(getattr(config, "workerinput", {}).get("workerid", ""))


def place(run: Run, name: str) -> Path:
    """The folder for the reports of a target."""
    return folder(run) / name if len(run.names) > 1 else folder(run)


def folder(run: Run) -> Path:
    """The folder for all that the run writes."""
    named: Path = run.config.invocation_params.dir / given(run.config, "--report-dir")
    return named


def path_of(run: Run, name: str, section: str) -> Path:
    """Where a process keeps the evidence of a target."""
    return place(run, name) / (f"{NAME}.{section}.jsonl" if section else f"{NAME}.jsonl")


@contextlib.contextmanager
def record(run: Run, target: Target, secrets: Secrets) -> Iterator[tuple[httpx.BaseTransport, Record]]:
    """What carries the requests to a target, and what keeps them: both are a recording where one is judged again."""
    if run.replay:
        yield Replayed(run.replay, secrets), run.replay.using(secrets)
        return
    if "evidence" not in reports_asked(given(run.config, "--reports")):
        yield asked.connection(run.config).transport(), Nowhere()
        return
    section = Section(
        path_of(run, target.name, process(run.config)),
        header(run, target.name, target) | {"short": short(secrets)},
        secrets.numbered,
    )
    run.sections.append(section)  # closed at the end of the process, after that of the last case
    yield asked.connection(run.config).transport(), section


def short(secrets: Secrets) -> list[str]:
    """The names of the secrets that are in many texts by accident."""
    return sorted({secrets.masked(word).removeprefix("$") for word in secrets.ambiguous})


def header(run: Run, name: str, target: Target | None) -> dict[str, Json]:
    """The first line of a section."""
    found: Json = asdict(target) if target else None
    if target:
        found["journal"] = "kept" if target.journal else ""  # which is a path of this machine
    end = run.unjudged.get(name)
    return {
        "format": FORMAT,
        "suite": {"name": "nodered-conformance", "version": __version__},
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": run_seed(run.config),
        "name": name,
        "url": next((spec.url for spec in run.specs if spec.name == name), ""),
        "bundled": run.bundled,
        "options": kept_options(run.config, *HELD_TO),
        "requirements": [entry.id for entry in run.scope.values()],
        "unjudged": {"verdict": end.verdict.words, "reason": str(end)} if end else None,
        "target": found,
    }


def trouble_of(run: Run) -> dict[str, Any]:
    """Which part of the evidence this process writes, and why it could not be written, if so."""
    troubles = [section.lines.trouble for section in run.sections if section.lines.trouble]
    section = process(run.config) if run.sections else None  # before a target was reached there is none
    return {"section": section, "trouble": troubles[0] if troubles else ""}
