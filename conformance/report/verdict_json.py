"""The result of a run for programs: `verdict.json`, under `schemas/verdict.json`."""

import contextlib
import json
import time
from collections import Counter
from pathlib import Path
from typing import Final

from conformance import __version__
from conformance.catalogue import catalogue
from conformance.data import Json
from conformance.ending import tell
from conformance.evidence import finishing, keeping
from conformance.evidence.lines import united
from conformance.options import exploration, kept_options, run_seed
from conformance.outcomes import Finding, Outcome
from conformance.run import Run

FORMAT: Final = 2
"""The version of the format; it changes when a reader of an older one would misread it."""


OFTEN: Final = 5.0
"""Seconds between two times that what came of a run so far is written."""


def write(run: Run) -> bool:
    """Write `verdict.json`, of several targets each into a folder by its name; false where that failed."""
    trouble = finishing.finish(run)
    try:
        for name in run.names:
            write_json(keeping.place(run, name) / "verdict.json", document(run, name))
    except OSError as error:
        tell(f"verdict.json could not be written: {error}. Name another folder with --report-dir=DIR.")
        return False
    if trouble:
        tell(f"evidence.jsonl could not be written: {trouble}. Name another folder with --report-dir=DIR.")
    return not trouble


def write_so_far(run: Run) -> None:
    """Write what came of the run so far, unless that was done a moment ago: what a run leaves that is killed."""
    now = time.monotonic()
    if now < run.written + OFTEN:
        return
    with contextlib.suppress(OSError):  # which is told at the end
        for name in run.names:
            write_json(keeping.place(run, name) / "verdict.json", document(run, name, complete=False))
    run.written = time.monotonic()


def write_json(path: Path, value: Json) -> None:
    """Write the value, readable, or leave nothing: neither half of it, nor what an earlier run has written."""
    new = path.with_suffix(".json.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")
        new.replace(path)
    except OSError:
        for left in (new, path):
            with contextlib.suppress(OSError):
                left.unlink()
        raise


def document(run: Run, name: str, *, complete: bool = True) -> Json:
    """The whole result on one target, or what is known of it while the run goes on."""
    verdict = run.verdict(name)
    findings = [] if name in run.unjudged else run.findings(name)
    target = run.targets.get(name)
    unjudged, proof = run.unjudged.get(name), run.kept.proofs.get(name)
    return {
        "format": FORMAT,
        "suite": {"name": "nodered-conformance", "version": __version__},
        "target": {
            "name": name,
            "url": target.url if target else next(spec.url for spec in run.specs if spec.name == name) or None,
            "version": target.version if target else None,
            "version_from": "GET /settings" if target and target.version else None,
            "bundled": run.bundled,
        },
        "seed": run_seed(run.config),
        "options": {**kept_options(run.config), "explore": exploration(run.config) or None},
        "verdict": verdict.words,
        "exit_code": verdict.exit_code,
        "reason": str(unjudged) if unjudged else run.lost.get(name, ""),
        "put_back": {"proved": proof.same, "told": list(proof.lines)} if proof else None,
        "counts": counts(findings),
        "requests": sum(finding.requests for finding in findings),
        "seconds": round(sum(finding.seconds for finding in findings), 3),
        "findings": [{**entry(finding), "exchanges": united(list(finding.exchanges))} for finding in findings],
        "excluded": [{"requirement": entry.id, "reason": entry.excluded} for entry in run.excluded],
        "complete": complete,
    }


def counts(findings: list[Finding]) -> dict[str, int]:
    """How many requirements came to each outcome."""
    counted = Counter(finding.outcome for finding in findings)
    return {str(outcome): counted[outcome] for outcome in Outcome}


def entry(finding: Finding) -> Json:
    """One finding."""
    requirement = catalogue()[finding.requirement]
    return {
        "requirement": finding.requirement,
        "outcome": str(finding.outcome),
        "level": requirement.level,
        "reason": finding.reason,
        "clients": list(requirement.clients),
        "breaks": requirement.breaks,
        "requests": finding.requests,
        "seconds": round(finding.seconds, 3),
    }
