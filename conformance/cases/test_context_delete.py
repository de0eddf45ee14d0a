"""DELETE /context/…/:key: taking values out of a context, and that nothing puts them in over HTTP."""

import pytest

from conformance import requirement
from conformance.checks import conforms
from conformance.client import Admin
from conformance.context import Context, Value, stores_of
from conformance.outcomes import NotApplicable


@requirement("context.delete-takes-the-value")
def test_delete_takes_the_value(context: Context) -> None:
    going, staying = context.in_every_scope("goes", "first"), context.in_every_scope("stays", "second")
    context.put(*going, *staying)

    for goes, stays in zip(going, staying, strict=True):
        reply = context.delete(goes.scope, goes.key)

        assert reply.status_code == 204
        assert not context.holds(goes)
        assert goes.key.encode() not in context.get(goes.scope).content
        assert context.holds(stays)


@requirement("context.delete-leaves-other-scopes")
@pytest.mark.parametrize("step", [1, -1], ids=["narrow-first", "wide-first"])
def test_delete_leaves_other_scopes(context: Context, step: int) -> None:
    values = context.in_every_scope("same", "here")[::step]
    context.put(*values)

    for number, value in enumerate(values):
        assert context.delete(value.scope, value.key).status_code == 204
        assert [context.holds(held) for held in values] == [place > number for place in range(len(values))]


@requirement("context.delete-leaves-other-stores")
@pytest.mark.parametrize("number", [0, 1], ids=["default", "other"])
def test_delete_leaves_other_stores(admin: Admin, context: Context, number: int) -> None:
    stores = stores_of(admin)
    if len(stores) == 1:
        raise NotApplicable("the target has one context store")
    values = [Value("flow", context.key("same"), "here", store) for store in stores[:2]]
    context.put(*values)

    reply = context.delete("flow", context.key("same"), store=stores[number])

    assert reply.status_code == 204
    assert [context.holds(value) for value in values] == [number == 1, number == 0]


@requirement("context.delete-in-an-unknown-store-refused")
def test_delete_in_an_unknown_store_refused(context: Context, values: list[Value]) -> None:
    _, value, _ = values

    refused = context.delete("flow", value.key, store=context.key("no_store"))
    assert refused.status_code == 404
    assert context.holds(value)

    control = context.delete("flow", value.key)
    assert control.status_code == 204


@requirement("context.delete-without-a-key-refused")
def test_delete_without_a_key_refused(context: Context, values: list[Value]) -> None:
    for value in values:
        refused = context.admin.delete(context.path(value.scope))
        assert refused.status_code == 404
        assert context.holds(value)

        control = context.delete(value.scope, value.key)
        assert control.status_code == 204


@requirement("context.delete-of-a-missing-key")
def test_delete_of_a_missing_key(context: Context) -> None:
    value = Value("flow", context.key("there"), "here")
    context.put(value)

    assert context.delete("flow", context.key("missing")).status_code == 204
    assert context.holds(value)


@requirement("context.delete-inside-a-value")
def test_delete_inside_a_value(context: Context) -> None:
    value = Value("flow", context.key("nested"), {"goes": 1, "stays": 2})
    context.put(value)

    assert context.delete("flow", f"{value.key}.goes").status_code == 204
    assert not context.holds(Value("flow", f"{value.key}.goes", 1))
    assert context.holds(Value("flow", f"{value.key}.stays", 2))


@requirement("context.nothing-sets-a-value")
def test_nothing_sets_a_value(context: Context) -> None:
    value = Value("flow", context.key("there"), "here")
    context.put(value)

    for method in ("POST", "PUT", "PATCH"):
        body = {"msg": "other", "format": "string[5]"}
        reply = context.admin.request(method, context.path("flow", value.key), json=body)

        assert reply.status_code == 404
        assert conforms(context.get("flow", value.key), "context-value")["msg"] == "here"
