"""Faults of POST /flow."""

import asyncio

from reference_server.faults.flow import about_a_flow, active, elsewhere, flow_in, rewrite, without
from reference_server.faults.lying import Answer, Ask, Honest, Json, error, fault


def adds(ask: Ask) -> bool:
    """Whether this is POST /flow."""
    return about_a_flow(ask, "POST")


def nodes_of(ask: Ask, *parts: str) -> list[Json]:
    """The nodes in these parts of the flow."""
    found = [node for part in parts or ("nodes", "configs") for node in flow_in(ask).get(part) or []]
    return [node for node in found if isinstance(node, dict)]


async def added_by_hand(ask: Ask, honest: Honest, name: str = "conformance-by-hand", *, keep_z: bool = False) -> Answer:
    """Add the flow by way of POST /flows, which takes whatever it is given."""
    nodes = [node if keep_z and "z" in node else {**node, "z": name} for node in nodes_of(ask)]
    tab = {"id": name, "type": "tab", "label": flow_in(ask).get("label", "")}
    await rewrite(ask, honest, lambda before: [*before, tab, *nodes])
    return Answer(200).with_json({"id": name})


async def accepting(ask: Ask, honest: Honest, when: bool = True) -> Answer:
    """The honest answer, but where that is a refusal of a flow, its addition."""
    answer = await honest(ask)
    return await added_by_hand(ask, honest) if adds(ask) and answer.status == 400 and when else answer


@fault("flow.post-adds-the-flow", "flow.post-gives-the-id")
async def adds_nothing_and_says_so(ask: Ask, honest: Honest) -> Answer:
    """POST /flow answers 200 with an id, and adds nothing."""
    return Answer(200).with_json({"id": "conformance-nothing"}) if adds(ask) else await honest(ask)


@fault("flow.post-adds-the-flow", "flow.post-sets-z")
async def adds_a_flow_without_its_config_nodes(ask: Ask, honest: Honest) -> Answer:
    """POST /flow leaves the config nodes out."""
    return await honest(ask.with_json(without(flow_in(ask), "configs")) if adds(ask) and flow_in(ask) else ask)


@fault("flow.post-gives-the-id")
async def gives_another_id_than_the_new_one(ask: Ask, honest: Honest) -> Answer:
    """POST /flow answers with an id that nothing has."""
    answer = await honest(ask)
    return answer.with_json({"id": "conformance-nothing"}) if adds(ask) and answer.status == 200 else answer


@fault("flow.json-with-charset-adds")
async def takes_no_charset_for_a_flow(ask: Ask, honest: Honest) -> Answer:
    """POST /flow with a charset in its Content-Type is refused with 415."""
    return Answer(415) if adds(ask) and "charset" in ask.headers.get("content-type", "") else await honest(ask)


@fault("flow.given-id-replaced", "flow.given-id-global-replaced")
async def keeps_the_id_of_a_new_flow(ask: Ask, honest: Honest) -> Answer:
    """POST /flow adds a flow under the id that it is given."""
    given = flow_in(ask).get("id")
    return await added_by_hand(ask, honest, given) if adds(ask) and given else await honest(ask)


@fault("flow.given-id-replaced")
async def replaces_the_flow_of_the_given_id(ask: Ask, honest: Honest) -> Answer:
    """POST /flow with the id of a flow replaces that flow."""
    given = flow_in(ask).get("id")
    answer = await honest(elsewhere(ask, "PUT", f"/flow/{given}")) if adds(ask) and given else Answer(404)
    return answer if answer.status == 200 else await honest(ask)


@fault("flow.every-added-flow-has-its-own-id")
async def gives_the_tenth_flow_the_id_of_the_first(ask: Ask, honest: Honest) -> Answer:
    """POST /flow gives nine ids, and then the first one again."""
    ids = ask.memory.setdefault("ids", [])
    if adds(ask) and len(ids) == 9:
        return await honest(elsewhere(ask, "PUT", f"/flow/{ids[0]}"))
    answer = await honest(ask)
    if adds(ask) and answer.status == 200:
        ids.append(answer.json["id"])
    return answer


@fault("flow.post-sets-z")
async def keeps_z_of_a_new_flow(ask: Ask, honest: Honest) -> Answer:
    """POST /flow leaves the z of nodes as it was."""
    return await added_by_hand(ask, honest, keep_z=True) if adds(ask) else await honest(ask)


@fault("flow.post-without-nodes-inside-adds", "flow.every-added-flow-has-its-own-id")
async def refuses_an_empty_flow(ask: Ask, honest: Honest) -> Answer:
    """POST /flow with an empty array of nodes is refused."""
    empty = adds(ask) and flow_in(ask).get("nodes") == []
    return error(400, "unexpected_error") if empty else await honest(ask)


@fault("flow.post-leaves-the-rest-alone", "flow.put-leaves-the-rest-alone", "flow.delete-leaves-the-rest-alone")
async def drops_groups_when_a_flow_changes(ask: Ask, honest: Honest) -> Answer:
    """Adding, replacing or removing a flow drops the groups of all flows."""
    answer = await honest(ask)
    if about_a_flow(ask, "POST", "PUT", "DELETE"):
        await rewrite(ask, honest, lambda nodes: [node for node in nodes if node["type"] != "group"])
    return answer


@fault("flow.post-leaves-the-rest-alone", "flow.put-leaves-the-rest-alone", "flow.delete-leaves-the-rest-alone")
async def wires_subflows_anew_when_a_flow_changes(ask: Ask, honest: Honest) -> Answer:
    """Adding, replacing or removing a flow drops the wires inside of subflows."""
    answer = await honest(ask)
    if about_a_flow(ask, "POST", "PUT", "DELETE"):
        await rewrite(ask, honest, lambda nodes: [{**n, "in": []} if n["type"] == "subflow" else n for n in nodes])
    return answer


@fault("flow.subflow-instances-added")
async def refuses_subflow_instances(ask: Ask, honest: Honest) -> Answer:
    """POST /flow with an instance of a subflow is refused."""
    instance = adds(ask) and any(str(node.get("type")).startswith("subflow:") for node in nodes_of(ask))
    return error(400, "unexpected_error") if instance else await honest(ask)


@fault("flow.groups-added")
async def forgets_groups_of_a_new_flow(ask: Ask, honest: Honest) -> Answer:
    """POST /flow leaves groups out."""
    kept = [node for node in nodes_of(ask, "nodes") if node.get("type") != "group"]
    return await honest(ask.with_json({**flow_in(ask), "nodes": kept}) if adds(ask) else ask)


@fault("flow.unknown-types-added")
async def refuses_types_that_nobody_installed(ask: Ask, honest: Honest) -> Answer:
    """POST /flow with a node of an unknown type is refused."""
    unknown = adds(ask) and any("unknown" in str(node.get("type")) for node in nodes_of(ask))
    return error(400, "unexpected_error") if unknown else await honest(ask)


@fault("flow.simultaneous-posts-all-add")
async def loses_flows_that_are_added_at_once(ask: Ask, honest: Honest) -> Answer:
    """POST /flow reads the flows long before it deploys them with the new one."""
    if not adds(ask):
        return await honest(ask)
    ask.memory["flows"] = number = ask.memory.get("flows", 0) + 1
    before = await active(ask, honest)
    await asyncio.sleep(0.05)
    tab = {"id": f"conformance-{number}", "type": "tab", "label": flow_in(ask).get("label")}
    await honest(elsewhere(ask, "POST", "/flows").with_json([*before, tab]))
    return Answer(200).with_json({"id": tab["id"]})


@fault("flow.labels-are-not-unique")
async def refuses_a_label_that_is_in_use(ask: Ask, honest: Honest) -> Answer:
    """POST /flow with the label of another flow is refused."""
    labels = [node.get("label") for node in await active(ask, honest) if node["type"] == "tab"]
    return error(400, "unexpected_error") if adds(ask) and flow_in(ask).get("label") in labels else await honest(ask)


@fault("flow.malformed-post-refused")
async def adds_an_empty_flow_for_malformed_json(ask: Ask, honest: Honest) -> Answer:
    """POST /flow takes malformed JSON for an empty flow."""
    return await honest(ask.with_json({"nodes": []}) if adds(ask) and ask.json is None else ask)


@fault("flow.post-without-nodes-refused")
async def adds_a_flow_that_has_no_nodes(ask: Ask, honest: Honest) -> Answer:
    """POST /flow takes a flow without `nodes` for an empty one."""
    return await honest(ask.with_json({"nodes": [], **flow_in(ask)}) if adds(ask) else ask)


@fault("flow.post-without-nodes-refused", "flow.post-with-null-refused")
async def refuses_a_flow_and_adds_it(ask: Ask, honest: Honest) -> Answer:
    """POST /flow refuses a flow with 400, and adds what it can of it."""
    answer = await honest(ask)
    if adds(ask) and answer.status == 400:
        await added_by_hand(ask, honest)
    return answer


@fault("flow.post-without-nodes-refused")
async def refuses_every_flow(ask: Ask, honest: Honest) -> Answer:
    """POST /flow refuses whatever it is given."""
    return error(400, "unexpected_error") if adds(ask) else await honest(ask)


@fault("flow.post-with-used-id-refused")
async def takes_ids_that_are_in_use(ask: Ask, honest: Honest) -> Answer:
    """POST /flow does not look whether an id is in use."""
    return await accepting(ask, honest, bool(nodes_of(ask)))


@fault("flow.post-with-used-id-refused")
async def looks_at_the_ids_of_nodes_only(ask: Ask, honest: Honest) -> Answer:
    """POST /flow does not look whether the id of a config node is in use."""
    used = [node["id"] for node in await active(ask, honest)]
    return await accepting(ask, honest, not any(node.get("id") in used for node in nodes_of(ask, "nodes")))


@fault("flow.post-with-null-refused", "flow.put-with-null-refused")
async def skips_null_nodes(ask: Ask, honest: Honest) -> Answer:
    """POST /flow and PUT /flow/:id leave out what is null."""
    if not about_a_flow(ask, "POST", "PUT") or not flow_in(ask):
        return await honest(ask)
    parts = {part: nodes_of(ask, part) for part in ("nodes", "configs") if part in flow_in(ask)}
    return await honest(ask.with_json({**flow_in(ask), **parts}))


@fault("flow.post-with-tab-inside-refused")
async def takes_subflows_inside_a_flow(ask: Ask, honest: Honest) -> Answer:
    """POST /flow takes a subflow among the nodes."""
    return await accepting(ask, honest, any(node.get("type") == "subflow" for node in nodes_of(ask)))


@fault("flow.post-refused-with-400")
async def refuses_flows_with_422(ask: Ask, honest: Honest) -> Answer:
    """POST /flow refuses with 422."""
    answer = await honest(ask)
    return error(422, "unexpected_error") if adds(ask) and answer.status == 400 else answer


@fault("flow.post-refusal-error", "flow.put-refusal-error", "flow.delete-refusal-error")
async def refuses_flows_in_prose(ask: Ask, honest: Honest) -> Answer:
    """Every refusal of /flow with 400 is a sentence instead of an error object."""
    answer = await honest(ask)
    refused = about_a_flow(ask, "POST", "PUT", "DELETE") and answer.status == 400
    return Answer(400, {"content-type": "text/plain"}, b"Bad request") if refused else answer
