"""Faults that only a sequence of several different requests shows."""

from reference_server.faults.flow import about_a_flow, active, elsewhere
from reference_server.faults.lying import Answer, Ask, Honest, Json, fault
from reference_server.faults.revisions import carries_rev


async def set_back(ask: Ask, honest: Honest, nodes: list[Json]) -> None:
    """Deploy these nodes behind the back of whoever asks."""
    await honest(elsewhere(ask, "POST", "/flows").with_json(nodes))


@fault("explore.documented-promises-hold-in-any-order", "explore.customs-hold-in-any-order")
async def brings_a_deleted_flow_back_at_a_reload(ask: Ask, honest: Honest) -> Answer:
    """A flow that was deleted is there again after a reload, unless something else was changed in between."""
    before = await active(ask, honest)
    answer = await honest(ask)
    if ask.reloads and answer.status < 300 and "deleted" in ask.memory:
        await set_back(ask, honest, ask.memory.pop("deleted"))
    elif ask.method != "GET" and answer.status < 300:
        ask.memory.pop("deleted", None)
        if about_a_flow(ask, "DELETE"):
            ask.memory["deleted"] = before
    return answer


@fault("explore.documented-promises-hold-in-any-order", "explore.customs-hold-in-any-order")
async def loses_an_added_flow_at_the_next_refusal(ask: Ask, honest: Honest) -> Answer:
    """A flow that was added is gone once a deployment was refused, unless something else was changed in between."""
    before = await active(ask, honest)
    answer = await honest(ask)
    if ask.posts and answer.status in (400, 409) and "added" in ask.memory:
        await set_back(ask, honest, ask.memory.pop("added"))
    elif ask.method != "GET" and answer.status < 300:
        ask.memory.pop("added", None)
        if about_a_flow(ask, "POST"):
            ask.memory["added"] = before
    return answer


@fault("explore.customs-hold-in-any-order")
async def turns_the_nodes_around_when_a_part_is_reloaded(ask: Ask, honest: Honest) -> Answer:
    """A reload after a deployment of the type nodes or flows turns the order of the nodes round."""
    part = ask.memory.get("part", False)
    answer = await honest(ask)
    if ask.posts and answer.status < 300:
        ask.memory["part"] = ask.type in ("nodes", "flows")
    if ask.reloads and answer.status < 300 and part:
        await set_back(ask, honest, (await active(ask, honest))[::-1])
    return answer


@fault("explore.customs-hold-in-any-order")
async def takes_odd_revs_for_omitted_after_a_deletion(ask: Ask, honest: Honest) -> Answer:
    """Once a flow was deleted, a rev that is empty, null or a number forces its way, until something is deployed."""
    if carries_rev(ask) and ask.rev in ("", None, 0) and ask.memory.get("deleted"):
        ask = ask.without_rev()
    answer = await honest(ask)
    if ask.method != "GET" and answer.status < 300:
        ask.memory["deleted"] = about_a_flow(ask, "DELETE")
    return answer
