"""A pytest plugin that leaves out every case but those of the requirements in ONLY, for short runs of the suite.

ONLY is JSON: for each target by its name, the requirements whose cases it gets. DEADLINE is the seconds that are waited
for what was deployed: half a second where it is not given, as servers on loopback need no more unless they are slow.
"""

import json
import os

import pytest

from conformance import run, waiting

waiting.DEADLINE = float(os.environ.get("DEADLINE", "0.5"))  # type: ignore[misc]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what ONLY names."""
    wanted = json.loads(os.environ["ONLY"])
    current = run.current(config)
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        entry = run.requirement_of(item)
        (kept if entry and entry.id in wanted[run.target_of(item, current)] else left).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept
