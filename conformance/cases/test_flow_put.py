"""PUT and DELETE /flow/:id: what replacing and removing a flow does."""

from collections.abc import Callable

import pytest

from conformance import requirement
from conformance.checks import conforms, kept, same
from conformance.client import ADDED, JSON, V1, Admin, flow_path
from conformance.data import Json, flow, flows
from conformance.outcomes import NotApplicable

TAB, OTHER_TAB, *_ = (node["id"] for node in flows("every-kind"))
NODE = next(node for node in flows("every-kind") if node.get("z") == TAB)


def in_tab(nodes: list[Json], flow_id: str) -> list[Json]:
    """The nodes as they are in that tab."""
    return [{**node, "z": flow_id} for node in nodes]


def replace(admin: Admin, flow_id: str, body: Json) -> None:
    """Replace the flow, which must be accepted."""
    assert admin.put(flow_path(flow_id), json=body).status_code in ADDED


@requirement("flow.put-replaces-the-nodes")
@pytest.mark.usefixtures("put_back")
def test_put_replaces_the_nodes(admin: Admin) -> None:
    admin.deploy(flows("every-kind"))
    sent = flow("added")
    sent["nodes"].append({**NODE, "name": "changed", "wires": [[]]})

    replace(admin, TAB, sent)

    after = admin.read()
    assert after.tab(TAB).get("label") == sent["label"]
    same(in_tab(sent["nodes"] + sent["configs"], TAB), after.inside(TAB))
    v1 = conforms(admin.get("/flows", headers=V1.headers), "flows-v1")
    same(after.flows, v1)


@requirement("flow.put-gives-the-id")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("flow_id", [TAB, "global"], ids=["tab", "global"])
def test_put_gives_the_id(admin: Admin, flow_id: str) -> None:
    admin.deploy(flows("every-kind"))

    reply = admin.put(flow_path(flow_id), json={**admin.flow(flow_id), "id": OTHER_TAB})

    if reply.status_code == 204:
        raise NotApplicable("the target answers 204, as documented, which has no room for the id")
    assert reply.status_code == 200
    assert conforms(reply, "flow-id")["id"] == flow_id


@requirement("flow.put-reply")
@pytest.mark.usefixtures("put_back")
def test_put_reply(admin: Admin, seen: Callable[[str], None]) -> None:
    admin.deploy(flows("every-kind"))

    reply = admin.put(f"/flow/{TAB}", json=flow("added"))

    assert reply.status_code in ADDED
    seen("204, as documented" if reply.status_code == 204 else "200 with the id, as runtimes have it")


@requirement("flow.put-leaves-the-rest-alone")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("flow_id", [TAB, OTHER_TAB], ids=["one", "other"])
def test_put_leaves_the_rest_alone(admin: Admin, flow_id: str) -> None:
    before = admin.deploy(flows("every-kind"))

    replace(admin, flow_id, flow("added"))

    same(before.outside(flow_id), admin.read().outside(flow_id))


@requirement("flow.put-again-adds-nothing")
@pytest.mark.usefixtures("put_back")
def test_put_again_adds_nothing(admin: Admin) -> None:
    admin.deploy(flows("every-kind"))
    replace(admin, TAB, flow("added"))
    once = admin.read()

    replace(admin, TAB, flow("added"))

    same(once.flows, admin.read().flows)


@requirement("flow.put-keeps-what-get-gave")
@pytest.mark.usefixtures("put_back")
def test_put_keeps_what_get_gave(admin: Admin) -> None:
    before = admin.deploy(flows("every-kind"))

    replace(admin, TAB, admin.flow(TAB))

    kept(before.inside(TAB), admin.read().inside(TAB))
    same(before.outside(TAB), admin.read().outside(TAB))


@requirement("flow.put-body-id-ignored")
@pytest.mark.parametrize("given", [OTHER_TAB, "nowhere", "global"], ids=["another-flow", "unknown", "global"])
@pytest.mark.usefixtures("put_back")
def test_put_body_id_ignored(admin: Admin, given: str) -> None:
    before = admin.deploy(flows("every-kind"))

    replace(admin, TAB, {**flow("added"), "id": given})

    assert admin.read().tabs.keys() == before.tabs.keys()
    same(in_tab(flow("added")["nodes"] + flow("added")["configs"], TAB), admin.read().inside(TAB))
    same(before.outside(TAB), admin.read().outside(TAB))


@requirement("flow.put-sets-z")
@pytest.mark.parametrize("z", ["nowhere", OTHER_TAB], ids=["unknown", "another-tab"])
@pytest.mark.usefixtures("put_back")
def test_put_sets_z(admin: Admin, z: str) -> None:
    before = admin.deploy(flows("every-kind"))
    nodes, configs = ([{**node, "z": z} for node in flow("added")[part]] for part in ("nodes", "configs"))

    replace(admin, TAB, {"label": "Conformance", "nodes": nodes, "configs": configs})

    same(in_tab(nodes + configs, TAB), admin.read().inside(TAB))
    same(before.outside(TAB), admin.read().outside(TAB))


@requirement("flow.delete-answers-204")
@pytest.mark.usefixtures("put_back")
def test_delete_answers_204(admin: Admin) -> None:
    admin.deploy(flows("every-kind"))

    reply = admin.delete(f"/flow/{TAB}")

    assert reply.status_code == 204
    assert reply.content == b""


@requirement("flow.delete-removes-the-flow")
@pytest.mark.usefixtures("put_back")
def test_delete_removes_the_flow(admin: Admin) -> None:
    admin.deploy(flows("every-kind"))
    flow_id = admin.add(flow("added"))

    for gone in (flow_id, TAB):
        assert admin.delete(flow_path(gone)).is_success
        assert gone not in admin.read().tabs
        assert admin.read().inside(gone) == []
        assert admin.get(flow_path(gone)).status_code == 404


@requirement("flow.delete-leaves-the-rest-alone")
@pytest.mark.usefixtures("put_back")
def test_delete_leaves_the_rest_alone(admin: Admin) -> None:
    before = admin.deploy(flows("every-kind"))

    assert admin.delete(f"/flow/{TAB}").is_success
    same(before.outside(TAB), admin.read().flows)


@requirement("flow.second-delete-refused")
@pytest.mark.usefixtures("put_back")
def test_second_delete_refused(admin: Admin) -> None:
    admin.deploy(flows("every-kind"))
    assert admin.delete(f"/flow/{TAB}").is_success
    before = admin.read()

    assert admin.delete(f"/flow/{TAB}").status_code == 404
    assert admin.read() == before


@requirement("flow.last-flow-deleted")
@pytest.mark.usefixtures("put_back")
def test_last_flow_deleted(admin: Admin) -> None:
    before = admin.deploy(flows("one-tab"))
    assert len(before.tabs) == 1

    assert admin.delete(flow_path(min(before.tabs))).is_success
    assert admin.read().flows == []


@requirement("flow.delete-under-json-without-a-body")
@pytest.mark.usefixtures("put_back")
def test_delete_under_json_without_a_body(admin: Admin) -> None:
    admin.deploy(flows("every-kind"))

    assert admin.delete(f"/flow/{TAB}", headers=JSON).status_code == 204
    assert TAB not in admin.read().tabs
