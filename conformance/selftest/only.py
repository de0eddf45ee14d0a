"""A pytest plugin that leaves out every case but those of the requirements in ONLY, for short runs of the suite."""

import os

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the cases of the requirements that ONLY names."""
    wanted = os.environ["ONLY"].split()
    kept = [item for item in items if any(marker.args[0] in wanted for marker in item.iter_markers("requirement"))]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept
