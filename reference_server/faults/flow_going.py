"""More faults of PUT and DELETE /flow/:id: done twice, done to another, done to nobody, or done and refused."""

import asyncio
from dataclasses import replace

from reference_server.faults.flow import about_a_flow, active, elsewhere, flow_id, flow_in, rewrite
from reference_server.faults.flow_adding import adds, nodes_of
from reference_server.faults.flow_changing import as_it_is, removes, replaces, replaces_global
from reference_server.faults.lying import Answer, Ask, Honest, Json, active_rev, error, fault
from reference_server.faults.racing import MOMENT


@fault("flow.put-gives-the-id")
async def answers_a_put_with_the_bare_id(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id answers with the id as a text, in no object."""
    answer = await honest(ask)
    return answer.with_json(flow_id(ask)) if about_a_flow(ask, "PUT") and answer.status == 200 else answer


@fault("flow.put-gives-the-id")
async def answers_with_the_id_of_the_put_before(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id answers with the id of the flow that was replaced before this one, for the first time its own."""
    answer = await honest(ask)
    if about_a_flow(ask, "PUT") and answer.status == 200:
        before, ask.memory["put"] = ask.memory.get("put", flow_id(ask)), flow_id(ask)
        return answer.with_json({"id": before})
    return answer


@fault("flow.put-again-adds-nothing")
async def adds_config_nodes_again_at_every_put(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id keeps the config nodes that it replaces under another id."""
    if not replaces(ask):
        return await honest(ask)
    before = (await as_it_is(ask, honest)).get("configs", [])
    answer = await honest(ask)
    ids = [node.get("id") for node in nodes_of(ask, "configs")]
    again = [{**node, "id": f"{node['id']}-1"} for node in before if node["id"] in ids]
    if again and answer.status == 200:
        await rewrite(ask, honest, lambda nodes: [*nodes, *again])
    return answer


@fault("flow.put-body-id-ignored")
async def gives_a_flow_the_id_in_the_body(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id gives the flow the id in the body, where no other flow has it."""
    answer, old, new = await honest(ask), flow_id(ask), flow_in(ask).get("id")
    if replaces(ask) and new and answer.status == 200:
        nodes = await active(ask, honest)
        if new not in [node["id"] for node in nodes]:
            renamed = [renamed_to(node, old, new) for node in nodes]
            await rewrite(ask, honest, lambda _: renamed)
    return answer


def renamed_to(node: Json, old: str, new: str) -> Json:
    """The node, where it is this tab or in it, of a tab with another id."""
    return {**node, **{name: new for name in ("id", "z") if node.get(name) == old}}


@fault("flow.put-body-id-ignored")
async def refuses_a_put_with_another_id(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id with the id of another flow in the body is refused with 400."""
    others = [node["id"] for node in await active(ask, honest) if node["id"] != flow_id(ask)]
    wrong = replaces(ask) and flow_in(ask).get("id") in others
    return error(400, "unexpected_error") if wrong else await honest(ask)


@fault("flow.put-with-null-refused", "flow.malformed-put-refused")
async def replaces_what_it_can_of_a_flow_that_it_refuses(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id refuses a flow with 400, and replaces the flow by what nodes there are in it."""
    answer = await honest(ask)
    if replaces(ask) and answer.status == 400:
        parts = {part: nodes_of(ask, part) for part in ("nodes", "configs")}
        await honest(ask.with_json({**flow_in(ask), **parts}))
    return answer


@fault("flow.put-removes-absent-properties")
async def lets_disabled_flows_sleep_on(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id leaves a flow disabled that was, where the body does not say otherwise."""
    before = await as_it_is(ask, honest) if replaces(ask) else {}
    asleep = before.get("disabled") and "disabled" not in flow_in(ask)
    return await honest(ask.with_json({**flow_in(ask), "disabled": True}) if asleep else ask)


@fault("flow.delete-answers-204")
async def removes_a_flow_later(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id answers 202, and the flow is removed a moment later."""
    known = [node["id"] for node in await active(ask, honest)]
    if not removes(ask) or flow_id(ask) not in known:
        return await honest(ask)

    async def later() -> None:
        await asyncio.sleep(MOMENT)
        await honest(ask)

    ask.memory.setdefault("tasks", []).append(asyncio.ensure_future(later()))
    return Answer(202)


@fault("flow.second-delete-refused")
async def removes_another_flow_the_second_time(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id of a flow that was removed is refused with 404, and removes the first of the others."""
    answer = await honest(ask)
    gone = ask.memory.setdefault("gone", [])
    if removes(ask) and answer.status == 204:
        gone.append(flow_id(ask))
    elif removes(ask) and flow_id(ask) in gone:
        tabs = [node["id"] for node in await active(ask, honest) if node["type"] == "tab"]
        await honest(replace(ask, path=f"/flow/{tabs[0]}") if tabs else ask)
    return answer


@fault("flow.second-delete-refused")
async def answers_410_to_what_was_removed(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id of a flow that was removed is answered with 410."""
    answer = await honest(ask)
    gone = ask.memory.setdefault("gone", [])
    if removes(ask) and answer.status == 204:
        gone.append(flow_id(ask))
    return error(410, "not_found") if removes(ask) and answer.status == 404 and flow_id(ask) in gone else answer


@fault("flow.delete-global-refused")
async def refuses_to_remove_what_is_global_and_does(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/global is refused with 400, and the global config nodes and the subflows are gone."""
    answer = await honest(ask)
    if removes(ask) and flow_id(ask) == "global":
        await honest(elsewhere(ask, "PUT", "/flow/global").with_json({}))
    return answer


@fault("flow.delete-global-refused")
async def knows_no_global_flow_to_remove(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/global is refused with 404."""
    return error(404, "not_found") if removes(ask) and flow_id(ask) == "global" else await honest(ask)


@fault("flow.last-flow-deleted")
async def leaves_an_empty_flow_in_place_of_the_last(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id of the last flow puts an empty one in its place."""
    answer = await honest(ask)
    if removes(ask) and answer.status == 204 and not await active(ask, honest):
        await honest(elsewhere(ask, "POST", "/flow").with_json({"label": "Flow 1", "nodes": []}))
    return answer


@fault("flow.delete-under-json-without-a-body")
async def removes_nothing_for_an_empty_body_of_json(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id under application/json and without a body answers 204, and nothing is removed."""
    empty = removes(ask) and "json" in ask.headers.get("content-type", "") and not ask.body
    known = [node["id"] for node in await active(ask, honest)]
    return Answer(204) if empty and flow_id(ask) in known else await honest(ask)


@fault("flow.put-global-leaves-the-flows-alone")
async def changes_config_nodes_of_flows_along(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/global sets the name of every config node of a type that it holds."""
    answer = await honest(ask)
    names = {node["type"]: node.get("name") for node in nodes_of(ask, "configs")} if replaces_global(ask) else {}
    if names and answer.status == 200:
        await rewrite(ask, honest, lambda nodes: [{**n, "name": names.get(n["type"], n.get("name"))} for n in nodes])
    return answer


@fault("flow.post-changes-the-rev", "flow.put-changes-the-rev", "flow.delete-changes-the-rev")
async def takes_no_rev_once_a_flow_changed(ask: Ask, honest: Honest) -> Answer:
    """Once a flow was added, replaced or removed, a deployment with any rev is refused with 409."""
    if about_a_flow(ask, "POST", "PUT", "DELETE"):
        ask.memory["changed"] = True
    if ask.deploys and ask.rev is not None and ask.memory.get("changed"):
        return error(409, "version_mismatch")
    if ask.deploys:
        ask.memory["changed"] = False
    return await honest(ask)


@fault("flow.rev-in-the-body-ignored")
async def wants_a_rev_that_is_given_to_be_old(ask: Ask, honest: Honest) -> Answer:
    """POST /flow with the active rev is refused with 409, for it will not be the active one any more."""
    current = adds(ask) and ask.rev is not None and ask.rev == await active_rev(ask, honest)
    return error(409, "version_mismatch") if current else await honest(ask)


@fault("flow.version-header-ignored")
async def gives_a_flow_as_nodes_under_v1(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id under v1 gives an array of nodes."""
    answer = await honest(ask)
    asked = about_a_flow(ask, "GET") and ask.headers.get("node-red-api-version") == "v1" and answer.status == 200
    return answer.with_json(answer.json.get("nodes", [])) if asked else answer


@fault("flow.version-header-ignored")
async def removes_the_tab_only_under_v2(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id under v2 leaves the nodes of the flow."""
    return await leaving_nodes(ask, honest) if ask.version == "v2" else await honest(ask)


@fault("flow.deployment-type-ignored")
async def removes_the_tab_only_under_nodes(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id under the deployment type nodes leaves the nodes of the flow."""
    return await leaving_nodes(ask, honest) if ask.type == "nodes" else await honest(ask)


async def leaving_nodes(ask: Ask, honest: Honest) -> Answer:
    """The honest answer; DELETE /flow/:id leaves the nodes of the flow."""
    left = [node for node in await active(ask, honest) if node.get("z") == flow_id(ask)] if removes(ask) else []
    answer = await honest(ask)
    if left and answer.status == 204:
        await rewrite(ask, honest, lambda nodes: [*nodes, *left])
    return answer


@fault("flow.deployment-type-ignored")
async def adds_nothing_with_a_reload(ask: Ask, honest: Honest) -> Answer:
    """POST /flow under the deployment type reload answers 200 with an id, and adds nothing."""
    reloads = adds(ask) and ask.type == "reload"
    return Answer(200).with_json({"id": "conformance-nothing"}) if reloads else await honest(ask)
