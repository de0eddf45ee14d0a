"""One run of the suite: its targets, what it is to judge, and what came of it."""

import contextlib
import functools
import math
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from conformance import asked, node_red
from conformance.catalogue import CatalogueError, Requirement, catalogue
from conformance.ending import tell, terminable
from conformance.evidence.replaying import Replay
from conformance.evidence.writing import Section
from conformance.gate import Gate, Outdated
from conformance.hiding import Hiding
from conformance.live.kept import Kept
from conformance.look import Credentials, Look
from conformance.options import given, run_seed
from conformance.outcomes import NOT_REACHED, Finding, Outcome
from conformance.passwords import password, password_variable
from conformance.rows import LEAKED, Gathered
from conformance.secrets import Secrets
from conformance.spelling import did_you_mean
from conformance.targets import Target, TargetSpec
from conformance.verdict import CannotJudge, Verdict, judge, worst

TOKENS = {
    "admin": "CONFORMANCE_TOKEN",
    "reader": "CONFORMANCE_READER_TOKEN",
    "writer": "CONFORMANCE_WRITER_TOKEN",
}
"""The environment variables that hold ready tokens, and stand for the tokens wherever they would be shown."""

PASSWORDS = ("admin", "reader")
"""The roles whose passwords a person can give."""


class Run:
    """Gathers the findings of the targets, and judges them against what the run was to judge."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.hiding = Hiding(config, (*TOKENS.values(), *map(password_variable, PASSWORDS)))
        self.specs = asked.specs(config)
        self.bundled = not given(config, "--target")
        """Whether the target is the bundled reference server."""
        self.replay: Replay | None = None
        """The recording that is judged, None where there is a target."""
        self.sections: list[Section] = []
        """What this process writes of the evidence."""
        self.parts: defaultdict[str, dict[str, None]] = defaultdict(dict)
        """The parts of the evidence by their target."""
        self.next_written = -math.inf
        """When what came of the run so far is written next."""
        self.troubles: dict[str, None] = {}
        """Why evidence could not be written."""
        self.targets: dict[str, Target] = {}
        self.unjudged: dict[str, CannotJudge] = {}
        self.lost: dict[str, str] = {}
        """Why targets were asked no further after some of the cases, by their names."""
        self.kept = Kept(asked.connection(config), tell)
        self.rows = Gathered()
        self.of_cases = False
        """Whether this run had cases to run, whatever was selected of them."""

    @functools.cached_property
    def gate(self) -> Gate:
        """What the run is held to; raises pytest.UsageError where that cannot be meant."""
        return asked.gate(self.config, known())

    @property
    def requirements(self) -> Mapping[str, Requirement]:
        """The catalogue, or what `--require-set` makes of it."""
        return self.gate.requirements

    @functools.cached_property
    def scope(self) -> dict[str, Requirement]:
        """The requirements that the run is to judge, by `--profile`, `--level` and `--explore`."""
        return {entry.id: entry for entry in self.requirements.values() if asked.in_scope(self.config, entry)}

    def look(self) -> None:
        """Start what is to be started, look at every target, and say of each that cannot be judged why."""
        known()
        for spec in self.specs:
            try:
                self.targets[spec.name] = self.looked_at(spec)
            except CannotJudge as end:
                self.unjudged[spec.name] = CannotJudge(end.verdict, self.hiding.masked(f"{end}"))
                tell(f"{end.verdict.words}: {self.unjudged[spec.name]}")

    def looked_at(self, spec: TargetSpec) -> Target:
        """The target, started where the suite starts it, after the look; raises CannotJudge."""
        reached, pause = asked.connection(self.config), given(self.config, "--pause")
        if spec.url:
            look = Look(spec.name, spec.url, self.credentials, reached, pause, **self.look_options)
            return look() if given(self.config, "--plan") else self.kept.take(look)
        running = contextlib.ExitStack()
        self.config.add_cleanup(running.close)
        try:
            started = running.enter_context(node_red.started(node_red.resolve(spec.version), tell, spec.settings))
        except node_red.NodeRedError as error:
            raise CannotJudge(Verdict.UNREACHABLE, str(error)) from None
        users = Credentials(users={role: role for role in started.passwords}, passwords=started.passwords)
        return Look(spec.name, started.url, users, reached, pause, own=True, **self.look_options)()

    @property
    def look_options(self) -> dict[str, Any]:
        """What every look of the run goes by."""
        return {"writes": asked.writes(self.config), "seed": run_seed(self.config)}

    @functools.cached_property
    def credentials(self) -> Credentials:
        """The users and the token that the person gave, asked for once; raises pytest.UsageError."""
        users = {role: user for role in PASSWORDS if (user := given(self.config, f"--{role}"))}
        tokens = {role: token for role, name in TOKENS.items() if (token := os.environ.get(name, "").strip())}
        for role, token in tokens.items():
            if not (token.isascii() and token.isprintable()):
                raise pytest.UsageError(f"{TOKENS[role]}: no token has line breaks or letters beyond ASCII.")
        passwords = {role: password(role, user) for role, user in users.items() if role not in tokens}
        self.hiding.add(secrets_of(passwords, tokens))
        return Credentials(users={role: users[role] for role in passwords}, passwords=passwords, tokens=tokens)

    def stay_terminable(self) -> Callable[[], None]:
        """Let every end of this process put back what it changed; gives what undoes that."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(terminable())
            return stack.pop_all().close

    def restore(self) -> int:
        """Put back what earlier runs have left on the targets, and do no more; the exit code."""
        code = 0
        for spec in self.specs:
            try:
                look = Look(
                    spec.name, spec.url, self.credentials, asked.connection(self.config), given(self.config, "--pause")
                )
                self.kept.restore(look())
            except CannotJudge as end:
                tell(f"{end.verdict.words}: {end}")
                code = max(code, end.verdict.exit_code)
        return code

    def plan(self) -> int:
        """Say what the run would do to each target, and do no more; the exit code."""
        from conformance.live import plan  # noqa: PLC0415 - the reference server is loaded only in need

        for target in self.targets.values():
            for line in plan.lines(self.config, target, asked.connection(self.config)):
                tell(line)
        return 0

    def count(self, cases: Iterable[pytest.Item]) -> None:
        """Count cases that were collected, by target and requirement."""
        for item in cases:
            if entry := requirement_of(item):
                self.rows[target_of(item, self), entry.id].number += 1

    def add_row(self, row: dict[str, Any]) -> None:
        """Take in what a case came to, as a process of a parallel run sends it."""
        target, evidence = row["target"], row["evidence"]
        self.rows.add(row)
        if evidence["section"] is not None:
            self.parts[target][evidence["section"]] = None
        self.troubles[evidence["trouble"]] = None
        if row["lost"]:
            self.lost[target] = row["lost"]
        if row["leaks"] and (entry := self.scope.get(LEAKED)):
            self.rows.add_leaks(target, row["leaks"], entry)

    @property
    def judged(self) -> bool:
        """Whether any case came to something."""
        return any(rows.findings for rows in self.rows.values())

    def findings(self, target: str) -> list[Finding]:
        """One finding for each requirement of the scope, and for whatever else was judged."""
        unreached = {
            entry.id: Finding(entry.id, Outcome.NOT_TESTED, self.why_not_reached(entry.id))
            for entry in self.scope.values()
            if not entry.excluded
        }
        everything = unreached | self.rows.findings(target)
        return [everything[name] for name in self.requirements if name in everything]

    def why_not_reached(self, requirement: str) -> str:
        """Why nothing is known of a requirement."""
        untold = self.replay.untold(requirement) if self.replay else NOT_REACHED
        return self.gate.lost.get(requirement, untold)

    @property
    def excluded(self) -> list[Requirement]:
        """The requirements of the scope that nobody can judge from outside."""
        return [entry for entry in self.scope.values() if entry.excluded]

    def verdict(self, target: str) -> Verdict:
        """The verdict on one target."""
        if target in self.unjudged:
            return self.unjudged[target].verdict
        left = self.kept.proofs.get(target)
        changed = {None: Verdict.UNREACHABLE, False: Verdict.TARGET_CHANGED}
        kept = [changed[left.same]] if left and not left.same else []
        lost = [Verdict.UNREACHABLE] if target in self.lost else []
        findings = self.compared(target)
        judged = judge(findings[target], self.requirements, self.gate.terms(target, findings))
        part = [Verdict.INCOMPLETE] if self.replay and not self.replay.recorded.whole else []
        return worst([judged, *kept, *lost, *part])

    def compared(self, target: str) -> dict[str, list[Finding]]:
        """The findings of each target that was judged, as far as the verdict on this one depends on them."""
        names = self.names if self.gate.waivers else [target]
        return {name: self.findings(name) for name in names if name not in self.unjudged}

    def outdated(self, target: str) -> list[Outdated]:
        """The waivers that are outdated on one target."""
        return self.gate.outdated(target, self.compared(target)) if self.gate.waivers else []

    @property
    def names(self) -> list[str]:
        """The names of all targets, in the order of the command line."""
        return [spec.name for spec in self.specs]

    @property
    def exit_code(self) -> int:
        """The exit code of the worst verdict."""
        return worst(self.verdict(name) for name in self.names).exit_code


RUN = pytest.StashKey[Run]()


def current(config: pytest.Config) -> Run:
    """The run of this process."""
    if RUN not in config.stash:
        config.stash[RUN] = Run(config)
        config.pluginmanager.register(config.stash[RUN].hiding, "conformance.hiding")
    return config.stash[RUN]


def secrets_of(passwords: Mapping[str, str], tokens: Mapping[str, str]) -> Secrets:
    """What is never shown of these, which are given by their roles."""
    names = {word: password_variable(role) for role, word in passwords.items() if word}
    return Secrets(names | {token: TOKENS[role] for role, token in tokens.items()})


def requirement_of(item: pytest.Item) -> Requirement | None:
    """The requirement that a test judges, None where it is no case; raises pytest.UsageError for an unknown one."""
    marker = item.get_closest_marker("requirement")
    if marker is None:
        return None
    name: str = marker.args[0]
    if name not in (entries := current(item.config).requirements):
        raise pytest.UsageError(f"{item.nodeid}: there is no requirement '{name}'. {did_you_mean(name, entries)}")
    return entries[name]


def known() -> Mapping[str, Requirement]:
    """The catalogue; raises pytest.UsageError where it breaks its format."""
    try:
        return catalogue()
    except CatalogueError as error:
        raise pytest.UsageError(str(error)) from None


def selected(items: Iterable[pytest.Item], run: Run) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The tests to run and those to leave out: cases outside the scope, or of a target that cannot be judged."""
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        entry = requirement_of(item)
        judged = not run.targets or target_of(item, run) in run.targets
        wanted = entry is None or (entry.id in run.scope and judged)
        (kept if wanted else left).append(item)
    return kept, left


def target_of(item: pytest.Item, run: Run) -> str:
    """The name of the target that a case is for."""
    name: str = item.callspec.params.get("target", run.names[0]) if hasattr(item, "callspec") else run.names[0]
    return name
