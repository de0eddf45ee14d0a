"""The checks that cases share: a reply's shape, and whether two JSON values are the same."""

import functools
import hashlib
import itertools
import json
import math
import re
from collections.abc import Iterator
from typing import Final

import httpx
import jsonschema
from _pytest._io.saferepr import saferepr
from jsonschema.exceptions import best_match

from conformance.data import Json, schema
from conformance.values import TooMuchToRead, read_json

VALUE_LENGTH: Final = 60
"""Characters of a value that a message repeats."""

PROBLEMS: Final = 100
"""Places at which a value breaks its schema, of which the one that tells most is shown."""


MOST: Final = 10_000
"""Bodies of which it is remembered that they fit their schema."""

FITTING: Final[set[tuple[str, bytes]]] = set()
"""The schemas and the digests of bodies that fit them: the same flows are read many times."""


@functools.cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    """The validator of `schemas/NAME.json`."""
    return jsonschema.Draft202012Validator(schema(name))


def conforms(reply: httpx.Response, name: str) -> Json:
    """The reply's JSON, after it was held against `schemas/NAME.json`; raises AssertionError."""
    __tracebackhide__ = True
    body, seen = parsed(reply), (name, hashlib.sha256(reply.content).digest())
    if seen not in FITTING:
        fits(body, name)
        if len(FITTING) >= MOST:
            FITTING.clear()
        FITTING.add(seen)
    return body


def is_error(reply: httpx.Response) -> bool:
    """Whether the reply is an error object, whatever its label."""
    try:
        conforms(reply, "error")
    except AssertionError:
        return False
    return True


def fits(value: Json, name: str) -> Json:
    """The value, after it was held against `schemas/NAME.json`; raises AssertionError."""
    __tracebackhide__ = True
    problem = best_match(itertools.islice(validator(name).iter_errors(value), PROBLEMS))
    if problem is not None:
        raise AssertionError(f"{problem.json_path}: {shortened(problem)} (schemas/{name}.json)")
    return value


def parsed(reply: httpx.Response) -> Json:
    """The reply's JSON; raises AssertionError where it is none, or holds what no JSON text can."""
    __tracebackhide__ = True
    try:
        body = read_json(reply.content)
        if not is_plain(reply.content):
            json.dumps(body, ensure_ascii=False).encode()
    except TooMuchToRead as error:
        raise AssertionError(f"the {reply.status_code} reply {error}") from error
    except UnicodeEncodeError as error:
        raise AssertionError(f"the {reply.status_code} reply holds half a surrogate pair, which is no text") from error
    except ValueError as error:
        start = reply.content[:80].decode("utf-8", "replace")
        raise AssertionError(f"the {reply.status_code} reply is not JSON: {start!r}") from error
    return body


def is_plain(content: bytes) -> bool:
    """Whether this is ASCII in which nothing is escaped by its number, and not wider than a byte."""
    return content.isascii() and b"\\u" not in content and b"\0" not in content


def member(reply: httpx.Response, name: str) -> Json:
    """A member of the object that the reply gives; raises AssertionError where it gives no object that has it."""
    __tracebackhide__ = True
    body = parsed(reply)
    if not isinstance(body, dict) or name not in body:
        raise AssertionError(f"the {reply.status_code} reply is no object with a {name}: {short(body)}")
    return body[name]


def short(value: Json) -> str:
    """What can be repeated of a value; a large one is not written out for that."""
    return saferepr(value, VALUE_LENGTH)


def shortened(problem: jsonschema.ValidationError) -> str:
    """What is wrong, without more of the value than a reader needs."""
    value = repr(problem.instance)
    return problem.message.replace(value, f"{value[:VALUE_LENGTH]}…") if len(value) > VALUE_LENGTH else problem.message


def same(sent: list[Json], stored: list[Json]) -> None:
    """Raise AssertionError unless the nodes that came back are those that were sent, in whatever order."""
    __tracebackhide__ = True
    difference = first_difference(by_id(sent), by_id(stored))
    if difference:
        raise AssertionError(f"what came back is not what was sent: {difference}")


def kept(sent: list[Json], given: list[Json]) -> None:
    """Raise AssertionError unless the nodes that were sent came back with all their fields, some more allowed."""
    __tracebackhide__ = True
    known: Json = {node["id"]: node for node in sent}
    same(sent, [{name: node[name] for name in node if name in known.get(node["id"], node)} for node in given])


def by_id(nodes: list[Json]) -> Json:
    """The nodes under their ids, or as they are where two have the same one."""
    named = {node["id"]: node for node in nodes}
    return named if len(named) == len(nodes) else nodes


def first_difference(sent: Json, stored: Json) -> str:
    """Where two JSON values first differ, and how; empty where they are the same. 1 is 1.0, and true is not 1."""
    try:
        return difference_at("$", sent, stored)
    except RecursionError:
        return "$: is nested too deeply to be compared"


def difference_at(place: str, sent: Json, stored: Json) -> str:
    """Where two values at this place first differ."""
    if isinstance(sent, dict) and isinstance(stored, dict):
        for key in sent:
            if key not in stored:
                return f"{place}.{key}: is gone"
        for key in stored:
            if key not in sent:
                return f"{place}.{key}: was added"
        parts = [(f"{place}.{key}", sent[key], stored[key]) for key in sent]
    elif isinstance(sent, list) and isinstance(stored, list):
        if len(sent) != len(stored):
            return f"{place}: {len(sent)} elements became {len(stored)}"
        parts = [(f"{place}[{index}]", *pair) for index, pair in enumerate(zip(sent, stored, strict=True))]
    else:
        return "" if same_scalar(sent, stored) else f"{place}: {short(sent)} became {short(stored)}"
    return next((difference for part in parts if (difference := difference_at(*part))), "")


def same_scalar(one: Json, other: Json) -> bool:
    """Whether two values that are no containers are the same JSON value; numbers as doubles, which JavaScript has."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return double(one) == double(other)
    return type(one) is type(other) and bool(one == other)


def double(number: float) -> float:
    """The number as JavaScript has it: the nearest double, and infinity beyond them."""
    try:
        return float(number)
    except OverflowError:
        return math.inf


def members(value: Json) -> Iterator[tuple[str, Json]]:
    """Every member of every object in the value, at any depth."""
    inside = [value]
    while inside:
        value = inside.pop()
        if isinstance(value, dict):
            yield from value.items()
        inside += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def media_type(reply: httpx.Response) -> str:
    """The media type of the reply's `Content-Type`, without its parameters."""
    content_type: str = reply.headers.get("content-type", "")
    return content_type.partition(";")[0].strip().lower()


def charset(reply: httpx.Response) -> str | None:
    """The charset that the reply's `Content-Type` names, if any."""
    found = re.search(r';\s*charset="?([^";\s]+)', reply.headers.get("content-type", ""), re.IGNORECASE)
    return found[1].lower() if found else None
