"""More faults of GET /flow/:id: what is told of a flow is of another, of another time, or nobody's business."""

from dataclasses import replace
from urllib.parse import unquote

from reference_server.faults.flow import (
    about_a_flow,
    active,
    credentials_of,
    each_node,
    flow_id,
    flow_in,
    given,
    remember_credentials,
    without,
)
from reference_server.faults.lying import Answer, Ask, Honest, Json, active_rev, fault


@fault("flow.get-gives-the-same-until-a-deploy")
async def gives_a_flow_without_its_last_node_the_second_time(ask: Ask, honest: Honest) -> Answer:
    """Every second GET /flow/:id leaves the last node out."""
    ask.memory["reads"] = reads = ask.memory.get("reads", 0) + about_a_flow(ask, "GET")
    return await given(
        ask, honest, lambda flow: flow if reads % 2 or "nodes" not in flow else {**flow, "nodes": flow["nodes"][:-1]}
    )


@fault("flow.get-gives-the-same-until-a-deploy")
async def counts_readers_of_a_flow_in_the_rev(ask: Ask, honest: Honest) -> Answer:
    """The rev changes with every flow that is read."""
    answer = await honest(ask)
    reads = ask.memory["reads"] = ask.memory.get("reads", 0) + about_a_flow(ask, "GET")
    if ask.reads and ask.version == "v2" and answer.status == 200 and reads:
        return answer.with_json({**answer.json, "rev": f"{answer.json['rev']}{reads}"})
    return answer


@fault("flow.escaped-ids-found")
async def decodes_ids_twice(ask: Ask, honest: Honest) -> Answer:
    """What is left of an id in the path once it was decoded is decoded again."""
    return await honest(replace(ask, path=unquote(ask.path)) if about_a_flow(ask, "GET", "PUT", "DELETE") else ask)


@fault("flow.escaped-ids-found")
async def ends_ids_at_a_slash(ask: Ask, honest: Honest) -> Answer:
    """The id in the path ends where the first slash is, also an escaped one."""
    single = about_a_flow(ask, "GET", "PUT", "DELETE")
    return await honest(replace(ask, path=f"/flow/{flow_id(ask).partition('/')[0]}") if single else ask)


@fault("flow.get-gives-groups")
async def gives_groups_without_their_members(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id gives every group as if nothing were in it."""
    return await given(
        ask,
        honest,
        lambda flow: each_node(flow, lambda node: {**node, "nodes": []} if node["type"] == "group" else node),
    )


@fault("flow.get-gives-groups")
async def gives_groups_among_the_config_nodes(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id gives groups in `configs`."""

    def moved(flow: Json) -> Json:
        groups = [node for node in flow.get("nodes", []) if node["type"] == "group"]
        nodes = [node for node in flow.get("nodes", []) if node["type"] != "group"]
        return {**flow, "nodes": nodes, "configs": flow.get("configs", []) + groups} if groups else flow

    return await given(ask, honest, moved)


@fault("flow.flow-has-its-id-and-its-label")
async def gives_every_flow_the_label_of_the_first(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id gives the label of the first flow with every flow."""
    labels = [node.get("label") for node in await active(ask, honest) if node["type"] == "tab"]
    return await given(ask, honest, lambda flow: {**flow, "label": labels[0]} if flow.get("label") else flow)


@fault("flow.subflows-hold-their-nodes")
async def gives_every_subflow_the_nodes_of_all(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/global gives the nodes of all subflows in each of them."""
    return await given(ask, honest, lambda flow: flow | in_each_subflow(flow))


def in_each_subflow(flow: Json) -> Json:
    """The subflows of what is global, each with the nodes of all."""
    subflows = flow.get("subflows", [])
    nodes = [node for subflow in subflows for node in subflow.get("nodes", [])]
    return {"subflows": [{**subflow, "nodes": nodes} for subflow in subflows]} if subflows else {}


@fault("flow.subflows-hold-their-nodes")
async def gives_the_nodes_of_subflows_beside_them(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/global gives the nodes that are in subflows under `nodes`, and the subflows without them."""

    def beside(flow: Json) -> Json:
        subflows = flow.get("subflows", [])
        nodes = [node for subflow in subflows for node in subflow.get("nodes", [])]
        return {**flow, "subflows": [without(subflow, "nodes") for subflow in subflows], "nodes": nodes}

    return await given(ask, honest, lambda flow: beside(flow) if flow["id"] == "global" else flow)


@fault("flow.put-removes-absent-properties")
async def tells_what_a_put_took_away(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id gives the environment and the description that the flow had once."""
    known = ask.memory.setdefault(f"of {flow_id(ask)}", {})

    def told(flow: Json) -> Json:
        known.update({name: flow[name] for name in ("info", "env") if flow.get(name)})
        return {**known, **flow}

    answer = await given(ask, honest, told)
    if about_a_flow(ask, "POST") and answer.status == 200:
        ask.memory[f"of {answer.json['id']}"] = {
            name: flow_in(ask)[name] for name in ("info", "env") if name in flow_in(ask)
        }
    return answer


@fault("flow.rev-in-the-body-ignored")
async def gives_a_flow_with_the_rev_that_it_came_with(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id gives the `rev` that the flow was replaced with."""
    answer = await given(ask, honest, lambda flow: flow | ask.memory.get(flow_id(ask), {}))
    if about_a_flow(ask, "PUT") and answer.status == 200 and "rev" in flow_in(ask):
        ask.memory[flow_id(ask)] = {"rev": flow_in(ask)["rev"]}
    return answer


@fault("flow.post-changes-the-rev", "flow.put-changes-the-rev", "flow.delete-changes-the-rev")
async def tells_the_rev_from_before_a_flow_changed(ask: Ask, honest: Honest) -> Answer:
    """GET /flows gives the rev from before a flow was added, replaced or removed, until all are deployed."""
    if about_a_flow(ask, "POST", "PUT", "DELETE") and "rev" not in ask.memory:
        ask.memory["rev"] = await active_rev(ask, honest)
    answer = await honest(ask)
    if ask.deploys and answer.status < 300:
        ask.memory.pop("rev", None)
    stale = ask.reads and ask.version == "v2" and answer.status == 200 and "rev" in ask.memory
    return answer.with_json({**answer.json, "rev": ask.memory["rev"]}) if stale else answer


@fault(
    "flow.credentials-not-in-get-flow",
    "flow.deployed-credentials-not-in-get-flow",
    "flow.credentials-not-in-get-flows",
)
async def puts_credentials_among_the_fields_of_nodes(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id and GET /flows give what was in `credentials` as fields of the node."""
    remember_credentials(ask)
    answer = await given(ask, honest, lambda flow: each_node(flow, lambda node: node | fields_of(ask, node)))
    if ask.reads and answer.status == 200:
        return answer.with_nodes(ask, [node | fields_of(ask, node) for node in await active(ask, honest)])
    return answer


def fields_of(ask: Ask, node: Json) -> Json:
    """What was in the credentials of a node."""
    fields: Json = credentials_of(ask, node).get("credentials", {})
    return fields


@fault("flow.credentials-not-in-get-flow")
async def gives_credentials_of_config_nodes(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id gives the credentials that config nodes carried in POST /flow and PUT /flow/:id."""
    if about_a_flow(ask, "POST", "PUT"):
        for node in flow_in(ask).get("configs") or []:
            if isinstance(node, dict) and "credentials" in node:
                ask.memory[node["id"]] = {"credentials": node["credentials"]}
    return await given(ask, honest, lambda flow: each_node(flow, lambda node: node | credentials_of(ask, node)))


@fault("flow.credentials-not-in-get-flows")
async def repeats_a_new_flow_in_its_reply(ask: Ask, honest: Honest) -> Answer:
    """The reply to POST /flow repeats the flow as it came, with the new id."""
    answer = await honest(ask)
    repeats = about_a_flow(ask, "POST") and answer.status == 200
    return answer.with_json({**flow_in(ask), **answer.json}) if repeats else answer
