"""POST /flows: what no one would send on purpose, and what real versions make of it. Nothing here scores."""

import json

import httpx
import pytest

from conformance import requirement
from conformance.checks import first_difference, parsed
from conformance.client import JSON, V1, V2, Admin, Deployment, deployment_type
from conformance.data import Json, flows

TAB, COMMENT = flows("one-comment")

ODD_NODES: dict[str, Json] = {
    "no-id": {key: value for key, value in COMMENT.items() if key != "id"},
    "no-type": {key: value for key, value in COMMENT.items() if key != "type"},
    "id-a-number": {**COMMENT, "id": 123},
    "type-null": {**COMMENT, "type": None},
    "empty": {},
    "number": 1,
    "string": "node",
    "array": [],
    "z-nowhere": {**COMMENT, "z": "nowhere"},
    "z-null": {**COMMENT, "z": None},
    "no-wires": {key: value for key, value in COMMENT.items() if key != "wires"},
    "wires-null": {**COMMENT, "wires": None},
    "wires-flat": {**COMMENT, "wires": ["nowhere"]},
    "wires-nowhere": {**COMMENT, "wires": [["nowhere"]]},
}


@requirement("flows.odd-nodes-accepted")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("node", ODD_NODES.values(), ids=ODD_NODES)
def test_odd_nodes_accepted(admin: Admin, node: Json) -> None:
    deployed = admin.post("/flows", headers=V1.headers, json=[TAB, node])

    assert deployed.status_code == 204
    assert not first_difference([TAB, node], parsed(admin.get("/flows", headers=V1.headers)))


@requirement("flows.byte-order-mark-accepted")
@pytest.mark.usefixtures("put_back")
def test_byte_order_mark_accepted(admin: Admin) -> None:
    body = b"\xef\xbb\xbf" + json.dumps(flows("one-tab")).encode()

    assert admin.post("/flows", headers=V1.headers | JSON, content=body).status_code == 204


@requirement("flows.repeated-deployment-type")
@pytest.mark.usefixtures("deployed")
def test_repeated_deployment_type(admin: Admin) -> None:
    twice = httpx.Headers([("Node-RED-Deployment-Type", "full"), ("Node-RED-Deployment-Type", "reload")])

    reply = admin.post("/flows", headers=twice, json=flows("one-tab"))

    assert reply.status_code == 204
    assert not first_difference(flows("one-tab"), admin.read().flows)


@requirement("flows.malformed-reload")
def test_malformed_reload(admin: Admin, deployed: Deployment) -> None:
    reply = admin.post("/flows", headers=V1.headers | JSON | deployment_type("reload"), content=b"{")

    assert reply.status_code == 400
    assert admin.read() == deployed


@requirement("flows.property-order-changes-the-rev")
def test_property_order_changes_the_rev(admin: Admin, deployed: Deployment) -> None:
    turned = [dict(reversed(node.items())) for node in deployed.flows]

    assert admin.deploy(turned).rev != deployed.rev


@requirement("flows.json-layout-keeps-the-rev")
def test_json_layout_keeps_the_rev(admin: Admin, deployed: Deployment) -> None:
    reply = admin.post("/flows", headers=V2.headers | JSON, content=json.dumps(V2.body(deployed.flows), indent=4))

    assert reply.status_code == 200
    assert admin.read() == deployed


@requirement("flows.malformed-authorization")
@pytest.mark.parametrize("value", ["Bearer", "conformance", "Bearer two words"])
def test_malformed_authorization(stranger: Admin, value: str) -> None:
    assert stranger.get("/flows", headers={"Authorization": value}).status_code == 400


@requirement("flows.body-judged-before-token")
def test_body_judged_before_token(stranger: Admin) -> None:
    assert stranger.request("GET", "/flows", headers=JSON, content=b"{").status_code == 400


@requirement("flows.token-in-query-accepted")
def test_token_in_query_accepted(admin: Admin, stranger: Admin) -> None:
    reply = stranger.get("/flows", params={"access_token": admin.token or ""})

    assert reply.status_code == 200
