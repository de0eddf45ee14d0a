"""A pytest plugin that writes down what was collected: `-p conformance.selftest.collector`."""

import json
import os
from pathlib import Path
from typing import Final

import pytest

VARIABLE: Final = "COLLECTED"
"""The environment variable that says where to write."""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write each case: its function, its requirements, and whether the function as a whole carries one."""
    cases = [
        {
            "case": item.nodeid,
            "function": getattr(item, "originalname", item.name),
            "requirements": [mark.args[0] for mark in item.iter_markers("requirement")],
            "marked": any(mark.name == "requirement" for mark in getattr(item.function, "pytestmark", [])),
            "row": hasattr(item, "callspec"),
        }
        for item in session.items
        if isinstance(item, pytest.Function)
    ]
    Path(os.environ[VARIABLE]).write_text(json.dumps(cases), "utf-8")
