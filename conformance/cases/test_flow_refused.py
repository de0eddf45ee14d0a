"""POST, PUT and DELETE /flow: what is refused, each beside the nearest request that is accepted."""

import json

import pytest
from _pytest.mark import ParameterSet

from conformance import requirement
from conformance.checks import conforms
from conformance.client import ADDED, JSON, Admin
from conformance.data import Json, flow, flows
from conformance.outcomes import NotTested

TAB, OTHER_TAB, SUBFLOW, IN_SUBFLOW, CONFIG, NODE, INSTANCE, *_ = (node["id"] for node in flows("every-kind"))


def with_node(**fields: Json) -> Json:
    """A flow whose last node has these fields."""
    *nodes, last = flow("added")["nodes"]
    return {**flow("added"), "nodes": [*nodes, {**last, **fields}]}


def with_config(**fields: Json) -> Json:
    """A flow whose config node has these fields."""
    return {**flow("added"), "configs": [{**flow("added")["configs"][0], **fields}]}


def encoded(body: Json) -> bytes:
    """The body as it is sent."""
    return json.dumps(body).encode()


MALFORMED = [b"{", b'{"label": "Conformance", "nodes": [', b"no flow today", b"null", b"7"]

WITHOUT_NODES = [
    {},
    {"label": "Conformance"},
    {"label": "Conformance", "node": []},
    {"configs": flow("added")["configs"]},
    flow("added")["nodes"],
]

ADDITIONS = {
    "malformed-post-refused": MALFORMED,
    "post-without-nodes-refused": [b"", *map(encoded, WITHOUT_NODES)],
    "post-with-used-id-refused": [
        *(encoded(with_node(id=used)) for used in (NODE, TAB, SUBFLOW, IN_SUBFLOW, CONFIG)),
        *(encoded(with_config(id=used)) for used in (NODE, CONFIG)),
    ],
    "post-with-null-refused": [
        encoded({**flow("added"), **nulls})
        for nulls in ({"nodes": [*flow("added")["nodes"], None]}, {"configs": [None]}, {"nodes": None})
    ],
    "post-with-tab-inside-refused": [
        encoded(with_one(type=name)) for name in ("tab", "subflow") for with_one in (with_node, with_config)
    ],
}

UNDERSTOOD = [body for name, bodies in ADDITIONS.items() if name != "malformed-post-refused" for body in bodies]
"""What is JSON, and no flow that could be added."""

DOCUMENTED = [*ADDITIONS["post-without-nodes-refused"], *ADDITIONS["post-with-used-id-refused"]]
"""Of that, what a server has to refuse."""

REPLACEMENTS = {
    "malformed-put-refused": MALFORMED,
    "put-with-null-refused": [
        encoded({**flow("added"), **nulls})
        for nulls in ({"nodes": [*flow("added")["nodes"], None]}, {"configs": [None]})
    ],
}


def rows(table: dict[str, list[bytes]]) -> list[ParameterSet]:
    """A row for each requirement."""
    return [pytest.param(bodies, marks=requirement(f"flow.{name}"), id=name) for name, bodies in table.items()]


@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("bodies", rows(ADDITIONS))
def test_addition_refused(admin: Admin, bodies: list[bytes]) -> None:
    before = admin.deploy(flows("every-kind"))

    for body in bodies:
        refused = admin.post("/flow", headers=JSON, content=body)
        assert refused.is_client_error
        assert admin.read() == before

    control = admin.post("/flow", headers=JSON, content=encoded(flow("added")))
    assert control.status_code in ADDED
    assert len(admin.read().tabs) == len(before.tabs) + 1


@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("bodies", rows(REPLACEMENTS))
def test_replacement_refused(admin: Admin, bodies: list[bytes]) -> None:
    before = admin.deploy(flows("every-kind"))

    for body in bodies:
        refused = admin.put(f"/flow/{TAB}", headers=JSON, content=body)
        assert refused.is_client_error
        assert admin.read() == before

    control = admin.put(f"/flow/{TAB}", headers=JSON, content=encoded(flow("added")))
    assert control.status_code in ADDED
    assert admin.read() != before


@requirement("flow.post-refused-with-400")
@pytest.mark.usefixtures("put_back")
def test_post_refused_with_400(admin: Admin) -> None:
    admin.deploy(flows("every-kind"))

    for body in UNDERSTOOD:
        assert admin.post("/flow", headers=JSON, content=body).status_code == 400
    assert admin.post("/flow", json=flow("added")).status_code in ADDED


@requirement("flow.post-refusal-error")
@pytest.mark.usefixtures("put_back")
def test_post_refusal_error(admin: Admin) -> None:
    admin.deploy(flows("every-kind"))

    for body in UNDERSTOOD:
        refused = admin.post("/flow", headers=JSON, content=body)
        assert refused.is_client_error or body not in DOCUMENTED
        if refused.is_client_error:
            conforms(refused, "error")
    assert admin.post("/flow", json=flow("added")).status_code in ADDED


@requirement("flow.put-refusal-error")
@pytest.mark.usefixtures("put_back")
def test_put_refusal_error(admin: Admin) -> None:
    admin.deploy(flows("every-kind"))

    refused = admin.put(f"/flow/{TAB}", json={"nodes": [None]})
    control = admin.put(f"/flow/{TAB}", json=flow("added"))

    assert control.status_code in ADDED
    if refused.status_code != 400:
        raise NotTested(f"a node that is null is answered with {refused.status_code}, which says nothing of 400")
    conforms(refused, "error")


@requirement("flow.delete-global-refused")
@pytest.mark.usefixtures("put_back")
def test_delete_global_refused(admin: Admin) -> None:
    before = admin.deploy(flows("every-kind"))

    refused = admin.delete("/flow/global")
    assert refused.status_code == 400
    assert admin.read() == before

    control = admin.delete(f"/flow/{TAB}")
    assert control.status_code == 204


@requirement("flow.delete-refusal-error")
@pytest.mark.usefixtures("put_back")
def test_delete_refusal_error(admin: Admin) -> None:
    admin.deploy(flows("every-kind"))

    refused = admin.delete("/flow/global")
    control = admin.delete(f"/flow/{TAB}")

    assert refused.status_code == 400
    conforms(refused, "error")
    assert control.status_code == 204
