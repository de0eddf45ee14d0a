"""How a comparison that failed is told: where two large values first differ, and never all of them."""

import dataclasses
from typing import Any, Final

from _pytest._io.saferepr import saferepr

from conformance.checks import first_difference

LARGE: Final = 4_000
"""Characters and elements of two values from which on pytest's line by line takes its time, and gigabytes."""

SHOWN: Final = 32
"""Characters that are repeated of each of them, as many as pytest repeats."""


def told(operator: str, left: object, right: object) -> list[str] | None:
    """The lines that tell of a failed comparison; None where pytest may, which cuts nothing where it runs in CI."""
    if not is_large(left, right):
        return None
    lines = [f"{saferepr(left, SHOWN)} {operator} {saferepr(right, SHOWN)}"]
    if operator == "==" and (difference := first_difference(plain(left), plain(right))):
        lines.append(f"First difference: {difference}")
    return lines


def is_large(*values: object) -> bool:
    """Whether these values have together more than LARGE characters and elements; no more of them is looked at."""
    size, inside = 0, list[object](values)
    while inside:
        value = plain(inside.pop())
        size += len(value) if isinstance(value, str | bytes | dict | list | tuple | set | frozenset) else 1
        if size > LARGE:
            return True
        if isinstance(value, dict):
            inside += value.keys()
            inside += value.values()
        elif isinstance(value, list | tuple | set | frozenset):
            inside += value
    return False


def plain(value: object) -> Any:  # noqa: ANN401 - JSON, as the checks compare it
    """The value, as JSON where it is made of named parts."""
    return vars(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else value
