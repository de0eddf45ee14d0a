"""The fixtures of the self-tests: the suite to run, and servers to run it against."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from conformance.selftest.running import Suite
from reference_server import serve

Serve = Callable[[ASGIApp], str]
"""Serves an application until the test ends, and gives its URL."""


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """The suite, as a user runs it."""
    return Suite(tmp_path)


@pytest.fixture
def served() -> Iterator[Serve]:
    """Serves applications on loopback."""
    with ExitStack() as servers:
        yield lambda app: servers.enter_context(serve(app)).url
