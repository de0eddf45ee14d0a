"""Who may read what, route by route. GET /flows has cases of its own."""

import httpx
import pytest

from conformance import requirement
from conformance.client import ACCEPT_JSON, MADE_UP, Admin
from conformance.data import Json
from conformance.logins import bearer
from conformance.outcomes import NotApplicable
from conformance.routes import objects
from conformance.values import json_of

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

EXPLAINING = {"code", "error", "id", "message", "name", "status", "time", "type", "version"}
"""What a refusal may have in common with any reply."""


def offered(admin: Admin, path: str) -> str:
    """The path; raises NotApplicable where the target has nothing there."""
    if admin.get(path, headers=ACCEPT_JSON).status_code in (301, 403, 404):
        raise NotApplicable(f"the target offers no GET {path}")
    return path


def assert_for_readers(admin: Admin, reader: Admin, outsider: Admin, path: str) -> None:
    """The administrator and the reader are given what is there, and whoever has no right token nothing of it."""
    told = admin.get(path, headers=ACCEPT_JSON)
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


@pytest.fixture
def route(admin: Admin, path: str) -> str:
    """The path of the row, which the target offers."""
    return offered(admin, path)


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=requirement(f"auth.{name}"), id=name) for path, name in ROUTES.items()]
)
def test_reading_needs_the_permission(admin: Admin, whole_reader: Admin, outsider: Admin, route: str) -> None:
    assert_for_readers(admin, whole_reader, outsider, route)


@pytest.fixture
def tab(admin: Admin, something_to_read: None) -> str:
    """The path of a flow."""
    tabs = [node["id"] for node in admin.read().flows if node["type"] == "tab"]
    if not tabs:
        raise NotApplicable("the target holds no tab")
    return offered(admin, f"/flow/{tabs[0]}")


@requirement("auth.get-flow-needs-flows-read")
def test_get_flow_needs_flows_read(admin: Admin, whole_reader: Admin, outsider: Admin, tab: str) -> None:
    assert_for_readers(admin, whole_reader, outsider, tab)


@pytest.fixture
def node_set(admin: Admin) -> Json:
    """A node set of the palette."""
    known = objects(admin.get("/nodes", headers=ACCEPT_JSON))
    sets = [entry for entry in known if "module" in entry and "name" in entry]
    if not sets:
        raise NotApplicable("the target tells of no node set")
    return sets[0]


@pytest.fixture
def of_module(admin: Admin, node_set: Json) -> str:
    """The path of a module of the palette."""
    return offered(admin, f"/nodes/{node_set['module']}")


@pytest.fixture
def of_set(admin: Admin, node_set: Json) -> str:
    """The path of a node set of the palette."""
    return offered(admin, f"/nodes/{node_set['module']}/{node_set['name']}")


@requirement("auth.get-module-needs-nodes-read")
def test_get_module_needs_nodes_read(admin: Admin, whole_reader: Admin, outsider: Admin, of_module: str) -> None:
    assert_for_readers(admin, whole_reader, outsider, of_module)


@requirement("auth.get-set-needs-nodes-read")
def test_get_set_needs_nodes_read(admin: Admin, whole_reader: Admin, outsider: Admin, of_set: str) -> None:
    assert_for_readers(admin, whole_reader, outsider, of_set)
