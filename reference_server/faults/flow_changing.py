"""Faults of PUT and DELETE /flow/:id, and of what /flow has to do with the rev and the headers of /flows."""

from dataclasses import replace

from reference_server.faults.flow import (
    PROPERTIES,
    about_a_flow,
    active,
    each_node,
    elsewhere,
    flow_id,
    flow_in,
    rewrite,
    without,
)
from reference_server.faults.lying import Answer, Ask, Honest, Json, active_rev, error, fault


def replaces(ask: Ask) -> bool:
    """Whether this is PUT /flow/:id of a tab."""
    return about_a_flow(ask, "PUT") and flow_id(ask) != "global"


def replaces_global(ask: Ask) -> bool:
    """Whether this is PUT /flow/global."""
    return about_a_flow(ask, "PUT") and flow_id(ask) == "global"


def removes(ask: Ask) -> bool:
    """Whether this is DELETE /flow/:id."""
    return about_a_flow(ask, "DELETE")


async def as_it_is(ask: Ask, honest: Honest) -> Json:
    """The flow in the path before anything happens to it."""
    flow = (await honest(replace(elsewhere(ask, "GET", ask.path), body=b""))).json
    return flow if isinstance(flow, dict) else {}


@fault("flow.put-replaces-the-nodes")
async def adds_to_the_flow_that_it_replaces(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id leaves the nodes that were there."""
    if not replaces(ask) or not isinstance(flow_in(ask).get("nodes"), list):
        return await honest(ask)
    new = flow_in(ask)["nodes"]
    ids = [node["id"] for node in new if node]
    before = [node for node in (await as_it_is(ask, honest)).get("nodes", []) if node["id"] not in ids]
    return await honest(ask.with_json({**flow_in(ask), "nodes": before + new}))


@fault("flow.put-replaces-the-nodes", "flow.put-sets-z")
async def replaces_nothing_and_says_so(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id answers 200, and nothing is replaced."""
    answer = await honest(replace(elsewhere(ask, "GET", ask.path), body=b"")) if replaces(ask) else await honest(ask)
    return Answer(200).with_json({"id": flow_id(ask)}) if replaces(ask) and answer.status == 200 else answer


@fault("flow.put-gives-the-id")
async def answers_with_the_id_in_the_body(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id answers with the id in the body."""
    answer = await honest(ask)
    given = flow_in(ask).get("id")
    return answer.with_json({"id": given}) if replaces(ask) and given and answer.status == 200 else answer


@fault("flow.put-again-adds-nothing", "flow.put-keeps-what-get-gave", "flow.put-replaces-the-nodes")
async def names_nodes_anew_at_every_put(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id gives every node a new id."""
    ask.memory["puts"] = number = ask.memory.get("puts", 0) + 1
    if not replaces(ask) or not flow_in(ask):
        return await honest(ask)
    return await honest(
        ask.with_json(each_node(flow_in(ask), lambda node: node and {**node, "id": f"{node['id']}-{number}"}))
    )


@fault("flow.put-keeps-what-get-gave")
async def forgets_the_config_nodes_that_nodes_name(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id drops the field `tls` of nodes."""
    if not replaces(ask) or not flow_in(ask):
        return await honest(ask)
    return await honest(ask.with_json(each_node(flow_in(ask), lambda node: node and without(node, "tls"))))


@fault("flow.put-body-id-ignored")
async def replaces_the_flow_in_the_body(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id replaces the flow whose id is in the body."""
    given = flow_in(ask).get("id")
    return await honest(replace(ask, path=f"/flow/{given}") if replaces(ask) and given else ask)


@fault("flow.put-sets-z")
async def keeps_z_at_a_put(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id leaves the z of nodes as it was."""
    answer = await honest(ask)
    if replaces(ask) and answer.status == 200:
        homes = {node["id"]: node["z"] for node in flow_in(ask).get("nodes", []) if "z" in node}
        await rewrite(ask, honest, lambda nodes: [{**n, "z": homes[n["id"]]} if n["id"] in homes else n for n in nodes])
    return answer


@fault("flow.put-unknown-id-refused", "flow.put-id-of-a-node-refused")
async def adds_a_flow_at_a_put(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id with an unknown id adds a flow."""
    answer = await honest(ask)
    return await honest(elsewhere(ask, "POST", "/flow")) if replaces(ask) and answer.status == 404 else answer


@fault("flow.put-unknown-id-refused", "flow.put-id-of-a-node-refused")
async def refuses_an_unknown_flow_with_400(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id with an unknown id is refused with 400."""
    answer = await honest(ask)
    return error(400, "unexpected_error") if replaces(ask) and answer.status == 404 else answer


@fault("flow.malformed-put-refused")
async def empties_a_flow_for_malformed_json(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id refuses malformed JSON, and empties the flow."""
    answer = await honest(ask)
    if replaces(ask) and ask.json is None:
        await honest(ask.with_json({}))
    return answer


@fault("flow.malformed-put-refused")
async def takes_malformed_json_for_a_flow(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id takes malformed JSON for a flow without nodes."""
    return await honest(ask.with_json({}) if replaces(ask) and ask.json is None else ask)


@fault(*(f"flow.{method}-{name}-kept" for method in ("post", "put") for name in PROPERTIES))
async def stores_no_property_of_a_flow(ask: Ask, honest: Honest) -> Answer:
    """POST /flow and PUT /flow/:id store neither the label nor info, disabled and env."""
    changes = about_a_flow(ask, "POST", "PUT") and flow_in(ask)
    return await honest(ask.with_json(without(flow_in(ask), *PROPERTIES)) if changes else ask)


@fault("flow.put-removes-absent-properties")
async def keeps_properties_that_a_put_leaves_out(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id leaves the properties of the flow that the body does not have."""
    if not replaces(ask) or not flow_in(ask):
        return await honest(ask)
    before = await as_it_is(ask, honest)
    return await honest(ask.with_json({name: before[name] for name in PROPERTIES if name in before} | flow_in(ask)))


@fault("flow.delete-answers-204")
async def answers_200_to_a_delete(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id answers 200 with the id."""
    answer = await honest(ask)
    return Answer(200).with_json({"id": flow_id(ask)}) if removes(ask) and answer.status == 204 else answer


@fault("flow.delete-removes-the-flow")
async def removes_nothing_and_says_so(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id answers 204, and nothing is removed."""
    known = [node["id"] for node in await active(ask, honest)]
    return Answer(204) if removes(ask) and flow_id(ask) in known else await honest(ask)


@fault("flow.delete-removes-the-flow")
async def removes_the_tab_only(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id removes the tab, and leaves its nodes."""
    left = [node for node in await active(ask, honest) if node.get("z") == flow_id(ask)]
    answer = await honest(ask)
    if removes(ask) and answer.status == 204:
        await rewrite(ask, honest, lambda nodes: [*nodes, *left])
    return answer


@fault("flow.delete-leaves-the-rest-alone")
async def removes_config_nodes_with_their_users(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id removes the global config nodes that the flow's nodes use."""
    used = [node.get("tls") for node in await active(ask, honest) if node.get("z") == flow_id(ask)]
    answer = await honest(ask)
    if removes(ask) and answer.status == 204:
        await rewrite(ask, honest, lambda nodes: [node for node in nodes if node["id"] not in used])
    return answer


@fault("flow.delete-unknown-id-refused", "flow.delete-id-of-a-node-refused", "flow.second-delete-refused")
async def is_content_with_what_is_not_there(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id answers 204 to an id that no flow has."""
    answer = await honest(ask)
    return Answer(204) if removes(ask) and answer.status == 404 else answer


@fault("flow.delete-id-of-a-node-refused")
async def removes_a_node_and_refuses(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id with the id of a node is refused with 404, and the node is gone."""
    answer = await honest(ask)
    if removes(ask) and answer.status == 404:
        await rewrite(ask, honest, lambda nodes: [node for node in nodes if node["id"] != flow_id(ask)])
    return answer


@fault("flow.delete-global-refused")
async def removes_what_is_global(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/global removes the global config nodes and the subflows."""
    if removes(ask) and flow_id(ask) == "global":
        await honest(elsewhere(ask, "PUT", "/flow/global").with_json({}))
        return Answer(204)
    return await honest(ask)


@fault("flow.last-flow-deleted")
async def keeps_the_last_flow(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id refuses to remove the last flow."""
    tabs = [node for node in await active(ask, honest) if node["type"] == "tab"]
    return error(400, "unexpected_error") if removes(ask) and len(tabs) == 1 else await honest(ask)


@fault("flow.delete-under-json-without-a-body")
async def wants_json_in_a_delete(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id under application/json is refused where it has no body."""
    wrong = removes(ask) and "json" in ask.headers.get("content-type", "") and not ask.body
    return error(400, "invalid_request") if wrong else await honest(ask)


@fault("flow.put-global-replaces-configs-and-subflows")
async def adds_to_what_is_global(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/global leaves the config nodes that were there."""
    if not replaces_global(ask):
        return await honest(ask)
    new = flow_in(ask).get("configs", [])
    ids = [node["id"] for node in new]
    before = [node for node in (await as_it_is(ask, honest)).get("configs", []) if node["id"] not in ids]
    return await honest(ask.with_json({**flow_in(ask), "configs": before + new}))


@fault("flow.put-global-replaces-configs-and-subflows", "flow.put-global-keeps-what-get-gave")
async def empties_subflows_at_a_global_put(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/global drops the nodes that are in subflows."""
    if not replaces_global(ask):
        return await honest(ask)
    subflows = [without(subflow, "nodes") for subflow in flow_in(ask).get("subflows", [])]
    return await honest(ask.with_json({**flow_in(ask), "subflows": subflows}))


@fault("flow.put-global-leaves-the-flows-alone", "flow.put-global-keeps-what-get-gave")
async def replaces_all_config_nodes_at_a_global_put(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/global removes also the config nodes of flows."""
    answer = await honest(ask)
    if replaces_global(ask):
        await rewrite(ask, honest, lambda nodes: [node for node in nodes if "x" in node or "z" not in node])
    return answer


@fault("flow.post-changes-the-rev", "flow.put-changes-the-rev", "flow.delete-changes-the-rev")
async def takes_the_rev_from_before_a_flow_changed(ask: Ask, honest: Honest) -> Answer:
    """A deployment may carry the rev from before a flow was added, replaced or removed."""
    if about_a_flow(ask, "POST", "PUT", "DELETE"):
        ask.memory["rev"] = await active_rev(ask, honest)
    outdated = ask.deploys and ask.rev is not None and ask.rev == ask.memory.get("rev")
    return await honest(ask.without_rev() if outdated else ask)


@fault("flow.rev-in-the-body-ignored")
async def compares_the_rev_in_a_flow(ask: Ask, honest: Honest) -> Answer:
    """POST /flow and PUT /flow/:id with a rev that is not the active one are refused with 409."""
    wrong = about_a_flow(ask, "POST", "PUT") and ask.rev not in (None, await active_rev(ask, honest))
    return error(409, "version_mismatch") if wrong else await honest(ask)


@fault("flow.version-header-ignored")
async def knows_no_single_flows_under_v2(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id under v2 is refused."""
    wrong = about_a_flow(ask, "GET") and ask.version == "v2"
    return error(400, "invalid_api_version") if wrong else await honest(ask)


@fault("flow.deployment-type-ignored")
async def reloads_instead_of_replacing_a_flow(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id under the deployment type reload answers 200, and replaces nothing."""
    reloads = replaces(ask) and ask.type == "reload"
    return Answer(200).with_json({"id": flow_id(ask)}) if reloads else await honest(ask)
