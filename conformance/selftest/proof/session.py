"""The suite within this process, against servers that are within it too: no time is lost on starting anything."""

import contextlib
import io
import itertools
import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pytest

from conformance import run, waiting
from conformance.catalogue import catalogue
from conformance.outcomes import Finding
from conformance.selftest.liars import AS_BOTH, PASSWORDS
from conformance.selftest.running import ROOT

DEADLINE: Final = 0.5
"""Seconds in which what a server on loopback does has come of it."""

CASES: Final = ROOT / "conformance" / "cases"

QUIETLY: Final = (
    *(f"-pno:{name}" for name in ("cacheprovider", "xdist", "allure_pytest", "unraisableexception", "threadexception")),
    "-Wignore::pytest.PytestAssertRewriteWarning",  # this process knows some modules already
)
"""The options of a session within this process: what it does without."""


@dataclass(frozen=True)
class Entry:
    """How the suite gets into the targets."""

    options: Sequence[str]
    """What names the users on the command line."""
    secrets: Mapping[str, str]
    """Their passwords, or ready tokens, by the variables of the environment that hold them."""


BOTH: Final = Entry(AS_BOTH, PASSWORDS)

NOBODY: Final = Entry((), {})


@dataclass(frozen=True)
class Session:
    """A session of pytest that has ended."""

    findings: Mapping[str, Mapping[str, Finding]]
    """What each requirement that was wanted came to, by the name of the target."""
    said: str
    """All that pytest said."""


class Chosen:
    """A plugin that leaves out every case but those of some requirements, and keeps what became of them."""

    def __init__(self, wanted: Mapping[str, Collection[str]]) -> None:
        self.wanted = wanted
        self.by_anybody = frozenset(itertools.chain.from_iterable(wanted.values()))
        self.findings: dict[str, dict[str, Finding]] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        """Judge nothing but what somebody wants, so that the reports are short."""
        scope = {name: entry for name, entry in catalogue().items() if name in self.by_anybody}
        vars(run.current(config))["scope"] = scope

    def pytest_pycollect_makeitem(self, obj: object) -> list[pytest.Item] | None:
        """Make no items of a case that nobody wants."""
        names = [mark.args[0] for mark in getattr(obj, "pytestmark", ()) if mark.name == "requirement"]
        return [] if names and self.by_anybody.isdisjoint(names) else None

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the cases of what is wanted of their target."""
        current = run.current(config)
        kept: list[pytest.Item] = []
        left: list[pytest.Item] = []
        for item in items:
            entry = run.requirement_of(item)
            (kept if entry and entry.id in self.wanted[run.target_of(item, current)] else left).append(item)
        config.hook.pytest_deselected(items=left)
        items[:] = kept

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Keep the findings."""
        current = run.current(session.config)
        for target, wanted in self.wanted.items():
            name = target if target in current.targets else current.names[0]
            self.findings[target] = {
                found.requirement: found for found in current.findings(name) if found.requirement in wanted
            }


def session(
    targets: Mapping[str, str],
    wanted: Mapping[str, Collection[str]],
    *options: str,
    plugins: Sequence[object] = (),
    entry: Entry = BOTH,
    deadline: float = DEADLINE,
) -> Session:
    """Run the suite against targets, given by their URLs, each of which is judged by what is `wanted` of it.

    One that cannot be judged at all has findings that were not tested, or none. `deadline` is in seconds.
    """
    chosen = Chosen(wanted)
    files = cases_of(itertools.chain.from_iterable(wanted.values()))
    with (
        tempfile.TemporaryDirectory() as reports,
        aside() as said,
        hurried({**entry.secrets, "XDG_STATE_HOME": reports}, deadline),
    ):
        words = [*QUIETLY, f"--report-dir={reports}", *entry.options]
        words += [f"--target={name}={url}" for name, url in targets.items()]
        pytest.main([*words, *options, *files], [chosen, *plugins])
    return Session(chosen.findings, said.getvalue())


def cases_of(requirements: Iterable[str]) -> list[str]:
    """The files that hold the cases of the areas of these requirements."""
    areas = {requirement.partition(".")[0] for requirement in requirements}
    return [str(file) for file in sorted(CASES.glob("test_*.py")) if file.stem.split("_")[1] in areas]


@contextlib.contextmanager
def hurried(secrets: Mapping[str, str], deadline: float) -> Iterator[None]:
    """Wait for nothing longer than a server on loopback needs, and know the passwords of its users."""
    usual, environment = waiting.DEADLINE, dict(os.environ)
    waiting.DEADLINE = deadline  # type: ignore[misc]  # a constant to everybody else
    os.environ.update(secrets)
    try:
        yield
    finally:
        waiting.DEADLINE = usual  # type: ignore[misc]
        os.environ.clear()
        os.environ.update(environment)


@contextlib.contextmanager
def aside() -> Iterator[io.StringIO]:
    """Keep what is written for people."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        yield said
