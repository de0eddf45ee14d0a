"""How far a run of cases has come, while it goes on: in place of pytest's dots, which tell neither where nor when."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from xdist.workermanage import WorkerController

OFTEN: Final = 0.1
"""Seconds between two lines of a terminal, each in the place of the one before."""

SELDOM: Final = 10.0
"""Seconds between two lines of a log."""

EARLY: Final = 20
"""Cases after which the time that is left can be told."""


class Progress:
    """A plugin that says where the run is, as long as nothing but cases runs and nobody asked for more or less."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.cases = 0
        """How many cases the run has; 0 where it is none of cases alone."""
        self.ended = 0
        self.failed = 0
        self.began = self.told = time.monotonic()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Begin to count, where every test is a case."""
        if all(item.get_closest_marker("requirement") for item in session.items):
            self.begin(len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: WorkerController, ids: Sequence[str]) -> None:
        """The same in a parallel run, whose workers each collect everything."""
        if node.workerinput["workerid"] == "gw0" and all("conformance/cases/" in nodeid for nodeid in ids):
            self.begin(len(ids))

    def begin(self, cases: int) -> None:
        """Speak in pytest's place."""
        self.terminal = self.config.pluginmanager.getplugin("terminalreporter")
        if self.terminal and self.config.get_verbosity() == 0:
            self.cases, self.began = cases, time.monotonic()
            self.told = self.began
            self.terminal.showfspath = False

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self) -> Generator[None, Any, Any]:
        """No letter for a case."""
        category, letter, word = yield
        return category, "" if self.cases else letter, word

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the case, and say so when it is time."""
        self.failed += report.failed
        if report.when != "teardown" or not self.cases:
            return
        self.ended += 1
        often = self.terminal.isatty()
        if time.monotonic() - self.told < (OFTEN if often else SELDOM):
            return
        self.told = time.monotonic()
        requirement = dict(report.user_properties).get("requirement", "")
        line = self.line(f"{requirement}".partition(".")[0])
        if often:
            self.terminal.rewrite(line, erase=True)
        else:
            self.terminal.write_line(line)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Leave no line behind in a terminal."""
        try:
            return (yield)
        finally:
            if self.cases and self.terminal.isatty():
                self.terminal.rewrite("", erase=True)

    def line(self, area: str) -> str:
        """How many cases have ended, where the run is, and what is left."""
        said = [f"{self.ended} of {self.cases} cases", f"now in {area}"]
        if self.failed:
            said.append(f"{self.failed} failed")
        if self.ended >= EARLY:
            left = (time.monotonic() - self.began) / self.ended * (self.cases - self.ended)
            said.append(f"about {span(left)} left")
        return ", ".join(said)


def span(seconds: float) -> str:
    """A time as a person says it."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
