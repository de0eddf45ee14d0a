"""A conformance suite for servers that speak the Node-RED admin HTTP API."""

from typing import Final

import pytest

__version__: Final = "0.1.0"


def requirement(requirement_id: str) -> pytest.MarkDecorator:
    """Say which requirement a case judges, by its id: `@requirement("flows.stale-rev-refused")`."""
    return pytest.mark.requirement(requirement_id)


__all__ = ["__version__", "requirement"]
