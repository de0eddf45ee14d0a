"""/flow: what no one would send on purpose, and what real versions make of it. Nothing here scores."""

import json
from collections.abc import Callable

import pytest

from conformance import requirement
from conformance.checks import first_difference, same
from conformance.client import ADDED, JSON, Admin
from conformance.data import Json, flow, flows

TAB, OTHER_TAB, *_ = (node["id"] for node in flows("every-kind"))
COMMENT: Json = flows("one-comment")[1]


def accepted(status: int) -> str:
    """What was seen, in a word."""
    return "accepted" if status in ADDED else f"refused with {status}"


@requirement("flow.ids-twice-in-one-post")
@pytest.mark.usefixtures("put_back")
def test_ids_twice_in_one_post(admin: Admin, seen: Callable[[str], None]) -> None:
    before = admin.deploy(flows("every-kind"))

    reply = admin.post("/flow", json={"label": "Conformance", "nodes": [COMMENT, {**COMMENT, "name": "again"}]})

    if reply.is_success:
        same(before.flows, admin.read().flows[: len(before.flows)])
    else:
        assert reply.status_code == 400
        assert admin.read() == before
    seen(accepted(reply.status_code))


@requirement("flow.put-with-used-id")
@pytest.mark.usefixtures("put_back")
def test_put_with_used_id(admin: Admin) -> None:
    admin.deploy(flows("every-kind"))
    used = flows("every-kind")[-1]["id"]

    reply = admin.put(f"/flow/{TAB}", json={"label": "Conformance", "nodes": [{**COMMENT, "id": used}]})

    assert reply.status_code in ADDED
    assert [node["id"] for node in admin.read().flows].count(used) == 2


@requirement("flow.put-with-tab-inside")
@pytest.mark.usefixtures("put_back")
def test_put_with_tab_inside(admin: Admin) -> None:
    before = admin.deploy(flows("every-kind"))
    tab = {"id": "c0f0000000000271", "type": "tab", "label": "Conformance inside"}

    assert admin.put(f"/flow/{TAB}", json={"label": "Conformance", "nodes": [tab]}).status_code in ADDED
    assert admin.read().tabs.keys() == before.tabs.keys() | {tab["id"]}


@requirement("flow.put-without-nodes-empties-the-flow")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("body", [b"{}", b'{"label": "Conformance"}', b"[]", b"", b'{"nodes": null}'], ids=repr)
def test_put_without_nodes_empties_the_flow(admin: Admin, body: bytes) -> None:
    before = admin.deploy(flows("every-kind"))

    assert admin.put(f"/flow/{TAB}", headers=JSON, content=body).status_code in ADDED
    assert admin.read().inside(TAB) == []
    same(before.outside(TAB), admin.read().outside(TAB))


@requirement("flow.post-with-nodes-of-another-type")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("nodes", [{}, 5, True], ids=json.dumps)
def test_post_with_nodes_of_another_type(admin: Admin, nodes: Json) -> None:
    assert admin.post("/flow", json={"label": "Conformance", "nodes": nodes}).status_code in ADDED
    assert [node["type"] for node in admin.read().flows] == ["tab"]


@requirement("flow.post-as-form")
@pytest.mark.usefixtures("put_back")
def test_post_as_form(admin: Admin) -> None:
    assert admin.post("/flow", data={"label": "Conformance", "nodes": ""}).status_code in ADDED
    assert [tab.get("label") for tab in admin.read().tabs.values()] == ["Conformance"]


@requirement("flow.post-as-text")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}], ids=["absent", "text"])
def test_post_as_text(admin: Admin, headers: dict[str, str]) -> None:
    body = json.dumps(flow("added")).encode()

    assert admin.post("/flow", headers=headers, content=body).status_code == 400
    assert admin.read().flows == []
    assert admin.post("/flow", headers=JSON, content=body).status_code in ADDED


@requirement("flow.added-flows-come-last")
@pytest.mark.usefixtures("put_back")
def test_added_flows_come_last(admin: Admin) -> None:
    before = admin.deploy(flows("every-kind"))

    flow_id = admin.add(flow("added"))

    assert not first_difference(before.flows, admin.read().flows[: len(before.flows)])
    assert [node["id"] for node in admin.read().flows[len(before.flows) :]][:1] == [flow_id]


@requirement("flow.replaced-flows-move-to-the-end")
@pytest.mark.usefixtures("put_back")
def test_replaced_flows_move_to_the_end(admin: Admin) -> None:
    before = admin.deploy(flows("every-kind"))

    assert admin.put(f"/flow/{TAB}", json=flow("added")).status_code in ADDED
    assert not first_difference(before.outside(TAB), admin.read().flows[: len(before.outside(TAB))])


@requirement("flow.implicit-flows")
@pytest.mark.usefixtures("put_back")
def test_implicit_flows(admin: Admin) -> None:
    admin.deploy([*flows("one-tab"), {**COMMENT, "z": "conformance-nowhere"}])

    assert [node["id"] for node in admin.flow("conformance-nowhere")["nodes"]] == [COMMENT["id"]]


@requirement("flow.malformed-delete")
@pytest.mark.usefixtures("put_back")
def test_malformed_delete(admin: Admin) -> None:
    before = admin.deploy(flows("every-kind"))

    assert admin.request("DELETE", f"/flow/{TAB}", headers=JSON, content=b"{").status_code == 400
    assert admin.read() == before
    assert admin.request("DELETE", f"/flow/{TAB}", json={"anything": 1}).status_code == 204
