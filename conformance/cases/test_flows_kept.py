"""POST /flows, then GET /flows: what was sent comes back."""

import json

import pytest

from conformance import requirement
from conformance.checks import conforms, same
from conformance.client import JSON, V1, V2, Admin, ApiVersion
from conformance.data import flows

KEPT = {
    "flows.non-ascii-text-kept": "non-ascii",
    "flows.ids-kept": "ids",
    "flows.config-nodes-kept": "config-node",
    "flows.subflows-kept": "subflow",
    "flows.disabled-tabs-kept": "disabled-tab",
    "flows.disabled-nodes-kept": "disabled-node",
    "flows.groups-kept": "group",
    "flows.links-kept": "links",
    "flows.unknown-types-kept": "unknown-type",
    "flows.unknown-properties-kept": "unknown-properties",
    "flows.nested-values-kept": "nested-values",
    "flows.numbers-kept": "numbers",
}


@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("version", [V1, V2], ids=str)
@pytest.mark.parametrize("name", [pytest.param(name, marks=requirement(entry)) for entry, name in KEPT.items()])
def test_kept(admin: Admin, version: ApiVersion, name: str) -> None:
    deployed = admin.post("/flows", headers=version.headers, json=version.body(flows(name)))

    assert deployed.status_code == version.deployed
    same(flows(name), admin.read().flows)
    same(flows(name), conforms(admin.get("/flows", headers=V1.headers), "flows-v1"))


@requirement("flows.empty-array-deploys")
@pytest.mark.usefixtures("deployed")
def test_empty_array_deploys(admin: Admin) -> None:
    v2 = admin.post("/flows", headers=V2.headers, json={"flows": []})
    assert v2.status_code == 200
    assert admin.read().flows == []

    admin.deploy(flows("one-tab"))
    v1 = admin.post("/flows", headers=V1.headers, json=[])
    assert v1.status_code == 204
    assert admin.read().flows == []


@requirement("flows.node-order-kept")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("version", [V1, V2], ids=str)
def test_node_order_kept(admin: Admin, version: ApiVersion) -> None:
    for sent in (flows("order"), flows("order")[::-1]):
        deployed = admin.post("/flows", headers=version.headers, json=version.body(sent))

        assert deployed.status_code == version.deployed
        assert [node["id"] for node in admin.read().flows] == [node["id"] for node in sent]


@requirement("flows.property-order-kept")
@pytest.mark.usefixtures("put_back")
def test_property_order_kept(admin: Admin) -> None:
    sent = [dict(reversed(node.items())) for node in flows("one-tab")]
    admin.deploy(sent)

    assert [list(node) for node in admin.read().flows] == [list(node) for node in sent]


@requirement("flows.duplicate-ids")
@pytest.mark.usefixtures("put_back")
def test_duplicate_ids(admin: Admin) -> None:
    reply = admin.post("/flows", headers=V2.headers, json={"flows": flows("duplicate-ids")})

    assert reply.status_code == 200
    same(flows("duplicate-ids"), admin.read().flows)


@requirement("flows.numbers-beyond-doubles")
@pytest.mark.usefixtures("put_back")
def test_numbers_beyond_doubles(admin: Admin) -> None:
    sent, rounded = ([{**flows("one-tab")[0], "large": n}] for n in (12345678901234567890, 12345678901234567000))

    reply = admin.post("/flows", headers=JSON, content=json.dumps(sent))

    assert reply.status_code == 204
    assert admin.read().flows == rounded


@requirement("flows.unknown-body-properties-ignored")
@pytest.mark.usefixtures("deployed")
def test_unknown_body_properties_ignored(admin: Admin) -> None:
    body = {"flows": flows("one-tab"), "comment": "nobody knows this", "version": 7}

    reply = admin.post("/flows", headers=V2.headers, json=body)

    assert reply.status_code == 200
    same(flows("one-tab"), admin.read().flows)
