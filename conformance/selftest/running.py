"""The suite as a user runs it: a process of its own, whose exit code, words and verdict.json can be asked for."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jsonschema

from conformance.connection import Connection
from conformance.data import Json, schema
from conformance.look import Credentials, Look
from conformance.targets import Target

ROOT: Final = Path(__file__).parents[2]
"""The checkout."""

OF_PYTEST: Final = frozenset({2, 3, 4, 5})
"""The exit codes that mean what pytest means by them."""

MEASURED: Final = (
    "import resource, subprocess, sys; code = subprocess.call(sys.argv[2:]);"
    "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024; open(sys.argv[1], 'w').write(str(peak));"
    "sys.exit(code)"
)
"""A program that runs another, and writes down the most megabytes that this or one of its own children took."""

PATIENCE: Final = 300
"""Seconds after which a process that has not ended is a failure, unless more is expected of it."""


@dataclass(frozen=True)
class Ended:
    """A process that has ended."""

    exit_code: int
    stdout: str
    stderr: str
    reports: Path

    @property
    def said(self) -> str:
        """All that it said."""
        return self.stdout + self.stderr

    @property
    def verdict(self) -> Json:
        """The verdict.json of a run against one target."""
        return self.verdict_on("")

    def verdict_on(self, target: str) -> Json:
        """The verdict.json of one target, which breaks no word of its schema."""
        content = json.loads((self.reports / target / "verdict.json").read_text("utf-8"))
        jsonschema.validate(content, schema("verdict"), jsonschema.Draft202012Validator)
        return content

    def outcomes(self, target: str = "") -> dict[str, str]:
        """What each requirement came to."""
        return {finding["requirement"]: finding["outcome"] for finding in self.verdict_on(target)["findings"]}

    def reason(self, requirement: str) -> str:
        """The reason in the finding of a requirement."""
        reasons = {finding["requirement"]: finding["reason"] for finding in self.verdict["findings"]}
        return str(reasons[requirement])


class Suite:
    """Runs the suite, with the reports of each run in a folder of its own."""

    def __init__(self, folder: Path, patience: float = PATIENCE) -> None:
        self.folder = folder
        self.patience = patience
        self.runs = 0
        self.exit_codes: list[int] = []
        """How the runs ended, one after the other."""

    def __call__(self, *arguments: str, **variables: str) -> Ended:
        """`pytest ARGUMENTS` in the checkout; `variables` are added to the environment."""
        command = self.command(*arguments)
        ended = run(command, ROOT, self.reports, variables, self.patience)
        self.exit_codes.append(ended.exit_code)
        return ended

    def command(self, *arguments: str) -> list[str]:
        """The words of one more run, which writes its reports into the folder `reports`."""
        self.runs += 1
        # Joined by `=`: pytest takes a separate word that is a folder for the place of its configuration.
        options = ["-p", "no:cacheprovider", f"--report-dir={self.reports}"]
        return [sys.executable, "-m", "pytest", *options, *arguments]

    @property
    def reports(self) -> Path:
        """The folder of the last run's reports."""
        return self.folder / f"reports-{self.runs}"


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """An environment with these variables, which says nothing of this run of pytest or of a target."""
    ours = ("CONFORMANCE_", "PYTEST_", "COLUMNS", "LINES")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | dict(variables)


def run(
    command: Sequence[str], folder: Path, reports: Path, variables: Mapping[str, str], patience: float = PATIENCE
) -> Ended:
    """Run a command to its end, in an environment that says nothing of this run of pytest or of a target."""
    ended = subprocess.run(  # noqa: S603 - no words of a stranger
        command,
        cwd=folder,
        env=environment(variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr, reports)


def found(url: str, credentials: Credentials | None = None) -> Target:
    """The target as the look finds it."""
    return Look("mine", url, credentials or Credentials(), Connection())()
