"""Faults that show only to those who read while others deploy, or where many read at once."""

import asyncio

from reference_server.faults.lying import Answer, Ask, Honest, error, fault
from reference_server.faults.racing import MOMENT, TURNS


async def deployed_slowly(ask: Ask, honest: Honest) -> Answer:
    """The honest answer, a moment after what was active before was put into the memory for those who read then."""
    ask.memory["before"] = (await honest(ask.reading())).json
    ask.memory["slow"] = ask.memory.get("slow", 0) + 1
    try:
        answer = await honest(ask)
        await asyncio.sleep(MOMENT)
        return answer
    finally:
        ask.memory["slow"] -= 1


@fault("concurrency.readers-see-whole-deploys", *TURNS)
async def shows_half_of_the_nodes_while_it_deploys(ask: Ask, honest: Honest) -> Answer:
    """Who reads during a deployment sees the first half of its nodes."""
    if ask.deploys:
        return await deployed_slowly(ask, honest)
    answer = await honest(ask)
    if ask.reads and ask.memory.get("slow") and answer.status == 200:
        nodes = answer.json["flows"] if ask.version == "v2" else answer.json
        return answer.with_nodes(ask, nodes[: len(nodes) // 2])
    return answer


@fault("concurrency.readers-see-whole-deploys")
async def replaces_node_after_node(ask: Ask, honest: Honest) -> Answer:
    """Who reads under v1 during a deployment sees some nodes of before and some of after."""
    if ask.deploys:
        return await deployed_slowly(ask, honest)
    answer = await honest(ask)
    if ask.reads and ask.version == "v1" and ask.memory.get("slow") and isinstance(answer.json, list):
        before = ask.memory["before"]["flows"]
        return answer.with_json([*answer.json[: len(answer.json) // 2], *before[len(answer.json) // 2 :]])
    return answer


@fault("concurrency.rev-that-is-read-belongs-to-the-flows", *TURNS)
async def gives_the_new_rev_before_the_new_flows(ask: Ask, honest: Honest) -> Answer:
    """Who reads during a deployment is given the flows of before with the rev of after."""
    if ask.deploys:
        return await deployed_slowly(ask, honest)
    answer = await honest(ask)
    if ask.reads and ask.version == "v2" and ask.memory.get("slow") and isinstance(answer.json, dict):
        return answer.with_json({**answer.json, "flows": ask.memory["before"]["flows"]})
    return answer


@fault("concurrency.readers-are-answered-during-deploys", "concurrency.readers-see-whole-deploys")
async def has_no_time_for_readers_while_it_deploys(ask: Ask, honest: Honest) -> Answer:
    """Who reads during a deployment is answered with 503."""
    if ask.deploys:
        return await deployed_slowly(ask, honest)
    return error(503, "unexpected_error") if ask.method == "GET" and ask.memory.get("slow") else await honest(ask)


@fault("concurrency.crowd-reads-what-one-reads")
async def mixes_up_who_asked_for_which_version(ask: Ask, honest: Honest) -> Answer:
    """Of those who read at once all are given what the last of them asked for."""
    if not ask.reads:
        return await honest(ask)
    ask.memory["version"] = ask.version
    await asyncio.sleep(MOMENT)
    return await honest(ask.under(node_red_api_version=ask.memory["version"]))


@fault("concurrency.crowd-reads-what-one-reads")
async def turns_readers_of_single_flows_away_from_a_crowd(ask: Ask, honest: Honest) -> Answer:
    """Of those who read single flows at once only the first two are answered."""
    if ask.method != "GET" or not ask.path.startswith("/flow/"):
        return await honest(ask)
    ask.memory["busy"] = busy = ask.memory.get("busy", 0) + 1
    await asyncio.sleep(MOMENT)
    ask.memory["busy"] -= 1
    return error(503, "unexpected_error") if busy > 2 else await honest(ask)
