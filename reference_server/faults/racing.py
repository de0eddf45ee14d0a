"""Faults that show only where several clients read and deploy at once."""

import asyncio
from dataclasses import replace

from reference_server.faults.flow import elsewhere
from reference_server.faults.lying import Answer, Ask, Honest, Json, active_rev, error, fault
from reference_server.faults.revisions import carries_rev

MOMENT = 0.02
"""Seconds that a server takes too long for something."""

TURNS = ("concurrency.turns-explain-what-all-are-told", "concurrency.turns-explain-forced-deploys")
"""What the search for turns catches."""


@fault(
    *TURNS,
    "concurrency.of-all-types-at-once-one-wins",
    "concurrency.of-identical-deploys-one-wins",
)
async def deploys_a_moment_after_it_checked_the_rev(ask: Ask, honest: Honest) -> Answer:
    """A deployment is checked when it comes, and accepted a moment later whatever was deployed meanwhile."""
    if not carries_rev(ask):
        return await honest(ask)
    before = (await honest(ask.reading())).json
    if ask.rev != before["rev"]:
        return error(409, "version_mismatch")
    await asyncio.sleep(MOMENT)
    return await honest(ask.without_rev())


@fault("concurrency.turns-explain-what-all-are-told", "concurrency.of-all-types-at-once-one-wins")
async def takes_two_of_one_rev_within_a_moment(ask: Ask, honest: Honest) -> Answer:
    """A second deployment with the rev of the first one is accepted where it comes soon after."""
    now, (rev, until) = asyncio.get_running_loop().time(), ask.memory.get("taken", (None, 0.0))
    if carries_rev(ask) and ask.rev == rev and now < until:
        ask.memory["taken"] = (None, 0.0)
        return await honest(ask.without_rev())
    answer = await honest(ask)
    if carries_rev(ask) and answer.status == 200:
        ask.memory["taken"] = (ask.rev, now + MOMENT)
    return answer


@fault("concurrency.of-all-types-at-once-one-wins")
async def locks_deployments_of_each_type_apart(ask: Ask, honest: Honest) -> Answer:
    """Of deployments at once with one rev, the first of each type is accepted."""
    taken = ask.memory.setdefault("taken", {})
    if carries_rev(ask) and taken.get(ask.type) != ask.rev and ask.rev in taken.values():
        ask = ask.without_rev() if ask.memory["last"] == ask.rev else ask
    rev, answer = ask.rev, await honest(ask)
    if ask.deploys and answer.status == 200 and rev is not None:
        taken[ask.type] = ask.memory["last"] = rev
    return answer


@fault("concurrency.of-identical-deploys-one-wins")
async def takes_a_deployment_that_is_active_already(ask: Ask, honest: Honest) -> Answer:
    """A deployment of the active flows is accepted whatever its rev."""
    if carries_rev(ask) and ask.nodes == (await honest(ask.reading("v1"))).json:
        return await honest(ask.without_rev())
    return await honest(ask)


@fault(
    "concurrency.turns-explain-what-all-are-told",
    "concurrency.of-all-types-at-once-one-wins",
    "concurrency.of-identical-deploys-one-wins",
)
async def refuses_all_who_deploy_while_another_does(ask: Ask, honest: Honest) -> Answer:
    """Where two deploy in the same moment, both are told of a conflict, though nobody has deployed."""
    if not carries_rev(ask):
        return await honest(ask)
    ask.memory["busy"] = busy = ask.memory.get("busy", 0) + 1
    await asyncio.sleep(MOMENT)
    crowded = ask.memory["busy"] > busy or busy > 1
    await asyncio.sleep(MOMENT)
    ask.memory["busy"] -= 1
    return error(409, "version_mismatch") if crowded else await honest(ask)


@fault("concurrency.turns-explain-forced-deploys", "concurrency.forced-deploy-makes-a-conflict")
async def forgets_the_rev_at_a_forced_deployment(ask: Ask, honest: Honest) -> Answer:
    """The rev from before a deployment without one is accepted after it."""
    before = ask.memory.setdefault("before", [])
    if ask.nodes is not None and not carries_rev(ask):
        before.append(await active_rev(ask, honest))
    return await honest(ask.without_rev() if carries_rev(ask) and ask.rev in before[-2:] else ask)


@fault(
    "concurrency.turns-explain-what-all-are-told",
    "concurrency.accepted-deploy-is-read-by-all",
    "concurrency.forced-deploy-makes-a-conflict",
)
async def reads_from_a_copy_that_lags_behind(ask: Ask, honest: Honest) -> Answer:
    """The first who read after a deployment are given what was active before it."""
    if ask.posts:
        before = {version: (await honest(ask.reading(version))).body for version in ("v1", "v2")}
        answer = await honest(ask)
        if answer.status < 300:
            ask.memory.update(before, lagging=3)
        return answer
    answer = await honest(ask)
    if ask.reads and ask.memory.get("lagging") and answer.status == 200:
        ask.memory["lagging"] -= 1
        return replace(answer, body=ask.memory[ask.version])
    return answer


@fault("concurrency.accepted-deploy-is-read-by-all", "concurrency.one-of-forced-deploys-stays-whole")
async def deploys_a_moment_after_it_answered(ask: Ask, honest: Honest) -> Answer:
    """A deployment without a rev is answered with its rev, and active a moment later."""
    if ask.nodes is None or ask.version != "v2" or carries_rev(ask):
        return await honest(ask)
    before = (await honest(ask.reading())).json["flows"]
    answer = await honest(ask)
    back = ask.with_nodes(before)
    await honest(back)

    async def later() -> None:
        await asyncio.sleep(MOMENT)
        await honest(ask)

    ask.memory.setdefault("tasks", []).append(asyncio.ensure_future(later()))
    return answer


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


@fault("concurrency.turns-explain-forced-deploys")
async def answers_with_the_rev_of_whoever_came_last(ask: Ask, honest: Honest) -> Answer:
    """The rev in the reply to a deployment is that of the flows that are active when the reply is written."""
    answer = await honest(ask)
    if ask.posts and isinstance(answer.json, dict) and "rev" in answer.json:
        await asyncio.sleep(MOMENT)
        return answer.with_json({"rev": await active_rev(ask, honest)})
    return answer


@fault("concurrency.readers-are-answered-during-deploys", "concurrency.readers-see-whole-deploys")
async def has_no_time_for_readers_while_it_deploys(ask: Ask, honest: Honest) -> Answer:
    """Who reads during a deployment is answered with 503."""
    if ask.deploys:
        return await deployed_slowly(ask, honest)
    return error(503, "unexpected_error") if ask.method == "GET" and ask.memory.get("slow") else await honest(ask)


@fault("concurrency.readers-are-answered-during-deploys")
async def has_no_single_flow_while_it_deploys(ask: Ask, honest: Honest) -> Answer:
    """Who reads a single flow during a deployment is told that there is none."""
    if ask.deploys:
        return await deployed_slowly(ask, honest)
    single = ask.method == "GET" and ask.path.startswith("/flow/")
    return error(404, "not_found") if single and ask.memory.get("slow") else await honest(ask)


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


@fault("concurrency.one-of-forced-deploys-stays-whole")
async def merges_deployments_that_come_at_once(ask: Ask, honest: Honest) -> Answer:
    """Of forced deployments at once each contributes some of the nodes."""
    if ask.nodes is None or carries_rev(ask) or ask.version != "v2":
        return await honest(ask)
    before = ask.memory.get("nodes", ask.nodes)
    ask.memory["nodes"] = ask.nodes
    ask.memory["busy"] = ask.memory.get("busy", 0) + 1
    await asyncio.sleep(MOMENT)
    crowded = ask.memory["busy"] > 1
    await asyncio.sleep(MOMENT)
    ask.memory["busy"] -= 1
    half = len(ask.nodes) // 2
    return await honest(ask.with_nodes([*ask.nodes[:half], *before[half:]]) if crowded else ask)


CAUGHT_BY = {
    "POST": "concurrency.flows-added-at-once-keep-their-nodes",
    "PUT": "concurrency.flows-set-at-once-are-all-set",
    "DELETE": "concurrency.flows-removed-at-once-are-all-gone",
}
"""What catches that a change of a single flow is lost, by the method of the change."""


@fault(*CAUGHT_BY.values())
async def changes_single_flows_in_an_old_copy(ask: Ask, honest: Honest) -> Answer:
    """A single flow is added, set or removed in the flows as they were a moment before."""
    if ask.method not in CAUGHT_BY or not ask.path.startswith("/flow") or ask.path.startswith("/flows"):
        return await honest(ask)
    before = (await honest(ask.reading("v1"))).json
    await asyncio.sleep(MOMENT)
    now = (await honest(ask.reading("v1"))).json
    answer = await honest(ask)
    if answer.status >= 300:
        return answer
    after = (await honest(ask.reading("v1"))).json
    await honest(elsewhere(ask, "POST", "/flows").with_json(applied(before, now, after)))
    return answer


def applied(copy: list[Json], before: list[Json], after: list[Json]) -> list[Json]:
    """The copy with the change that was made between before and after."""
    gone = [node["id"] for node in before if node not in after]
    new = [node for node in after if node not in before]
    return [*(node for node in copy if node["id"] not in gone), *new]


@fault("concurrency.flow-added-beside-a-deploy-stays")
async def loses_a_flow_that_is_added_beside_a_deployment(ask: Ask, honest: Honest) -> Answer:
    """A flow that is added in the same moment as something is deployed is not kept."""
    clock = asyncio.get_running_loop().time
    if ask.deploys:
        ask.memory["deployed"] = clock()
    if ask.method != "POST" or ask.path != "/flow":
        return await honest(ask)
    await asyncio.sleep(MOMENT)
    before = (await honest(ask.reading("v1"))).json
    answer = await honest(ask)
    if clock() - ask.memory.get("deployed", -1.0) < 5 * MOMENT:
        await honest(elsewhere(ask, "POST", "/flows").with_json(before))
    return answer


@fault("concurrency.flow-added-beside-a-deploy-stays")
async def adds_a_flow_to_what_a_deployment_replaced(ask: Ask, honest: Honest) -> Answer:
    """A flow that is added beside a deployment undoes the deployment."""
    if carries_rev(ask):
        await asyncio.sleep(MOMENT)
    if ask.method != "POST" or ask.path != "/flow":
        return await honest(ask)
    copy = (await honest(ask.reading("v1"))).json
    await asyncio.sleep(3 * MOMENT)
    before, answer = (await honest(ask.reading("v1"))).json, await honest(ask)
    after = (await honest(ask.reading("v1"))).json
    await honest(elsewhere(ask, "POST", "/flows").with_json(applied(copy, before, after)))
    return answer


@fault("concurrency.flows-added-at-once-keep-their-nodes")
async def puts_nodes_into_the_flow_that_was_added_last(ask: Ask, honest: Honest) -> Answer:
    """Of flows that are added at once the last one has the nodes of all."""
    if ask.method != "POST" or ask.path != "/flow" or not isinstance(ask.json, dict):
        return await honest(ask)
    answer = await honest(ask.with_json({**ask.json, "nodes": []}))
    if answer.status != 200:
        return answer
    ask.memory["home"] = answer.json["id"]
    await asyncio.sleep(MOMENT)
    active = (await honest(ask.reading("v1"))).json
    moved = [{**node, "z": ask.memory["home"]} for node in ask.json.get("nodes", [])]
    await honest(elsewhere(ask, "POST", "/flows").with_json([*active, *moved]))
    return answer
