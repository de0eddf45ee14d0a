"""POST /flows: Node-RED-Deployment-Type. Here: status, body, stored flows and rev, not what restarts."""

import pytest

from conformance import requirement
from conformance.checks import conforms, same
from conformance.client import V1, V2, Admin, ApiVersion, Deployment, deployment_type
from conformance.data import flows

both_versions = pytest.mark.parametrize("version", [V1, V2], ids=str)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("full", marks=requirement("flows.full-deploys")),
        pytest.param("nodes", marks=requirement("flows.nodes-deploys")),
        pytest.param("flows", marks=requirement("flows.flows-deploys")),
    ],
)
@both_versions
def test_type_deploys(admin: Admin, deployed: Deployment, version: ApiVersion, name: str) -> None:
    changed = deployed.flows[:5] + deployed.flows[6:] + flows("one-tab")

    reply = admin.post("/flows", headers=version.headers | deployment_type(name), json=version.body(changed))

    assert reply.status_code == version.deployed
    active = admin.read()
    same(changed, active.flows)
    if version is V2:
        assert conforms(reply, "flows-v2-deployed")["rev"] == active.rev

    emptied = admin.post("/flows", headers=version.headers | deployment_type(name), json=version.body([]))
    assert emptied.status_code == version.deployed
    assert admin.read().flows == []


@requirement("flows.v1-reload-answers-204")
@pytest.mark.usefixtures("deployed")
def test_v1_reload_answers_204(admin: Admin) -> None:
    reply = admin.post("/flows", headers=V1.headers | deployment_type("reload"), json=[])

    assert reply.status_code == 204


@requirement("flows.v2-reload-gives-rev")
@pytest.mark.usefixtures("deployed")
def test_v2_reload_gives_rev(admin: Admin) -> None:
    reply = admin.post("/flows", headers=V2.headers | deployment_type("reload"), json={})

    assert reply.status_code == 200
    assert conforms(reply, "flows-v2-deployed")["rev"] == admin.read().rev


@requirement("flows.reload-keeps-what-is-stored")
@both_versions
def test_reload_keeps_what_is_stored(admin: Admin, deployed: Deployment, version: ApiVersion) -> None:
    headers = version.headers | deployment_type("reload")

    reply = admin.post("/flows", headers=headers, json=version.body(flows("one-tab")))

    assert reply.is_success
    same(deployed.flows, admin.read().flows)


@requirement("flows.reload-needs-no-body")
@both_versions
def test_reload_needs_no_body(admin: Admin, deployed: Deployment, version: ApiVersion) -> None:
    reply = admin.post("/flows", headers=version.headers | deployment_type("reload"))

    assert reply.is_success
    same(deployed.flows, admin.read().flows)


@requirement("flows.reload-needs-no-current-rev")
def test_reload_needs_no_current_rev(admin: Admin, deployed: Deployment) -> None:
    latest = flows("one-tab")
    admin.deploy(latest)
    outdated = {"rev": deployed.rev, "flows": []}

    reply = admin.post("/flows", headers=V2.headers | deployment_type("reload"), json=outdated)

    assert reply.is_success
    same(latest, admin.read().flows)


@requirement("flows.reload-keeps-the-rev")
def test_reload_keeps_the_rev(admin: Admin, deployed: Deployment) -> None:
    reply = admin.post("/flows", headers=V2.headers | deployment_type("reload"), json={})

    assert reply.is_success
    assert admin.read() == deployed


@requirement("flows.unknown-types-taken-away")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("name", ["full", "nodes", "flows"])
def test_unknown_types_taken_away(admin: Admin, name: str) -> None:
    tab, unknown, debug = flows("unknown-type")
    admin.deploy([tab, unknown, debug])

    reply = admin.post("/flows", headers=V2.headers | deployment_type(name), json=V2.body([tab, debug]))

    assert reply.status_code == 200
    same([tab, debug], admin.read().flows)


@requirement("flows.unknown-deployment-type")
@pytest.mark.usefixtures("deployed")
@both_versions
def test_unknown_deployment_type(admin: Admin, version: ApiVersion) -> None:
    headers = version.headers | deployment_type("everything")

    reply = admin.post("/flows", headers=headers, json=version.body(flows("one-tab")))

    assert reply.status_code == version.deployed
    same(flows("one-tab"), admin.read().flows)


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Reload", marks=requirement("flows.deployment-type-in-other-case")),
        pytest.param("FULL", marks=requirement("flows.deployment-type-in-other-case")),
        pytest.param("", marks=requirement("flows.empty-deployment-type"), id="empty"),
    ],
)
@both_versions
def test_odd_deployment_type(admin: Admin, version: ApiVersion, name: str) -> None:
    headers = version.headers | deployment_type(name)

    reply = admin.post("/flows", headers=headers, json=version.body(flows("one-tab")))

    assert reply.status_code == version.deployed
    same(flows("one-tab"), admin.read().flows)
