"""Who may write what, route by route. POST /flows has cases of its own."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import httpx
import pytest

from conformance import requirement
from conformance.client import MADE_UP, Admin, Deployment
from conformance.data import Json, flows
from conformance.outcomes import NotApplicable
from conformance.targets import Target
from conformance.values import json_of
from conformance.waiting import comes_true

Ask = Callable[[Admin], httpx.Response]
"""Sends one request in somebody's name."""

INJECT, DEBUG = "c0f0000000000003", "c0f0000000000005"
"""Two nodes of the flows `two-tabs`."""

FIRST, SECOND = (node["id"] for node in flows("two-tabs") if node["type"] == "tab")
"""Their tabs."""


@pytest.fixture
def others(
    target: Target, whole_reader: Admin, anonymous: Admin, client_of: Callable[[str | None], Admin]
) -> list[Admin]:
    """A client that may only read, one without a token, and one with a token that nobody was given."""
    if not all(permission.endswith("read") for permission in target.anonymous):
        raise NotApplicable(f"the target gives {', '.join(target.anonymous)} to whoever has no token")
    return [whole_reader, anonymous, client_of(MADE_UP)]


def assert_refused(others: list[Admin], ask: Ask) -> None:
    """Nobody of these is let in."""
    for other in others:
        assert ask(other).status_code == 401


def assert_refused_without_effect(admin: Admin, others: list[Admin], ask: Ask) -> None:
    """Nobody of these is let in, and the flows stay what they are."""
    before = admin.read()
    for other in others:
        assert ask(other).status_code == 401
        assert admin.read() == before


def offered(reply: httpx.Response) -> httpx.Response:
    """The reply to the administrator; raises NotApplicable where the target has no such route."""
    if reply.status_code in (404, 405):
        raise NotApplicable(f"the target offers no {reply.request.method} {reply.request.url.path}")
    return reply


@requirement("auth.post-flow-needs-flows-write")
def test_post_flow_needs_flows_write(admin: Admin, others: list[Admin], deployed: Deployment) -> None:
    def ask(client: Admin) -> httpx.Response:
        return client.post("/flow", json={"label": "Conformance three", "nodes": []})

    assert offered(ask(admin)).is_success
    assert_refused_without_effect(admin, others, ask)


@requirement("auth.put-flow-needs-flows-write")
def test_put_flow_needs_flows_write(admin: Admin, others: list[Admin], deployed: Deployment) -> None:
    def ask(client: Admin, tab: str = FIRST) -> httpx.Response:
        return client.put(f"/flow/{tab}", json={"id": tab, "label": "Conformance", "nodes": []})

    assert offered(ask(admin, SECOND)).is_success
    assert_refused_without_effect(admin, others, ask)


@requirement("auth.delete-flow-needs-flows-write")
def test_delete_flow_needs_flows_write(admin: Admin, others: list[Admin], deployed: Deployment) -> None:
    assert offered(admin.delete(f"/flow/{SECOND}")).is_success
    assert_refused_without_effect(admin, others, lambda client: client.delete(f"/flow/{FIRST}"))


@pytest.fixture
def run_state(admin: Admin, may_write: None) -> Iterator[str]:
    """Whether the flows run, `start` or `stop`, as they do again after the case."""
    before = state_of(admin)
    offered(admin.post("/flows/state", json={"state": before}))
    yield before
    if state_of(admin) != before:
        assert admin.post("/flows/state", json={"state": before}).is_success


def state_of(admin: Admin) -> str:
    """What GET /flows/state gives; raises NotApplicable where there is none."""
    body = json_of(admin.get("/flows/state"))
    if not isinstance(body, dict) or body.get("state") not in ("start", "stop"):
        raise NotApplicable("the target does not say whether its flows run")
    return str(body["state"])


@requirement("auth.post-state-needs-flows-write")
def test_post_state_needs_flows_write(admin: Admin, others: list[Admin], run_state: str) -> None:
    other_state = {"start": "stop", "stop": "start"}[run_state]

    control = admin.post("/flows/state", json={"state": run_state})

    assert control.status_code == 200
    assert_refused(others, lambda client: client.post("/flows/state", json={"state": other_state}))
    assert state_of(admin) == run_state


@requirement("auth.post-nodes-needs-nodes-write")
@pytest.mark.usefixtures("may_write")
def test_post_nodes_needs_nodes_write(admin: Admin, others: list[Admin]) -> None:
    def ask(client: Admin) -> httpx.Response:
        return client.post("/nodes", json={})

    assert offered(ask(admin)).status_code == 400
    assert_refused(others, ask)


class Write(NamedTuple):
    """A request that changes nothing even where it is let through: `{}` is a name that nobody knows."""

    method: str
    path: str
    body: Json
    beside: str
    """What can be read wherever this route is."""


WRITES = {
    "put-module-needs-nodes-write": Write("PUT", "/nodes/{}", {"enabled": True}, "/nodes"),
    "put-set-needs-nodes-write": Write("PUT", "/nodes/{}/{}", {"enabled": True}, "/nodes"),
    "delete-module-needs-nodes-write": Write("DELETE", "/nodes/{}", None, "/nodes"),
    "delete-context-needs-context-write": Write("DELETE", "/context/global/{}", None, "/context/global"),
    "post-library-needs-library-write": Write("POST", "/library/{}/flows/{}", {}, "/library/local/flows"),
    "post-user-settings-needs-settings-write": Write("POST", "/settings/user", {}, "/settings/user"),
}


@pytest.fixture
def there(admin: Admin, write: Write) -> Write:
    """The request of the row, on a target that offers what is beside it."""
    offered(admin.get(write.beside))
    return write


@pytest.mark.usefixtures("may_write")
@pytest.mark.parametrize(
    "write", [pytest.param(write, marks=requirement(f"auth.{name}"), id=name) for name, write in WRITES.items()]
)
def test_writing_needs_the_permission(admin: Admin, others: list[Admin], target: Target, there: Write) -> None:
    path = there.path.replace("{}", f"conformance-{target.seed}")

    def ask(client: Admin) -> httpx.Response:
        return client.request(there.method, path, json=there.body)

    assert ask(admin).status_code in (200, 204, 400, 404)
    assert_refused(others, ask)


@pytest.fixture
def taken(admin: Admin, deployed: Deployment, button: str) -> str:
    """The path of a node's button, which the node takes as soon as it runs."""
    if not comes_true(lambda: admin.post(button).is_success):
        raise NotApplicable("the target does not let anybody ask its inject and debug nodes for something")
    return button


@pytest.mark.parametrize(
    "button",
    [
        pytest.param(f"/inject/{INJECT}", marks=requirement("auth.inject-needs-inject-write"), id="inject"),
        pytest.param(f"/debug/{DEBUG}/enable", marks=requirement("auth.debug-needs-debug-write"), id="debug"),
    ],
)
def test_button_needs_the_permission(admin: Admin, others: list[Admin], taken: str) -> None:
    assert_refused(others, lambda client: client.post(taken))
    assert admin.post(taken).is_success
