"""Faults of which values nodes keep, and which are taken out."""

from dataclasses import replace

from reference_server.faults.context import UNDEFINED, deletes, deleting, gets_value, getting, key_of
from reference_server.faults.lying import Answer, Ask, Honest, fault


@fault("context.values-survive-a-deploy")
async def clears_flows_with_every_deployment(ask: Ask, honest: Honest) -> Answer:
    """A deployment begins with empty contexts of flows."""
    if ask.deploys and ask.nodes:
        await honest(ask.with_nodes([]))
    return await honest(ask)


@fault("context.values-survive-a-deploy")
async def clears_the_global_context_with_every_deployment(ask: Ask, honest: Honest) -> Answer:
    """A deployment begins with an empty global context."""
    if ask.deploys:
        for key in (await honest(getting(ask, "/context/global"))).json.get("default", {}):
            await honest(deleting(ask, f"/context/global/{key}"))
    return await honest(ask)


@fault("context.removed-flow-takes-its-values-along")
async def keeps_values_of_removed_flows(ask: Ask, honest: Honest) -> Answer:
    """The values of a flow that was removed are there when it comes back."""
    return await with_values_kept(ask, honest, "/context/flow/")


@fault("context.removed-node-takes-its-values-along")
async def keeps_values_of_removed_nodes(ask: Ask, honest: Honest) -> Answer:
    """The values of a node that was removed are there when it comes back."""
    return await with_values_kept(ask, honest, "/context/node/")


async def with_values_kept(ask: Ask, honest: Honest, place: str) -> Answer:
    """The honest answer; a value below this place that is no more is the last one that was told."""
    answer = await honest(ask)
    if gets_value(ask) and ask.path.startswith(place) and answer.status == 200:
        known = ask.memory.setdefault("values", {})
        if answer.json not in (UNDEFINED, {}):
            known[ask.path] = answer.json
        return answer.with_json(known.get(ask.path, answer.json))
    return answer


@fault("context.delete-takes-the-value")
async def deletes_nothing(ask: Ask, honest: Honest) -> Answer:
    """DELETE /context/…/:key answers 204 and takes nothing."""
    return Answer(204) if deletes(ask) and not ask.path.startswith("/context/global/") else await honest(ask)


@fault("context.delete-takes-the-value")
async def answers_200_to_a_delete(ask: Ask, honest: Honest) -> Answer:
    """DELETE /context/…/:key answers 200 with an object."""
    answer = await honest(ask)
    return Answer(200).with_json({}) if deletes(ask) and answer.status == 204 else answer


@fault("context.delete-takes-the-value")
async def deletes_all_that_a_scope_keeps(ask: Ask, honest: Honest) -> Answer:
    """DELETE /context/…/:key takes every value of its scope."""
    if deletes(ask) and key_of(ask):
        owner = ask.path.rpartition("/")[0]
        for key in (await honest(getting(ask, owner))).json.get("default", {}):
            await honest(deleting(ask, f"{owner}/{key}"))
    return await honest(ask)


@fault("context.delete-leaves-other-scopes")
async def deletes_the_global_value_as_well(ask: Ask, honest: Honest) -> Answer:
    """DELETE /context/…/:key takes the global value of that key as well."""
    if deletes(ask) and key_of(ask):
        await honest(deleting(ask, f"/context/global/{key_of(ask)}"))
    return await honest(ask)


@fault("context.delete-leaves-other-stores")
async def deletes_in_every_store(ask: Ask, honest: Honest) -> Answer:
    """DELETE /context/…/:key?store=NAME takes the value of the default store as well."""
    if deletes(ask) and ask.query:
        await honest(deleting(ask, ask.path))
    return await honest(ask)


@fault("context.delete-in-an-unknown-store-refused")
async def deletes_in_the_default_store_for_an_unknown_one(ask: Ask, honest: Honest) -> Answer:
    """DELETE /context/…/:key with an unknown store takes the value of the default one."""
    answer = await honest(ask)
    return await honest(replace(ask, query="")) if deletes(ask) and ask.query and answer.status == 404 else answer


@fault("context.delete-in-an-unknown-store-refused")
async def deletes_although_it_refuses_the_store(ask: Ask, honest: Honest) -> Answer:
    """DELETE /context/…/:key with an unknown store is refused, and takes the value of the default one."""
    answer = await honest(ask)
    if deletes(ask) and ask.query and answer.status == 404:
        await honest(replace(ask, query=""))
    return answer


@fault("context.delete-without-a-key-refused")
async def deletes_a_whole_scope(ask: Ask, honest: Honest) -> Answer:
    """DELETE /context/… without a key takes every value."""
    if not deletes(ask) or key_of(ask):
        return await honest(ask)
    for key in (await honest(getting(ask, ask.path))).json.get("default", {}):
        await honest(deleting(ask, f"{ask.path}/{key}"))
    return Answer(204)
