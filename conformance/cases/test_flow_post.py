"""POST /flow: what adding a flow does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import call

import pytest

from conformance import requirement, tape
from conformance.checks import conforms, kept, same
from conformance.client import ADDED, V1, Admin
from conformance.data import Json, flow, flows
from conformance.outcomes import NotApplicable
from conformance.targets import Target

TAB = flows("every-kind")[0]["id"]
TEN = range(10)


def in_tab(nodes: list[Json], flow_id: str) -> list[Json]:
    """The nodes as they are in that tab."""
    return [{**node, "z": flow_id} for node in nodes]


@requirement("flow.post-adds-the-flow")
@pytest.mark.usefixtures("put_back")
def test_post_adds_the_flow(admin: Admin) -> None:
    sent = flow("added")
    flow_id = admin.add(sent)

    stored = in_tab(sent["nodes"] + sent["configs"], flow_id)
    for nodes in (admin.read().flows, conforms(admin.get("/flows", headers=V1.headers), "flows-v1")):
        assert [node.get("label") for node in nodes if node["id"] == flow_id] == [sent["label"]]
        same(stored, [node for node in nodes if node["id"] != flow_id])


@requirement("flow.post-gives-the-id")
@pytest.mark.usefixtures("put_back")
def test_post_gives_the_id(admin: Admin) -> None:
    reply = admin.post("/flow", json=flow("added"))

    if reply.status_code == 204:
        raise NotApplicable("the target answers 204, as documented, which has no room for the id")
    assert reply.status_code == 200
    assert [conforms(reply, "flow-id")["id"]] == list(admin.read().tabs)


@requirement("flow.post-reply")
@pytest.mark.usefixtures("put_back")
def test_post_reply(admin: Admin, seen: Callable[[str], None]) -> None:
    reply = admin.post("/flow", json=flow("added"))

    assert reply.status_code in ADDED
    seen("204, as documented" if reply.status_code == 204 else "200 with the id, as runtimes have it")


@requirement("flow.json-with-charset-adds")
@pytest.mark.parametrize("charset", ["; charset=utf-8", ";charset=UTF-8"], ids=["small", "capital"])
@pytest.mark.usefixtures("put_back")
def test_json_with_charset_adds(admin: Admin, charset: str) -> None:
    flow_id = admin.add(flow("added"), headers={"Content-Type": f"application/json{charset}"})

    nodes, configs = flow("added")["nodes"], flow("added")["configs"]
    same(in_tab([*nodes, *configs], flow_id), admin.read().inside(flow_id))


@requirement("flow.given-id-replaced")
@pytest.mark.parametrize("taken", [True, False], ids=["taken", "free"])
@pytest.mark.usefixtures("put_back")
def test_given_id_replaced(admin: Admin, target: Target, taken: bool) -> None:
    before = admin.deploy(flows("every-kind"))
    given = TAB if taken else f"{target.seed}flow"

    flow_id = admin.add({**flow("added"), "id": given})

    assert flow_id != given
    assert all(node["z"] == flow_id for node in admin.read().inside(flow_id))
    same(before.flows, admin.read().outside(flow_id))


@requirement("flow.given-id-global-replaced")
@pytest.mark.usefixtures("put_back")
def test_given_id_global_replaced(admin: Admin) -> None:
    before = admin.deploy(flows("every-kind"))

    flow_id = admin.add({**flow("added"), "id": "global"})

    assert flow_id != "global"
    same(before.flows, admin.read().outside(flow_id))


@requirement("flow.every-added-flow-has-its-own-id")
@pytest.mark.usefixtures("put_back")
def test_every_added_flow_has_its_own_id(admin: Admin) -> None:
    ids = [admin.add({"label": f"Conformance {number}", "nodes": []}) for number in TEN]

    assert len(set(ids)) == len(TEN)
    assert all(ids)
    assert {tab.get("label") for tab in admin.read().tabs.values()} == {f"Conformance {number}" for number in TEN}


@requirement("flow.post-sets-z")
@pytest.mark.parametrize("z", ["nowhere", "", "c0f0000000000211"], ids=["unknown", "empty", "another-tab"])
@pytest.mark.usefixtures("put_back")
def test_post_sets_z(admin: Admin, z: str) -> None:
    before = admin.deploy(flows("every-kind"))
    nodes, configs = ([{**node, "z": z} for node in flow("added")[part]] for part in ("nodes", "configs"))

    flow_id = admin.add({"label": "Conformance", "nodes": nodes, "configs": configs})

    same(in_tab(nodes + configs, flow_id), admin.read().inside(flow_id))
    same(before.flows, admin.read().outside(flow_id))


@requirement("flow.post-without-nodes-inside-adds")
@pytest.mark.usefixtures("put_back")
def test_post_without_nodes_inside_adds(admin: Admin) -> None:
    flow_id = admin.add({"nodes": []})

    assert admin.read().inside(flow_id) == []
    assert admin.flow(flow_id)["nodes"] == []


@requirement("flow.post-leaves-the-rest-alone")
@pytest.mark.usefixtures("put_back")
def test_post_leaves_the_rest_alone(admin: Admin) -> None:
    before = admin.deploy(flows("every-kind"))

    flow_id = admin.add(flow("added"))

    same(before.flows, admin.read().outside(flow_id))


@requirement("flow.posted-flow-is-the-one-given")
@pytest.mark.usefixtures("put_back")
def test_posted_flow_is_the_one_given(admin: Admin) -> None:
    sent = flow("added")
    flow_id = admin.add(sent)

    given = admin.flow(flow_id)

    assert given["id"] == flow_id
    assert given.get("label") == sent["label"]
    kept(in_tab(sent["nodes"], flow_id), given["nodes"])
    kept(in_tab(sent["configs"], flow_id), given.get("configs", []))


@requirement("flow.subflow-instances-added")
@pytest.mark.usefixtures("put_back")
def test_subflow_instances_added(admin: Admin) -> None:
    admin.deploy(flows("every-kind"))
    instance = next(node for node in flows("every-kind") if node["type"].startswith("subflow:"))
    sent = [{**instance, "id": "c0f0000000000251", "wires": [[]]}]

    flow_id = admin.add({"label": "Conformance", "nodes": sent})

    same(in_tab(sent, flow_id), admin.read().inside(flow_id))


@requirement("flow.groups-added")
@pytest.mark.usefixtures("put_back")
def test_groups_added(admin: Admin) -> None:
    sent = flows("group")[1:]

    flow_id = admin.add({"label": "Conformance", "nodes": sent})

    same(in_tab(sent, flow_id), admin.read().inside(flow_id))


@requirement("flow.unknown-types-added")
@pytest.mark.usefixtures("put_back")
def test_unknown_types_added(admin: Admin) -> None:
    sent = flows("unknown-type")[1:]

    flow_id = admin.add({"label": "Conformance", "nodes": sent})

    same(in_tab(sent, flow_id), admin.read().inside(flow_id))


@requirement("flow.simultaneous-posts-all-add")
@pytest.mark.usefixtures("put_back")
def test_simultaneous_posts_all_add(admin: Admin) -> None:
    labels = [f"Conformance {number}" for number in TEN]
    with ThreadPoolExecutor(len(TEN)) as pool:
        posts = [partial(admin.post, "/flow", json={"label": label, "nodes": []}) for label in labels]
        replies = list(pool.map(call, tape.apart(posts)))

    assert all(reply.status_code in ADDED for reply in replies)
    assert sorted(str(tab.get("label")) for tab in admin.read().tabs.values()) == labels
