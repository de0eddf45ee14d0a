"""Faults of one version of the API: what is right under one of them, or under neither, or not to everybody."""

from reference_server.faults.authorization import by_administrator, remembering
from reference_server.faults.lying import Answer, Ask, Honest, Json, error, fault


def reads_v1(ask: Ask) -> bool:
    """Whether this is GET /flows under v1, or without a version."""
    return ask.reads and ask.version == "v1"


@fault("flows.get-without-version-gives-array", "flows.get-v1-gives-array")
async def reads_ids_in_the_place_of_nodes(ask: Ask, honest: Honest) -> Answer:
    """GET /flows gives the ids of the nodes in the array."""
    answer = await honest(ask)
    return answer.with_json([node["id"] for node in answer.json]) if reads_v1(ask) and answer.json else answer


@fault("flows.get-without-version-gives-array")
async def keeps_the_version_that_was_asked_for_last(ask: Ask, honest: Honest) -> Answer:
    """GET /flows without a version answers under the one that the same user asked for last."""
    users = ask.memory.setdefault("versions", {})
    user = ask.headers.get("authorization")
    if ask.reads and "node-red-api-version" in ask.headers:
        users[user] = ask.headers["node-red-api-version"]
    return await honest(ask.under(node_red_api_version=users.get(user)) if ask.reads else ask)


@fault("flows.versions-give-the-same-flows")
async def leaves_out_under_v1_what_is_empty(ask: Ask, honest: Honest) -> Answer:
    """GET /flows under v1 gives no property that is an empty text."""
    answer = await honest(ask)
    if reads_v1(ask) and isinstance(answer.json, list):
        return answer.with_json([{name: node[name] for name in node if node[name] != ""} for node in answer.json])
    return answer


@fault("flows.get-gives-the-same-until-a-deploy")
async def forgets_a_node_at_every_third_reading(ask: Ask, honest: Honest) -> Answer:
    """Every third GET /flows under v1 gives one node less."""
    answer = await honest(ask)
    if reads_v1(ask) and isinstance(answer.json, list):
        ask.memory["readings"] = ask.memory.get("readings", 0) + 1
        return answer.with_json(answer.json[1:]) if ask.memory["readings"] % 3 == 0 else answer
    return answer


@fault("flows.v1-deploy-answers-204", "flows.deploy-without-version-is-v1")
async def refuses_v1_over_other_flows(ask: Ask, honest: Honest) -> Answer:
    """A deployment under v1, which carries no rev, is refused with 409 where flows are active."""
    active = (await honest(ask.reading("v1"))).json if ask.nodes and ask.version == "v1" else None
    return error(409, "version_mismatch") if active else await honest(ask)


@fault("flows.reload-with-unknown-version-refused", "flows.post-unknown-version-refused")
async def deploys_what_it_refuses_for_its_version(ask: Ask, honest: Honest) -> Answer:
    """An unknown version is refused with 400, and what is in the body deployed."""
    if ask.posts and ask.version not in ("v1", "v2"):
        known = "v2" if isinstance(ask.json, dict) else "v1"
        await honest(ask.under(node_red_api_version=known, node_red_deployment_type="full"))
    return await honest(ask)


@fault("flows.empty-array-deploys")
async def ignores_empty_arrays(ask: Ask, honest: Honest) -> Answer:
    """A deployment of no nodes under v1 answers 204 and leaves what is active."""
    return Answer(204) if ask.nodes == [] and ask.version == "v1" else await honest(ask)


@fault("flows.bad-bodies-answer-400")
async def fails_at_objects_under_v1(ask: Ask, honest: Honest) -> Answer:
    """An object under v1 is answered with 500."""
    wrong = ask.deploys and ask.version == "v1" and isinstance(ask.json, dict)
    return error(500, "unexpected_error") if wrong else await honest(ask)


@fault("transport.unexpected-error-has-its-code")
async def has_another_code_for_an_object_under_v1(ask: Ask, honest: Honest) -> Answer:
    """The refusal of an object under v1 has the code invalid_flow."""
    answer = await honest(ask)
    wrong = ask.deploys and ask.version == "v1" and isinstance(ask.json, dict)
    return error(400, "invalid_flow") if wrong and answer.status == 400 else answer


@fault("flows.reader-reads")
async def hides_flows_from_readers_of_v1(ask: Ask, honest: Honest) -> Answer:
    """GET /flows under v1 by a user who may only read gives the tabs alone."""
    answer = await remembering(ask, honest)
    if reads_v1(ask) and isinstance(answer.json, list) and not by_administrator(ask):
        return answer.with_json([node for node in answer.json if node["type"] == "tab"])
    return answer


@fault("flows.writer-deploys")
async def lets_only_readers_deploy_under_v1(ask: Ask, honest: Honest) -> Answer:
    """POST /flows under v1 needs the permission to read as well."""
    if ask.posts and ask.version == "v1" and (await honest(ask.reading())).status == 401:
        return Answer(401)
    return await honest(ask)


@fault("flows.omitted-rev-forces")
async def forces_full_deployments_alone(ask: Ask, honest: Honest) -> Answer:
    """A deployment of the type nodes or flows without a rev is refused with 409 under v2."""
    partly = ask.nodes is not None and ask.version == "v2" and ask.type in ("nodes", "flows")
    return error(409, "version_mismatch") if partly and "rev" not in ask.json else await honest(ask)


@fault("flows.credentials-accepted")
async def takes_credentials_once(ask: Ask, honest: Honest) -> Answer:
    """A deployment with credentials for a node that has some is refused with 400."""
    known: list[Json] = ask.memory.setdefault("known", [])
    carried = [node["id"] for node in ask.nodes or () if isinstance(node, dict) and node.get("credentials")]
    if set(carried) & set(known):
        return error(400, "invalid_credentials")
    known += carried
    return await honest(ask)
