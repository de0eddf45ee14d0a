"""GET and POST /flows/state: whether the flows run, and starting and stopping them."""

from collections.abc import Callable

import pytest

from conformance import requirement
from conformance.checks import conforms, same
from conformance.client import JSON, V2, Admin, deployment_type
from conformance.context import Context, Value
from conformance.data import Json, flows
from conformance.outcomes import NotApplicable, NotTested
from conformance.palette import unknown_types
from conformance.run_state import RunState
from conformance.waiting import QUIET, comes_true


@requirement("state.get-gives-the-state")
def test_get_gives_the_state(state: RunState) -> None:
    assert state.read() in ("start", "stop", "safe")


@requirement("state.get-without-run-state")
def test_get_without_run_state(admin: Admin, seen: Callable[[str], None]) -> None:
    answers = admin.get("/flows/state").status_code == 200
    enabled = run_state_enabled(admin)

    seen(f"{'there' if answers else 'not there'}, with runtimeState.enabled {'on' if enabled else 'off'}")


def run_state_enabled(admin: Admin) -> bool | None:
    """What GET /settings says of `runtimeState.enabled`, None where it says nothing."""
    told = conforms(admin.get("/settings"), "settings").get("runtimeState")
    return told.get("enabled") is True if isinstance(told, dict) else None


@requirement("state.offered-where-settings-say-so")
@pytest.mark.usefixtures("may_write")
def test_offered_where_settings_say_so(admin: Admin) -> None:
    enabled, state = run_state_enabled(admin), RunState(admin)
    if enabled is None:
        raise NotApplicable("GET /settings of the target does not say whether the state can be set")
    before = state.read()

    status = state.post(before).status_code

    assert status == (200 if enabled else 404)
    assert state.read() == before


@requirement("state.form-starts-and-stops")
def test_form_starts_and_stops(run_state: RunState) -> None:
    for wanted in ("stop", "start", "stop", "start"):
        reply = run_state.post(wanted)

        assert reply.status_code == 200
        assert conforms(reply, "flows-state")["state"] == wanted


@requirement("state.get-gives-what-was-set")
def test_get_gives_what_was_set(run_state: RunState) -> None:
    for wanted in ("stop", "start", "stop", "start"):
        run_state.set(wanted)

        assert run_state.read() == wanted


@requirement("state.body-is-a-form")
def test_body_is_a_form(admin: Admin, run_state: RunState, seen: Callable[[str], None]) -> None:
    before = run_state.read()
    wanted = "start" if before == "stop" else "stop"

    reply = admin.post("/flows/state", json={"state": wanted})

    assert run_state.read() == (wanted if reply.is_success else before)
    seen("JSON works as well, as in runtimes" if reply.is_success else "only a form works, as documented")


@requirement("state.same-state-again-accepted")
@pytest.mark.parametrize("wanted", ["start", "stop"])
def test_same_state_again_accepted(run_state: RunState, wanted: str) -> None:
    run_state.set(wanted)

    run_state.set(wanted)

    assert run_state.read() == wanted


UNKNOWN: dict[str, dict[str, Json]] = {
    "other-word": {"data": {"state": "pause"}},
    "safe": {"data": {"state": "safe"}},
    "empty": {"data": {"state": ""}},
    "missing": {"data": {"flows": "stop"}},
    "no-body": {},
}
"""Forms that say neither start nor stop."""

ODD: list[dict[str, Json]] = [
    {"data": {"state": "STOP"}},
    {"data": {"state": " stop"}},
    {"params": {"state": "stop"}},
    {"content": b"state=stop", "headers": {"Content-Type": "text/plain"}},
    {"content": b'["stop"]', "headers": JSON},
    *({"json": {"state": value}} for value in (1, True, None, ["stop"], {"state": "stop"})),
]
"""Requests from which a lenient server could guess that the flows are to stop."""


def assert_refused(admin: Admin, run_state: RunState, request_with: dict[str, Json]) -> None:
    """The request is refused with 400, and stopped flows stay stopped as running ones run on."""
    for before in ("start", "stop"):
        run_state.set(before)

        refused = admin.post("/flows/state", **request_with)

        assert refused.status_code == 400
        assert run_state.read() == before


@requirement("state.unknown-state-refused")
@pytest.mark.parametrize("request_with", UNKNOWN.values(), ids=UNKNOWN)
def test_unknown_state_refused(admin: Admin, run_state: RunState, request_with: dict[str, Json]) -> None:
    assert_refused(admin, run_state, request_with)


@requirement("state.odd-state-refused")
def test_odd_state_refused(admin: Admin, run_state: RunState) -> None:
    for request_with in ODD:
        assert_refused(admin, run_state, request_with)


@requirement("state.unknown-state-error")
def test_unknown_state_error(run_state: RunState) -> None:
    refused = run_state.post("pause")
    control = run_state.post("start")

    assert refused.status_code == 400
    assert conforms(refused, "error")["code"] == "invalid_run_state"
    assert control.status_code == 200


@requirement("state.stopping-keeps-the-flows")
def test_stopping_keeps_the_flows(admin: Admin, run_state: RunState, put_back: None) -> None:
    deployed = admin.deploy(flows("two-tabs"))

    for wanted in ("stop", "start"):
        run_state.set(wanted)

        assert admin.read() == deployed


@requirement("state.deploys-while-stopped-are-stored")
@pytest.mark.parametrize("name", ["full", "nodes", "flows"])
def test_deploys_while_stopped_are_stored(admin: Admin, run_state: RunState, put_back: None, name: str) -> None:
    outdated = admin.deploy(flows("two-tabs")).rev
    run_state.set("stop")
    headers = V2.headers | deployment_type(name)

    reply = admin.post("/flows", headers=headers, json=V2.body(flows("one-tab")))
    refused = admin.post("/flows", headers=headers, json={"rev": outdated, "flows": flows("one-comment")})

    assert reply.status_code == 200
    assert refused.status_code == 409
    stored = admin.read()
    assert stored.rev == conforms(reply, "flows-v2-deployed")["rev"]
    same(flows("one-tab"), stored.flows)


@requirement("state.deploys-while-stopped-start-nothing")
@pytest.mark.parametrize("name", ["full", "nodes", "flows", "reload"])
def test_deploys_while_stopped_start_nothing(admin: Admin, run_state: RunState, put_back: None, name: str) -> None:
    admin.deploy(flows("two-tabs"))
    run_state.set("stop")

    reply = admin.post("/flows", headers=V2.headers | deployment_type(name), json=V2.body(flows("one-tab")))

    assert reply.status_code == 200
    assert comes_true(lambda: run_state.read() == "stop", QUIET)  # Node-RED 3.0 gives `start` for a moment
    assert not comes_true(lambda: run_state.read() == "start", QUIET)
    run_state.set("start")
    assert run_state.read() == "start"


@requirement("state.stopped-flows-do-not-run")
@pytest.mark.parametrize("name", ["full", "nodes", "flows"])
def test_stopped_flows_do_not_run(admin: Admin, run_state: RunState, context: Context, name: str) -> None:
    value = Value("global", context.key("ran"), "yes")
    run_state.set("start")
    nodes = context.put(value)
    run_state.set("stop")
    context.forget()

    reply = admin.post("/flows", headers=V2.headers | deployment_type(name), json=V2.body(nodes))

    assert reply.status_code == 200
    assert not comes_true(lambda: context.holds(value), QUIET)


@requirement("state.started-flows-run")
def test_started_flows_run(admin: Admin, run_state: RunState, context: Context) -> None:
    value = Value("global", context.key("started"), "yes")
    nodes = context.nodes(value)
    if missing := unknown_types(admin, nodes):
        raise NotTested(f"the palette lacks types of the flow that would show it: {', '.join(missing)}")
    run_state.set("stop")
    admin.deploy(nodes)
    assert not context.holds(value)

    run_state.set("start")

    assert comes_true(lambda: context.holds(value))
