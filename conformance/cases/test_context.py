"""GET /context: the values that nodes keep, by scope, by store and by key."""

from functools import partial

import pytest

from conformance import requirement
from conformance.checks import conforms
from conformance.client import V2, Admin, deployment_type
from conformance.context import SCOPES, Context, Value, stores_of
from conformance.data import Json
from conformance.optional import offered
from conformance.outcomes import NotApplicable
from conformance.values import json_of


@pytest.fixture
def stores(admin: Admin) -> list[str]:
    """The target's context stores, the default one first."""
    return stores_of(admin)


@pytest.fixture
def other(stores: list[str]) -> str:
    """A store that is not the default one."""
    if len(stores) == 1:
        raise NotApplicable("the target has one context store")
    return stores[1]


def kept(context: Context, scope: str, **query: str) -> Json:
    """What GET /context/… gives for a scope, by store and key."""
    reply = context.get(scope, **query)
    assert reply.status_code == 200
    return conforms(reply, "context-scope")


def value_at(context: Context, scope: str, key: str, **query: str) -> Json:
    """What GET /context/…/:key gives."""
    reply = context.get(scope, key, **query)
    assert reply.status_code == 200
    return conforms(reply, "context-value")


@requirement("context.offered")
def test_offered(admin: Admin) -> None:
    reply = offered(admin, "/context/global")

    assert reply.status_code == 200
    conforms(reply, "context-scope")


@requirement("context.scope-gives-its-values")
def test_scope_gives_its_values(context: Context) -> None:
    text, number = context.in_every_scope("text", "first"), context.in_every_scope("number", 2)
    context.put(*text, *number)

    for one, two in zip(text, number, strict=True):
        values = {key: value for store in kept(context, one.scope).values() for key, value in store.items()}
        assert [values.get(value.key, {}).get("msg") for value in (one, two)] == ["first", "2"]
        assert [values.get(value.key, {}).get("format") for value in (one, two)] == ["string[5]", "number"]


@requirement("context.stores-are-those-of-the-settings")
def test_stores_are_those_of_the_settings(context: Context, stores: list[str]) -> None:
    context.put(Value("flow", context.key("one"), "first"))

    for scope in SCOPES:
        assert sorted(kept(context, scope)) == sorted(stores)


@requirement("context.key-gives-its-value")
def test_key_gives_its_value(context: Context) -> None:
    values = context.in_every_scope("one", "first") + context.in_every_scope("two", "second")
    context.put(*values)

    for value in values:
        assert value_at(context, value.scope, value.key)["msg"] == value.value

    later = context.in_every_scope("one", "third")
    context.put(*later)

    for value in later:
        assert context.comes_true(partial(is_told, context, value))


def is_told(context: Context, value: Value) -> bool:
    """Whether GET /context/…/:key gives that value."""
    return bool(value_at(context, value.scope, value.key)["msg"] == value.value)


@requirement("context.scopes-are-apart")
def test_scopes_are_apart(context: Context) -> None:
    values = [Value(scope, context.key("same"), f"of the {scope}") for scope in SCOPES]
    context.put(*values)

    for value in values:
        assert value_at(context, value.scope, value.key)["msg"] == value.value


@requirement("context.scopes-do-not-leak")
def test_scopes_do_not_leak(context: Context) -> None:
    values = [Value(scope, context.key(scope), "here") for scope in SCOPES]
    context.put(*values)

    for scope in SCOPES:
        listed = {key for store in kept(context, scope).values() for key in store}
        assert listed & {value.key for value in values} == {context.key(scope)}


@requirement("context.missing-key-is-undefined")
def test_missing_key_is_undefined(context: Context) -> None:
    values = context.in_every_scope("there", "here")
    context.put(*values)

    for value in values:
        assert value_at(context, value.scope, context.key("missing"))["format"] == "undefined"
        assert value_at(context, value.scope, value.key)["format"] == "string[4]"


@requirement("context.dotted-key-reaches-inside")
def test_dotted_key_reaches_inside(context: Context) -> None:
    value = Value("flow", context.key("nested"), {"outer": {"inner": ["a", "b"]}})
    context.put(value)

    assert value_at(context, "flow", f"{value.key}.outer.inner[1]")["msg"] == "b"
    assert value_at(context, "flow", f"{value.key}.outer.missing")["format"] == "undefined"


@requirement("context.slash-belongs-to-the-key")
def test_slash_belongs_to_the_key(context: Context) -> None:
    value = Value("flow", context.key("there"), "here")
    context.put(value)

    assert value_at(context, "flow", f"{value.key}/inner")["format"] == "undefined"


@requirement("context.store-narrows")
def test_store_narrows(context: Context, stores: list[str], other: str) -> None:
    first, second = Value("flow", context.key("one"), "first"), Value("flow", context.key("two"), "second", other)

    context.put(first, second)

    for store, value in ((stores[0], first), (other, second)):
        assert {name: list(values) for name, values in kept(context, "flow", store=store).items()} == {
            store: [value.key]
        }


@requirement("context.value-comes-from-the-store-asked-for")
def test_value_comes_from_the_store_asked_for(context: Context, stores: list[str], other: str) -> None:
    key = context.key("same")

    context.put(Value("flow", key, "first"), Value("flow", key, "second", other))

    assert value_at(context, "flow", key)["msg"] == "first"
    assert value_at(context, "flow", key, store=stores[0])["msg"] == "first"
    assert value_at(context, "flow", key, store=other)["msg"] == "second"


@requirement("context.other-store-is-named")
def test_other_store_is_named(context: Context, other: str) -> None:
    key = context.key("same")

    context.put(Value("flow", key, "first"), Value("flow", key, "second", other))

    assert value_at(context, "flow", key, store=other).get("store") == other


@requirement("context.unknown-store-refused")
def test_unknown_store_refused(context: Context, values: list[Value]) -> None:
    for value in values:
        assert context.get(value.scope, store=context.key("no_store")).status_code == 404
        assert context.get(value.scope, value.key, store=context.key("no_store")).status_code == 404
        for store in kept(context, value.scope):
            assert context.get(value.scope, store=store).status_code == 200
            assert context.get(value.scope, value.key, store=store).status_code == 200


@requirement("context.unknown-flow-is-empty")
def test_unknown_flow_is_empty(context: Context) -> None:
    context.put(Value("flow", context.key("there"), "here"))

    reply = context.admin.get(f"/context/flow/{context.key('unknown')}")

    assert reply.status_code == 200
    assert not any(conforms(reply, "context-scope").values())


@requirement("context.unknown-node-is-empty")
def test_unknown_node_is_empty(context: Context) -> None:
    context.put(Value("node", context.key("there"), "here"))

    reply = context.admin.get(f"/context/node/{context.key('unknown')}")

    assert reply.status_code == 200
    assert conforms(reply, "context-scope") == {}


@requirement("context.unknown-scope-refused")
def test_unknown_scope_refused(context: Context) -> None:
    for path in ("/context", "/context/flow", "/context/node", "/context/conformance/1"):
        assert context.admin.get(path).status_code == 404


@requirement("context.keys-only")
def test_keys_only(context: Context) -> None:
    one, two = Value("flow", context.key("one"), "first"), Value("flow", context.key("two"), {"inner": 2})
    context.put(one, two)

    reply = context.get("flow", keysOnly="")

    assert reply.status_code == 200
    stores = conforms(reply, "context-keys").values()
    assert sorted(entry["key"] for store in stores for entry in store["keys"]) == sorted([one.key, two.key])
    assert b"first" not in reply.content


@requirement("context.keys-inside-a-value")
def test_keys_inside_a_value(context: Context) -> None:
    value = Value("flow", context.key("nested"), {"one": 1, "two": {"three": 3}})
    context.put(value)

    reply = context.get("flow", value.key, keysOnly="")

    assert reply.status_code == 200
    stores = conforms(reply, "context-keys").values()
    assert sorted(entry["key"] for store in stores for entry in store["keys"]) == ["one", "two"]


@requirement("context.values-survive-a-deploy")
@pytest.mark.parametrize("name", ["full", "nodes", "flows"])
def test_values_survive_a_deploy(admin: Admin, context: Context, name: str) -> None:
    values = [Value("global", context.key("global"), "kept"), Value("flow", context.key("flow"), "kept")]
    tab, *_ = context.put(*values)

    reply = admin.post("/flows", headers=V2.headers | deployment_type(name), json=V2.body([tab]))

    assert reply.status_code == 200
    for value in values:
        assert value_at(context, value.scope, value.key)["msg"] == "kept"


@requirement("context.removed-flow-takes-its-values-along")
def test_removed_flow_takes_its_values_along(admin: Admin, context: Context) -> None:
    stays, goes = Value("global", context.key("stays"), "here"), Value("flow", context.key("goes"), "there")
    tab, *_ = context.put(stays, goes)

    admin.deploy([])
    assert not context.holds(goes)
    admin.deploy([tab])

    assert value_at(context, "flow", goes.key)["format"] == "undefined"
    assert value_at(context, "global", stays.key)["msg"] == "here"


@requirement("context.removed-node-takes-its-values-along")
def test_removed_node_takes_its_values_along(admin: Admin, context: Context) -> None:
    stays, goes = Value("flow", context.key("stays"), "here"), Value("node", context.key("goes"), "there")
    *others, function = context.put(stays, goes)

    admin.deploy(others)
    assert not context.holds(goes)
    admin.deploy([*others, {**function, "func": ""}])
    context.comes_true(lambda: json_of(context.get("node", goes.key)) != {})  # as long as no such node runs

    assert value_at(context, "node", goes.key)["format"] == "undefined"
    assert value_at(context, "flow", stays.key)["msg"] == "here"
