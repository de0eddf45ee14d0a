"""How values come into the context of a target: through nodes that put them there as soon as they start."""

import copy
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import httpx

from conformance.checks import conforms
from conformance.client import V2, Admin
from conformance.data import Json
from conformance.outcomes import NotApplicable, NotTested
from conformance.waiting import Patience

SCOPES: Final = ("node", "flow", "global")
"""The scopes of context, from the narrow one to the wide one."""

KINDS: Final[dict[type, str]] = {str: "str", bool: "bool", int: "num", float: "num"}
"""What the constants of a `change` node are called; every other is JSON."""


@dataclass(frozen=True)
class Value:
    """A value in a context."""

    scope: str
    """`global`, `flow` or `node`."""
    key: str
    value: Json
    store: str = ""
    """The store, empty for the default one."""

    @property
    def stored_key(self) -> str:
        """The key as a `change` node names it."""
        return f"#:({self.store})::{self.key}" if self.store else self.key

    def rule(self) -> Json:
        """The rule of a `change` node that sets the value."""
        kind = KINDS.get(type(self.value), "json")
        text = self.value if isinstance(self.value, str) else json.dumps(self.value)
        return {"t": "set", "p": self.stored_key, "pt": self.scope, "to": text, "tot": kind}

    def statement(self) -> str:
        """The statement of a `function` node that sets the value in the node's own context."""
        return f"context.set({json.dumps(self.key)}, {json.dumps(self.value)});"


@dataclass
class Context:
    """The context of a target, reached over HTTP, and the values that a case put there."""

    admin: Admin
    template: list[Json]
    """A tab with an `inject` node that fires when it starts, a `change` node and a `function` node."""
    seed: str
    comes_true: Patience
    owners: dict[str, str] = field(default_factory=dict)
    """The path of each scope whose nodes the case deployed."""
    put_there: list[Value] = field(default_factory=list)

    def key(self, name: str) -> str:
        """A key that nobody else uses."""
        return f"conformance_{self.seed}_{name}"

    def nodes(self, *values: Value) -> list[Json]:
        """The flow whose nodes put these values into the context when they start."""
        nodes = copy.deepcopy(self.template)
        tab, _, change, function = nodes
        self.owners = {"global": "global", "flow": f"flow/{tab['id']}", "node": f"node/{function['id']}"}
        self.put_there += values
        change["rules"] = [value.rule() for value in values if value.scope != "node"]
        function["func"] = "\n".join(value.statement() for value in values if value.scope == "node")
        return nodes

    def in_every_scope(self, name: str, value: Json) -> list[Value]:
        """The value under one key of each scope."""
        return [Value(scope, self.key(name), value) for scope in SCOPES]

    def put(self, *values: Value) -> list[Json]:
        """Deploy that flow, and wait until the values are there; the nodes."""
        nodes = self.nodes(*values)
        assert_deployed(self.admin, nodes)
        if not self.comes_true(lambda: all(self.holds(value) for value in values)):
            raise NotTested("the target did not run the flow that puts a value into the context")
        return nodes

    def get(self, scope: str, key: str = "", **query: str) -> httpx.Response:
        """The reply to GET /context/… for what a scope keeps, or for one of its keys."""
        return self.admin.get(self.path(scope, key), params=query)

    def delete(self, scope: str, key: str, **query: str) -> httpx.Response:
        """The reply to DELETE /context/…/:key."""
        return self.admin.delete(self.path(scope, key), params=query)

    def path(self, scope: str, key: str = "") -> str:
        """The path of what a scope keeps, or of one of its keys."""
        return f"/context/{self.owners.get(scope, scope)}" + (f"/{quote(key, safe='/')}" if key else "")

    def holds(self, value: Value) -> bool:
        """Whether there is a value at this key."""
        reply = self.get(value.scope, value.key, **({"store": value.store} if value.store else {}))
        return reply.is_success and b'"undefined"' not in reply.content and b"".join(reply.content.split()) != b"{}"

    def forget(self) -> None:
        """Take the values out of the global context, which no deployment does; those of nodes go with the nodes."""
        left = [value for value in self.put_there if value.scope == "global"]
        for value in left:
            self.delete("global", value.key, **({"store": value.store} if value.store else {}))
        left = [value for value in left if self.holds(value)]
        if left:
            self.forget_through_nodes(left)

    def forget_through_nodes(self, values: Iterable[Value]) -> None:
        """Let a `change` node delete the values, where the API cannot."""
        nodes = copy.deepcopy(self.template)
        nodes[2]["rules"] = [{"t": "delete", "p": value.stored_key, "pt": "global"} for value in values]
        assert_deployed(self.admin, nodes)
        if not self.comes_true(lambda: not any(self.holds(value) for value in values)):
            raise AssertionError("values that the case put into the global context are still there")


def assert_deployed(admin: Admin, nodes: list[Json]) -> None:
    """Deploy these nodes; raises AssertionError where that is refused."""
    reply = admin.post("/flows", headers=V2.headers, json=V2.body(nodes))
    if not reply.is_success:
        raise AssertionError(f"the flow that puts values into the context was refused with {reply.status_code}")


def stores_of(admin: Admin) -> list[str]:
    """The context stores that GET /settings names, the default one first; raises AssertionError where they are none."""
    context = conforms(admin.get("/settings"), "settings").get("context")
    if context is None:
        raise NotApplicable("GET /settings of the target names no context stores")
    default, stores = context["default"], context["stores"]
    return [default, *(store for store in stores if store != default)]
