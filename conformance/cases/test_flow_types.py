"""GET /flow/:id beside GET /flows: the same flows in another form, as the documentation's types have it."""

import pytest

from conformance import requirement
from conformance.checks import kept
from conformance.client import Admin, Deployment
from conformance.data import Json, flows

TAB = "c0f0000000000211"


@pytest.fixture
def before(admin: Admin, put_back: None) -> Deployment:
    """Flows with a node of every kind, deployed."""
    return admin.deploy(flows("every-kind"))


def drawn(node: Json) -> bool:
    """Whether the node has a position, so that it is no config node."""
    return "x" in node and "y" in node


@requirement("flow.flow-has-its-id-and-its-label")
def test_flow_has_its_id_and_its_label(admin: Admin, before: Deployment) -> None:
    for flow_id, tab in before.tabs.items():
        given = admin.flow(flow_id)

        assert (given["id"], given.get("label")) == (flow_id, tab.get("label"))


@requirement("flow.nodes-are-those-of-the-tab")
def test_nodes_are_those_of_the_tab(admin: Admin, before: Deployment) -> None:
    expected = {node["id"] for node in before.inside(TAB) if drawn(node)}

    assert {node["id"] for node in admin.flow(TAB)["nodes"]} == expected


@requirement("flow.configs-are-those-of-the-tab")
def test_configs_are_those_of_the_tab(admin: Admin, before: Deployment) -> None:
    configs = admin.flow(TAB).get("configs", [])

    kept([node for node in before.inside(TAB) if not drawn(node)], configs)
    assert not any(node.keys() & {"x", "y", "wires"} for node in configs)


@requirement("flow.subflows-hold-their-nodes")
def test_subflows_hold_their_nodes(admin: Admin, before: Deployment) -> None:
    before = admin.deploy([*before.flows, *another_subflow()])
    subflows = admin.flow("global").get("subflows", [])

    kept([node for node in before.flows if node["type"] == "subflow"], [without_nodes(node) for node in subflows])
    for subflow in subflows:
        kept(before.inside(subflow["id"]), subflow.get("nodes", []))


def another_subflow() -> list[Json]:
    """A second subflow with a node of its own."""
    return flows("subflow")[:2]


def without_nodes(subflow: Json) -> Json:
    """The subflow as GET /flows has it."""
    return {name: value for name, value in subflow.items() if name not in ("nodes", "configs")}


@requirement("flow.nodes-have-the-same-fields")
def test_nodes_have_the_same_fields(admin: Admin, before: Deployment) -> None:
    given = admin.flow(TAB)

    kept([node for node in before.inside(TAB) if drawn(node)], given["nodes"])
    for node in given["nodes"]:
        assert {"id", "type", "x", "y", "z", "wires"} <= node.keys()
        assert node["z"] == TAB
