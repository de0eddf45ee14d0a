"""POST /flows: bodies that are refused whole, each beside the nearest one that is accepted, and large ones."""

import json
from collections.abc import Callable
from typing import cast

import pytest
from _pytest.mark import ParameterSet

from conformance import requirement
from conformance.checks import conforms, is_error, same
from conformance.client import JSON, V1, V2, Admin, ApiVersion, Deployment, deployment_type
from conformance.data import Json, flows
from conformance.outcomes import NotApplicable
from conformance.waiting import QUIET, comes_true

MEBIBYTE = 1024 * 1024
TYPES = ("full", "nodes", "flows")


def refusal(requirement_id: str, name: str, version: ApiVersion, body: bytes, type_name: str = "full") -> ParameterSet:
    """A row of REFUSED."""
    row = f"{name}-{version}-{type_name}"
    return pytest.param(version, type_name, body, marks=requirement(requirement_id), id=row)


def wrapped(value: Json) -> bytes:
    """A v2 body whose `flows` is this value."""
    return json.dumps({"flows": value}).encode()


REFUSED = [
    *(
        refusal(f"flows.{promise}", name, version, body)
        for version in (V1, V2)
        for promise, name, body in [
            ("malformed-json-refused", "a-brace", b"{"),
            ("malformed-json-refused", "truncated", b'[{"id": "c0f0000000000011", "type": "tab"'),
            ("malformed-json-refused", "trailing-comma", b"[{},]"),
            ("malformed-json-refused", "single-quotes", b"['id']"),
            ("malformed-json-refused", "prose", b"no flows today"),
            ("json-scalar-refused", "null", b"null"),
            ("json-scalar-refused", "true", b"true"),
            ("json-scalar-refused", "number", b"1"),
            ("json-scalar-refused", "string", b'"flows"'),
            ("empty-body-refused", "no-byte", b""),
            ("empty-body-refused", "blanks", b"  \r\n"),
        ]
    ),
    *(refusal("flows.empty-body-refused", "no-byte", V2, b"", name) for name in ("nodes", "flows")),
    refusal("flows.v1-object-refused", "empty-object", V1, b"{}"),
    refusal("flows.v1-object-refused", "right-under-v2", V1, wrapped(flows("one-tab"))),
    refusal("flows.v1-object-refused", "one-node", V1, json.dumps(flows("one-tab")[0]).encode()),
    refusal("flows.v2-array-refused", "empty-array", V2, b"[]"),
    refusal("flows.v2-array-refused", "right-under-v1", V2, json.dumps(flows("one-tab")).encode()),
    *(refusal("flows.v2-without-flows-refused", "empty-object", V2, b"{}", name) for name in TYPES),
    refusal("flows.v2-without-flows-refused", "misspelt", V2, json.dumps({"flow": flows("one-tab")}).encode()),
    *(refusal("flows.v2-flows-of-wrong-type-refused", "null", V2, wrapped(None), name) for name in TYPES),
    refusal("flows.v2-flows-of-wrong-type-refused", "object", V2, wrapped({})),
    refusal("flows.v2-flows-of-wrong-type-refused", "string", V2, wrapped("[]")),
    refusal("flows.v2-flows-of-wrong-type-refused", "number", V2, wrapped(7)),
    refusal("flows.v2-flows-of-wrong-type-refused", "true", V2, wrapped(True)),
    refusal("flows.null-node-refused", "null-node", V1, json.dumps([*flows("one-tab"), None]).encode()),
    refusal("flows.null-node-refused", "null-node", V2, wrapped([*flows("one-tab"), None])),
]


@pytest.mark.parametrize(("version", "type_name", "body"), REFUSED)
def test_body_refused(admin: Admin, deployed: Deployment, version: ApiVersion, type_name: str, body: bytes) -> None:
    headers = version.headers | deployment_type(type_name) | JSON

    refused = admin.post("/flows", headers=headers, content=body)
    assert refused.is_client_error
    assert admin.read() == deployed

    control = admin.post("/flows", headers=headers, content=json.dumps(version.body(flows("one-tab"))))
    assert control.status_code == version.deployed


def rows_of(promise: str) -> list[ParameterSet]:
    """The rows of REFUSED for one requirement."""
    return [row for row in REFUSED if requirement(promise) in row.marks]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(rows_of(promise), marks=requirement(promise), id=promise)
        for promise in dict.fromkeys(str(mark.args[0]) for row in REFUSED for mark in row.marks)
    ],
)
def test_body_refused_for_good(admin: Admin, deployed: Deployment, rows: list[ParameterSet]) -> None:
    for row in rows:
        version, type_name, body = cast("tuple[ApiVersion, str, bytes]", row.values)
        headers = version.headers | deployment_type(type_name) | JSON
        assert admin.post("/flows", headers=headers, content=body).is_client_error

    assert not comes_true(lambda: admin.read() != deployed, QUIET)


@requirement("flows.bad-bodies-answer-400")
@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("version", [V1, V2], ids=str)
@pytest.mark.parametrize("body", [b"{", b"null", b"", b"{}", b'{"flows": 7}'], ids=repr)
def test_bad_bodies_answer_400(admin: Admin, version: ApiVersion, body: bytes) -> None:
    refused = admin.post("/flows", headers=version.headers | JSON, content=body)
    control = admin.post("/flows", headers=version.headers | JSON, json=version.body(flows("one-tab")))

    assert refused.status_code == 400
    assert control.status_code == version.deployed


@requirement("flows.wrong-shape-error")
@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("version", [V1, V2], ids=str)
def test_wrong_shape_error(admin: Admin, version: ApiVersion) -> None:
    refused = admin.post("/flows", headers=version.headers, json={"flow": []})
    control = admin.post("/flows", headers=version.headers, json=version.body(flows("one-tab")))

    assert refused.is_client_error
    assert control.status_code == version.deployed
    if refused.status_code != 400:
        raise NotApplicable(f"the target answers {refused.status_code}, of which no form is documented")
    conforms(refused, "error")


@requirement("flows.malformed-json-error")
@pytest.mark.usefixtures("deployed")
def test_malformed_json_error(admin: Admin, seen: Callable[[str], None]) -> None:
    refused = admin.post("/flows", headers=V2.headers | JSON, content=b"{")

    assert refused.status_code == 400
    seen("an error object, as documented" if is_error(refused) else "no error object, as runtimes have it")


@requirement("flows.null-wires-refused")
def test_null_wires_refused(admin: Admin, deployed: Deployment) -> None:
    broken = flows("one-tab")
    broken[1]["wires"] = [None]

    reply = admin.post("/flows", headers=V2.headers, json={"flows": broken})

    assert reply.status_code == 400
    assert admin.read() == deployed


def sized(size: int) -> list[Json]:
    """Nodes whose v2 body has that many bytes, more or less a dozen."""
    nodes = flows("one-tab")
    nodes[3]["info"] = "0123456789abcdé" * ((size - len(wrapped(nodes))) // 16)
    return nodes


@requirement("flows.one-megabyte-deploys")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("version", [V1, V2], ids=str)
def test_one_megabyte_deploys(admin: Admin, version: ApiVersion) -> None:
    large = sized(MEBIBYTE)

    reply = admin.post("/flows", headers=version.headers, json=version.body(large))

    assert reply.status_code == version.deployed
    same(large, admin.read().flows)


@requirement("flows.four-megabytes-deploy")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("version", [V1, V2], ids=str)
def test_four_megabytes_deploy(admin: Admin, version: ApiVersion) -> None:
    large = sized(4 * MEBIBYTE)

    reply = admin.post("/flows", headers=version.headers, json=version.body(large))

    assert reply.status_code == version.deployed
    same(large, admin.read().flows)


@requirement("flows.oversized-deploy-is-all-or-nothing")
@pytest.mark.parametrize("version", [V1, V2], ids=str)
def test_oversized_deploy_is_all_or_nothing(
    admin: Admin, deployed: Deployment, version: ApiVersion, seen: Callable[[str], None]
) -> None:
    large = sized(6 * MEBIBYTE)

    reply = admin.post("/flows", headers=version.headers, json=version.body(large))

    active = admin.read()
    if reply.is_success:
        same(large, active.flows)
        seen("deployed")
    else:
        assert reply.status_code == 413
        assert active == deployed
        seen("refused with 413")
