"""Faults that show only where a client goes away, or takes its time."""

import json
from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.lying import FAULTS, Answer, Ask, Fault, Honest, Json, Lie, error, fault, truth


def left_fault(*requirements: str) -> Callable[[Lie], Lie]:
    """Register under its function's name what becomes of a request whose client has gone away."""

    def register(lie: Lie) -> Lie:
        name = getattr(lie, "__name__", "").replace("_", "-")
        FAULTS[name] = Fault(name, (lie.__doc__ or "").strip(), requirements, truth, left=lie)
        return lie

    return register


HALF_WAY = "concurrency.left-half-way-changes-nothing"
BEFORE_THE_REPLY = "concurrency.left-before-the-reply-is-all-or-nothing"


def as_far_as_it_arrived(ask: Ask) -> list[Json]:
    """The nodes that are whole in a body that may not be."""
    text = ask.body.decode("utf-8", "replace")
    start = text.find("[")
    while start >= 0 and (end := text.rfind("}")) > start:
        try:
            nodes = json.loads(f"{text[start : end + 1]}]")
        except ValueError:
            text = text[:end]
        else:
            return nodes if isinstance(nodes, list) else []
    return []


async def forced(ask: Ask, honest: Honest, nodes: list[Json]) -> Answer:
    """The answer to a deployment of these nodes by the same client."""
    return await honest(replace(ask, body=b"{}").under(node_red_api_version="v2").with_json({"flows": nodes}))


@left_fault(HALF_WAY)
async def deploys_as_much_as_arrived(ask: Ask, honest: Honest) -> Answer:
    """Of a deployment whose client goes away half way the nodes that arrived are deployed."""
    return await forced(ask, honest, as_far_as_it_arrived(ask)) if ask.posts else Answer(400)


@left_fault(HALF_WAY)
async def deploys_nothing_where_the_body_ends_early(ask: Ask, honest: Honest) -> Answer:
    """After a deployment whose client goes away half way no flows are active."""
    return await forced(ask, honest, []) if ask.posts and ask.json is None else await honest(ask)


@left_fault(BEFORE_THE_REPLY)
async def stops_deploying_where_nobody_waits_for_the_reply(ask: Ask, honest: Honest) -> Answer:
    """Of a deployment whose client has gone away half of the nodes are deployed."""
    nodes = ask.nodes or []
    return await forced(ask, honest, nodes[: len(nodes) // 2]) if nodes else Answer(400)


@left_fault(BEFORE_THE_REPLY)
async def deploys_other_flows_where_nobody_waits_for_the_reply(ask: Ask, honest: Honest) -> Answer:
    """Of a deployment whose client has gone away the names of nodes are lost."""
    nodes = ask.nodes or []
    return await forced(ask, honest, [{**node, "name": ""} for node in nodes]) if nodes else Answer(400)


@fault("concurrency.half-a-deploy-keeps-nobody-waiting")
async def serves_nobody_while_a_body_arrives(ask: Ask, honest: Honest) -> Answer:
    """While a request has not arrived whole, all others are answered with 503."""
    return error(503, "unexpected_error") if ask.still_arriving else await honest(ask)


@fault("concurrency.half-a-deploy-keeps-nobody-waiting")
async def lets_nobody_deploy_while_a_body_arrives(ask: Ask, honest: Honest) -> Answer:
    """While a request has not arrived whole, every deployment is a conflict."""
    return error(409, "version_mismatch") if ask.deploys and ask.still_arriving else await honest(ask)
