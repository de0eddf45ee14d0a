"""POST /flows: the versions of the API, and what a deployment sets."""

import httpx
import pytest

from conformance import requirement
from conformance.checks import conforms, same
from conformance.client import UNKNOWN_VERSIONS, V1, V2, Admin, ApiVersion, Deployment, deployment_type
from conformance.data import Json, flows
from conformance.waiting import QUIET, comes_true


@requirement("flows.v1-deploy-answers-204")
@pytest.mark.usefixtures("put_back")
def test_v1_deploy_answers_204(admin: Admin) -> None:
    for name in ("one-tab", "two-tabs"):
        reply = admin.post("/flows", headers=V1.headers, json=flows(name))

        assert reply.status_code == 204


@requirement("flows.deploy-without-version-is-v1")
@pytest.mark.usefixtures("put_back")
def test_deploy_without_version_is_v1(admin: Admin) -> None:
    for name in ("one-tab", "two-tabs"):
        reply = admin.post("/flows", json=flows(name))

        assert reply.status_code == 204
        same(flows(name), admin.read().flows)


@requirement("flows.v2-deploy-gives-rev")
@pytest.mark.usefixtures("put_back")
def test_v2_deploy_gives_rev(admin: Admin) -> None:
    reply = admin.post("/flows", headers=V2.headers, json={"flows": flows("one-tab")})

    assert reply.status_code == 200
    conforms(reply, "flows-v2-deployed")


@requirement("flows.v1-round-trip")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("crowd", [0, 500])
def test_v1_round_trip(admin: Admin, crowd: int) -> None:
    sent = crowded(flows("two-tabs"), crowd)
    deployed = admin.post("/flows", headers=V1.headers, json=sent)
    assert deployed.status_code == 204

    reply = admin.get("/flows", headers=V1.headers)

    same(sent, conforms(reply, "flows-v1"))


@requirement("flows.v2-round-trip")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("crowd", [0, 500])
def test_v2_round_trip(admin: Admin, crowd: int) -> None:
    sent = crowded(flows("two-tabs"), crowd)

    same(sent, admin.deploy(sent).flows)


def crowded(nodes: list[Json], crowd: int) -> list[Json]:
    """The nodes, and so many more comments on their first tab."""
    comment = {"type": "comment", "z": nodes[0]["id"], "name": "one of many", "info": "", "wires": []}
    return nodes + [{"id": f"crowd{number}", **comment, "x": 100, "y": 40 * number} for number in range(crowd)]


@requirement("flows.deploy-replaces-everything")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("name", ["two-tabs", "config-node", "subflow", "group"])
@pytest.mark.parametrize("version", [V1, V2], ids=str)
def test_deploy_replaces_everything(admin: Admin, version: ApiVersion, name: str) -> None:
    same(flows(name), admin.deploy(flows(name)).flows)

    reply = admin.post("/flows", headers=version.headers, json=version.body(flows("one-tab")))

    assert reply.status_code == version.deployed
    same(flows("one-tab"), admin.read().flows)


@requirement("flows.last-deploy-wins")
@pytest.mark.usefixtures("put_back")
def test_last_deploy_wins(admin: Admin) -> None:
    for number in [*range(10), 8]:  # the last are those of the last but one once more
        last = flows("one-tab")
        last[0]["label"] = f"Deployment {number}"
        active = admin.deploy(last)
        same(last, active.flows)

    assert not comes_true(lambda: admin.read() != active, QUIET)


@requirement("flows.post-unknown-version-refused")
@pytest.mark.parametrize("version", UNKNOWN_VERSIONS)
@pytest.mark.parametrize("known", [V1, V2], ids=str)
def test_post_unknown_version_refused(admin: Admin, deployed: Deployment, known: ApiVersion, version: str) -> None:
    body = known.body(flows("one-tab"))

    refused = admin.post("/flows", headers={"Node-RED-API-Version": version}, json=body)
    assert refused.status_code == 400
    assert admin.read() == deployed

    control = admin.post("/flows", headers=known.headers, json=body)
    assert control.status_code == known.deployed


@requirement("flows.post-unknown-version-error")
@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("version", UNKNOWN_VERSIONS)
def test_post_unknown_version_error(admin: Admin, version: str) -> None:
    unknown = {"Node-RED-API-Version": version}

    for headers in (unknown, unknown | deployment_type("reload")):
        refused = admin.post("/flows", headers=headers, json={"flows": flows("one-tab")})
        assert refused.status_code == 400
        assert conforms(refused, "error")["code"] == "invalid_api_version"

    control = admin.post("/flows", headers=V2.headers, json=V2.body(flows("one-tab")))
    assert control.status_code == 200


@requirement("flows.reload-with-unknown-version-refused")
@pytest.mark.parametrize("known", [V1, V2], ids=str)
def test_reload_with_unknown_version_refused(admin: Admin, deployed: Deployment, known: ApiVersion) -> None:
    reload, body = deployment_type("reload"), known.body(flows("one-tab"))

    refused = admin.post("/flows", headers=reload | {"Node-RED-API-Version": "v3"}, json=body)
    assert refused.status_code == 400
    assert admin.read() == deployed

    control = admin.post("/flows", headers=reload | known.headers, json=body)
    assert control.status_code == known.deployed


@requirement("flows.post-version-in-other-case")
def test_post_version_in_other_case(admin: Admin, deployed: Deployment) -> None:
    reply = admin.post("/flows", headers={"Node-RED-API-Version": "V2"}, json={"flows": flows("one-tab")})

    assert reply.status_code == 400
    assert admin.read() == deployed


@requirement("flows.post-empty-version")
@pytest.mark.usefixtures("deployed")
def test_post_empty_version(admin: Admin) -> None:
    reply = admin.post("/flows", headers={"Node-RED-API-Version": ""}, json=flows("one-tab"))

    assert reply.status_code == 204
    same(flows("one-tab"), admin.read().flows)


@requirement("flows.post-repeated-version")
def test_post_repeated_version(admin: Admin, deployed: Deployment) -> None:
    twice = httpx.Headers([("Node-RED-API-Version", "v2"), ("Node-RED-API-Version", "v2")])

    reply = admin.post("/flows", headers=twice, json={"flows": flows("one-tab")})

    assert reply.status_code == 400
    assert admin.read() == deployed


@requirement("flows.version-judged-before-rev")
def test_version_judged_before_rev(admin: Admin, deployed: Deployment) -> None:
    admin.deploy(flows("one-comment"))
    outdated = {"rev": deployed.rev, "flows": flows("one-tab")}

    reply = admin.post("/flows", headers={"Node-RED-API-Version": "v3"}, json=outdated)

    assert reply.status_code == 400
