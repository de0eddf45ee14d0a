"""JSON that is written otherwise, and means the same."""

import json
from collections.abc import Callable
from typing import Final

from reference_server.between import Json
from reference_server.variants.variant import register, telling


def reordered(value: Json, order: Callable[[list[str]], list[str]]) -> Json:
    """The value with the keys of all its objects in another order."""
    if isinstance(value, dict):
        return {key: reordered(value[key], order) for key in order(list(value))}
    return [reordered(one, order) for one in value] if isinstance(value, list) else value


def as_double(value: Json) -> Json:
    """The value with each whole number written with a point."""
    if isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        parts = {key: as_double(one) for key, one in members}
        return parts if isinstance(value, dict) else list(parts.values())
    return float(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53 else value


WRITTEN: Final[tuple[tuple[str, str, Callable[[Json], str]], ...]] = (
    (
        "keys-from-a-to-z",
        "The keys of all objects are in alphabetical order.",
        lambda value: json.dumps(value, sort_keys=True),
    ),
    (
        "keys-in-reverse",
        "The keys of all objects are in reverse order.",
        lambda value: json.dumps(reordered(value, lambda keys: keys[::-1])),
    ),
    (
        "indented-json",
        "JSON is indented, and ends with a line break.",
        lambda value: json.dumps(value, indent=4, ensure_ascii=False) + "\n",
    ),
    ("ascii-json", "JSON has an escape for each character beyond ASCII.", json.dumps),
    ("escaped-slashes", "JSON has an escape for each slash.", lambda value: json.dumps(value).replace("/", r"\/")),
    ("numbers-with-a-point", "Whole numbers are written with a point.", lambda value: json.dumps(as_double(value))),
)
"""Each variant with its sentence and its way to write JSON."""

for name, text, dumps in WRITTEN:
    register(name, text, says=telling(lambda _, value: value, dumps))
