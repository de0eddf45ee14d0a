"""The editor, the real one, in a browser, with the reference server behind it."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect

from conformance.data import Json, flows
from conformance.selftest.browser import chromium
from conformance.selftest.conftest import Serve
from conformance.selftest.editor import beside
from conformance.selftest.liars import ADMIN_PASSWORD, READER_PASSWORD, protected
from conformance.selftest.window import Window
from reference_server import Api

QUIET = {"editor": {"view": {"view-show-welcome-tours": False, "view-show-tips": False}}}
"""The settings of a user who wants neither a tour, which lies over everything, nor tips."""

JUNCTION = {"id": "c0f0000000000022", "type": "junction", "z": "c0f0000000000211", "x": 300, "y": 240, "wires": [[]]}
"""A node that every editor knows without being told."""

MODULE = "node-red-node-random"
"""A module that the server can install."""

Look = Callable[[Api], Window]
"""Opens a window on the editor beside a server."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser."""
    with chromium() as running:
        yield running


@pytest.fixture
def look(browser: Browser, served: Serve) -> Iterator[Look]:
    """Windows, which are closed at the end."""
    windows: list[Window] = []

    def looking(api: Api) -> Window:
        api.user_settings = dict.fromkeys(("_", "admin", "reader"), QUIET)
        windows.append(Window(browser, served(beside(api.app()))))
        return windows[-1]

    yield looking
    for window in windows:
        window.page.close()


@pytest.fixture
def window(look: Look) -> Window:
    """The editor beside a server that asks nobody for a token."""
    window = look(Api())
    window.open()
    return window


def say(window: Window, method: str, path: str, body: Json = None) -> Json:
    """What the server answers to somebody other than the editor."""
    headers = {"Accept": "application/json"}
    reply = httpx.request(method, f"{window.url}{path}", headers=headers, json=body, trust_env=False)
    assert reply.is_success
    return reply.json() if reply.content else None


def types(window: Window) -> list[str]:
    """The types of the nodes that the server holds."""
    return [node["type"] for node in say(window, "GET", "/flows")]


def test_flows_are_shown_and_deployed_as_they_were(look: Look) -> None:
    api, before = Api(), [*flows("every-kind"), JUNCTION]
    api.flows.deploy(before)
    window = look(api)
    window.open()
    expect(window.page.locator("#red-ui-workspace-tabs .red-ui-tab")).to_have_text(
        ["Conformance one", "Conformance two"]
    )
    expect(window.nodes).to_have_count(4)
    expect(window.page.locator(".red-ui-flow-junction")).to_have_count(1)

    window.add("comment")
    window.deploy()

    after = say(window, "GET", "/flows")
    assert [node for node in before if node not in after] == []
    assert [node["type"] for node in after if node not in before] == ["comment"]
    assert window.troubles == []


def test_deploy_reaches_the_server(window: Window) -> None:
    window.add("inject")
    window.deploy()
    assert types(window) == ["tab", "inject"]

    with window.form("inject"):
        window.page.fill("#node-input-name", "every morning")
    window.deploy()

    assert say(window, "GET", "/flows")[1]["name"] == "every morning"
    assert window.troubles == []


def test_deploy_over_another_is_merged(window: Window) -> None:
    deploy_over_another(window).filter(has_text="Merge").click()
    assert set(types(window)) == {"tab", "inject", "comment"}
    window.deploy()

    assert set(types(window)) == {"tab", "inject", "comment", "debug"}
    assert window.troubles == ["409 POST /flows"]


def test_deploy_over_another_is_forced(window: Window) -> None:
    ignore = deploy_over_another(window).filter(has_text="Ignore")
    with window.deploying():
        ignore.click()

    assert set(types(window)) == {"tab", "inject", "debug"}
    assert window.troubles == ["409 POST /flows"]


def deploy_over_another(window: Window) -> Locator:
    """Press Deploy after somebody else has deployed, and give the buttons to choose from."""
    window.add("inject")
    window.deploy()
    held = say(window, "GET", "/flows")
    comment = {"id": "c0f0000000000022", "type": "comment", "z": held[0]["id"], "x": 140, "y": 400, "wires": []}
    say(window, "POST", "/flows", [*held, comment])
    expect(window.notices.filter(has_text="The flows on the server have been updated")).to_be_visible()
    window.add("debug")
    window.deploy_button.click()
    return window.notices.filter(has_text="more recent set of flows").locator("button:not(.disabled)")


def test_password_is_kept_and_not_told(window: Window) -> None:
    window.add("http request")
    with window.form("http request"):
        window.page.fill("#node-input-user", "somebody")
        window.page.fill("#node-input-password", "a secret")
    window.deploy()

    _, node = say(window, "GET", "/flows")
    assert "credentials" not in node
    told = say(window, "GET", f"/credentials/http-request/{node['id']}")
    assert told == {"user": "somebody", "has_password": True}
    window.open()
    with window.form("http request"):
        expect(window.page.locator("#node-input-user")).to_have_value("somebody")
        expect(window.page.locator("#node-input-password")).to_have_value("__PWRD__")
    assert window.troubles == []


def test_palette_shows_what_the_server_has(window: Window) -> None:
    shown = {node.get_attribute("data-palette-type") for node in window.palette.all()}
    known = {name for node_set in say(window, "GET", "/nodes") for name in node_set["types"]}
    categories = {window.page.evaluate("name => RED.nodes.getType(name)?.category", name) for name in known - shown}
    assert {"inject", "function", "debug"} <= shown <= known
    assert categories == {"config", "unknown", None}
    expect(window.notices).to_have_count(0)

    say(window, "PUT", "/nodes/node-red/comment", {"enabled": False})
    expect(window.type("comment")).to_be_hidden()
    say(window, "PUT", "/nodes/node-red/comment", {"enabled": True})
    expect(window.type("comment")).to_be_visible()
    assert window.troubles == []


def test_palette_is_managed(window: Window) -> None:
    expect(window.type("random")).to_have_count(0)
    say(window, "POST", "/nodes", {"module": MODULE})
    expect(window.type("random")).to_have_count(1)

    window.act("core:manage-palette")
    row = window.page.locator(".red-ui-palette-module-header", has_text=MODULE)
    row.get_by_text("disable all").click()
    expect(window.type("random")).to_be_hidden()
    assert [node_set["enabled"] for node_set in say(window, "GET", f"/nodes/{MODULE}")["nodes"]] == [False]
    row.get_by_text("remove", exact=True).click()
    window.notices.get_by_text("Remove", exact=True).click()
    expect(window.type("random")).to_have_count(0)
    assert MODULE not in {node_set["module"] for node_set in say(window, "GET", "/nodes")}
    assert window.troubles == []


def test_library_keeps_flows(window: Window) -> None:
    window.add("inject")
    window.act("core:show-export-dialog")
    window.page.locator("#red-ui-clipboard-dialog-export-rng-full").click()
    window.page.locator("#red-ui-clipboard-dialog-export-tabs").get_by_text("Local").click()
    window.page.fill("#red-ui-clipboard-dialog-tab-library-name", "mine.json")
    window.page.click("#red-ui-clipboard-dialog-export")
    expect(window.notices.filter(has_text="Nodes exported to library")).to_be_visible()
    assert [node["type"] for node in say(window, "GET", "/library/local/flows/mine.json")] == ["tab", "inject"]

    window.open()
    window.act("core:show-import-dialog")
    window.page.locator("#red-ui-clipboard-dialog-import-tabs").get_by_text("Local").click()
    window.page.get_by_text("mine.json").click()
    window.page.click("#red-ui-clipboard-dialog-ok")
    expect(window.notices.filter(has_text="Imported")).to_contain_text("1 node")
    assert window.troubles == []


def log_in(window: Window, name: str, password: str) -> None:
    """Fill in the form for the login, and send it."""
    window.page.fill("#node-dialog-login-username", name)
    window.page.fill("#node-dialog-login-password", password)
    window.page.click("#node-dialog-login-submit")


def test_user_logs_in_and_out(look: Look) -> None:
    api = protected()
    window = look(api)
    window.page.goto(window.url)
    log_in(window, "admin", READER_PASSWORD)
    expect(window.page.locator("#node-dialog-login-failed")).to_be_visible()
    log_in(window, "admin", ADMIN_PASSWORD)
    window.wait()
    window.add("inject")
    window.deploy()
    assert [node["type"] for node in api.flows.nodes] == ["tab", "inject"]

    window.page.click("#red-ui-header-button-user")
    window.page.click("#usermenu-item-logout")

    expect(window.page.locator("#node-dialog-login-username")).to_be_visible()
    assert window.troubles == ["401 GET /settings", "403 POST /auth/token", "401 GET /settings"]


def test_reader_cannot_deploy(look: Look) -> None:
    api = protected()
    api.flows.deploy(flows("one-comment"))
    window = look(api)
    window.page.goto(window.url)
    log_in(window, "reader", READER_PASSWORD)
    window.wait()

    expect(window.nodes).to_have_count(1)
    expect(window.page.locator(".red-ui-deploy-button-group.readOnly")).to_be_visible()
    window.add("inject")
    expect(window.deploy_button).to_have_count(0)
    assert window.troubles == ["401 GET /settings"]
