"""GET /flow/:id: one flow, and what no flow is."""

from collections.abc import Callable
from urllib.parse import quote

import httpx
import pytest

from conformance import requirement
from conformance.checks import conforms, kept, parsed, same
from conformance.client import ADDED, MADE_UP, V1, V2, Admin, deployment_type, flow_path
from conformance.data import flow, flows

TAB, OTHER_TAB, SUBFLOW, IN_SUBFLOW, CONFIG, NODE, *_ = (node["id"] for node in flows("every-kind"))
GROUP = next(node["id"] for node in flows("every-kind") if node["type"] == "group")

NO_FLOWS = [MADE_UP, TAB[:-1], f"{TAB}0", TAB.upper(), f"{TAB}%20"]
"""Ids that nothing has."""

NODES = [NODE, CONFIG, SUBFLOW, IN_SUBFLOW, GROUP]
"""Ids of what is no flow."""

ESCAPED = "conformance tab/ü%2B+?#&"
"""An id with what a URL has to escape."""


def ask(admin: Admin, method: str, path_id: str) -> httpx.Response:
    """GET, PUT or DELETE the flow."""
    body = {"json": flow("added")} if method == "PUT" else {}
    return admin.request(method, f"/flow/{path_id}", **body)


@requirement("flow.get-gives-the-flow")
@pytest.mark.usefixtures("something_to_read")
def test_get_gives_the_flow(admin: Admin) -> None:
    for flow_id, tab in admin.read().tabs.items():
        reply = admin.get(flow_path(flow_id))

        assert reply.status_code == 200
        given = conforms(reply, "flow")
        assert given["id"] == flow_id
        assert given.get("label", "") == tab.get("label", "")


@requirement("flow.get-gives-the-same-until-a-deploy")
@pytest.mark.usefixtures("something_to_read")
def test_get_gives_the_same_until_a_deploy(admin: Admin) -> None:
    before = admin.read()
    for flow_id in (*before.tabs, "global"):
        first = admin.flow(flow_id)

        assert admin.flow(flow_id) == first
    assert admin.read() == before


@pytest.mark.parametrize(
    ("method", "ids"),
    [
        pytest.param(
            method, ids, marks=requirement(f"flow.{method.lower()}-{what}-refused"), id=f"{method.lower()}-{what}"
        )
        for method in ("GET", "PUT", "DELETE")
        for what, ids in (("unknown-id", NO_FLOWS), ("id-of-a-node", NODES))
    ],
)
@pytest.mark.usefixtures("put_back")
def test_id_refused(admin: Admin, method: str, ids: list[str]) -> None:
    before = admin.deploy(flows("every-kind"))

    for path_id in ids:
        assert ask(admin, method, path_id).status_code == 404
        assert admin.read() == before

    control = ask(admin, method, TAB)
    assert control.is_success


@requirement("flow.not-found-reply")
@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.usefixtures("put_back")
def test_not_found_reply(admin: Admin, method: str, seen: Callable[[str], None]) -> None:
    admin.deploy(flows("every-kind"))

    refused = ask(admin, method, MADE_UP)

    assert refused.status_code == 404
    if refused.content:
        conforms(refused, "error")
    seen("an error object, as runtimes have it since 0.20" if refused.content else "no body, as documented")


@requirement("flow.escaped-ids-found")
@pytest.mark.usefixtures("put_back")
def test_escaped_ids_found(admin: Admin) -> None:
    tab, comment = flows("one-comment")
    before = admin.deploy([{**tab, "id": ESCAPED}, {**comment, "z": ESCAPED}, *flows("two-tabs")])
    path_id = quote(ESCAPED, safe="")

    given = admin.flow(ESCAPED)
    assert given["id"] == ESCAPED
    kept(before.inside(ESCAPED), given["nodes"])
    assert ask(admin, "PUT", path_id).status_code in ADDED
    assert admin.read().tab(ESCAPED).get("label") == flow("added")["label"]
    assert ask(admin, "DELETE", path_id).status_code == 204
    assert admin.read().tabs.keys() == before.tabs.keys() - {ESCAPED}


@requirement("flow.get-without-configs")
@pytest.mark.usefixtures("put_back")
def test_get_without_configs(admin: Admin, seen: Callable[[str], None]) -> None:
    flow_id = admin.add({"label": "Conformance", "nodes": []})

    given = admin.flow(flow_id)

    assert given.get("configs", []) == []
    assert given.get("subflows", []) == []
    seen("empty arrays, as documented" if "configs" in given else "left out, as runtimes have it")


@requirement("flow.get-gives-groups")
@pytest.mark.usefixtures("put_back")
def test_get_gives_groups(admin: Admin) -> None:
    before = admin.deploy(flows("group"))
    flow_id = flows("group")[0]["id"]

    kept(before.inside(flow_id), admin.flow(flow_id)["nodes"])


@requirement("flow.get-link-out")
@pytest.mark.usefixtures("put_back")
def test_get_link_out(admin: Admin) -> None:
    admin.deploy(flows("every-kind"))

    link_out = [node for node in admin.flow(OTHER_TAB)["nodes"] if node["type"] == "link out"]

    assert [node.keys() & {"links", "wires"} for node in link_out] == [{"links"}]


@requirement("flow.get-of-an-unlabelled-flow")
@pytest.mark.usefixtures("put_back")
def test_get_of_an_unlabelled_flow(admin: Admin) -> None:
    flow_id = admin.add({"label": "", "nodes": []})

    assert "label" not in admin.flow(flow_id)


HEADERS = {
    "version-header-ignored": [V1.headers, V2.headers],
    "deployment-type-ignored": [deployment_type(name) for name in ("full", "nodes", "flows", "reload")],
    "unknown-version-ignored": [{"Node-RED-API-Version": "v3"}],
}


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(headers, marks=requirement(f"flow.{promise}"), id="-".join(headers.values()))
        for promise, rows in HEADERS.items()
        for headers in rows
    ],
)
@pytest.mark.usefixtures("put_back")
def test_headers_ignored(admin: Admin, headers: dict[str, str]) -> None:
    before = admin.deploy(flows("two-tabs"))
    nodes = flows("one-comment")[1:]

    flow_id = admin.add(flow("added"), headers=headers)
    assert parsed(admin.get(flow_path(flow_id), headers=headers)) == admin.flow(flow_id)

    reply = admin.put(flow_path(flow_id), headers=headers, json={"label": "Replaced", "nodes": nodes})
    assert reply.status_code in ADDED
    replaced = admin.read()
    assert replaced.tab(flow_id).get("label") == "Replaced"
    same([{**node, "z": flow_id} for node in nodes], replaced.inside(flow_id))

    assert admin.delete(flow_path(flow_id), headers=headers).status_code == 204
    same(before.flows, admin.read().flows)
