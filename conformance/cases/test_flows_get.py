"""GET /flows: what is read, and under which version of the API."""

import httpx
import pytest

from conformance import requirement
from conformance.checks import conforms, same
from conformance.client import UNKNOWN_VERSIONS, V1, V2, Admin


@requirement("flows.get-without-version-gives-array")
@pytest.mark.usefixtures("perhaps_something_to_read")
def test_get_without_version_gives_array(admin: Admin) -> None:
    reply = admin.get("/flows")

    assert reply.status_code == 200
    conforms(reply, "flows-v1")


@requirement("flows.get-v1-gives-array")
@pytest.mark.usefixtures("perhaps_something_to_read")
def test_get_v1_gives_array(admin: Admin) -> None:
    reply = admin.get("/flows", headers=V1.headers)

    assert reply.status_code == 200
    conforms(reply, "flows-v1")


@requirement("flows.get-v2-gives-flows-and-rev")
def test_get_v2_gives_flows_and_rev(admin: Admin) -> None:
    reply = admin.get("/flows", headers=V2.headers)

    assert reply.status_code == 200
    conforms(reply, "flows-v2")


@requirement("flows.versions-give-the-same-flows")
@pytest.mark.usefixtures("something_to_read")
def test_versions_give_the_same_flows(admin: Admin) -> None:
    default, v1 = admin.get("/flows"), admin.get("/flows", headers=V1.headers)

    flows = admin.read().flows

    same(conforms(default, "flows-v1"), flows)
    same(conforms(v1, "flows-v1"), flows)


@requirement("flows.get-gives-the-same-until-a-deploy")
@pytest.mark.usefixtures("something_to_read")
def test_get_gives_the_same_until_a_deploy(admin: Admin) -> None:
    first = admin.read()

    for _ in range(3):
        assert admin.read() == first
        same(first.flows, conforms(admin.get("/flows", headers=V1.headers), "flows-v1"))


@requirement("flows.get-unknown-version-refused")
@pytest.mark.parametrize("version", UNKNOWN_VERSIONS)
def test_get_unknown_version_refused(admin: Admin, version: str) -> None:
    refused = admin.get("/flows", headers={"Node-RED-API-Version": version})
    control = admin.get("/flows", headers=V2.headers)

    assert refused.status_code == 400
    assert control.status_code == 200


@requirement("flows.get-unknown-version-error")
@pytest.mark.parametrize("version", UNKNOWN_VERSIONS)
def test_get_unknown_version_error(admin: Admin, version: str) -> None:
    refused = admin.get("/flows", headers={"Node-RED-API-Version": version})
    control = admin.get("/flows", headers=V2.headers)

    assert refused.status_code == 400
    assert conforms(refused, "error")["code"] == "invalid_api_version"
    assert control.status_code == 200


@requirement("flows.get-version-in-other-case")
@pytest.mark.parametrize("version", ["V1", "V2"])
def test_get_version_in_other_case(admin: Admin, version: str) -> None:
    reply = admin.get("/flows", headers={"Node-RED-API-Version": version})

    assert reply.status_code == 400


@requirement("flows.get-empty-version")
def test_get_empty_version(admin: Admin) -> None:
    reply = admin.get("/flows", headers={"Node-RED-API-Version": ""})

    assert reply.status_code == 200
    conforms(reply, "flows-v1")


@requirement("flows.get-repeated-version")
def test_get_repeated_version(admin: Admin) -> None:
    twice = httpx.Headers([("Node-RED-API-Version", "v2"), ("Node-RED-API-Version", "v2")])

    assert admin.get("/flows", headers=twice).status_code == 400
