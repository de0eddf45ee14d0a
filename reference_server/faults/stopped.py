"""More faults of flows that are stopped: said so and not so, started by the wrong thing, or for a moment."""

import asyncio

from reference_server.faults.lying import Answer, Ask, Honest, fault
from reference_server.faults.state import FOR_A_MOMENT, sets_state, setting, state_now, wanted


@fault("state.offered-where-settings-say-so")
async def keeps_quiet_of_the_state_that_it_sets(ask: Ask, honest: Honest) -> Answer:
    """GET /settings says that the state cannot be set, and POST /flows/state sets it."""
    answer = await honest(ask)
    if ask.path == "/settings" and answer.status == 200 and "runtimeState" in answer.json:
        return answer.with_json({**answer.json, "runtimeState": {"enabled": False, "ui": False}})
    return answer


@fault("state.same-state-again-accepted")
async def turns_the_state_over(ask: Ask, honest: Honest) -> Answer:
    """POST /flows/state with the state that is, answers with it and sets the other one."""
    if sets_state(ask) and wanted(ask) == await state_now(ask, honest):
        await honest(setting(ask, "start" if wanted(ask) == "stop" else "stop"))
        return Answer(200).with_json({"state": wanted(ask)})
    return await honest(ask)


@fault("state.same-state-again-accepted")
async def has_nothing_to_say_of_the_same_state(ask: Ask, honest: Honest) -> Answer:
    """POST /flows/state with the state that is, answers 304."""
    same = sets_state(ask) and wanted(ask) == await state_now(ask, honest)
    return Answer(304) if same else await honest(ask)


@fault("state.deploys-while-stopped-start-nothing")
async def starts_stopped_flows_with_a_reload(ask: Ask, honest: Honest) -> Answer:
    """A reload starts flows that were stopped."""
    answer = await honest(ask)
    if ask.reloads and answer.status < 300:
        await honest(setting(ask, "start"))
    return answer


@fault("state.deploys-while-stopped-start-nothing")
async def starts_what_is_deployed_a_moment_later(ask: Ask, honest: Honest) -> Answer:
    """A deployment starts flows that were stopped, a moment after its reply."""
    answer = await honest(ask)
    if ask.posts and answer.status < 300 and await state_now(ask, honest) == "stop":

        async def later() -> None:
            await asyncio.sleep(2 * FOR_A_MOMENT)
            await honest(setting(ask, "start"))

        ask.memory.setdefault("tasks", []).append(asyncio.ensure_future(later()))
    return answer


@fault("state.stopped-flows-do-not-run")
async def runs_stopped_flows_with_nodes(ask: Ask, honest: Honest) -> Answer:
    """A deployment of the type nodes lets stopped flows run for a moment."""
    answer = await honest(ask)
    if ask.deploys and ask.type == "nodes" and await state_now(ask, honest) == "stop":
        await honest(setting(ask, "start"))
        await asyncio.sleep(FOR_A_MOMENT)
        await honest(setting(ask, "stop"))
    return answer


@fault("state.stopped-flows-do-not-run")
async def runs_stopped_flows_a_moment_later(ask: Ask, honest: Honest) -> Answer:
    """Stopped flows run for a moment, some time after they were deployed."""
    answer = await honest(ask)
    if ask.deploys and answer.status < 300 and await state_now(ask, honest) == "stop":

        async def later() -> None:
            await asyncio.sleep(2 * FOR_A_MOMENT)
            if await state_now(ask, honest) == "stop":
                await honest(setting(ask, "start"))
                await asyncio.sleep(FOR_A_MOMENT)
                await honest(setting(ask, "stop"))

        ask.memory.setdefault("tasks", []).append(asyncio.ensure_future(later()))
    return answer
