"""GET /context: how a value is told, by its type."""

import json

import pytest

from conformance import requirement
from conformance.checks import conforms, first_difference
from conformance.context import Context, Value
from conformance.data import Json

LONG = "conformance " * 200


def told(context: Context, value: Json) -> Json:
    """How a value is told, by its key and among all that its flow keeps."""
    put = Value("flow", context.key("value"), value)
    context.put(put)
    alone, all_of_them = context.get("flow", put.key), context.get("flow")
    assert alone.status_code == all_of_them.status_code == 200
    by_key = conforms(alone, "context-value")
    listed = [store[put.key] for store in conforms(all_of_them, "context-scope").values() if put.key in store]
    assert listed == [by_key]
    return by_key


SCALARS: dict[str, list[tuple[Json, str, str]]] = {
    "string-is-told": [
        ("hello", "hello", "string[5]"),
        ("", "", "string[0]"),
        ("true", "true", "string[4]"),
        ("größer", "größer", "string[6]"),
    ],
    "number-is-told": [(5, "5", "number"), (-1.5, "-1.5", "number"), (0, "0", "number")],
    "boolean-is-told": [(True, "true", "boolean"), (False, "false", "boolean")],
    "null-is-told": [(None, "(undefined)", "null")],
}
"""Values, the text of each, and what it is said to be."""

STRUCTURES: dict[str, list[tuple[Json, str]]] = {
    "object-is-told": [({"a": 1, "b": {"c": [True, None]}}, "Object"), ({}, "Object")],
    "array-is-told": [([1, "two", {"three": 3}], "array[3]"), ([], "array[0]")],
}
"""Values that are told as JSON, and what each is said to be."""


@pytest.mark.parametrize(
    ("value", "msg", "kind"),
    [
        pytest.param(*row, marks=requirement(f"context.{name}"), id=f"{name}-{number}")
        for name, rows in SCALARS.items()
        for number, row in enumerate(rows, 1)
    ],
)
def test_value_is_told(context: Context, value: Json, msg: str, kind: str) -> None:
    answered = told(context, value)

    assert (answered["msg"], answered["format"]) == (msg, kind)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param(*row, marks=requirement(f"context.{name}"), id=f"{name}-{number}")
        for name, rows in STRUCTURES.items()
        for number, row in enumerate(rows, 1)
    ],
)
def test_structure_is_told(context: Context, value: Json, kind: str) -> None:
    answered = told(context, value)

    assert answered["format"] == kind
    assert first_difference(value, json_in(answered["msg"])) == ""


def json_in(text: str) -> Json:
    """The value of a JSON text; raises AssertionError where it is none."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise AssertionError(f"what is told of the value is not JSON: {text!r:.80}") from error


@requirement("context.long-string-is-cut")
def test_long_string_is_cut(context: Context) -> None:
    answered = told(context, LONG)

    assert (answered["msg"], answered["format"]) == (f"{LONG[:1000]}...", f"string[{len(LONG)}]")
