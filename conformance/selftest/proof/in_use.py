"""`make in-use`: a real Node-RED that somebody uses loses nothing to runs, however they end; each is put back.

python -m conformance.selftest.proof.in_use [--version VERSION] [--nodes NUMBER] [--kills NUMBER] [--seed SEED] [WORD …]
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance import node_red
from conformance.passwords import password_variable
from conformance.selftest.in_use import LOGINS, InUse, in_use
from conformance.selftest.running import MEASURED, ROOT, Suite, environment, run
from conformance.verdict import Verdict

MEMORY: Final = 300
"""Megabytes that no process of a run takes more of."""

VERSIONS: Final = ("4.1", "5.0")

TIMEOUT: Final = 30
"""Seconds that a reply may take, as the machine has other things to do."""


@dataclass
class Runs:
    """Runs of the suite on one target that is in use."""

    suite: Suite
    url: str
    use: InUse
    passwords: dict[str, str]
    words: Sequence[str] = ()
    """What selects cases."""

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a run; the journals are in a folder of its own."""
        passwords = {password_variable(role): password for role, password in self.passwords.items()}
        return {**passwords, "XDG_STATE_HOME": str(self.suite.folder / "state")}

    @property
    def target(self) -> tuple[str, ...]:
        """The words that name the target."""
        return (f"--target={self.url}", "--admin=admin", "--reader=reader", f"--timeout={TIMEOUT}")

    def whole(self) -> tuple[list[str], float]:
        """What is wrong with a run that nobody disturbs, and how many seconds it took."""
        begun, starts = time.monotonic(), self.use.starts()
        peak, command = self.suite.folder / "peak", self.suite.command(*self.target, "--allow-writes", *self.words)
        measured = [sys.executable, "-c", MEASURED, str(peak), *command]
        ended = run(measured, ROOT, self.suite.reports, self.variables, self.suite.patience)
        seconds, megabytes = time.monotonic() - begun, int(peak.read_text())
        restarts = (self.use.starts() - starts) / LOGINS
        print(ended.stdout[-2_500:], f"{seconds:.0f} s, {megabytes} megabytes, {restarts:g} restarts", sep="\n")
        bad = [f"it ended with {ended.exit_code}"] if ended.exit_code != Verdict.INCOMPLETE.exit_code else []
        bad += [f"it took {megabytes} megabytes"] if megabytes > MEMORY else []
        return [*bad, *self.use.differences()], seconds

    def killed(self, seconds: float) -> list[str]:
        """What is wrong once a run that was killed so late was put back."""
        command = self.suite.command(*self.target, "--allow-writes", *self.words)
        variables, nowhere = environment(self.variables), subprocess.DEVNULL
        with subprocess.Popen(  # noqa: S603 - the suite
            command, cwd=ROOT, env=variables, start_new_session=True, stdout=nowhere, stderr=nowhere
        ) as running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(seconds)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
        between = len(self.use.differences())
        ended = self.suite(*self.target, "--restore", **self.variables)
        print(f"killed after {seconds:.1f} s, {between} differences; {ended.stderr.strip()}", flush=True)
        bad = [f"--restore ended with {ended.exit_code}: {ended.said}"] if ended.exit_code else []
        return [*bad, *self.use.differences()]


@contextlib.contextmanager
def runs(version: str, nodes: int, words: Sequence[str] = ()) -> Iterator[Runs]:
    """Runs on a Node-RED of this version that holds about so many nodes."""
    with (
        node_red.started(node_red.resolve(version), print) as real,
        tempfile.TemporaryDirectory(prefix="in-use-") as folder,
        in_use(real.url, real.passwords["admin"], nodes) as use,
    ):
        yield Runs(Suite(Path(folder), patience=3_600), real.url, use, real.passwords, words)


def wrong(version: str, asked: argparse.Namespace) -> Iterator[str]:
    """What went wrong, a line for each."""
    chance = random.Random(asked.seed)  # noqa: S311 - no secret
    with runs(version, asked.nodes, asked.words) as of_suite:
        bad, seconds = of_suite.whole()
        yield from told(f"{version}, a whole run", bad)
        for number in range(1, asked.kills + 1):
            yield from told(f"{version}, killed run {number}", of_suite.killed(chance.uniform(0.5, seconds)))


def told(what: str, bad: list[str]) -> list[str]:
    """The lines for what went wrong, shown at once: a proof of two hours can be stopped before its end."""
    lines = [f"{what}: {line}" for line in bad]
    print("\n".join(lines) or f"{what}: nothing was lost", flush=True)
    return lines


def main() -> int:
    """0 where nothing was lost, 1 where anything was."""
    parser = argparse.ArgumentParser("python -m conformance.selftest.proof.in_use")
    parser.add_argument("--version", action="append", help="a version of Node-RED; 4.1 and 5.0 where none is given")
    parser.add_argument("--nodes", type=int, default=2_000, help="about how many nodes it holds")
    parser.add_argument("--kills", type=int, default=20, help="how many runs are killed")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the moments")  # noqa: S311 - none
    parser.add_argument("words", nargs="*", help="what selects cases")
    asked = parser.parse_args()
    print(f"seed {asked.seed}")
    bad = [line for version in asked.version or VERSIONS for line in wrong(version, asked)]
    print("\n".join(bad) or "Nothing was lost.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
