"""Faults of whether the flows run."""

import asyncio
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qs

from reference_server.faults.lying import Answer, Ask, Honest, Json, error, fault, pretend

FOR_A_MOMENT: Final = 0.05
"""Seconds in which nodes do what they do at their start."""


def asks_state(ask: Ask) -> bool:
    """Whether this is GET /flows/state."""
    return ask.method == "GET" and ask.path == "/flows/state"


def sets_state(ask: Ask) -> bool:
    """Whether this is POST /flows/state."""
    return ask.method == "POST" and ask.path == "/flows/state"


def wanted(ask: Ask) -> Json:
    """The state that a POST /flows/state asks for, in a form or in JSON."""
    if isinstance(ask.json, dict):
        return ask.json.get("state")
    return parse_qs(ask.body.decode("utf-8", "replace")).get("state", [""])[0]


def setting(ask: Ask, state: str) -> Ask:
    """A POST /flows/state in the name of the same user."""
    headers = {name: value for name, value in ask.headers.items() if name == "authorization"}
    return replace(ask, method="POST", path="/flows/state", query="", headers=headers).with_json({"state": state})


async def state_now(ask: Ask, honest: Honest) -> Json:
    """The state that the flows are in, None to who may not know."""
    answer = await honest(replace(setting(ask, ""), method="GET"))
    return answer.json.get("state") if isinstance(answer.json, dict) else None


@fault("state.get-gives-the-state")
async def gives_the_state_as_a_boolean(ask: Ask, honest: Honest) -> Answer:
    """GET /flows/state gives true or false."""
    answer = await honest(ask)
    return answer.with_json({"state": answer.json["state"] == "start"}) if asks_state(ask) else answer


@fault("state.get-gives-the-state")
async def gives_the_state_bare(ask: Ask, honest: Honest) -> Answer:
    """GET /flows/state gives the word alone."""
    answer = await honest(ask)
    return answer.with_json(answer.json["state"]) if asks_state(ask) else answer


@fault("state.offered-where-settings-say-so")
async def promises_a_state_that_it_does_not_set(ask: Ask, honest: Honest) -> Answer:
    """POST /flows/state is not there, although GET /settings says that it is."""
    return Answer(404) if sets_state(ask) else await honest(ask)


@fault("state.form-starts-and-stops")
async def takes_the_state_as_json_only(ask: Ask, honest: Honest) -> Answer:
    """POST /flows/state with another state in a form is refused with 400."""
    if sets_state(ask) and ask.json is None and wanted(ask) != await state_now(ask, honest):
        return error(400, "invalid_run_state")
    return await honest(ask)


@fault("state.form-starts-and-stops")
async def sets_the_state_without_a_word(ask: Ask, honest: Honest) -> Answer:
    """POST /flows/state answers 204."""
    answer = await honest(ask)
    return Answer(204) if sets_state(ask) and answer.status == 200 else answer


@fault("state.form-starts-and-stops")
async def answers_the_state_that_was(ask: Ask, honest: Honest) -> Answer:
    """POST /flows/state answers with the state before."""
    before = await state_now(ask, honest) if sets_state(ask) else None
    answer = await honest(ask)
    return answer.with_json({"state": before}) if before and answer.status == 200 else answer


@fault("state.get-gives-what-was-set")
async def only_says_that_it_stops(ask: Ask, honest: Honest) -> Answer:
    """POST /flows/state answers `stop` to `stop`, and stops nothing."""
    if sets_state(ask) and wanted(ask) == "stop":
        return Answer(200).with_json({"state": "stop"})
    return await honest(ask)


@fault("state.get-gives-what-was-set")
async def always_gives_the_state_start(ask: Ask, honest: Honest) -> Answer:
    """GET /flows/state gives `start`, whatever is."""
    answer = await honest(ask)
    return answer.with_json({"state": "start"}) if asks_state(ask) else answer


@fault("state.same-state-again-accepted")
async def refuses_to_stop_twice(ask: Ask, honest: Honest) -> Answer:
    """POST /flows/state with the state that is, is refused with 409 once the state was set."""
    if sets_state(ask) and wanted(ask) == ask.memory.get("set"):
        return error(409, "invalid_run_state")
    if sets_state(ask):
        ask.memory["set"] = wanted(ask)
    return await honest(ask)


@fault("state.unknown-state-refused")
async def starts_at_every_word(ask: Ask, honest: Honest) -> Answer:
    """POST /flows/state takes every word but `stop` for `start`."""
    known = not sets_state(ask) or wanted(ask) == "stop"
    return await honest(ask if known else setting(ask, "start"))


@fault("state.unknown-state-refused")
async def stops_although_it_refuses(ask: Ask, honest: Honest) -> Answer:
    """POST /flows/state with an unknown state is refused, and the flows are stopped all the same."""
    answer = await honest(ask)
    if sets_state(ask) and answer.status == 400:
        await honest(setting(ask, "stop"))
    return answer


@fault("state.unknown-state-refused")
async def needs_no_state(ask: Ask, honest: Honest) -> Answer:
    """POST /flows/state without a state answers 200 and the state that is."""
    if sets_state(ask) and not wanted(ask):
        return Answer(200).with_json({"state": await state_now(ask, honest)})
    return await honest(ask)


@fault("state.unknown-state-error")
async def has_another_code_for_an_unknown_state(ask: Ask, honest: Honest) -> Answer:
    """The refusal of an unknown state has the code unexpected_error."""
    answer = await honest(ask)
    return error(400, "unexpected_error") if sets_state(ask) and answer.status == 400 else answer


@fault("state.unknown-state-error")
async def refuses_a_state_in_silence(ask: Ask, honest: Honest) -> Answer:
    """The refusal of an unknown state has no body."""
    answer = await honest(ask)
    return Answer(400) if sets_state(ask) and answer.status == 400 else answer


@fault("state.stopping-keeps-the-flows")
async def changes_the_rev_with_the_state(ask: Ask, honest: Honest) -> Answer:
    """Stopped flows have another rev."""
    answer = await honest(ask)
    if ask.reads and ask.version == "v2" and answer.status == 200 and await state_now(ask, honest) == "stop":
        return answer.with_json({**answer.json, "rev": f"{answer.json['rev']}-stopped"})
    return answer


@fault("state.stopping-keeps-the-flows")
async def forgets_the_flows_that_it_stops(ask: Ask, honest: Honest) -> Answer:
    """Flows that are stopped are gone."""
    answer = await honest(ask)
    if sets_state(ask) and wanted(ask) == "stop":
        await honest(replace(setting(ask, ""), path="/flows").with_json([]))
    return answer


@fault("state.deploys-while-stopped-are-stored")
async def refuses_deployments_of_stopped_flows(ask: Ask, honest: Honest) -> Answer:
    """A deployment of stopped flows is refused with 409, unless it removes them."""
    stopped = ask.nodes and await state_now(ask, honest) == "stop"
    return error(409, "not_running") if stopped else await honest(ask)


@fault("state.deploys-while-stopped-are-stored")
async def pretends_to_deploy_stopped_flows(ask: Ask, honest: Honest) -> Answer:
    """A deployment of stopped flows answers as if it were stored, and is only if it removes them."""
    stopped = ask.nodes and await state_now(ask, honest) == "stop"
    return await pretend(ask, honest) if stopped else await honest(ask)


@fault("state.deploys-while-stopped-are-stored")
async def takes_any_rev_of_stopped_flows(ask: Ask, honest: Honest) -> Answer:
    """A deployment of stopped flows is accepted whatever its rev."""
    stopped = ask.deploys and ask.rev is not None and await state_now(ask, honest) == "stop"
    return await honest(ask.without_rev() if stopped else ask)


@fault("state.deploys-while-stopped-start-nothing")
async def starts_what_is_deployed(ask: Ask, honest: Honest) -> Answer:
    """A deployment starts flows that were stopped."""
    answer = await honest(ask)
    if ask.posts:
        await honest(setting(ask, "start"))
    return answer


@fault("state.stopped-flows-do-not-run")
async def runs_stopped_flows(ask: Ask, honest: Honest) -> Answer:
    """Flows that are said to be stopped run."""
    answer = await honest(ask)
    if ask.posts and await state_now(ask, honest) == "stop":
        await honest(setting(ask, "start"))
        await asyncio.sleep(FOR_A_MOMENT)
        await honest(setting(ask, "stop"))
    return answer


@fault("state.started-flows-run")
async def starts_nothing(ask: Ask, honest: Honest) -> Answer:
    """Flows that are started once they were stopped are said to run, and do not."""
    if sets_state(ask):
        ask.memory["state"] = wanted(ask)
        answer = await honest(setting(ask, "stop"))
        return answer.with_json({"state": wanted(ask)})
    answer = await honest(ask)
    return answer.with_json({"state": ask.memory.get("state", "start")}) if asks_state(ask) else answer
