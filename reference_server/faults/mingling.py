"""More faults of a crowd: what one client sends or is told is another's, or there is no time for it."""

import asyncio

from reference_server.faults.crowding import deployed_slowly
from reference_server.faults.flow import about_a_flow
from reference_server.faults.lying import Answer, Ask, Honest, error, fault
from reference_server.faults.racing import MOMENT

AT_ONCE = ("concurrency.flows-set-at-once-are-all-set", "concurrency.flows-removed-at-once-are-all-gone")
"""What catches that single flows are set or removed wrongly where several are."""


@fault("concurrency.rev-that-is-read-belongs-to-the-flows")
async def gives_the_new_flows_before_the_new_rev(ask: Ask, honest: Honest) -> Answer:
    """Who reads during a deployment is given the flows of after with the rev of before."""
    if ask.deploys:
        return await deployed_slowly(ask, honest)
    answer = await honest(ask)
    if ask.reads and ask.version == "v2" and ask.memory.get("slow") and isinstance(answer.json, dict):
        return answer.with_json({**answer.json, "rev": ask.memory["before"]["rev"]})
    return answer


@fault("concurrency.readers-are-answered-during-deploys")
async def has_no_settings_while_it_deploys(ask: Ask, honest: Honest) -> Answer:
    """GET /settings is answered with 503 during a deployment."""
    if ask.deploys:
        return await deployed_slowly(ask, honest)
    return error(503, "unexpected_error") if ask.path == "/settings" and ask.memory.get("slow") else await honest(ask)


@fault("concurrency.readers-are-answered-during-deploys")
async def has_nothing_new_for_readers_while_it_deploys(ask: Ask, honest: Honest) -> Answer:
    """GET /flows under v1 is answered with 304 during a deployment."""
    if ask.deploys:
        return await deployed_slowly(ask, honest)
    unchanged = ask.reads and ask.version == "v1" and ask.memory.get("slow")
    return Answer(304) if unchanged else await honest(ask)


@fault(*AT_ONCE)
async def keeps_one_request_for_all_who_change_flows(ask: Ask, honest: Honest) -> Answer:
    """Of those who set or remove single flows at once each has done what the last of them asked for."""
    if not about_a_flow(ask, "PUT", "DELETE"):
        return await honest(ask)
    ask.memory[ask.method] = ask
    await asyncio.sleep(MOMENT)
    return await honest(ask.memory[ask.method])


@fault(*AT_ONCE)
async def refuses_to_change_a_flow_while_another_is_changed(ask: Ask, honest: Honest) -> Answer:
    """Of those who set or remove single flows at once all but one are refused with 409."""
    if not about_a_flow(ask, "PUT", "DELETE"):
        return await honest(ask)
    if ask.memory.get("changing"):
        return error(409, "version_mismatch")
    ask.memory["changing"] = True
    await asyncio.sleep(MOMENT)
    ask.memory["changing"] = False
    return await honest(ask)


@fault("concurrency.flows-removed-at-once-are-all-gone")
async def removes_the_first_two_of_a_crowd(ask: Ask, honest: Honest) -> Answer:
    """Of those who remove single flows at once all are told that it was done, and it is for the first two."""
    if not about_a_flow(ask, "DELETE"):
        return await honest(ask)
    ask.memory["removing"] = crowd = ask.memory.get("removing", 0) + 1
    await asyncio.sleep(MOMENT)
    ask.memory["removing"] -= 1
    return await honest(ask) if crowd <= 2 else Answer(204)


@fault("concurrency.flows-set-at-once-are-all-set")
async def sets_the_label_of_each_and_the_nodes_of_the_last(ask: Ask, honest: Honest) -> Answer:
    """Of those who set single flows at once each flow has its own label, and the names of the last one's nodes."""
    if not about_a_flow(ask, "PUT") or not isinstance(ask.json, dict):
        return await honest(ask)
    ask.memory["nodes"] = nodes = ask.json.get("nodes") or []
    await asyncio.sleep(MOMENT)
    pairs = zip(nodes, ask.memory["nodes"], strict=False)
    mixed = [{**own, "name": last.get("name", "")} for own, last in pairs]
    return await honest(ask.with_json({**ask.json, "nodes": mixed}))
