"""The jobs for CI: what can be run of them without a CI is run."""

import os
import re
import sys
import textwrap
from pathlib import Path
from typing import Final

import pytest

from conformance.selftest.conftest import Serve
from conformance.selftest.running import ROOT, Ended, run
from reference_server import Api
from reference_server.faults import FAULTS, Lying

ACTION: Final = (ROOT / ".github" / "action.yml").read_text("utf-8")
README: Final = (ROOT / "README.md").read_text("utf-8")

FEW: Final = "--profile=read -k get_v1_gives_array"
"""Few cases, so that the run is INCOMPLETE where nothing is violated."""


def judging() -> str:
    """The step of the action that judges."""
    found = re.search(r"- name: Judge\n.*?run: \|\n(.*?)\n    - ", ACTION, re.DOTALL)
    assert found is not None
    return textwrap.dedent(found[1])


def shell() -> str:
    """The script of the README, which is given a few cases."""
    found = re.search(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1].replace("--report-dir=", f"{FEW} --report-dir=")


def job(script: str, folder: Path, **variables: str) -> Ended:
    """A job, in an empty folder, with the command of this installation."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return run(["sh", "-c", script], folder, folder / "conformance-reports", {"PATH": path, **variables})


def test_action_judges_hands_on_the_exit_code_and_fills_the_summary(served: Serve, tmp_path: Path) -> None:
    bad = served(Lying(Api().app(), FAULTS["takes-any-rev"]))
    words = {"ARGUMENTS": "--profile=deploy -k stale_rev_refused", "REPORT_DIR": "conformance-reports"}
    step_summary = tmp_path / "step.md"
    step_summary.write_text("before\n", "utf-8")

    ended = job(judging(), tmp_path, TARGET=bad, GITHUB_STEP_SUMMARY=f"{step_summary}", **words)

    assert ended.exit_code == 1, ended.said
    assert ended.verdict["verdict"] == "NON-CONFORMANT"
    assert step_summary.read_text("utf-8") == "before\n" + (ended.reports / "summary.md").read_text("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["conformance-reports", "step.md"]


@pytest.mark.parametrize("target", ["'; touch taken; '", "$(touch taken)"])
def test_inputs_of_the_action_are_words_and_no_program(tmp_path: Path, target: str) -> None:
    ended = job(judging(), tmp_path, TARGET=target, ARGUMENTS="$(touch taken) ; touch taken", REPORT_DIR="reports")

    assert ended.exit_code == 4
    assert not (tmp_path / "taken").exists()
    assert "${{" not in judging()


def test_shell_job_of_the_readme_runs(served: Serve, tmp_path: Path) -> None:
    ended = job(shell(), tmp_path, TARGET=served(Api().app()))

    assert ended.exit_code == 10, ended.said
    assert ended.stdout.endswith((ended.reports / "summary.md").read_text("utf-8"))


def test_every_job_runs_the_command() -> None:
    jobs = [*re.findall(r"^```(?:yaml|sh)\n(.*?)^```", README, re.MULTILINE | re.DOTALL), judging()]

    assert len([one for one in jobs if "nodered-conformance " in one or "nodered-conformance/" in one]) == 4
