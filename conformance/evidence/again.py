"""A run that judges a recording: what its header and its last line say is what the run goes by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.ending import tell
from conformance.evidence.reading import BadEvidence
from conformance.evidence.replaying import Replay
from conformance.live.keeping import Proof
from conformance.options import set_seed, take_options
from conformance.targets import TargetSpec
from conformance.verdict import CannotJudge, Verdict

if TYPE_CHECKING:
    from conformance.run import Run


def judge_again(run: Run, path: Path) -> None:
    """Let the run judge a recording in place of a target; raises pytest.UsageError."""
    try:
        run.replay = Replay(run.config.invocation_params.dir / path)
    except BadEvidence as error:
        raise pytest.UsageError(f"--replay {error}") from None
    header, footer = run.replay.header, run.replay.recorded.footer
    name: str = header["name"]
    run.specs, run.bundled = [TargetSpec(name, header["url"])], header["bundled"]
    take_options(run.config, header["options"])
    set_seed(run.config, header["seed"])
    for made in ("gate", "scope"):
        vars(run).pop(made, None)  # made before it was known what the recording was held to
    if end := header["unjudged"]:
        verdict = next(one for one in Verdict if one.words == end["verdict"])
        run.unjudged[name] = CannotJudge(verdict, end["reason"])
    elif not run.bundled and header["target"]:  # which is missing where no case was run
        run.targets[name] = run.replay.target
    if footer is None:
        number = len(run.replay.recorded.cases)
        tell(f"--replay {path}: the run that wrote it was killed; the {number} cases that it holds are judged.")
        return
    if footer["put_back"]:
        run.kept.proofs[name] = Proof(footer["put_back"]["proved"], tuple(footer["put_back"]["told"]))
    if footer["lost"]:
        run.lost[name] = footer["lost"]
