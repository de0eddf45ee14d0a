"""GET /diagnostics: what the runtime says of itself."""

from collections.abc import Callable

import httpx
import pytest

from conformance import requirement
from conformance.checks import conforms, members
from conformance.client import Admin
from conformance.data import Json
from conformance.optional import offered
from conformance.outcomes import NotApplicable
from conformance.run_state import RunState
from conformance.targets import Target

NEVER_TOLD = frozenset({"credentialSecret", "password"})
"""Settings that no report holds."""

ONLY_WHETHER_SET = frozenset({"adminAuth", "httpNodeAuth"})
"""Settings of which a report says no more than whether they are set."""


@pytest.fixture
def report(admin: Admin) -> httpx.Response:
    """The reply of a target that reports."""
    reply = admin.get("/diagnostics")
    if reply.status_code in (403, 404):
        raise NotApplicable(f"the target offers no diagnostics: it answers {reply.status_code}")
    return reply


@requirement("diagnostics.get-gives-a-report")
def test_get_gives_a_report(report: httpx.Response) -> None:
    assert report.status_code == 200
    conforms(report, "diagnostics")


@requirement("diagnostics.place-of-modules-and-settings")
def test_place_of_modules_and_settings(report: httpx.Response, seen: Callable[[str], None]) -> None:
    told = conforms(report, "diagnostics")

    inside = [name for name in ("modules", "settings") if isinstance(told["runtime"].get(name), dict)]
    beside = [name for name in ("modules", "settings") if isinstance(told.get(name), dict)]

    assert sorted({*inside, *beside}) == ["modules", "settings"]
    seen("inside runtime, as in runtimes" if inside else "beside runtime, as documented")


@requirement("diagnostics.names-itself")
def test_names_itself(report: httpx.Response) -> None:
    conforms(report, "diagnostics-report")


@requirement("diagnostics.version-is-that-of-the-settings")
def test_version_is_that_of_the_settings(admin: Admin, report: httpx.Response) -> None:
    settings = conforms(admin.get("/settings"), "settings")

    assert conforms(report, "diagnostics")["runtime"]["version"] == settings["version"]


@requirement("diagnostics.state-is-that-of-the-flows")
def test_state_is_that_of_the_flows(admin: Admin, report: httpx.Response) -> None:
    state = offered(admin, "/flows/state")

    assert state_in(report) == conforms(state, "flows-state")["state"]


def state_in(report: httpx.Response) -> Json:
    """The state of the flows in the report."""
    flows = conforms(report, "diagnostics")["runtime"].get("flows")
    assert isinstance(flows, dict)
    return flows.get("state")


@pytest.mark.usefixtures("report")
@pytest.mark.parametrize(
    "wanted",
    [pytest.param(wanted, marks=requirement("diagnostics.state-is-that-of-the-flows")) for wanted in ("stop", "start")],
)
def test_state_that_was_set(admin: Admin, run_state: RunState, wanted: str) -> None:
    run_state.set(wanted)

    assert state_in(admin.get("/diagnostics")) == run_state.read() == wanted


@requirement("diagnostics.runtime-is-started")
def test_runtime_is_started(report: httpx.Response) -> None:
    assert conforms(report, "diagnostics")["runtime"].get("isStarted") is True


@requirement("diagnostics.modules-name-their-versions")
def test_modules_name_their_versions(report: httpx.Response) -> None:
    modules = conforms(report, "diagnostics")["runtime"].get("modules")

    assert isinstance(modules, dict)
    assert "node-red" in modules
    assert all(isinstance(version, str) and version for version in modules.values())


@requirement("diagnostics.get-holds-no-secret")
def test_get_holds_no_secret(target: Target, report: httpx.Response) -> None:
    assert not any(secret in report.text for secret in target.secrets)
    for name, value in members(conforms(report, "diagnostics")):
        assert name not in NEVER_TOLD
        assert name not in ONLY_WHETHER_SET or value in ("SET", "UNSET")


@requirement("diagnostics.available-where-enabled")
def test_available_where_enabled(admin: Admin, seen: Callable[[str], None]) -> None:
    reply = admin.get("/diagnostics")

    if reply.status_code == 403:
        assert conforms(reply, "error")["code"] == "diagnostics.disabled"
    assert reply.status_code in (200, 403, 404)
    seen({200: "there", 403: "refused with 403, as by runtimes", 404: "not there"}[reply.status_code])


@requirement("diagnostics.offered-where-settings-say-so")
def test_offered_where_settings_say_so(admin: Admin) -> None:
    told = conforms(admin.get("/settings"), "settings").get("diagnostics")
    if not isinstance(told, dict) or "enabled" not in told:
        raise NotApplicable("GET /settings of the target does not say whether there are diagnostics")

    assert admin.get("/diagnostics").is_success is (told["enabled"] is True)
