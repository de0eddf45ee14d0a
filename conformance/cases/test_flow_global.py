"""/flow/global: the config nodes and the subflows that are in no flow."""

from collections.abc import Iterable

import pytest

from conformance import requirement
from conformance.checks import conforms, kept, same
from conformance.client import ADDED, Admin, Deployment
from conformance.data import Json, flows

CONFIG, SUBFLOW = "c0f0000000000215", "c0f0000000000213"


@pytest.fixture
def before(admin: Admin, put_back: None) -> Deployment:
    """Flows with a node of every kind, deployed."""
    return admin.deploy(flows("every-kind"))


def in_one_of(tabs: Iterable[str], node: Json) -> bool:
    """Whether the node is one of these tabs or in one of them."""
    return any(tab in (node["id"], node.get("z")) for tab in tabs)


def in_tabs(deployment: Deployment) -> list[Json]:
    """The tabs and what is in them."""
    return [node for node in deployment.flows if in_one_of(deployment.tabs, node)]


def in_no_tab(deployment: Deployment) -> list[Json]:
    """Global config nodes, subflows, and what is in them."""
    return [node for node in deployment.flows if not in_one_of(deployment.tabs, node)]


def what_is_global(admin: Admin) -> list[Json]:
    """The config node and the subflow that GET /flow/global gives."""
    given = admin.flow("global")
    nodes = [*given.get("configs", []), *given.get("subflows", [])]
    assert [node["id"] for node in nodes] == [CONFIG, SUBFLOW]
    return nodes


def flat(given: Json) -> list[Json]:
    """The nodes of GET /flow/global, as GET /flows has them."""
    inside = [node for sub in given.get("subflows", []) for part in ("nodes", "configs") for node in sub.get(part, [])]
    subflows = [{key: sub[key] for key in sub if key not in ("nodes", "configs")} for sub in given.get("subflows", [])]
    return [*given.get("configs", []), *subflows, *inside]


@requirement("flow.get-global-gives-configs-and-subflows")
def test_get_global_gives_configs_and_subflows(admin: Admin, before: Deployment) -> None:
    reply = admin.get("/flow/global")

    assert reply.status_code == 200
    given = conforms(reply, "flow-global")
    assert [node["id"] for node in given.get("configs", [])] == [CONFIG]
    assert [node["id"] for node in given.get("subflows", [])] == [SUBFLOW]
    kept(in_no_tab(before), flat(given))


@requirement("flow.get-global-of-nothing")
@pytest.mark.usefixtures("put_back")
def test_get_global_of_nothing(admin: Admin) -> None:
    admin.deploy(flows("one-tab"))

    given = admin.flow("global")

    assert given["id"] == "global"
    assert flat(given) == []


@requirement("flow.put-global-replaces-configs-and-subflows")
def test_put_global_replaces_configs_and_subflows(admin: Admin, before: Deployment) -> None:
    config, subflow = what_is_global(admin)
    body: Json = {
        "id": "global",
        "configs": [{**config, "name": "Changed"}, {**config, "id": "c0f0000000000261"}],
        "subflows": [{**subflow, "name": "Changed"}],
    }

    assert admin.put("/flow/global", json=body).status_code in ADDED

    after = {node["id"]: node for node in in_no_tab(admin.read())}
    assert after.keys() == {node["id"] for node in in_no_tab(before)} | {"c0f0000000000261"}
    assert {after[node_id].get("name") for node_id in (CONFIG, SUBFLOW)} == {"Changed"}
    kept(before.inside(SUBFLOW), admin.read().inside(SUBFLOW))

    assert admin.put("/flow/global", json={**body, "configs": body["configs"][:1]}).status_code in ADDED
    assert "c0f0000000000261" not in {node["id"] for node in admin.read().flows}


@requirement("flow.put-global-leaves-the-flows-alone")
def test_put_global_leaves_the_flows_alone(admin: Admin, before: Deployment) -> None:
    config, subflow = what_is_global(admin)
    changed = {"configs": [{**config, "name": "Changed"}], "subflows": [subflow]}

    assert admin.put("/flow/global", json=changed).status_code in ADDED

    same(in_tabs(before), in_tabs(admin.read()))
    assert admin.read().rev != before.rev


@requirement("flow.put-global-keeps-what-get-gave")
def test_put_global_keeps_what_get_gave(admin: Admin, before: Deployment) -> None:
    assert admin.put("/flow/global", json=admin.flow("global")).status_code in ADDED

    kept(before.flows, admin.read().flows)
