"""A comparison of what a target makes large is told in a few short lines, also where pytest would cut nothing."""

import time
import tracemalloc

import pytest

from conformance.client import Deployment
from conformance.comparing import LARGE, told


@pytest.mark.parametrize(("left", "right"), [(1, 2), ([1], [2]), ({"a": [1]}, {"a": [2]})])
def test_small_values_are_left_to_pytest(left: object, right: object) -> None:
    assert told("==", left, right) is None


def test_large_values_are_told_by_where_they_first_differ() -> None:
    nodes = [{"id": f"{number}", "x": number} for number in range(LARGE)]

    lines = told("==", nodes, [*nodes[:-1], {"id": "other", "x": LARGE - 1}])

    assert lines is not None
    assert lines[1] == f"First difference: $[{LARGE - 1}].id: '{LARGE - 1}' became 'other'"
    assert all(len(line) < 200 for line in lines)


def test_deployments_are_compared_by_their_flows() -> None:
    nodes = [{"id": f"{number}"} for number in range(LARGE)]

    lines = told("==", Deployment("a", nodes), Deployment("a", nodes[1:]))

    assert lines is not None
    assert lines[1] == f"First difference: $.flows: {LARGE} elements became {LARGE - 1}"


@pytest.mark.parametrize("operator", ["==", "in", "not in", "<="])
def test_what_is_very_large_takes_neither_time_nor_memory(operator: str) -> None:
    many, begun = list(range(2_000_000)), time.monotonic()
    tracemalloc.start()

    lines = told(operator, many, "x" * 10_000_000)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert lines is not None
    assert peak < 30_000_000
    assert time.monotonic() - begun < 2
