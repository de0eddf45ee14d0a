"""GET /context: how a value is told, by its type."""

import pytest

from conformance import requirement
from conformance.checks import conforms, first_difference
from conformance.context import Context, Value
from conformance.data import Json
from conformance.values import read_json

LONG = "conformance " * 200

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


def told(context: Context, *values: Json) -> list[Json]:
    """How these values are told, each by its key and the same among all that their flow keeps."""
    put = [Value("flow", context.key(f"value_{number}"), value) for number, value in enumerate(values)]
    context.put(*put)
    reply = context.get("flow")
    assert reply.status_code == 200
    stores = conforms(reply, "context-scope").values()
    by_key = []
    for value in put:
        alone = context.get("flow", value.key)
        assert alone.status_code == 200
        by_key.append(conforms(alone, "context-value"))
        assert [store[value.key] for store in stores if value.key in store] == by_key[-1:]
    return by_key


@pytest.mark.parametrize(
    "rows", [pytest.param(rows, marks=requirement(f"context.{name}"), id=name) for name, rows in SCALARS.items()]
)
def test_scalar_is_told(context: Context, rows: list[tuple[Json, str, str]]) -> None:
    answered = told(context, *(value for value, _, _ in rows))

    assert [(each["msg"], each["format"]) for each in answered] == [(msg, kind) for _, msg, kind in rows]


@pytest.mark.parametrize(
    "rows", [pytest.param(rows, marks=requirement(f"context.{name}"), id=name) for name, rows in STRUCTURES.items()]
)
def test_structure_is_told(context: Context, rows: list[tuple[Json, str]]) -> None:
    answered = told(context, *(value for value, _ in rows))

    assert [each["format"] for each in answered] == [kind for _, kind in rows]
    assert first_difference([value for value, _ in rows], [json_in(each["msg"]) for each in answered]) == ""


def json_in(text: str) -> Json:
    """The value of a JSON text; raises AssertionError where it is none."""
    try:
        return read_json(text)
    except ValueError as error:
        raise AssertionError(f"what is told of the value is not JSON: {text!r:.80}") from error


@requirement("context.long-string-is-cut")
def test_long_string_is_cut(context: Context) -> None:
    (answered,) = told(context, LONG)

    assert (answered["msg"], answered["format"]) == (f"{LONG[:1000]}...", f"string[{len(LONG)}]")
