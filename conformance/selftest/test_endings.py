"""A run that breaks, or cannot tell what it came to, says so on one line and has an exit code that is no verdict's."""

import os
import pty
import resource
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.types import Receive, Scope, Send

from conformance.node_red import free_port
from conformance.selftest.conftest import Serve
from conformance.selftest.running import PATIENCE, ROOT, Ended, Suite, environment
from reference_server import Api

ONE: Final = "conformance/cases/test_flows_get.py"
"""Cases that are over soon."""

PUT: Final = "conformance/cases/test_flow_put.py"
"""Cases that deploy."""

PARALLEL: Final = pytest.mark.parametrize("parallel", [(), ("-n", "2")], ids=["alone", "parallel"])


def assert_told(ended: Ended, exit_code: int, words: str) -> None:
    """The run ended so, and said why on one line."""
    assert ended.exit_code == exit_code, ended.said
    assert "Traceback" not in ended.said
    assert len([line for line in ended.said.splitlines() if words in line]) == 1, ended.said


def plugin(folder: Path, text: str) -> dict[str, str]:
    """The variable that lets `-p another_plugin` load a plugin of this text."""
    (folder / "another_plugin.py").write_text(text, "utf-8")
    return {"PYTHONPATH": str(folder)}


@pytest.mark.reaches(5)
@PARALLEL
def test_nothing_selected_is_no_success(suite: Suite, parallel: tuple[str, ...]) -> None:
    ended = suite(ONE, "-k", "no_such_case", *parallel)

    assert_told(ended, 5, "INCOMPLETE: no case was run")
    assert ended.verdict["verdict"] == "INCOMPLETE"


CATALOGUE: Final = """
import pathlib
from conformance import catalogue

catalogue.PACKAGE = pathlib.Path(__file__).parent
"""
"""A plugin that lets the catalogue lie beside it."""


@pytest.mark.reaches(4)
@PARALLEL
@pytest.mark.parametrize(
    ("area", "words"),
    [("", "no requirement is there"), ('[a]\nlevel = "MUSST"\n', "area.toml: ")],
    ids=["empty", "broken"],
)
def test_catalogue_that_cannot_be_read_is_told(
    suite: Suite, tmp_path: Path, parallel: tuple[str, ...], area: str, words: str
) -> None:
    (tmp_path / "requirements").mkdir()
    if area:
        (tmp_path / "requirements" / "area.toml").write_text(area, "utf-8")

    ended = suite(ONE, *parallel, "-p", "another_plugin", **plugin(tmp_path, CATALOGUE))

    assert_told(ended, 4, words)
    assert not (ended.reports / "verdict.json").exists()


@PARALLEL
def test_catalogue_is_read_before_anything_is_sent(suite: Suite, tmp_path: Path, parallel: tuple[str, ...]) -> None:
    (tmp_path / "requirements").mkdir()
    nowhere = f"--target=http://127.0.0.1:{free_port()}"

    ended = suite(nowhere, ONE, *parallel, "-p", "another_plugin", **plugin(tmp_path, CATALOGUE))

    assert_told(ended, 4, "no requirement is there")


@pytest.mark.reaches(3)
@PARALLEL
@pytest.mark.parametrize(
    "hook",
    [
        "pytest_collection_modifyitems(items)",
        "pytest_runtest_protocol(item)",
        "pytest_runtest_logreport(report)",
        "pytest_sessionfinish(session)",
        "pytest_terminal_summary(terminalreporter)",
        "pytest_unconfigure(config)",
    ],
    ids=lambda hook: hook.partition("(")[0],
)
def test_plugin_that_breaks_is_told(suite: Suite, tmp_path: Path, parallel: tuple[str, ...], hook: str) -> None:
    broken = plugin(tmp_path, f"def {hook}:\n    raise RuntimeError('boom')\n")

    ended = suite(ONE, *parallel, "-p", "another_plugin", **broken)

    assert_told(ended, 3, "RuntimeError: boom in another_plugin.py:2")


def test_whole_traceback_is_shown_where_it_is_asked_for(suite: Suite, tmp_path: Path) -> None:
    broken = plugin(tmp_path, "def pytest_sessionfinish(session):\n    raise RuntimeError('boom')\n")

    ended = suite(ONE, "--full-trace", "-p", "another_plugin", **broken)

    assert ended.exit_code == 3
    assert "Traceback" in ended.stderr


@pytest.mark.reaches(14)
@pytest.mark.parametrize("fixture", ["target", "recorder"])
def test_suite_that_breaks_before_a_case_is_an_error_of_the_suite(suite: Suite, tmp_path: Path, fixture: str) -> None:
    place = {"target": "bundled.reference", "recorder": "recorder.Recorder.__init__"}[fixture]
    broken = plugin(
        tmp_path,
        "from conformance import bundled, recorder\n"
        f"def broken(*_, **__):\n    raise KeyError('boom')\n{place} = broken\n",
    )

    ended = suite(ONE, "-p", "another_plugin", **broken)

    assert ended.exit_code == 14
    assert ended.reason("flows.get-v1-gives-array") == "KeyError: 'boom'"


@pytest.mark.parametrize("option", ["--junitxml=/dev/full", "--junitxml=/dev/null/junit.xml"])
def test_file_of_another_plugin_that_cannot_be_written_is_told(suite: Suite, option: str) -> None:
    ended = suite(ONE, option)

    assert_told(ended, 3, "ERROR: ")
    assert ended.verdict["verdict"] == "INCOMPLETE"


def started(suite: Suite, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    """A run that goes on; `options` are those of Popen."""
    command = suite.command(*arguments)
    usual: dict[str, Any] = {"cwd": ROOT, "env": environment({}), "stdin": subprocess.DEVNULL, "text": True}
    usual["stderr"] = subprocess.PIPE
    running: subprocess.Popen[str] = subprocess.Popen(command, **usual | options)  # noqa: S603 - our own
    return running


def ended(suite: Suite, running: subprocess.Popen[str]) -> Ended:
    """What became of a run."""
    said, complained = running.communicate(timeout=PATIENCE)
    suite.exit_codes.append(running.returncode)
    return Ended(running.returncode, said or "", complained or "", suite.reports)


def limit_files() -> None:
    """Let this process write no more than a little into a file, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000))


@PARALLEL
def test_full_disk_leaves_no_half_of_a_verdict(suite: Suite, parallel: tuple[str, ...]) -> None:
    (suite.folder / "reports-1").mkdir()
    (suite.folder / "reports-1" / "verdict.json").write_text("of an earlier run", "utf-8")

    came = ended(suite, started(suite, ONE, *parallel, stdout=subprocess.PIPE, preexec_fn=limit_files))

    assert_told(came, 3, "verdict.json could not be written")
    assert list(came.reports.iterdir()) == []


def test_report_folder_that_goes_while_the_run_goes_on_is_told(suite: Suite, tmp_path: Path) -> None:
    folder = tmp_path / "reports-1"
    gone = (
        "import pathlib, shutil\ndef pytest_runtest_logfinish():\n"
        f"    shutil.rmtree({str(folder)!r}, ignore_errors=True)\n    pathlib.Path({str(folder)!r}).touch()\n"
    )

    came = suite(ONE, "-p", "another_plugin", **plugin(tmp_path, gone))

    assert_told(came, 3, "verdict.json could not be written")


@PARALLEL
@pytest.mark.parametrize("cases", [ONE, "conformance/cases"], ids=["few", "many"])
def test_full_disk_that_takes_nothing_of_what_is_said_is_told(
    suite: Suite, parallel: tuple[str, ...], cases: str
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        came = ended(suite, started(suite, cases, "--profile=read", "-vv", *parallel, stdout=full))

    assert_told(came, 3, "No space left on device")


@pytest.mark.reaches(4)
def test_closed_standard_output_is_refused(suite: Suite) -> None:
    came = ended(suite, started(suite, ONE, preexec_fn=lambda: os.close(1)))

    assert_told(came, 4, "Standard output is closed")


def deploying(api: Api, at_last: Callable[[], object]) -> Any:
    """A server of which something is done once something is deployed there."""
    app, done = api.app(), threading.Event()

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)
        if api.flows.nodes and not done.is_set():
            done.set()
            at_last()

    return watched


@PARALLEL
def test_reader_who_goes_away_ends_the_run_and_the_target_is_put_back(
    suite: Suite, served: Serve, parallel: tuple[str, ...]
) -> None:
    api = Api()
    reading, writing = os.pipe()
    url = served(deploying(api, lambda: os.close(reading)))

    running = started(suite, f"--target={url}", PUT, "-vv", *parallel, stdout=writing)
    os.close(writing)
    came = ended(suite, running)

    assert_told(came, 3, "Broken pipe")
    assert api.flows.nodes == []
    assert came.verdict["verdict"] == "INCOMPLETE"


@pytest.mark.reaches(2)
def test_run_whose_terminal_hangs_up_is_interrupted_and_the_target_is_put_back(suite: Suite, served: Serve) -> None:
    api = Api()
    url = served(deploying(api, lambda: running.send_signal(signal.SIGHUP)))

    running = started(suite, f"--target={url}", PUT, stdout=subprocess.PIPE)
    came = ended(suite, running)

    assert_told(came, 2, "KeyboardInterrupt !!!")
    assert api.flows.nodes == []
    assert came.verdict["counts"]["not-tested"] > 0


def test_run_whose_terminal_is_gone_is_no_success_and_the_target_is_put_back(suite: Suite, served: Serve) -> None:
    api = Api()
    master, terminal = pty.openpty()

    def close() -> None:
        os.close(master)
        running.send_signal(signal.SIGHUP)

    url = served(deploying(api, close))
    places = {"stdin": terminal, "stdout": terminal, "stderr": terminal}
    running = started(suite, f"--target={url}", PUT, "-q", start_new_session=True, **places)
    os.close(terminal)
    came = ended(suite, running)

    assert came.exit_code in (2, 3)
    assert api.flows.nodes == []
    assert came.verdict["counts"]["not-tested"] > 0
