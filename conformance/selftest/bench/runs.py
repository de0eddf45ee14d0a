"""Runs of the suite that are measured, each as a user starts it: a process of its own."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.selftest.running import MEASURED, ROOT, run

PATIENCE: Final = 3_600
"""Seconds after which a run is given up."""


@dataclass(frozen=True)
class Measured:
    """What a run took."""

    exit_code: int
    starting: float
    """Seconds from the start of the process to its first case."""
    cases: float
    """Seconds from the start of the first case to the end of the last one."""
    ending: float
    """Seconds from there to the end of the process, in which reports are written."""
    megabytes: int
    """The most memory that one of its processes had."""
    waited: float
    """Seconds of the cases in which the suite only slept: for what flows do in their own time."""
    reports: Path

    @property
    def seconds(self) -> float:
        """From start to end."""
        return self.starting + self.cases + self.ending


def measured(reports: Path, words: Sequence[str], variables: Mapping[str, str] | None = None) -> Measured:
    """Run `pytest WORDS` with its reports in that folder; raises RuntimeError where no case was run."""
    reports.mkdir(parents=True, exist_ok=True)
    peak, marks = reports.with_suffix(".peak"), reports.with_suffix(".marks")
    suite = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "conformance.selftest.bench.marks"]
    command = [sys.executable, "-c", MEASURED, f"{peak}", *suite, f"--report-dir={reports}", *words]
    state = {"XDG_STATE_HOME": f"{reports.with_suffix('.state')}", "BENCH_MARKS": f"{marks}"}
    began = time.time()
    ended = run(command, ROOT, reports, {**state, **(variables or {})}, PATIENCE)
    end = time.time()
    first, last, waited = map(float, marks.read_text("utf-8").split()) if marks.exists() else (0.0, 0.0, 0.0)
    if not first:
        raise RuntimeError(f"no case was run by pytest {' '.join(words)}: {ended.said[-2_000:]}")
    megabytes = int(peak.read_text("utf-8"))
    return Measured(ended.exit_code, first - began, last - first, end - last, megabytes, waited, reports)
