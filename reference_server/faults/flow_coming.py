"""More faults of POST /flow: what is added is not what was given, not alone, or not all that was given at once."""

import asyncio

from reference_server.faults.flow import about_a_flow, active, elsewhere, flow_in, without
from reference_server.faults.flow_adding import accepting, adds, nodes_of
from reference_server.faults.lying import Answer, Ask, Honest, Json, error, fault
from reference_server.faults.racing import MOMENT


@fault("flow.json-with-charset-adds")
async def decodes_a_flow_with_a_charset_as_latin_1(ask: Ask, honest: Honest) -> Answer:
    """POST /flow with a charset takes each byte of the body for a letter."""
    if adds(ask) and "charset" in ask.headers.get("content-type", ""):
        return await honest(ask.with_json({**flow_in(ask), **misread(flow_in(ask))}))
    return await honest(ask)


def misread(flow: Json) -> Json:
    """The nodes of a flow with names that were decoded wrongly."""
    nodes = [{**node, "name": str(node.get("name", "")).encode().decode("latin-1")} for node in flow.get("nodes", [])]
    return {"nodes": nodes}


@fault("flow.json-with-charset-adds")
async def knows_charsets_in_small_letters(ask: Ask, honest: Honest) -> Answer:
    """POST /flow with the charset UTF-8 in capitals is refused with 415."""
    return Answer(415) if adds(ask) and "UTF-8" in ask.headers.get("content-type", "") else await honest(ask)


@fault("flow.given-id-global-replaced")
async def replaces_what_is_global_by_a_new_flow(ask: Ask, honest: Honest) -> Answer:
    """POST /flow with the id `global` adds the flow, and takes away what was global."""
    answer = await honest(ask)
    if adds(ask) and flow_in(ask).get("id") == "global" and answer.status == 200:
        await honest(elsewhere(ask, "PUT", "/flow/global").with_json({}))
    return answer


@fault("flow.post-without-nodes-inside-adds")
async def adds_no_empty_flow_and_says_so(ask: Ask, honest: Honest) -> Answer:
    """POST /flow with an empty array of nodes answers 200 with an id, and adds nothing."""
    empty = adds(ask) and flow_in(ask).get("nodes") == []
    return Answer(200).with_json({"id": "conformance-nothing"}) if empty else await honest(ask)


@fault("flow.post-without-nodes-inside-adds")
async def leaves_nodes_out_where_there_are_none(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id of an empty flow gives no `nodes`."""
    answer = await honest(ask)
    empty = about_a_flow(ask, "GET") and answer.status == 200 and answer.json.get("nodes") == []
    return answer.with_json(without(answer.json, "nodes")) if empty else answer


async def adding_others(ask: Ask, honest: Honest, nodes: list[Json]) -> Answer:
    """The honest answer; POST /flow adds these nodes in place of those given."""
    return await honest(ask.with_json({**flow_in(ask), "nodes": nodes}) if nodes_of(ask, "nodes") != nodes else ask)


def given_nodes(ask: Ask) -> list[Json]:
    """The nodes of the flow that is to be added."""
    return nodes_of(ask, "nodes") if adds(ask) else []


@fault("flow.subflow-instances-added")
async def adds_a_flow_without_its_subflow_instances(ask: Ask, honest: Honest) -> Answer:
    """POST /flow leaves instances of subflows out."""
    kept = [node for node in given_nodes(ask) if not str(node.get("type")).startswith("subflow:")]
    return await adding_others(ask, honest, kept) if given_nodes(ask) else await honest(ask)


@fault("flow.subflow-instances-added")
async def forgets_the_environment_of_new_instances(ask: Ask, honest: Honest) -> Answer:
    """POST /flow stores instances of subflows without their `env`."""
    nodes = [
        without(node, "env") if str(node.get("type")).startswith("subflow:") else node for node in given_nodes(ask)
    ]
    return await adding_others(ask, honest, nodes) if nodes else await honest(ask)


@fault("flow.groups-added")
async def takes_groups_out_of_groups(ask: Ask, honest: Honest) -> Answer:
    """POST /flow stores a group that is within another as if it were not."""
    nodes = [without(node, "g") if node.get("type") == "group" else node for node in given_nodes(ask)]
    return await adding_others(ask, honest, nodes) if nodes else await honest(ask)


@fault("flow.unknown-types-added")
async def stores_unknown_types_as_unknown(ask: Ask, honest: Honest) -> Answer:
    """POST /flow stores nodes of types that nobody has installed with the type `unknown`."""
    nodes = [{**node, "type": "unknown"} if "unknown" in str(node.get("type")) else node for node in given_nodes(ask)]
    return await adding_others(ask, honest, nodes) if nodes else await honest(ask)


@fault("flow.simultaneous-posts-all-add")
async def refuses_a_flow_while_another_is_added(ask: Ask, honest: Honest) -> Answer:
    """POST /flow is refused with 409 while another one is not answered yet."""
    if not adds(ask):
        return await honest(ask)
    if ask.memory.get("adding"):
        return error(409, "version_mismatch")
    ask.memory["adding"] = True
    await asyncio.sleep(MOMENT)
    ask.memory["adding"] = False
    return await honest(ask)


@fault("flow.simultaneous-posts-all-add")
async def adds_flows_twice_in_a_crowd(ask: Ask, honest: Honest) -> Answer:
    """A flow that is added while another is, is added twice."""
    if not adds(ask):
        return await honest(ask)
    ask.memory["adding"] = crowd = ask.memory.get("adding", 0) + 1
    await asyncio.sleep(MOMENT)
    ask.memory["adding"] -= 1
    if crowd > 1:
        await honest(ask)
    return await honest(ask)


async def with_that_label(ask: Ask, honest: Honest) -> str:
    """The id of a flow that has the label of the one that is to be added, empty where none has."""
    label = flow_in(ask).get("label") if adds(ask) else None
    tabs = [node for node in await active(ask, honest) if node["type"] == "tab"] if label else []
    return next((str(tab["id"]) for tab in tabs if tab.get("label") == label), "")


@fault("flow.labels-are-not-unique")
async def numbers_flows_of_one_label(ask: Ask, honest: Honest) -> Answer:
    """POST /flow with the label of another flow adds the flow under that label and a number."""
    if await with_that_label(ask, honest):
        return await honest(ask.with_json({**flow_in(ask), "label": f"{flow_in(ask)['label']} 2"}))
    return await honest(ask)


@fault("flow.labels-are-not-unique")
async def replaces_the_flow_of_that_label(ask: Ask, honest: Honest) -> Answer:
    """POST /flow with the label of another flow replaces that flow."""
    known = await with_that_label(ask, honest)
    return await honest(elsewhere(ask, "PUT", f"/flow/{known}") if known else ask)


@fault("flow.malformed-post-refused")
async def adds_a_flow_for_the_malformed_json_that_it_refuses(ask: Ask, honest: Honest) -> Answer:
    """POST /flow refuses malformed JSON, and adds an empty flow."""
    answer = await honest(ask)
    if adds(ask) and ask.json is None:
        await honest(ask.with_json({"nodes": []}))
    return answer


def holds(ask: Ask, *parts: str) -> bool:
    """Whether there is a tab or a subflow among these nodes."""
    return any(node.get("type") in ("tab", "subflow") for node in nodes_of(ask, *parts))


@fault("flow.post-with-tab-inside-refused")
async def adds_the_rest_of_a_flow_with_a_tab_inside(ask: Ask, honest: Honest) -> Answer:
    """POST /flow with a tab or a subflow inside is refused, and all but that added."""
    answer = await honest(ask)
    if adds(ask) and holds(ask) and answer.status == 400:
        rest = [node for node in nodes_of(ask) if node.get("type") not in ("tab", "subflow")]
        await honest(ask.with_json({"label": flow_in(ask).get("label"), "nodes": rest}))
    return answer


@fault("flow.post-with-tab-inside-refused")
async def looks_for_tabs_among_the_nodes_only(ask: Ask, honest: Honest) -> Answer:
    """POST /flow takes a tab or a subflow among the config nodes."""
    return await accepting(ask, honest, holds(ask, "configs"))


@fault("flow.post-refused-with-400")
async def answers_409_to_a_config_node_that_is_there(ask: Ask, honest: Honest) -> Answer:
    """POST /flow with a config node whose id is in use is refused with 409."""
    answer = await honest(ask)
    used = [node["id"] for node in await active(ask, honest)] if adds(ask) and answer.status == 400 else []
    taken = any(node.get("id") in used for node in nodes_of(ask, "configs"))
    return error(409, "unexpected_error") if taken else answer


@fault("flow.post-refusal-error")
async def says_nothing_of_a_tab_inside(ask: Ask, honest: Honest) -> Answer:
    """The refusal of a flow with a tab inside has no body."""
    answer = await honest(ask)
    return Answer(400) if adds(ask) and holds(ask) and answer.status == 400 else answer


@fault("flow.post-refusal-error", "flow.put-refusal-error", "flow.delete-refusal-error")
async def nests_the_refusal_of_a_flow(ask: Ask, honest: Honest) -> Answer:
    """The refusal of a flow is an object with the error object under `error`."""
    answer = await honest(ask)
    refused = about_a_flow(ask, "POST", "PUT", "DELETE") and answer.status == 400
    return answer.with_json({"error": answer.json}) if refused else answer
