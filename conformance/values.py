"""Reading JSON that a target sent: at no depth, of no size and with no number that would be too much for the suite."""

import json
from typing import Final

import httpx

from conformance.data import Json

DEPTH: Final = 200
"""Arrays and objects within each other that are read."""

MARKS: Final = 2_000_000
"""Commas, colons and brackets of a text that is read: 20,000 nodes have less than half as many."""


class TooMuchToRead(ValueError):
    """It may be JSON, and is more than the suite reads; the message goes on after what was read is named."""


class NotJson(ValueError):
    """What Python reads and JSON does not have."""


def read_json(text: bytes | str) -> Json:
    """The value of a JSON text; of a name that an object has twice the last value counts, as in JavaScript.

    Raises TooMuchToRead, and ValueError for what is no JSON.
    """
    if marks(text) > MARKS:
        raise TooMuchToRead("holds more values than the suite reads")
    try:
        value = json.loads(text, parse_constant=refuse_constant)
    except RecursionError as error:
        raise TooMuchToRead("is nested more deeply than the suite reads") from error
    except (json.JSONDecodeError, UnicodeError, NotJson):
        raise
    except ValueError as error:  # what is left: Python makes no number of thousands of digits
        raise TooMuchToRead("holds a number of more digits than the suite reads") from error
    check_depth(value)
    return value


def json_of(reply: httpx.Response) -> Json:
    """The reply's JSON, None where it is none."""
    try:
        return read_json(reply.content)
    except ValueError:
        return None


def marks(text: bytes | str) -> int:
    """How many commas, colons and opening brackets there are, which no value can be without."""
    return sum(map(text.count, ",:[{") if isinstance(text, str) else map(text.count, b",:[{"))


def refuse_constant(name: str) -> Json:
    """Refuse NaN and the infinities."""
    raise NotJson(name)


def check_depth(value: Json) -> None:
    """Raise TooMuchToRead where the value is nested deeper than DEPTH."""
    level, depth = [value], 0
    while level:
        containers = [one for one in level if isinstance(one, dict | list)]
        level = [inside for one in containers for inside in (one.values() if isinstance(one, dict) else one)]
        depth += 1
        if depth > DEPTH:
            raise TooMuchToRead("is nested more deeply than the suite reads")
