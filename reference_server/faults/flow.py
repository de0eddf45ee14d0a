"""Faults of GET /flow/:id, and what faults of one flow at a time have in common."""

from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.lying import Answer, Ask, Honest, Json, error, fault


def about_a_flow(ask: Ask, *methods: str) -> bool:
    """Whether this is POST /flow, or another method of /flow/:id."""
    path = ask.path.rstrip("/")
    return ask.method in methods and (path == "/flow" if ask.method == "POST" else path.startswith("/flow/"))


def flow_id(ask: Ask) -> str:
    """The id in the path."""
    return ask.path.removeprefix("/flow/")


def flow_in(ask: Ask) -> Json:
    """The flow that the request carries, empty where it carries none."""
    return ask.json if isinstance(ask.json, dict) else {}


def elsewhere(ask: Ask, method: str, path: str) -> Ask:
    """Another request in the name of the same user."""
    return replace(ask, method=method, path=path).under(node_red_api_version=None, node_red_deployment_type=None)


async def active(ask: Ask, honest: Honest) -> list[Json]:
    """The active flows, none to who may not read them."""
    nodes = (await honest(ask.reading("v1"))).json
    return nodes if isinstance(nodes, list) else []


async def rewrite(ask: Ask, honest: Honest, change: Callable[[list[Json]], list[Json]]) -> None:
    """Deploy the active flows once they were changed so."""
    nodes = await active(ask, honest)
    await honest(elsewhere(ask, "POST", "/flows").with_json(change(nodes)))


Change = Callable[[Json], Json]
"""Makes another flow of one."""


async def given(ask: Ask, honest: Honest, change: Change) -> Answer:
    """The honest answer; to GET /flow/:id with another flow, where it found one."""
    answer = await honest(ask)
    found = about_a_flow(ask, "GET") and answer.status == 200
    return answer.with_json(change(answer.json)) if found else answer


def without(flow: Json, *names: str) -> Json:
    """The flow, or the node, without these properties."""
    return {name: value for name, value in flow.items() if name not in names}


def each_node(flow: Json, change: Change) -> Json:
    """The flow with all its nodes changed."""
    parts = {part: [change(node) for node in flow[part]] for part in ("nodes", "configs") if flow.get(part)}
    return {**flow, **parts}


@fault("flow.get-gives-the-flow")
async def gives_a_flow_as_an_array(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id gives the array of the flow's nodes."""
    return await given(ask, honest, lambda flow: flow.get("nodes", []))


@fault("flow.get-gives-the-flow", "flow.flow-has-its-id-and-its-label")
async def gives_a_flow_without_its_label(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id gives no label."""
    return await given(ask, honest, lambda flow: without(flow, "label"))


@fault("flow.get-gives-the-same-until-a-deploy")
async def deploys_when_a_flow_is_read(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id turns the order of the flows round."""
    if about_a_flow(ask, "GET"):
        await rewrite(ask, honest, lambda nodes: nodes[::-1])
    return await honest(ask)


@fault("flow.get-unknown-id-refused", "flow.get-id-of-a-node-refused")
async def gives_an_empty_flow_for_every_id(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id of what is no flow gives a flow without nodes."""
    answer = await honest(ask)
    missing = about_a_flow(ask, "GET") and answer.status == 404
    return Answer(200).with_json({"id": flow_id(ask), "nodes": []}) if missing else answer


@fault("flow.get-unknown-id-refused", "flow.put-unknown-id-refused", "flow.delete-unknown-id-refused")
async def takes_flow_ids_in_any_case(ask: Ask, honest: Honest) -> Answer:
    """The id in the path is taken in lower case."""
    return await honest(replace(ask, path=ask.path.lower()) if about_a_flow(ask, "GET", "PUT", "DELETE") else ask)


@fault("flow.get-id-of-a-node-refused")
async def gives_a_node_as_a_flow(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id with a node's id gives the flow that the node is in."""
    answer = await honest(ask)
    homes = {node["id"]: node.get("z", "global") for node in await active(ask, honest)}
    if about_a_flow(ask, "GET") and answer.status == 404 and flow_id(ask) in homes:
        return await honest(replace(ask, path=f"/flow/{homes[flow_id(ask)]}"))
    return answer


@fault("flow.escaped-ids-found")
async def leaves_ids_escaped(ask: Ask, honest: Honest) -> Answer:
    """The id in the path is compared as it was escaped."""
    single = about_a_flow(ask, "GET", "PUT", "DELETE")
    return error(404, "not_found") if single and "%" in ask.raw_path else await honest(ask)


@fault("flow.get-gives-groups")
async def leaves_groups_out_of_a_flow(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id gives no groups."""
    return await given(
        ask, honest, lambda flow: {**flow, "nodes": [n for n in flow.get("nodes", []) if n["type"] != "group"]}
    )


@fault("flow.nodes-are-those-of-the-tab", "flow.posted-flow-is-the-one-given")
async def leaves_the_first_node_out_of_a_flow(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id gives all nodes but the first."""
    return await given(ask, honest, lambda flow: {**flow, "nodes": flow.get("nodes", [])[1:]})


@fault("flow.nodes-are-those-of-the-tab", "flow.configs-are-those-of-the-tab")
async def puts_config_nodes_among_the_nodes(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id gives config nodes in the array of nodes."""
    return await given(
        ask, honest, lambda flow: {**without(flow, "configs"), "nodes": flow.get("nodes", []) + flow.get("configs", [])}
    )


@fault("flow.nodes-have-the-same-fields")
async def leaves_wires_out_of_a_flow(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id gives nodes without their wires."""
    return await given(ask, honest, lambda flow: each_node(flow, lambda node: without(node, "wires")))


@fault("flow.nodes-have-the-same-fields", "flow.posted-flow-is-the-one-given", "flow.configs-are-those-of-the-tab")
async def gives_the_documented_fields_of_nodes_only(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id gives nodes with id, type, position, z and wires, and nothing of their types."""
    known = ("id", "type", "x", "y", "z", "wires")
    return await given(
        ask, honest, lambda flow: each_node(flow, lambda node: {name: node[name] for name in known if name in node})
    )


@fault("flow.subflows-hold-their-nodes", "flow.get-global-gives-configs-and-subflows")
async def gives_subflows_without_their_nodes(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/global gives subflows without what is in them."""
    return await given(
        ask, honest, lambda flow: {**flow, "subflows": [without(sub, "nodes") for sub in flow.get("subflows", [])]}
    )


@fault("flow.get-global-gives-configs-and-subflows", "flow.get-global-of-nothing")
async def knows_no_global_flow(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/global is refused with 404."""
    return Answer(404) if about_a_flow(ask, "GET") and flow_id(ask) == "global" else await honest(ask)


@fault("flow.get-global-gives-configs-and-subflows")
async def gives_config_nodes_of_flows_as_global(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/global gives all config nodes, also those of a flow."""
    nodes = await active(ask, honest)
    configs = [node for node in nodes if node["type"] not in ("tab", "subflow") and "x" not in node]
    return await given(ask, honest, lambda flow: {**flow, "configs": configs} if flow["id"] == "global" else flow)


@fault("flow.get-global-of-nothing")
async def knows_no_global_flow_that_is_empty(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/global is refused with 404 where nothing is global."""
    answer = await honest(ask)
    empty = about_a_flow(ask, "GET") and answer.status == 200 and answer.json == {"id": "global"}
    return Answer(404) if empty else answer


PROPERTIES = ("label", "info", "disabled", "env")


@fault(*(f"flow.{method}-{name}-kept" for method in ("post", "put") for name in PROPERTIES))
async def gives_no_property_of_a_flow(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id gives neither the label nor info, disabled and env."""
    return await given(ask, honest, lambda flow: without(flow, *PROPERTIES))


@fault("flow.credentials-not-in-get-flow", "flow.deployed-credentials-not-in-get-flow")
async def gives_credentials_in_a_flow(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id gives the credentials that nodes carried."""
    remember_credentials(ask)
    return await given(ask, honest, lambda flow: each_node(flow, lambda node: node | credentials_of(ask, node)))


@fault("flow.credentials-not-in-get-flows")
async def gives_credentials_of_single_flows(ask: Ask, honest: Honest) -> Answer:
    """GET /flows gives the credentials that nodes carried in POST /flow and PUT /flow/:id."""
    if not ask.deploys:
        remember_credentials(ask)
    answer = await honest(ask)
    if ask.reads and answer.status == 200:
        nodes = await active(ask, honest)
        return answer.with_nodes(ask, [node | credentials_of(ask, node) for node in nodes])
    return answer


def remember_credentials(ask: Ask) -> None:
    """Keep the credentials of the nodes in the body."""
    for node in ask.nodes or flow_in(ask).get("nodes", []):
        if isinstance(node, dict) and "credentials" in node:
            ask.memory[node["id"]] = {"credentials": node["credentials"]}


def credentials_of(ask: Ask, node: Json) -> Json:
    """What was kept of a node."""
    known: Json = ask.memory.get(node["id"], {})
    return known
