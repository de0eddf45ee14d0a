"""A pytest plugin that has other requirement sets: `-p conformance.selftest.older_set`."""

import os
from pathlib import Path
from typing import Final

import pytest

from conformance import requirement_sets

VARIABLE: Final = "REQUIREMENT_SETS"
"""The environment variable that says in which folder they lie."""


def pytest_addoption() -> None:
    """Take the sets of that folder, before anything asks for one."""
    pytest.MonkeyPatch().setattr(requirement_sets, "FOLDER", Path(os.environ[VARIABLE]))
