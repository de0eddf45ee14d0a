"""The fixtures of the self-tests: the suite to run, and servers to run it against."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from starlette.types import ASGIApp

from conformance.selftest.running import Suite
from reference_server import Api, serve

Serve = Callable[..., str]
"""Serves an application, under uvicorn's options, until the test ends, and gives its URL."""

DEAR: Final = frozenset({"browser", "cases", "failing", "found", "honest", "looked", "met"})
"""Fixtures that are made once for all tests of a module, and take seconds."""


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known."""
    config.addinivalue_line("markers", "long: takes many seconds, and begins first, so that no worker ends alone")
    config.addinivalue_line("markers", "thorough: one of many more of its kind, which `make prove` runs")
    config.addinivalue_line("markers", "reaches(code): a run of the suite in this test ends with this exit code")
    hear_signals()


def hear_signals() -> None:
    """Do nothing at a signal that this process ignores: what is ignored the processes of the tests would ignore, too.

    It is ignored under nohup, and in the background of a script.
    """
    for ending in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(ending) is signal.SIG_IGN:
            with contextlib.suppress(ValueError):  # outside the main thread
                signal.signal(ending, lambda *_: None)


@pytest.hookimpl(tryfirst=True)  # as pytest-xdist reads the marks in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what is long, and keep those together that share something dear."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    for item in items:
        for name in DEAR.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(name))


@pytest.fixture(autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the journals of the runs lie."""
    folder = tmp_path_factory.mktemp("state", numbered=True) / "home"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """The suite, as a user runs it."""
    return Suite(tmp_path)


@pytest.fixture(autouse=True)
def reached(request: pytest.FixtureRequest) -> Iterator[None]:
    """Holds a test to the exit codes that it says it reaches."""
    codes = {mark.args[0] for mark in request.node.iter_markers("reaches")}
    suite = request.getfixturevalue("suite") if codes else None
    yield
    assert suite is None or codes <= set(suite.exit_codes)


@pytest.fixture
def served() -> Iterator[Serve]:
    """Serves applications on loopback."""
    with ExitStack() as servers:

        def serving(app: ASGIApp, **options: Any) -> str:
            return servers.enter_context(serve(app, **options)).url

        yield serving


@pytest.fixture
def speaking(served: Serve) -> Iterator[httpx.Client]:
    """A client of a reference server that asks for no token."""
    with httpx.Client(base_url=served(Api().app()), trust_env=False) as client:
        yield client
