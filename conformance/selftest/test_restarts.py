"""Which nodes a deployment restarts: the rules of Node-RED, on flows in which every rule has something to say."""

from collections.abc import Callable
from typing import Final

import pytest

from conformance.data import Json
from reference_server.runtime.configuration import type_of
from reference_server.runtime.parts import parts_of
from reference_server.runtime.restarts import stopped

Change = Callable[[list[Json]], list[Json]]
"""Makes of the flows what is deployed."""


def node(node_id: str, home: str, *wired: str, **properties: Json) -> Json:
    """A node whose one output is wired to these."""
    return {"id": node_id, "type": "function", "z": home, "x": 1, "y": 1, "wires": [list(wired)], **properties}


def tab(node_id: str, **properties: Json) -> Json:
    """A tab."""
    return {"id": node_id, "type": "tab", "label": node_id, "env": [], **properties}


def link(way: str, node_id: str, home: str, *wired: str, links: list[str], **properties: Json) -> Json:
    """One end of a link."""
    return node(node_id, home, *wired, type=f"link {way}", links=links, **properties)


def group(node_id: str, *members: str, **properties: Json) -> Json:
    """A group of nodes."""
    return {"id": node_id, "type": "group", "z": "A", "nodes": list(members), "w": 9, "h": 9, **properties}


FLOWS: Final[list[Json]] = [
    *(tab("A"), tab("B"), tab("D", disabled=True)),
    *(node("a1", "A", "a2"), node("a2", "A", "a3"), node("a3", "A", "nobody")),
    *(
        node("b1", "A", "b2", number=1),
        node("b2", "A"),
        node("alone", "A", "nobody"),
        node("comment", "A", type="comment"),
    ),
    *(node("l1", "A", "out"), link("out", "out", "A", links=["in"]), link("in", "in", "B", "l2", links=["out"])),
    *(node("l2", "B"), node("d1", "D", "d2"), node("d2", "D")),
    *({"id": config, "type": "tls-config", "name": config} for config in ("used", "unused")),
    {"id": "user", "type": "tls-config", "uses": "used"},
    *(node("c1", "A", "c2", tls="used"), node("c2", "A"), node("c3", "B", tls=["used"]), node("c4", "B", tls="user")),
    {"id": "S", "type": "subflow", "in": [{"wires": [{"id": "s1"}]}], "out": [{"wires": [{"id": "s2", "port": 0}]}]},
    *(node("s1", "S", "s2"), node("s2", "S")),
    *(
        node("i1", "A", "iA"),
        node("iA", "A", "i2", type="subflow:S"),
        node("i2", "A"),
        node("iB", "B", type="subflow:S"),
    ),
    *(group("G", "g1", "H", env=[]), group("H", "g2", g="G"), node("g1", "A", g="G"), node("g2", "A", "g3", g="H")),
    node("g3", "A"),
]
"""Wired sets, a link between tabs, a disabled tab, config nodes, a subflow with two instances, and groups."""

EVERYTHING: Final = (
    "a1 a2 a3 alone b1 b2 c1 c2 c3 c4 g1 g2 g3 i1 i2 iA-s1 iA-s2 iB-s1 iB-s2 l1 l2"  # the functions of tabs that are on
)
TAB_A: Final = "a1 a2 a3 alone b1 b2 c1 c2 g1 g2 g3 i1 i2 iA-s1 iA-s2 l1"
INSTANCES: Final = "iA-s1 iA-s2 iB-s1 iB-s2"


def nothing(flows: list[Json]) -> list[Json]:
    """The flows as they are."""
    return flows


def edit(node_id: str, **properties: Json) -> Change:
    """One node has other properties."""
    return lambda flows: [{**each, **properties} if each["id"] == node_id else each for each in flows]


def add(*nodes: Json) -> Change:
    """There are more nodes."""
    return lambda flows: [*flows, *nodes]


def drop(*ids: str) -> Change:
    """These nodes, and what is in them, are gone."""
    return lambda flows: [each for each in flows if each["id"] not in ids and each.get("z") not in ids]


def both(*changes: Change) -> Change:
    """One change after the other."""

    def changed(flows: list[Json]) -> list[Json]:
        for change in changes:
            flows = change(flows)
        return flows

    return changed


ENV: Final = {"env": [{"name": "E", "value": "1", "type": "str"}]}

CHANGES: Final[dict[str, tuple[Change, str, str]]] = {
    "nothing": (nothing, "", ""),
    "place": (edit("a1", x=500, y=500), "", ""),
    "order": (lambda flows: flows[::-1], "", ""),
    "tab's label": (edit("A", label="other", info="other"), "", ""),
    "empty tab": (add(tab("N")), "", ""),
    "unused config node": (edit("unused", name="other"), "", ""),
    "lone comment": (edit("comment", name="other"), "", ""),
    "lone comment gone": (drop("comment"), "", ""),
    "a property": (edit("a1", name="other"), "a1", "a1 a2 a3"),
    "a property of a node wired to nobody": (edit("alone", name="other"), "alone", "alone"),
    "a property in the middle": (edit("a2", name="other"), "a2", "a1 a2 a3"),
    "unknown property": (edit("b1", conformance=None), "b1", "b1 b2"),
    "true for one": (edit("b1", number=True), "b1", "b1 b2"),
    "credentials": (edit("b1", credentials={}), "b1", "b1 b2"),
    "wire": (edit("b1", wires=[["b2", "a3"]]), "", "a1 a2 a3 b1 b2"),
    "wire gone": (edit("a1", wires=[[]]), "", "a1 a2 a3"),
    "unwired node": (add(node("new", "A")), "new", "new"),
    "wired node": (both(add(node("new", "A")), edit("b2", wires=[["new"]])), "new", "b1 b2 new"),
    "node wired to others": (add(node("new", "A", "b2")), "new", "b1 b2 new"),
    "wired node gone": (both(drop("a3"), edit("a2", wires=[[]])), "", "a1 a2"),
    "config node": (edit("used", name="other"), "c1 c3 c4", "c1 c2 c3 c4"),
    "config node gone": (drop("used"), "c1 c3 c4", "c1 c2 c3 c4"),
    "config node that another uses": (edit("user", name="other"), "c4", "c4"),
    "node in a subflow": (edit("s1", name="other"), INSTANCES, f"{INSTANCES} i1 i2"),
    "place in a subflow": (edit("s1", x=500), "", ""),
    "wire in a subflow": (edit("s1", wires=[[]]), INSTANCES, f"{INSTANCES} i1 i2"),
    "node of a subflow gone": (drop("s2"), "iA-s1 iB-s1", "iA-s1 iB-s1 i1 i2"),
    "node of a subflow new": (add(node("s3", "S")), f"{INSTANCES} iA-s3 iB-s3", f"{INSTANCES} iA-s3 iB-s3 i1 i2"),
    "subflow": (edit("S", name="other"), INSTANCES, f"{INSTANCES} i1 i2"),
    "instance": (edit("iA", name="other"), "iA-s1 iA-s2", "iA-s1 iA-s2 i1 i2"),
    "instance's wire": (edit("iA", wires=[["a3"]]), "", "a1 a2 a3 i1 i2 iA-s1 iA-s2"),
    "instance's neighbour": (edit("i1", name="other"), "i1", "i1 i2 iA-s1 iA-s2"),
    "tab's env": (edit("A", **ENV), TAB_A, TAB_A),
    "tab disabled": (edit("B", disabled=True), "", "l1"),
    "tab enabled": (edit("D", disabled=False), "d1 d2", "d1 d2"),
    "tab gone": (drop("B"), "", "l1"),
    "tab new": (add(tab("N"), node("n1", "N", "n2"), node("n2", "N")), "n1 n2", "n1 n2"),
    "in a disabled tab": (edit("d1", name="other"), "", ""),
    "node disabled": (edit("a1", d=True), "", "a2 a3"),
    "other tab": (both(edit("b1", z="B"), edit("b2", z="B")), "b1 b2", "b1 b2"),
    "link out": (edit("out", name="other"), "", "l1 l2"),
    "link in": (edit("in", name="other"), "", "l1 l2"),
    "node before a link": (edit("l1", name="other"), "l1", "l1"),
    "group's env": (edit("G", **ENV), "g1 g2", "g1 g2 g3"),
    "inner group's env": (edit("H", **ENV), "g2", "g2 g3"),
    "group's look": (edit("G", style={"label": True}, w=99, h=99), "", ""),
    "node in a group": (edit("g2", name="other"), "g2", "g2 g3"),
    "node put into a group": (both(edit("g3", g="G"), edit("G", nodes=["g1", "H", "g3"])), "g3", "g2 g3"),
    "configuration of all": (add({"id": "all", "type": "global-config", "env": []}), "", ""),
}
"""Changes, and what they restart under `nodes` and under `flows`, as Node-RED 4.1 and 5.0 do it."""


def restarted(change: Change, deployment_type: str) -> str:
    """The functions that start with a deployment."""
    after = change(FLOWS)
    stops = stopped(FLOWS, after, deployment_type)
    went_on = {part.id for part in parts_of(FLOWS).values() if part.root not in stops}
    starts = [part.id for part in parts_of(after).values() if type_of(part.node) == "function"]
    return " ".join(sorted(set(starts) - went_on))


@pytest.mark.parametrize("name", CHANGES)
def test_nodes_restarts_what_changed(name: str) -> None:
    change, nodes, _ = CHANGES[name]

    assert restarted(change, "nodes") == " ".join(sorted(nodes.split()))


@pytest.mark.parametrize("name", CHANGES)
def test_flows_restarts_what_is_wired_to_what_changed(name: str) -> None:
    change, _, flows = CHANGES[name]

    assert restarted(change, "flows") == " ".join(sorted(flows.split()))


@pytest.mark.parametrize("deployment_type", ["full", "reload", "", "NODES", "conformance"])
def test_every_other_type_restarts_everything(deployment_type: str) -> None:
    assert restarted(nothing, deployment_type) == EVERYTHING


@pytest.mark.parametrize("deployment_type", ["nodes", "flows"])
def test_configuration_of_all_restarts_everything(deployment_type: str) -> None:
    before = [*FLOWS, {"id": "all", "type": "global-config", "env": []}]

    assert stopped(before, edit("all", **ENV)(before), deployment_type) == {each["id"] for each in before}


@pytest.mark.parametrize("deployment_type", ["full", "nodes", "flows"])
def test_odd_flows_are_compared(deployment_type: str) -> None:
    odd = [
        *(5, None, {}, {"id": 5}, {"id": "a"}, {"id": "a", "type": ["b"], "z": ["c"], "wires": [5, [5, "a"]], "g": {}}),
        {"id": "s", "type": "subflow", "z": "s", "in": [5, {"wires": [5, {"id": 5}]}], "out": {"wires": 5}},
        {"id": "i", "type": "subflow:s", "z": "s", "wires": 5, "links": 5},
        {"id": "j", "type": "subflow:s", "z": "j", "nodes": [[], 5]},
        {"id": "k", "type": "link out", "z": "k", "links": [5, "l", "l"]},
    ]

    assert stopped(odd, odd, deployment_type) <= {"a", "s", "i", "j", "k"}
    assert stopped([], odd, deployment_type) | stopped(odd, [], deployment_type) <= {"a", "s", "i", "j", "k"}
    assert "j" in parts_of(odd)
