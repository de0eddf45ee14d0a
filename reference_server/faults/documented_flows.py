"""Faults of `/flows` and `/flow`: what is stored is not what was answered, or not what was sent."""

import asyncio
import re
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl

from reference_server.faults.lying import Answer, Ask, Honest, Json, active_rev, fault, nodes_in

LATER: Final[set[asyncio.Task[None]]] = set()
"""What is still to be done after its reply; asyncio itself holds on to none of it."""

COLUMN: Final = 65_535
"""The characters of a text that a column of a database holds."""

SINGLE: Final = re.compile(r"/flow/([^/]+)/?")
"""The path of one flow."""


def own(ask: Ask, method: str, path: str, value: Json = None) -> Ask:
    """A request of the liar's own, in the name of the same user."""
    request = replace(ask.reading(), method=method, path=path).under(node_red_api_version=None)
    return request if value is None else request.with_json(value)


def flow_of(ask: Ask) -> str:
    """The id of the single flow that is asked for, empty where none is."""
    match = SINGLE.fullmatch(ask.path)
    return match[1] if match else ""


def given(ask: Ask) -> list[Json] | None:
    """The nodes of a deployment whose body is read as JSON, None in any other request."""
    return ask.nodes if sends_json(ask) else None


def sends_json(ask: Ask) -> bool:
    """Whether the body is JSON by its type."""
    return ask.headers.get("content-type", "").startswith("application/json")


def form_of(ask: Ask) -> dict[str, Json]:
    """The fields in the body, be it JSON or a form."""
    fields = ask.json if sends_json(ask) else dict(parse_qsl(ask.body.decode("utf-8", "replace")))
    return fields if isinstance(fields, dict) else {}


def field(value: Json, name: str) -> Json:
    """A field, None where there is none or what holds it is no object."""
    return value.get(name) if isinstance(value, dict) else None


async def active(ask: Ask, honest: Honest) -> list[Json]:
    """The nodes of the active flows, none to who may not read them."""
    answer = await honest(ask.reading())
    return field(answer.json, "flows") or []


async def store(ask: Ask, honest: Honest, nodes: list[Json]) -> None:
    """Make these the active flows, with as little of a restart as can be."""
    await honest(own(ask, "POST", "/flows", nodes).under(node_red_deployment_type="nodes"))


async def is_reader(ask: Ask, honest: Honest) -> bool:
    """Whether the request is a user's who may not do everything."""
    user = field((await honest(own(ask, "GET", "/settings"))).json, "user")
    return field(user, "permissions") not in (None, "*")


async def in_a_second(ask: Ask, honest: Honest) -> None:
    """Do something when its reply is long gone."""
    await asyncio.sleep(1)
    await honest(ask)


@fault("flows.stale-rev-refused")
async def conflicting_deploy_lands_later(ask: Ask, honest: Honest) -> Answer:
    """Refuses flows on a rev that is not the active one, and deploys them a second later all the same."""
    answer = await honest(ask)
    if answer.status == 409 and ask.nodes is not None:
        task = asyncio.create_task(in_a_second(ask.without_rev(), honest))
        LATER.add(task)
        task.add_done_callback(LATER.discard)
    return answer


@fault("flows.stale-rev-refused-for-every-type")
async def stale_rev_passes_in_a_partial_deploy(ask: Ask, honest: Honest) -> Answer:
    """Compares the rev in a full deployment only, so that one of type nodes or flows overwrites newer flows."""
    partial = ask.type in ("nodes", "flows") and ask.version == "v2" and given(ask) is not None
    return await honest(ask.without_rev() if partial and ask.rev else ask)


@fault("flows.one-of-simultaneous-deploys-wins")
async def rev_is_checked_before_and_not_at_the_deploy(ask: Ask, honest: Honest) -> Answer:
    """Compares the rev a moment before it deploys, so that two deployments on one rev at one time both succeed."""
    if given(ask) is None or not ask.rev or ask.rev != await active_rev(ask, honest):
        return await honest(ask)
    await asyncio.sleep(0.3)
    return await honest(ask.without_rev())


@fault("flows.deploy-rev-is-the-rev-that-get-gives")
async def new_rev_is_the_old_one(ask: Ask, honest: Honest) -> Answer:
    """Answers a deployment of v2 with the rev that was active before it."""
    before = await active_rev(ask, honest) if ask.deploys and ask.version == "v2" else None
    answer = await honest(ask)
    return answer.with_json({"rev": before}) if before is not None and answer.status == 200 else answer


@fault("flows.nodes-deploys", "deploy.removed-node-stops")
async def nodes_deploy_keeps_what_was_removed(ask: Ask, honest: Honest) -> Answer:
    """Merges a deployment of type nodes into the active flows, so that no node is ever removed by one."""
    nodes = given(ask)
    if nodes is None or ask.type != "nodes":
        return await honest(ask)
    ids = [field(node, "id") for node in nodes]
    kept = [node for node in await active(ask, honest) if field(node, "id") not in ids]
    return await honest(ask.with_nodes([*nodes, *kept]))


@fault("flows.reload-keeps-what-is-stored")
async def reload_stores_the_body_of_v1(ask: Ask, honest: Honest) -> Answer:
    """Deploys the nodes that come with a reload of v1 before it reloads."""
    if ask.reloads and ask.version == "v1" and nodes_in(ask.json, "v1"):
        await honest(ask.under(node_red_deployment_type="full"))
    return await honest(ask)


@fault("flows.post-unknown-version-refused")
async def unknown_version_is_refused_after_storing(ask: Ask, honest: Honest) -> Answer:
    """Refuses a deployment in a version that it does not know, once the flows are stored."""
    answer = await honest(ask)
    if ask.posts and field(answer.json, "code") == "invalid_api_version":
        version = "v2" if isinstance(ask.json, dict) else "v1"
        await honest(ask.under(node_red_api_version=version))
    return answer


@fault("flows.one-megabyte-deploys", "flows.four-megabytes-deploy")
async def long_text_is_cut(ask: Ask, honest: Honest) -> Answer:
    """Stores of each text in a node no more than a database's column holds, and says nothing of the rest."""
    nodes = given(ask)
    if nodes is None or not all(isinstance(node, dict) for node in nodes):
        return await honest(ask)
    texts = [{name: value[:COLUMN] for name, value in node.items() if isinstance(value, str)} for node in nodes]
    return await honest(ask.with_nodes([{**node, **cut} for node, cut in zip(nodes, texts, strict=True)]))


@fault("flows.v1-round-trip", "flows.v2-round-trip")
async def empty_fields_are_omitted(ask: Ask, honest: Honest) -> Answer:
    """Stores the nodes of a deployment without those fields that hold an empty text."""
    nodes = given(ask)
    if nodes is None or not all(isinstance(node, dict) for node in nodes):
        return await honest(ask)
    full = [{name: value for name, value in node.items() if value != ""} for node in nodes]
    return await honest(ask.with_nodes(full))


@fault("flows.reader-reads")
async def reader_sees_no_code(ask: Ask, honest: Honest) -> Answer:
    """Answers GET /flows to a user who may only read with the code of every function node left blank."""
    answer = await honest(ask)
    if not ask.reads or answer.status != 200 or not await is_reader(ask, honest):
        return answer
    nodes = nodes_in(answer.json, ask.version) or []
    return answer.with_nodes(ask, [node | {"func": ""} if field(node, "func") else node for node in nodes])


@fault("flow.delete-removes-the-flow")
async def deleted_flow_leaves_its_configs(ask: Ask, honest: Honest) -> Answer:
    """Removes a flow and the nodes that are drawn in it, and leaves its config nodes behind."""
    flow = flow_of(ask) if ask.method == "DELETE" else ""
    before = await active(ask, honest) if flow else []
    answer = await honest(ask)
    configs = [node for node in before if flow and field(node, "z") == flow and "x" not in node]
    if configs and answer.status == 204:
        await store(ask, honest, [*await active(ask, honest), *configs])
    return answer


@fault("flow.put-label-kept")
async def updated_flow_keeps_its_label(ask: Ask, honest: Honest) -> Answer:
    """Takes the nodes of PUT /flow/:id and lets the flow's label be as it was."""
    flow = flow_of(ask) if ask.method == "PUT" and sends_json(ask) and field(ask.json, "label") else ""
    before = (await honest(own(ask, "GET", ask.path))).json if flow else None
    label = field(before, "label")
    return await honest(ask.with_json({**ask.json, "label": label}) if label else ask)


@fault("flow.post-sets-z")
async def new_flow_keeps_the_z_of_its_nodes(ask: Ask, honest: Honest) -> Answer:
    """Adds a flow under a new id, and lets each of its nodes keep the z with which it came."""
    answer = await honest(ask)
    if ask.method != "POST" or ask.path != "/flow" or answer.status != 200:
        return answer
    nodes = [node for name in ("nodes", "configs") for node in field(ask.json, name) or []]
    homes = {str(node.get("id")): {"z": node["z"]} for node in nodes if "z" in node}
    if homes:
        known = await active(ask, honest)
        homed = [{**node, **homes.get(str(node.get("id")), {})} if field(node, "z") else node for node in known]
        await store(ask, honest, homed)
    return answer


@fault("flow.second-delete-refused")
async def second_delete_of_a_flow_succeeds(ask: Ask, honest: Honest) -> Answer:
    """Answers DELETE /flow/:id with success where the flow is gone since an earlier one."""
    answer = await honest(ask)
    if ask.method != "DELETE" or not flow_of(ask):
        return answer
    gone = ask.memory.setdefault("gone", set())
    if answer.status == 204:
        gone.add(flow_of(ask))
    return Answer(204) if answer.status == 404 and flow_of(ask) in gone else answer


@fault("state.same-state-again-accepted")
async def second_stop_starts(ask: Ask, honest: Honest) -> Answer:
    """Takes POST /flows/state for a switch, so that stopping flows that do not run starts them."""
    if ask.method != "POST" or ask.path != "/flows/state" or form_of(ask).get("state") != "stop":
        return await honest(ask)
    state = field((await honest(own(ask, "GET", ask.path))).json, "state")
    return await honest(ask.with_json({"state": "start"}) if state == "stop" else ask)
