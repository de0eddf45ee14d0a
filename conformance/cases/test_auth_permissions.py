"""Who may read what, route by route. GET /flows has cases of its own."""

import httpx
import pytest

from conformance import requirement
from conformance.client import ACCEPT_JSON, MADE_UP, Admin
from conformance.data import Json
from conformance.logins import bearer
from conformance.look import json_of
from conformance.outcomes import NotApplicable
from conformance.routes import objects

ROUTES = {
    "/flows/state": "get-state-needs-a-permission",
    "/nodes": "get-nodes-needs-nodes-read",
    "/settings": "get-settings-needs-settings-read",
    "/diagnostics": "get-diagnostics-needs-a-permission",
    "/context/global": "get-context-needs-context-read",
    "/credentials/http-request/conformance": "get-credentials-needs-credentials-read",
    "/icons": "get-icons-needs-nodes-read",
    "/library/local/flows": "get-library-needs-library-read",
    "/nodes/messages?lng=en-US": "get-messages-needs-nodes-read",
    "/plugins": "get-plugins-needs-plugins-read",
    "/settings/user": "get-user-settings-needs-settings-read",
}
"""The routes that need nothing but a path."""

EXPLAINING = {"code", "error", "message"}
"""What a refusal may have in common with any reply."""


def assert_for_readers(admin: Admin, reader: Admin, outsider: Admin, path: str) -> None:
    """The administrator and the reader are given what is there, and whoever has no right token nothing of it."""
    told = admin.get(path, headers=ACCEPT_JSON)
    if told.status_code in (301, 403, 404):
        raise NotApplicable(f"the target offers no GET {path}")

    assert told.status_code == 200
    assert reader.get(path, headers=ACCEPT_JSON).status_code == 200
    for wrong in ({}, bearer(MADE_UP)):
        refused = outsider.get(path, headers=ACCEPT_JSON | wrong)
        assert refused.status_code == 401
        assert told.content not in refused.content
        assert members(refused) & members(told) <= EXPLAINING


def members(reply: httpx.Response) -> set[str]:
    """The names of what the reply tells, which stay where the values change from reply to reply; none of no object."""
    body = json_of(reply)
    return set(body) if isinstance(body, dict) else set()


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=requirement(f"auth.{name}"), id=name) for path, name in ROUTES.items()]
)
def test_reading_needs_the_permission(admin: Admin, whole_reader: Admin, outsider: Admin, path: str) -> None:
    assert_for_readers(admin, whole_reader, outsider, path)


@requirement("auth.get-flow-needs-flows-read")
@pytest.mark.usefixtures("something_to_read")
def test_get_flow_needs_flows_read(admin: Admin, whole_reader: Admin, outsider: Admin) -> None:
    tabs = [node["id"] for node in admin.read().flows if node["type"] == "tab"]
    if not tabs:
        raise NotApplicable("the target holds no tab")

    assert_for_readers(admin, whole_reader, outsider, f"/flow/{tabs[0]}")


@pytest.fixture
def node_set(admin: Admin) -> Json:
    """A node set of the palette."""
    known = objects(admin.get("/nodes", headers=ACCEPT_JSON))
    sets = [entry for entry in known if "module" in entry and "name" in entry]
    if not sets:
        raise NotApplicable("the target tells of no node set")
    return sets[0]


@requirement("auth.get-module-needs-nodes-read")
def test_get_module_needs_nodes_read(admin: Admin, whole_reader: Admin, outsider: Admin, node_set: Json) -> None:
    assert_for_readers(admin, whole_reader, outsider, f"/nodes/{node_set['module']}")


@requirement("auth.get-set-needs-nodes-read")
def test_get_set_needs_nodes_read(admin: Admin, whole_reader: Admin, outsider: Admin, node_set: Json) -> None:
    assert_for_readers(admin, whole_reader, outsider, f"/nodes/{node_set['module']}/{node_set['name']}")
