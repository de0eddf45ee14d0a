"""Faults that show only where several clients add, set and remove single flows at once."""

import asyncio

from reference_server.faults.flow import about_a_flow, elsewhere
from reference_server.faults.lying import Answer, Ask, Honest, Json, fault
from reference_server.faults.racing import MOMENT
from reference_server.faults.revisions import carries_rev

CAUGHT_BY = {
    "POST": "concurrency.flows-added-at-once-keep-their-nodes",
    "PUT": "concurrency.flows-set-at-once-are-all-set",
    "DELETE": "concurrency.flows-removed-at-once-are-all-gone",
}
"""What catches that a change of a single flow is lost, by the method of the change."""


@fault(*CAUGHT_BY.values())
async def changes_single_flows_in_an_old_copy(ask: Ask, honest: Honest) -> Answer:
    """A single flow is added, set or removed in the flows as they were a moment before."""
    if not about_a_flow(ask, *CAUGHT_BY):
        return await honest(ask)
    before = (await honest(ask.reading("v1"))).json
    await asyncio.sleep(MOMENT)
    answer = await honest(ask)
    if answer.status >= 300:
        return answer
    after = (await honest(ask.reading("v1"))).json
    home = answer.json["id"] if ask.method == "POST" else ask.path.rpartition("/")[2]
    kept = [node for node in before if home not in (node["id"], node.get("z"))]
    changed = [node for node in after if home in (node["id"], node.get("z"))]
    await honest(elsewhere(ask, "POST", "/flows").with_json([*kept, *changed]))
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
    if not about_a_flow(ask, "POST"):
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
    if not about_a_flow(ask, "POST"):
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
    if not about_a_flow(ask, "POST") or not isinstance(ask.json, dict):
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
