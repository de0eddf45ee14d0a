"""POST /flows: credentials, which the target keeps to itself."""

import httpx
import pytest

from conformance import requirement
from conformance.checks import conforms
from conformance.client import V1, V2, Admin
from conformance.data import Json, flows

CREDENTIALS = {"user": "conformance-user", "password": "conformance-password"}


def with_credentials() -> list[Json]:
    """Nodes of which one carries credentials."""
    nodes = flows("credentials")
    nodes[1]["credentials"] = CREDENTIALS
    return nodes


def beside_flows() -> Json:
    """A v2 body with the credentials beside the flows, by node id."""
    nodes = flows("credentials")
    return {"flows": nodes, "credentials": {nodes[1]["id"]: CREDENTIALS}}


def ids(nodes: list[Json]) -> set[str]:
    """The ids of these nodes."""
    return {node["id"] for node in nodes}


def assert_not_given_back(admin: Admin, deployed: httpx.Response) -> None:
    """Neither the reply to the deployment nor GET /flows has a trace of the credentials; the nodes are there."""
    v1 = admin.get("/flows", headers=V1.headers)
    v2 = admin.get("/flows", headers=V2.headers)

    assert deployed.is_success
    for nodes in (conforms(v1, "flows-v1"), conforms(v2, "flows-v2")["flows"]):
        assert ids(nodes) == ids(flows("credentials"))
        assert not any("credentials" in node for node in nodes)
    for secret in CREDENTIALS.values():
        assert secret.encode() not in deployed.content + v1.content + v2.content


@requirement("flows.credentials-accepted")
@pytest.mark.usefixtures("put_back")
def test_credentials_accepted(admin: Admin) -> None:
    for version in (V1, V2):
        reply = admin.post("/flows", headers=version.headers, json=version.body(with_credentials()))

        assert reply.status_code == version.deployed
        assert ids(admin.read().flows) == ids(flows("credentials"))


@requirement("flows.credentials-never-given-back")
@pytest.mark.usefixtures("put_back")
def test_credentials_never_given_back(admin: Admin) -> None:
    for version in (V1, V2):
        deployed = admin.post("/flows", headers=version.headers, json=version.body(with_credentials()))

        assert_not_given_back(admin, deployed)


@requirement("flows.separate-credentials-accepted")
@pytest.mark.usefixtures("put_back")
def test_separate_credentials_accepted(admin: Admin) -> None:
    reply = admin.post("/flows", headers=V2.headers, json=beside_flows())

    assert reply.status_code == 200
    assert ids(admin.read().flows) == ids(flows("credentials"))


@requirement("flows.separate-credentials-never-given-back")
@pytest.mark.usefixtures("put_back")
def test_separate_credentials_never_given_back(admin: Admin) -> None:
    deployed = admin.post("/flows", headers=V2.headers, json=beside_flows())

    assert_not_given_back(admin, deployed)


@requirement("flows.credentials-do-not-change-the-rev")
@pytest.mark.usefixtures("put_back")
def test_credentials_do_not_change_the_rev(admin: Admin) -> None:
    without = admin.deploy(flows("credentials"))

    assert admin.deploy(with_credentials()).rev == without.rev
