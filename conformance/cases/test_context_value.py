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


@pytest.mark.parametrize(
    ("value", "msg", "kind"),
    [
        pytest.param(value, msg, kind, marks=requirement(f"context.{name}"), id=f"{name}-{number}")
        for name, rows in {
            "string-is-told": [
                ("hello", "hello", "string[5]"),
                ("", "", "string[0]"),
                ("true", "true", "string[4]"),
                ("größer", "größer", "string[6]"),
            ],
            "number-is-told": [(5, "5", "number"), (-1.5, "-1.5", "number"), (0, "0", "number")],
            "boolean-is-told": [(True, "true", "boolean"), (False, "false", "boolean")],
            "null-is-told": [(None, "(undefined)", "null")],
        }.items()
        for number, (value, msg, kind) in enumerate(rows, 1)
    ],
)
def test_value_is_told(context: Context, value: Json, msg: str, kind: str) -> None:
    assert told(context, value) == {"msg": msg, "format": kind}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param(value, kind, marks=requirement(f"context.{name}"), id=f"{name}-{number}")
        for name, rows in {
            "object-is-told": [({"a": 1, "b": {"c": [True, None]}}, "Object"), ({}, "Object")],
            "array-is-told": [([1, "two", {"three": 3}], "array[3]"), ([], "array[0]")],
        }.items()
        for number, (value, kind) in enumerate(rows, 1)
    ],
)
def test_structure_is_told(context: Context, value: Json, kind: str) -> None:
    answered = told(context, value)

    assert answered["format"] == kind
    assert first_difference(value, json.loads(answered["msg"])) == ""


@requirement("context.long-string-is-cut")
def test_long_string_is_cut(context: Context) -> None:
    answered = told(context, LONG)

    assert answered == {"msg": f"{LONG[:1000]}...", "format": f"string[{len(LONG)}]"}
