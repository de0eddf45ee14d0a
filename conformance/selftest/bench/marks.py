"""A plugin that writes down when a run began its first case, ended its last one, and how long it only waited."""

import os
import time
from pathlib import Path
from typing import SupportsIndex

MARKS = {"first": 0.0, "last": 0.0, "waited": 0.0}

SLEEP = time.sleep


def sleep(seconds: float | SupportsIndex) -> None:
    """Wait, and count it."""
    began = time.monotonic()
    SLEEP(seconds)
    MARKS["waited"] += time.monotonic() - began


def pytest_configure() -> None:
    """Count every wait of this process."""
    time.sleep = sleep


def pytest_runtest_setup() -> None:
    """The first case begins."""
    MARKS["first"] = MARKS["first"] or time.time()


def pytest_runtest_logfinish() -> None:
    """A case has ended."""
    MARKS["last"] = time.time()


def pytest_unconfigure() -> None:
    """Write them down: seconds since the epoch, and seconds."""
    if MARKS["first"]:  # which the process has that runs cases
        Path(os.environ["BENCH_MARKS"]).write_text("{first} {last} {waited}".format(**MARKS), "utf-8")
