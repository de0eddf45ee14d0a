"""GET /credentials/:type/:id: what is told of the credentials that deployments set, keep, replace and remove."""

import httpx
import pytest

from conformance import requirement
from conformance.checks import conforms
from conformance.client import V1, V2, Admin, ApiVersion
from conformance.data import Json, flows
from conformance.outcomes import NotApplicable

TYPE = "http-request"
"""A type that every Node-RED has: its user is a text, its password a password."""

NODE = 1
"""The place of the node with credentials among those that are deployed."""

USER = "conformance-user"
PASSWORD = "conformance-password"  # noqa: S105 - of nobody

BOTH = {"user": USER, "password": PASSWORD}
NOTHING = {"user": "", "has_password": False}


def nodes_with(credentials: Json = None) -> list[Json]:
    """A tab and a node that carries these credentials, or none."""
    nodes = flows("credentials")
    if credentials is not None:
        nodes[NODE]["credentials"] = credentials
    return nodes


both_versions = pytest.mark.parametrize("version", [V1, V2], ids=str)


def give(admin: Admin, version: ApiVersion, credentials: Json) -> None:
    """Deploy the node with these credentials."""
    reply = admin.post("/flows", headers=version.headers, json=version.body(nodes_with(credentials)))
    assert reply.status_code == version.deployed


def ask(admin: Admin, node_id: str = "", node_type: str = TYPE) -> httpx.Response:
    """The reply to GET /credentials/:type/:id, by default about that node."""
    return admin.get(f"/credentials/{node_type}/{node_id or nodes_with()[NODE]['id']}")


def told(admin: Admin, node_id: str = "", node_type: str = TYPE) -> Json:
    """What is told of a node's credentials."""
    reply = ask(admin, node_id, node_type)
    assert reply.status_code == 200
    return conforms(reply, "credentials")


@pytest.fixture
def stored(admin: Admin, put_back: None) -> None:
    """A node with a user and a password, deployed."""
    admin.deploy(nodes_with(BOTH))
    if ask(admin).status_code == 404:
        raise NotApplicable("the target offers no /credentials")


@requirement("credentials.offered")
@pytest.mark.usefixtures("stored")
def test_offered(admin: Admin) -> None:
    assert isinstance(told(admin), dict)


@requirement("credentials.password-is-never-told")
@pytest.mark.usefixtures("stored")
@both_versions
def test_password_is_never_told(admin: Admin, version: ApiVersion) -> None:
    for password in (PASSWORD, f"{PASSWORD}-2"):
        nodes = nodes_with({"user": USER, "password": password})
        deployed = admin.post("/flows", headers=version.headers, json=version.body(nodes))

        assert deployed.is_success
        assert PASSWORD.encode() not in ask(admin).content
        assert told(admin).get("has_password") is True


@requirement("credentials.text-is-told")
@pytest.mark.usefixtures("stored")
def test_text_is_told(admin: Admin) -> None:
    assert told(admin).get("user") == USER

    admin.deploy(nodes_with({"user": "another"}))
    assert told(admin).get("user") == "another"


@requirement("credentials.reader-is-told-the-same")
@pytest.mark.usefixtures("stored")
def test_reader_is_told_the_same(admin: Admin, whole_reader: Admin) -> None:
    assert told(whole_reader) == told(admin) == {"user": USER, "has_password": True}


@requirement("credentials.unknown-node-has-none")
@pytest.mark.usefixtures("stored")
def test_unknown_node_has_none(admin: Admin) -> None:
    assert told(admin, node_id="conformance-unknown") == {}
    assert told(admin).get("has_password") is True


@requirement("credentials.node-without-any-has-none")
@pytest.mark.usefixtures("stored")
def test_node_without_any_has_none(admin: Admin) -> None:
    one, other = nodes_with(BOTH)[NODE], nodes_with()[NODE] | {"id": "c0f0000000000113"}

    admin.deploy([nodes_with()[0], one, other])

    assert told(admin, other["id"]) == {}
    assert told(admin, one["id"]).get("has_password") is True


@requirement("credentials.kept-where-none-are-given")
@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("credentials", [None, {}], ids=["absent", "empty"])
@both_versions
def test_kept_where_none_are_given(admin: Admin, version: ApiVersion, credentials: Json) -> None:
    nodes = nodes_with(credentials)
    nodes[NODE]["name"] = "renamed"

    reply = admin.post("/flows", headers=version.headers, json=version.body(nodes))

    assert reply.is_success
    assert told(admin) == {"user": USER, "has_password": True}


@requirement("credentials.given-field-replaces-its-own")
@pytest.mark.usefixtures("stored")
@both_versions
def test_given_field_replaces_its_own(admin: Admin, version: ApiVersion) -> None:
    give(admin, version, {"user": "another"})
    assert told(admin) == {"user": "another", "has_password": True}

    give(admin, version, {"password": "another"})
    assert told(admin) == {"user": "another", "has_password": True}


@requirement("credentials.placeholder-keeps-the-password")
@pytest.mark.usefixtures("stored")
@both_versions
def test_placeholder_keeps_the_password(admin: Admin, version: ApiVersion) -> None:
    give(admin, version, {"user": "another", "password": "__PWRD__"})

    assert told(admin) == {"user": "another", "has_password": True}


@requirement("credentials.placeholder-is-no-password")
@pytest.mark.usefixtures("stored")
@both_versions
def test_placeholder_is_no_password(admin: Admin, version: ApiVersion) -> None:
    admin.deploy([])
    give(admin, version, {"user": USER, "password": "__PWRD__"})
    assert told(admin) == {"user": USER, "has_password": False}

    admin.deploy(nodes_with(BOTH))
    assert told(admin).get("has_password") is True


@requirement("credentials.empty-field-removes")
@pytest.mark.usefixtures("stored")
@both_versions
def test_empty_field_removes(admin: Admin, version: ApiVersion) -> None:
    give(admin, version, {"user": USER, "password": ""})
    assert told(admin) == {"user": USER, "has_password": False}

    give(admin, version, {"user": "", "password": PASSWORD})
    assert told(admin) == {"user": "", "has_password": True}


@requirement("credentials.removed-node-forgets")
@pytest.mark.usefixtures("stored")
def test_removed_node_forgets(admin: Admin) -> None:
    tab, _ = nodes_with()
    admin.deploy([tab])
    assert told(admin) == {}

    admin.deploy(nodes_with())
    assert told(admin) in ({}, NOTHING)


@requirement("credentials.each-node-has-its-own")
@pytest.mark.usefixtures("stored")
def test_each_node_has_its_own(admin: Admin) -> None:
    tab, one = nodes_with()
    other = nodes_with({"user": "another"})[NODE] | {"id": "c0f0000000000113"}

    admin.deploy([tab, one, other])

    assert told(admin, one["id"]) == {"user": USER, "has_password": True}
    assert told(admin, other["id"]) == {"user": "another", "has_password": False}


@requirement("credentials.undeclared-field-is-dropped")
@pytest.mark.usefixtures("stored")
def test_undeclared_field_is_dropped(admin: Admin) -> None:
    admin.deploy(nodes_with(BOTH | {"conformance": "made-up"}))

    assert told(admin) == {"user": USER, "has_password": True}


@requirement("credentials.odd-credentials-change-nothing")
@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("odd", ["text", 5, ["text"]], ids=["string", "number", "array"])
def test_odd_credentials_change_nothing(admin: Admin, odd: Json) -> None:
    deployed = admin.deploy(nodes_with(odd))

    assert told(admin) == {"user": USER, "has_password": True}
    assert not any("credentials" in node for node in deployed.flows)


@requirement("credentials.type-without-any-tells-nothing")
@pytest.mark.usefixtures("stored")
def test_type_without_any_tells_nothing(admin: Admin) -> None:
    tab, node = nodes_with(BOTH)
    comment = {"id": node["id"], "type": "comment", "z": tab["id"], "name": "", "info": "", "credentials": BOTH}

    admin.deploy([tab, comment])

    assert told(admin, node_type="comment") == {}


@requirement("credentials.another-type-tells-nothing")
@pytest.mark.usefixtures("stored")
def test_another_type_tells_nothing(admin: Admin) -> None:
    assert told(admin, node_type="comment") == {}


@requirement("credentials.blank-in-a-type-is-a-dash")
@pytest.mark.usefixtures("stored")
def test_blank_in_a_type_is_a_dash(admin: Admin) -> None:
    assert told(admin, node_type="http%20request") == {}


@requirement("credentials.separate-credentials-are-stored")
@pytest.mark.usefixtures("stored")
def test_separate_credentials_are_stored(admin: Admin) -> None:
    nodes = nodes_with()
    separate = {nodes[NODE]["id"]: {"user": "another", "password": PASSWORD}}

    reply = admin.post("/flows", headers=V2.headers, json={"flows": nodes, "credentials": separate})

    assert reply.status_code == 200
    assert told(admin) == {"user": "another", "has_password": True}
