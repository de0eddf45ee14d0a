"""A file of waivers made of a run, for the vendor of the target to fill in."""

import contextlib
import json
import os
from pathlib import Path
from typing import Final

import pytest

from conformance.ending import tell
from conformance.options import given
from conformance.outcomes import Finding
from conformance.run import Run
from conformance.waivers.reading import PLACEHOLDER
from conformance.waivers.signature import signature

HEAD: Final = """\
# Violations that are known, for `pytest --waivers=FILE`. A waiver is for one requirement, and for the way in which it
# fails: where it fails in another way, conforms, or its last day is over, the run says that the waiver is outdated.
#
# Fill in each waiver, or take it out:
#   owner     who answers for it, a person or a team
#   reason    why the violation is known and stays for now
#   link      where it is followed up, such as the address of a ticket
#   expires   its last day, at most a year ahead, without quotes: YYYY-MM-DD
# `fails` is what was seen, without what differs from run to run; leave it as it is.
"""

TO_FILL_IN: Final = {
    "owner": f"{PLACEHOLDER}: who answers for this",
    "reason": f"{PLACEHOLDER}: why it is known and stays",
    "link": f"{PLACEHOLDER}: where it is followed up",
    "expires": f"{PLACEHOLDER}: the last day, YYYY-MM-DD without quotes",
}
"""What stands for the values that only a person can write."""


def check(config: pytest.Config) -> None:
    """Refuse a file for new waivers that cannot be written, or holds something; raises pytest.UsageError."""
    if not (asked := given(config, "--write-waivers")):
        return
    path = config.invocation_params.dir / asked
    known = given(config, "--waivers")
    same = known is not None and (config.invocation_params.dir / known).resolve() == path.resolve()
    if path.exists() and not same:
        kept = f"To keep what it says and add to it, write --waivers={asked}, too."
        raise pytest.UsageError(f"--write-waivers {asked}: there is such a file already. {kept}")
    if not (path.parent.is_dir() and os.access(path.parent, os.W_OK)):
        raise pytest.UsageError(f"--write-waivers {asked}: no file can be made there. Name another.")


def write(run: Run) -> bool:
    """Write a waiver for each failure that has none to the file of `--write-waivers`; false where that failed."""
    shown = given(run.config, "--write-waivers")
    if not shown:
        return True
    entries = [entry(run, name, finding) for name, finding in unwaived(run)]
    if not entries:
        tell(f"--write-waivers {shown}: nothing fails that has no waiver, so nothing was written.")
        return True
    path = run.config.invocation_params.dir / shown
    try:
        before = path.read_text("utf-8") if path.exists() else HEAD
        replace(path, "\n".join([before.rstrip("\n") + "\n", *entries]))
    except (OSError, ValueError) as error:
        tell(f"--write-waivers {shown}: it could not be written: {error}. Name another file.")
        return False
    tell(f"--write-waivers {shown}: {len(entries)} to fill in: owner, reason, link and expires of each.")
    return True


def unwaived(run: Run) -> list[tuple[str, Finding]]:
    """What fails the run, by target, and has no waiver yet, not even one that is outdated."""
    return [
        (name, finding)
        for name in run.names
        for finding in ([] if name in run.unjudged else run.findings(name))
        if run.gate.fails(finding) and not run.gate.waiver(finding.requirement, name)
    ]


def entry(run: Run, target: str, finding: Finding) -> str:
    """The waiver for a failure, which is still to be filled in; of several targets it names its own."""
    values = {"requirement": finding.requirement, "fails": signature(finding), **TO_FILL_IN}
    if len(run.names) > 1:
        values["target"] = target
    # A string of JSON, of printable characters alone, is one of TOML.
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items())
    return "\n".join([f"# {run.requirements[finding.requirement].text}", "[[waiver]]", *lines, ""])


def replace(path: Path, text: str) -> None:
    """Write the file whole, or leave it as it was; raises OSError."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
