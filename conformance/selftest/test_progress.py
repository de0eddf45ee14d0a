"""While cases run it is said how many have ended, where the run is, and how long it still takes."""

import os
import pty
import re
import subprocess

import pytest

from conformance import progress
from conformance.progress import span
from conformance.selftest.running import ROOT, Suite, environment

ONE = ("conformance/cases/test_flows_get.py", "--profile=read")


def test_terminal_shows_it_on_one_line_that_is_gone_at_the_end(suite: Suite) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - our own words
        suite.command(*ONE), cwd=ROOT, env=environment({}), stdin=theirs, stdout=theirs, stderr=theirs
    ) as running:
        os.close(theirs)
        said = read_to_the_end(ours)

    assert running.returncode == 10  # as only a part was asked
    lines = re.findall(r"\r(\d+) of (\d+) cases, now in flows", said)
    assert lines
    assert all(int(ended) <= int(cases) for ended, cases in lines)
    assert "test_flows_get.py ." not in said
    assert " of " not in said.partition("conformance of ")[0].rpartition("\r")[2]


def read_to_the_end(terminal: int) -> str:
    """All that is written to a terminal until nobody has it open any more."""
    said = b""
    try:
        while part := os.read(terminal, 65_536):
            said += part
    except OSError:  # which is how Linux says that
        pass
    return said.decode()


@pytest.mark.parametrize("more", [(), ("-n", "2")], ids=["alone", "parallel"])
def test_log_holds_a_line_at_times(suite: Suite, more: tuple[str, ...]) -> None:
    often = "import conformance.progress; conformance.progress.SELDOM = 0.0"
    (suite.folder / "hasty.py").write_text(often, "utf-8")

    ended = suite(*ONE, *more, "-p", "hasty", PYTHONPATH=f"{suite.folder}")

    told = re.findall(r"^(\d+) of (\d+) cases, now in flows.*$", ended.stdout, re.MULTILINE)
    assert [int(number) for number, _ in told] == list(range(1, int(told[0][1]) + 1))


def test_other_tests_are_told_as_pytest_tells_them(suite: Suite) -> None:
    ended = suite("conformance/selftest/test_comparing.py")

    assert "test_comparing.py ." in ended.stdout
    assert "cases, now in" not in ended.said


@pytest.mark.parametrize(("seconds", "said"), [(0.4, "0 s"), (59.4, "59 s"), (61, "1 min 1 s"), (3600, "60 min 0 s")])
def test_time_that_is_left_is_in_words(seconds: float, said: str) -> None:
    assert span(seconds) == said


def test_time_is_told_once_a_few_cases_have_ended(pytestconfig: pytest.Config) -> None:
    told = progress.Progress(pytestconfig)
    told.cases, told.ended, told.failed = 40, 1, 2

    assert told.line("flows") == "1 of 40 cases, now in flows, 2 failed"

    told.ended = 30
    assert told.line("flow").endswith(" left")
