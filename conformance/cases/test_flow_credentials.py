"""/flow: credentials, which the target keeps to itself."""

from collections.abc import Callable

import httpx
import pytest

from conformance import requirement
from conformance.checks import parsed
from conformance.client import ADDED, V1, V2, Admin, flow_path
from conformance.data import Json, flows
from conformance.outcomes import NotApplicable

CREDENTIALS = {"user": "conformance-user", "password": "conformance-password"}
NODE: Json = flows("credentials")[1]
CONFIG: Json = {
    "id": "c0f0000000000113",
    "type": "mqtt-broker",
    "name": "",
    "broker": "127.0.0.1",
    "port": "9",
    "clientid": "",
    "usetls": False,
    "keepalive": "60",
}
"""A config node that nobody uses, so that it never calls its broker."""

Setting = Callable[[Admin], str]
"""Adds or replaces a flow of which a node carries credentials, and gives the flow's id."""


def with_credentials() -> Json:
    """A flow of which a node and a config node carry credentials."""
    nodes, configs = ([{**node, "credentials": CREDENTIALS}] for node in (NODE, CONFIG))
    return {"label": "Conformance", "nodes": nodes, "configs": configs}


def posted(admin: Admin) -> str:
    """The id of a flow that was added."""
    reply = admin.post("/flow", json=with_credentials())
    assert reply.status_code in ADDED
    assert_hidden(reply)
    tabs = list(admin.read().tabs)
    assert len(tabs) == 1
    return tabs[0]


def put(admin: Admin) -> str:
    """The id of a flow that was replaced."""
    flow_id = admin.add({"label": "Conformance", "nodes": [NODE]})
    reply = admin.put(flow_path(flow_id), json=with_credentials())
    assert reply.status_code in ADDED
    assert_hidden(reply)
    return flow_id


both = pytest.mark.parametrize("setting", [posted, put], ids=["post", "put"])


def assert_hidden(reply: httpx.Response) -> None:
    """The reply has no trace of the credentials."""
    assert b"credentials" not in reply.content
    for secret in CREDENTIALS.values():
        assert secret.encode() not in reply.content


@requirement("flow.credentials-not-in-get-flows")
@pytest.mark.usefixtures("put_back")
@both
def test_credentials_not_in_get_flows(admin: Admin, setting: Setting) -> None:
    flow_id = setting(admin)

    assert sorted(node["id"] for node in admin.read().inside(flow_id)) == [NODE["id"], CONFIG["id"]]
    for version in (V1, V2):
        assert_hidden(admin.get("/flows", headers=version.headers))


@requirement("flow.credentials-not-in-get-flow")
@pytest.mark.usefixtures("put_back")
@both
def test_credentials_not_in_get_flow(admin: Admin, setting: Setting) -> None:
    flow_id = setting(admin)

    given = admin.flow(flow_id)
    assert [node["id"] for part in ("nodes", "configs") for node in given.get(part, [])] == [NODE["id"], CONFIG["id"]]
    assert_hidden(admin.get(flow_path(flow_id)))


@requirement("flow.deployed-credentials-not-in-get-flow")
@pytest.mark.usefixtures("put_back")
def test_deployed_credentials_not_in_get_flow(admin: Admin) -> None:
    tab, _ = flows("credentials")
    admin.deploy([tab, {**NODE, "credentials": CREDENTIALS}])

    assert [node["id"] for node in admin.flow(tab["id"])["nodes"]] == [NODE["id"]]
    assert_hidden(admin.get(f"/flow/{tab['id']}"))


@requirement("flow.put-keeps-stored-credentials")
@pytest.mark.usefixtures("put_back")
def test_put_keeps_stored_credentials(admin: Admin) -> None:
    flow_id = posted(admin)
    place = f"/credentials/http-request/{NODE['id']}"
    if admin.get(place).status_code == 404:
        raise NotApplicable("the target offers no GET /credentials/:type/:id, by which they could be seen")
    before = parsed(admin.get(place))
    assert isinstance(before, dict)

    assert admin.put(flow_path(flow_id), json={"label": "Conformance", "nodes": [NODE]}).status_code in ADDED

    assert CREDENTIALS["user"] in before.values()
    assert parsed(admin.get(place)) == before
