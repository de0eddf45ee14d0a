"""The checks that cases share: JSON values are compared as JSON has them, and a breach of a schema says where."""

import httpx
import pytest

from conformance.checks import charset, conforms, first_difference, media_type
from conformance.client import Deployment
from conformance.data import Json


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (1, 1.0),
        (0, -0.0),
        (1e400, float("inf")),
        (10**400, 10**401),
        (2**53 + 1, 2**53),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([], []),
        ({}, {}),
        (None, None),
        ("é", "é"),
        ([{"id": "a", "wires": [["b"]]}], [{"wires": [["b"]], "id": "a"}]),
    ],
)
def test_same_values_have_no_difference(sent: Json, stored: Json) -> None:
    assert first_difference(sent, stored) == ""
    assert first_difference(stored, sent) == ""


@pytest.mark.parametrize(
    ("sent", "stored", "difference"),
    [
        (True, 1, "$: True became 1"),
        (False, 0, "$: False became 0"),
        (1, "1", "$: 1 became '1'"),
        (None, False, "$: None became False"),
        (None, {}, "$: None became {}"),
        ([], {}, "$: [] became {}"),
        ("", None, "$: '' became None"),
        ("é", "e\u0301", "$: 'é' became 'e\u0301'"),
        (1, 2, "$: 1 became 2"),
        ({"a": 1}, {}, "$.a: is gone"),
        ({}, {"a": None}, "$.a: was added"),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [2, 1]}}, "$.a.b[0]: 1 became 2"),
        ([1, 2], [2, 1], "$[0]: 1 became 2"),
        ([1, 2], [1], "$: 2 elements became 1"),
        ([[1], [True]], [[1], [1]], "$[1][0]: True became 1"),
        ({"a": [{"b": None}]}, {"a": [{}]}, "$.a[0].b: is gone"),
    ],
)
def test_difference_is_placed_and_named(sent: Json, stored: Json, difference: str) -> None:
    assert first_difference(sent, stored) == difference
    assert first_difference(stored, sent) != ""


def test_long_values_are_cut() -> None:
    assert len(first_difference("a" * 10_000, "b" * 10_000)) < 200


def test_deployments_are_compared_as_json() -> None:
    assert Deployment("1", [{"x": 1}]) == Deployment("1", [{"x": 1.0}])
    assert Deployment("1", [{"x": 1}]) != Deployment("2", [{"x": 1}])
    assert Deployment("1", [{"x": 1}]) != Deployment("1", [{"x": True}])
    assert Deployment("1", []) != "1"


def test_conforming_reply_gives_its_value() -> None:
    assert conforms(httpx.Response(200, json={"rev": "1", "flows": [], "extra": 1}), "flows-v2")["rev"] == "1"


@pytest.mark.parametrize(
    ("body", "schema", "words"),
    [
        (b"<html>", "flows-v1", "the 200 reply is not JSON: '<html>'"),
        (b"", "flows-v1", "the 200 reply is not JSON: ''"),
        (b"[" * 100_000, "flows-v1", "the 200 reply is nested more deeply"),
        (b"\xff", "flows-v1", "the 200 reply is not JSON"),
        (b"{}", "flows-v1", "$: {} is not of type 'array' (schemas/flows-v1.json)"),
        (b'[{"id": "a", "type": 1}]', "flows-v1", "$[0].type: 1 is not of type 'string' (schemas/flows-v1.json)"),
        (b'{"flows": [], "rev": ""}', "flows-v2", "$.rev: "),
        (b'{"flows": []}', "flows-v2", "$: 'rev' is a required property (schemas/flows-v2.json)"),
        (b'{"code": "a"}', "error", "$: 'message' is a required property (schemas/error.json)"),
    ],
)
def test_breach_of_a_schema_says_where_and_which(body: bytes, schema: str, words: str) -> None:
    with pytest.raises(AssertionError) as breach:
        conforms(httpx.Response(200, content=body), schema)

    assert str(breach.value).startswith(words)
    assert len(str(breach.value)) < 400


@pytest.mark.parametrize(
    ("header", "media", "named"),
    [
        ("application/json", "application/json", None),
        ("Application/JSON; Charset=UTF-8", "application/json", "utf-8"),
        ('text/html;charset="utf-8"', "text/html", "utf-8"),
        ("", "", None),
    ],
)
def test_content_type_is_taken_apart(header: str, media: str, named: str | None) -> None:
    reply = httpx.Response(200, headers={"Content-Type": header})

    assert (media_type(reply), charset(reply)) == (media, named)
