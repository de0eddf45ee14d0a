"""More faults of the values that nodes keep: told or deleted in another scope, another store, or at another key."""

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs, quote

from reference_server.faults.context import (
    UNDEFINED,
    deletes,
    deleting,
    gets_scope,
    gets_value,
    getting,
    key_of,
    parts,
)
from reference_server.faults.context_values import retelling
from reference_server.faults.lying import Answer, Ask, Honest, Json, fault


def flow_of(nodes: list[Json], node_id: str) -> str:
    """The id of the flow that a node is in, empty where there is no such node."""
    return next((str(node.get("z", "")) for node in nodes if node["id"] == node_id), "")


async def active(ask: Ask, honest: Honest) -> list[Json]:
    """The active flows, none to who may not read them."""
    nodes = (await honest(ask.reading("v1"))).json
    return nodes if isinstance(nodes, list) else []


def store_of(ask: Ask) -> str:
    """The store that is named in the query, empty where none is."""
    return parse_qs(ask.query).get("store", [""])[0]


async def stores(ask: Ask, honest: Honest) -> list[str]:
    """The names of all stores."""
    return list((await honest(getting(ask, "/context/global"))).json or ())


@fault("context.stores-are-those-of-the-settings")
async def lists_the_stores_of_nodes_that_hold_something(ask: Ask, honest: Honest) -> Answer:
    """GET /context/node/:id gives the stores that hold something."""
    answer = await honest(ask)
    if gets_scope(ask) and ask.path.startswith("/context/node/") and answer.status == 200:
        return answer.with_json({store: kept for store, kept in answer.json.items() if kept})
    return answer


@fault("context.stores-are-those-of-the-settings")
async def lists_a_store_that_nobody_set(ask: Ask, honest: Honest) -> Answer:
    """GET /context/… gives an empty store `memoryOnly` besides those that there are."""
    answer = await honest(ask)
    whole = gets_scope(ask) and not ask.query and answer.status == 200 and answer.json
    return answer.with_json({**answer.json, "memoryOnly": {}}) if whole else answer


@fault("context.key-gives-its-value")
async def gives_a_value_under_its_key(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…/:key gives an object with the value under the key."""
    answer = await honest(ask)
    plain = gets_value(ask) and answer.json != UNDEFINED and "keysOnly" not in ask.query
    return answer.with_json({key_of(ask): answer.json}) if plain else answer


@fault("context.key-gives-its-value")
async def gives_a_value_as_it_was_read_first(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…/:key gives the value that it gave the first time, for as long as there is one."""
    answer = await honest(ask)
    if gets_value(ask) and answer.status == 200 and "format" in (answer.json or {}) and answer.json != UNDEFINED:
        return answer.with_json(ask.memory.setdefault(f"{ask.path}?{ask.query}", answer.json))
    return answer


@fault("context.scopes-are-apart")
async def shares_the_values_of_a_flow_with_its_nodes(ask: Ask, honest: Honest) -> Answer:
    """GET /context/node/:id/:key gives the value that the node's flow has at that key, where it has one."""
    if gets_value(ask) and ask.path.startswith("/context/node/"):
        home = flow_of(await active(ask, honest), parts(ask)[1])
        shared = await honest(getting(ask, f"/context/flow/{home}/{key_of(ask)}", ask.query))
        return shared if home and shared.json != UNDEFINED else await honest(ask)
    return await honest(ask)


@fault("context.scopes-do-not-leak")
async def lists_the_values_of_nodes_with_their_flow(ask: Ask, honest: Honest) -> Answer:
    """GET /context/flow/:id gives the values of the flow's nodes as well."""
    answer = await honest(ask)
    if gets_scope(ask) and ask.path.startswith("/context/flow/") and answer.status == 200:
        told = dict(answer.json)
        for node in await active(ask, honest):
            if node.get("z") == parts(ask)[1]:
                kept = (await honest(getting(ask, f"/context/node/{node['id']}", ask.query))).json
                told = {store: {**kept.get(store, {}), **told[store]} for store in told}
        return answer.with_json(told)
    return answer


@fault("context.dotted-key-reaches-inside")
async def counts_elements_from_one(ask: Ask, honest: Honest) -> Answer:
    """A key such as `a.b[1]` gives the first element."""
    if gets_value(ask):
        path = re.sub(r"\[(\d+)\]", lambda found: f"[{int(found[1]) - 1}]", ask.path)
        return await honest(replace(ask, path=path))
    return await honest(ask)


@fault("context.dotted-key-reaches-inside")
async def gives_the_whole_of_what_a_dotted_key_misses(ask: Ask, honest: Honest) -> Answer:
    """A key that leads to nothing inside a value gives the whole value."""
    answer = await honest(ask)
    misses = gets_value(ask) and answer.json == UNDEFINED and "." in key_of(ask)
    return await honest(replace(ask, path=ask.path.partition(".")[0])) if misses else answer


@fault("context.value-comes-from-the-store-asked-for")
async def looks_into_the_last_store_first(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…/:key without a store gives the value of the last store that has one."""
    answer = await honest(ask)
    if gets_value(ask) and not ask.query and answer.status == 200:
        for store in reversed(await stores(ask, honest)):
            other = await honest(getting(ask, ask.path, f"store={quote(store)}"))
            if other.json not in (UNDEFINED, {}):
                return other
    return answer


@fault("context.other-store-is-named")
async def names_the_default_store_with_every_value(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…/:key says that a value is from the default store, whichever it is from."""
    answer = await honest(ask)
    if gets_value(ask) and answer.status == 200 and "format" in (answer.json or {}):
        return answer.with_json({**answer.json, "store": (await stores(ask, honest))[0]})
    return answer


@fault("context.keys-inside-a-value")
async def gives_the_keys_beside_a_value(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…/:key?keysOnly gives the keys of the scope."""
    beside = gets_value(ask) and "keysOnly" in ask.query
    return await honest(replace(ask, path=ask.path.rpartition("/")[0]) if beside else ask)


@fault("context.keys-inside-a-value")
async def gives_the_value_for_its_keys(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…/:key?keysOnly gives the value."""
    return await honest(replace(ask, query="") if gets_value(ask) and "keysOnly" in ask.query else ask)


retelling(
    "writes_booleans_with_a_capital",
    "boolean",
    lambda value: {**value, "msg": value["msg"].capitalize()},
    "A boolean in a context is told as True or False.",
    "context.boolean-is-told",
)
retelling(
    "tells_arrays_without_their_length",
    "array",
    lambda value: {**value, "format": "array"},
    "An array in a context is said to be one, and not how long it is.",
    "context.array-is-told",
)
retelling(
    "tells_arrays_as_lists",
    "array",
    lambda value: {**value, "msg": value["msg"].strip("[]")},
    "An array in a context is told without its brackets.",
    "context.array-is-told",
)


@fault("context.removed-flow-takes-its-values-along")
async def forgets_global_values_with_a_flow(ask: Ask, honest: Honest) -> Answer:
    """A deployment that removes a flow takes the global values along."""
    before = {node["id"] for node in await active(ask, honest) if node["type"] == "tab"} if ask.deploys else set()
    answer = await honest(ask)
    if before - {node["id"] for node in await active(ask, honest)}:
        await emptied(ask, honest, "/context/global")
    return answer


@fault("context.removed-flow-takes-its-values-along", "context.removed-node-takes-its-values-along")
async def tells_the_values_of_what_is_gone(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…/:key gives the values of a flow or a node that was removed, until there is one of that id."""
    answer, found = await honest(ask), parts(ask)
    if gets_value(ask) and answer.status == 200 and len(found) == 3:
        if found[1] in [node["id"] for node in await active(ask, honest)]:
            ask.memory[f"{ask.path}?{ask.query}"] = answer.json
        return answer.with_json(ask.memory.get(f"{ask.path}?{ask.query}", answer.json))
    return answer


async def emptied(ask: Ask, honest: Honest, owner: str) -> None:
    """Delete all that an owner keeps in the default store."""
    kept: Mapping[str, Mapping[str, Json]] = (await honest(getting(ask, owner))).json or {}
    for key in next(iter(kept.values()), {}):
        await honest(deleting(ask, f"{owner}/{key}"))


@fault("context.delete-leaves-other-scopes")
async def deletes_a_global_value_in_every_flow(ask: Ask, honest: Honest) -> Answer:
    """DELETE /context/global/:key takes the value that any flow has at that key as well."""
    if deletes(ask) and ask.path.startswith("/context/global/"):
        for node in await active(ask, honest):
            if node["type"] == "tab":
                await honest(deleting(ask, f"/context/flow/{node['id']}/{key_of(ask)}"))
    return await honest(ask)


@fault("context.delete-leaves-other-scopes")
async def deletes_the_value_of_a_flow_with_that_of_a_node(ask: Ask, honest: Honest) -> Answer:
    """DELETE /context/node/:id/:key takes the value that the node's flow has at that key as well."""
    if deletes(ask) and ask.path.startswith("/context/node/") and key_of(ask):
        home = flow_of(await active(ask, honest), parts(ask)[1])
        await honest(deleting(ask, f"/context/flow/{home}/{key_of(ask)}"))
    return await honest(ask)


@fault("context.delete-leaves-other-stores")
async def deletes_everywhere_what_it_deletes_in_the_default_store(ask: Ask, honest: Honest) -> Answer:
    """DELETE /context/…/:key in the default store takes the values of all others as well."""
    known = await stores(ask, honest) if deletes(ask) and key_of(ask) else [""]
    if deletes(ask) and store_of(ask) in ("", known[0]):
        for store in known:
            await honest(deleting(ask, ask.path, f"store={quote(store)}"))
    return await honest(ask)


@fault("context.delete-leaves-other-stores")
async def deletes_in_the_default_store_only(ask: Ask, honest: Honest) -> Answer:
    """DELETE /context/…/:key?store=NAME takes the value of the default store instead."""
    return await honest(replace(ask, query="") if deletes(ask) and key_of(ask) else ask)


@fault("context.delete-without-a-key-refused")
async def refuses_to_delete_a_scope_and_does(ask: Ask, honest: Honest) -> Answer:
    """DELETE /context/… without a key is refused with 404, and takes every value."""
    if deletes(ask) and not key_of(ask):
        await emptied(ask, honest, ask.path)
    return await honest(ask)
