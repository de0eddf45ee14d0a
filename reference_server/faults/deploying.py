"""Faults of POST /flows: what becomes of a deployment, and of its type."""

from dataclasses import replace

from reference_server.faults.lying import Answer, Ask, Honest, Lie, active_rev, error, fault, pretend


@fault("flows.v1-deploy-answers-204")
async def answers_200_to_v1(ask: Ask, honest: Honest) -> Answer:
    """A deployment under v1 answers 200."""
    answer = await honest(ask)
    return Answer(200) if ask.deploys and answer.status == 204 else answer


@fault("flows.deploy-without-version-is-v1")
async def deploys_as_v2_without_a_version(ask: Ask, honest: Honest) -> Answer:
    """POST /flows without a version is taken for v2."""
    if ask.posts and "node-red-api-version" not in ask.headers:
        return await honest(ask.under(node_red_api_version="v2"))
    return await honest(ask)


@fault("flows.v2-deploy-gives-rev")
async def answers_204_to_v2(ask: Ask, honest: Honest) -> Answer:
    """A deployment under v2 answers 204."""
    answer = await honest(ask)
    return Answer(204) if ask.deploys and answer.status == 200 else answer


@fault("flows.v2-deploy-gives-rev")
async def deploys_without_giving_a_rev(ask: Ask, honest: Honest) -> Answer:
    """The reply to a deployment under v2 is an empty object."""
    answer = await honest(ask)
    return answer.with_json({}) if ask.deploys and answer.status == 200 else answer


@fault("flows.v1-round-trip", "flows.v2-round-trip", "flows.subflows-kept")
async def forgets_the_last_node(ask: Ask, honest: Honest) -> Answer:
    """Every node of a deployment is stored but the last."""
    return await honest(ask.with_nodes(ask.nodes[:-1]) if ask.nodes else ask)


@fault("flows.v1-round-trip", "flows.v2-round-trip")
async def stores_a_hundred_nodes(ask: Ask, honest: Honest) -> Answer:
    """Of a deployment the first hundred nodes are stored."""
    return await honest(ask.with_nodes(ask.nodes[:100]) if ask.nodes else ask)


@fault("flows.nodes-deploys", "flows.flows-deploys")
async def deletes_nothing_unless_full(ask: Ask, honest: Honest) -> Answer:
    """A deployment of no nodes is accepted and not stored, unless it is full."""
    return await pretend(ask, honest) if ask.nodes == [] and ask.type != "full" else await honest(ask)


@fault("flows.v1-round-trip")
async def stores_nothing_of_v1(ask: Ask, honest: Honest) -> Answer:
    """A deployment under v1 is accepted and not stored."""
    return await pretend(ask, honest) if ask.version == "v1" and ask.nodes else await honest(ask)


@fault("flows.v2-round-trip")
async def stores_nothing_of_v2(ask: Ask, honest: Honest) -> Answer:
    """A deployment under v2 is accepted and not stored."""
    return await pretend(ask, honest) if ask.version == "v2" and ask.nodes else await honest(ask)


@fault("flows.deploy-replaces-everything")
async def adds_to_what_is_there(ask: Ask, honest: Honest) -> Answer:
    """A deployment adds its nodes to those that are active."""
    if ask.nodes:
        ids = [node["id"] for node in ask.nodes if isinstance(node, dict) and "id" in node]
        active = (await honest(ask.reading("v1"))).json
        if isinstance(active, list):
            return await honest(ask.with_nodes([node for node in active if node["id"] not in ids] + ask.nodes))
    return await honest(ask)


@fault("flows.last-deploy-wins")
async def loses_every_tenth_deployment(ask: Ask, honest: Honest) -> Answer:
    """Every tenth deployment of a label that counts is accepted and not stored."""
    if ask.nodes and isinstance(ask.nodes[0], dict) and str(ask.nodes[0].get("label", "")).endswith("9"):
        return await pretend(ask, honest)
    return await honest(ask)


@fault("flows.post-unknown-version-refused")
async def deploys_what_it_refuses_for_its_version(ask: Ask, honest: Honest) -> Answer:
    """An unknown version is refused with 400, and the body deployed all the same."""
    answer = await honest(ask)
    if ask.deploys and answer.status == 400 and ask.version not in ("v1", "v2"):
        await honest(ask.under(node_red_api_version="v1" if isinstance(ask.json, list) else "v2"))
    return answer


@fault("flows.post-unknown-version-refused")
async def deploys_unknown_versions_as_v1(ask: Ask, honest: Honest) -> Answer:
    """POST /flows takes an unknown version for v1."""
    return await honest(ask.under(node_red_api_version="v1") if ask.deploys and ask.version != "v2" else ask)


@fault("flows.reload-with-unknown-version-refused")
async def reloads_under_any_version(ask: Ask, honest: Honest) -> Answer:
    """A reload under an unknown version is accepted."""
    return await honest(ask.under(node_red_api_version="v1") if ask.reloads and ask.version != "v2" else ask)


def stores_nothing_of_type(name: str) -> Lie:
    """The lie that accepts deployments of one type and stores nothing of them."""

    async def lie(ask: Ask, honest: Honest) -> Answer:
        wanted = ask.nodes is not None and ask.headers.get("node-red-deployment-type") == name
        return await pretend(ask, honest) if wanted else await honest(ask)

    lie.__name__ = f"stores_nothing_of_type_{name}"
    lie.__doc__ = f"A deployment of the type {name} is accepted and not stored."
    return lie


fault("flows.full-deploys")(stores_nothing_of_type("full"))
fault("flows.nodes-deploys")(stores_nothing_of_type("nodes"))
fault("flows.flows-deploys")(stores_nothing_of_type("flows"))


def knows_no_type(name: str) -> Lie:
    """The lie that refuses deployments of one type."""

    async def lie(ask: Ask, honest: Honest) -> Answer:
        if ask.posts and ask.headers.get("node-red-deployment-type") == name:
            return error(400, "invalid_request")
        return await honest(ask)

    lie.__name__ = f"knows_no_type_{name}"
    lie.__doc__ = f"A deployment of the type {name} is refused with 400."
    return lie


fault("flows.full-deploys")(knows_no_type("full"))
fault("flows.nodes-deploys")(knows_no_type("nodes"))
fault("flows.flows-deploys")(knows_no_type("flows"))
fault("flows.v1-reload-answers-204", "flows.v2-reload-gives-rev")(knows_no_type("reload"))


@fault("flows.v1-reload-answers-204")
async def answers_200_to_a_v1_reload(ask: Ask, honest: Honest) -> Answer:
    """A reload under v1 answers 200."""
    answer = await honest(ask)
    return Answer(200) if ask.reloads and answer.status == 204 else answer


@fault("flows.v2-reload-gives-rev")
async def answers_204_to_a_v2_reload(ask: Ask, honest: Honest) -> Answer:
    """A reload under v2 answers 204."""
    answer = await honest(ask)
    return Answer(204) if ask.reloads and answer.status == 200 else answer


@fault("flows.reload-keeps-what-is-stored", "flows.reload-needs-no-current-rev")
async def reload_deploys_its_body(ask: Ask, honest: Honest) -> Answer:
    """A reload deploys the flows in its body."""
    return await honest(ask.under(node_red_deployment_type="full") if ask.reloads and ask.json else ask)


@fault("flows.reload-keeps-what-is-stored", "flows.reload-needs-no-body")
async def reload_empties_the_flows(ask: Ask, honest: Honest) -> Answer:
    """A reload finds nothing stored."""
    if ask.reloads:
        body = {"flows": []} if ask.version == "v2" else []
        return await honest(ask.under(node_red_deployment_type="full").with_json(body))
    return await honest(ask)


@fault("flows.reload-needs-no-body")
async def refuses_a_reload_without_a_body(ask: Ask, honest: Honest) -> Answer:
    """A reload without a body is refused with 400."""
    return error(400, "invalid_request") if ask.reloads and not ask.body else await honest(ask)


@fault("flows.reload-needs-no-current-rev")
async def checks_the_rev_of_a_reload(ask: Ask, honest: Honest) -> Answer:
    """A reload with an outdated rev is refused with 409."""
    if ask.reloads and ask.rev and ask.rev != await active_rev(ask, honest):
        return error(409, "version_mismatch")
    return await honest(ask)


@fault("transport.deploy-reply-is-labelled-json")
async def labels_the_rev_as_text(ask: Ask, honest: Honest) -> Answer:
    """The reply to a deployment under v2 has the Content-Type text/plain."""
    answer = await honest(ask)
    return answer.under(content_type="text/plain") if ask.posts and answer.status == 200 else answer


@fault("transport.other-methods-change-nothing")
async def put_deploys(ask: Ask, honest: Honest) -> Answer:
    """PUT /flows deploys as POST does."""
    return await honest(replace(ask, method="POST") if ask.method == "PUT" else ask)


@fault("transport.other-methods-change-nothing")
async def delete_empties_the_flows_it_refuses_to_delete(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flows answers 404 and deletes all flows."""
    if ask.method == "DELETE":
        await honest(replace(ask, method="POST").under(node_red_api_version="v1").with_json([]))
    return await honest(ask)
