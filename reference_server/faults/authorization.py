"""Faults of authorization, and of credentials in flows."""

import copy

from reference_server.faults.lying import Answer, Ask, Honest, Json, error, fault


async def as_administrator(ask: Ask, honest: Honest) -> Answer:
    """The answer to the request in the name of the last user who logged in for everything."""
    token = ask.memory.get("token", "")
    return await honest(ask.under(authorization=f"Bearer {token}"))


async def remembering(ask: Ask, honest: Honest) -> Answer:
    """The honest answer; the token of whoever logs in for everything is remembered."""
    answer = await honest(ask)
    if ask.path == "/auth/token" and b"scope=%2A" in ask.body and isinstance(answer.json, dict):
        ask.memory["token"] = answer.json.get("access_token", "")
    return answer


def by_administrator(ask: Ask) -> bool:
    """Whether the request carries the token of the last user who logged in for everything."""
    return ask.headers.get("authorization") == f"Bearer {ask.memory.get('token')}"


async def for_anybody(ask: Ask, honest: Honest) -> Answer:
    """The answer to a request that needs no token: the administrator's to whoever has none."""
    return await (remembering if "authorization" in ask.headers else as_administrator)(ask, honest)


@fault("flows.get-without-token-refused")
async def lets_anybody_read_v2(ask: Ask, honest: Honest) -> Answer:
    """GET /flows under v2 needs no token."""
    if ask.reads and ask.version == "v2" and "authorization" not in ask.headers:
        return await as_administrator(ask, honest)
    return await remembering(ask, honest)


@fault("flows.get-without-token-refused")
async def tells_the_flows_with_its_refusal(ask: Ask, honest: Honest) -> Answer:
    """GET /flows without a token is refused with 401, and the flows are in the body."""
    answer = await remembering(ask, honest)
    if ask.reads and answer.status == 401:
        return Answer(401, body=(await as_administrator(ask, honest)).body)
    return answer


@fault("flows.get-with-wrong-token-refused", "flows.post-with-wrong-token-refused")
async def takes_any_token(ask: Ask, honest: Honest) -> Answer:
    """Any token that nobody was given counts as the administrator's."""
    answer = await remembering(ask, honest)
    bearer = ask.headers.get("authorization", "").startswith("Bearer ")
    return await as_administrator(ask, honest) if answer.status == 401 and bearer and answer.body else answer


@fault("flows.get-under-other-scheme-refused", "flows.post-under-other-scheme-refused")
async def takes_any_scheme(ask: Ask, honest: Honest) -> Answer:
    """The scheme before a token is not looked at."""
    token = ask.headers.get("authorization", "").rpartition(" ")[2]
    return await honest(ask.under(authorization=f"Bearer {token}") if token else ask)


@fault("flows.get-without-permission-refused")
async def lets_every_user_read_v2(ask: Ask, honest: Honest) -> Answer:
    """GET /flows under v2 needs a token, and no permission."""
    answer = await remembering(ask, honest)
    refused = ask.reads and ask.version == "v2" and answer.status == 401 and not answer.body
    return await as_administrator(ask, honest) if refused else answer


@fault("flows.post-without-token-refused")
async def lets_anybody_deploy(ask: Ask, honest: Honest) -> Answer:
    """POST /flows needs no token."""
    if ask.posts and "authorization" not in ask.headers:
        return await as_administrator(ask, honest)
    return await remembering(ask, honest)


@fault("flows.post-without-token-refused", "flows.post-with-wrong-token-refused")
async def deploys_what_it_refuses_for_its_token(ask: Ask, honest: Honest) -> Answer:
    """POST /flows without a right token is refused with 401, and deployed all the same."""
    answer = await remembering(ask, honest)
    if ask.posts and answer.status == 401:
        await as_administrator(ask, honest)
    return answer


@fault("flows.post-without-token-refused")
async def lets_anybody_reload(ask: Ask, honest: Honest) -> Answer:
    """A reload needs no token."""
    if ask.reloads and "authorization" not in ask.headers:
        return await as_administrator(ask, honest)
    return await remembering(ask, honest)


@fault("flows.post-without-token-refused")
async def takes_the_rev_for_a_token(ask: Ask, honest: Honest) -> Answer:
    """A deployment without a token that carries the active rev is accepted."""
    if ask.deploys and ask.rev and "authorization" not in ask.headers:
        return await as_administrator(ask, honest)
    return await remembering(ask, honest)


@fault("flows.get-with-wrong-token-refused", "flows.post-with-wrong-token-refused")
async def takes_any_password(ask: Ask, honest: Honest) -> Answer:
    """Any name and password under the scheme Basic count as the administrator's."""
    if ask.headers.get("authorization", "").startswith("Basic "):
        return await as_administrator(ask, honest)
    return await remembering(ask, honest)


@fault("flows.post-without-permission-refused", "flows.reload-without-permission-refused")
async def lets_every_user_deploy(ask: Ask, honest: Honest) -> Answer:
    """POST /flows needs a token, and no permission."""
    answer = await remembering(ask, honest)
    return await as_administrator(ask, honest) if ask.posts and answer.status == 401 and not answer.body else answer


@fault("flows.post-without-permission-refused")
async def refuses_missing_permissions_with_403(ask: Ask, honest: Honest) -> Answer:
    """A token without the permission is answered with 403."""
    answer = await honest(ask)
    return error(403, "forbidden") if answer.status == 401 and not answer.body else answer


@fault("flows.reload-without-permission-refused")
async def lets_every_user_reload(ask: Ask, honest: Honest) -> Answer:
    """A reload needs a token, and no permission."""
    answer = await remembering(ask, honest)
    return await as_administrator(ask, honest) if ask.reloads and answer.status == 401 and not answer.body else answer


@fault("flows.reader-reads")
async def hides_flows_from_readers(ask: Ask, honest: Honest) -> Answer:
    """GET /flows by a user who may only read gives no nodes."""
    answer = await remembering(ask, honest)
    administrator = ask.headers.get("authorization", "") == f"Bearer {ask.memory.get('token')}"
    if ask.reads and answer.status == 200 and ask.version == "v2" and not administrator:
        return answer.with_nodes(ask, [])
    return answer


@fault("flows.writer-deploys")
async def lets_only_readers_deploy(ask: Ask, honest: Honest) -> Answer:
    """POST /flows needs the permission to read as well."""
    if ask.posts and (await honest(ask.reading())).status == 401:
        return Answer(401)
    return await honest(ask)


@fault("flows.bearer-in-other-case-accepted")
async def knows_bearer_in_one_case(ask: Ask, honest: Honest) -> Answer:
    """The scheme Bearer is known in this spelling alone."""
    scheme = ask.headers.get("authorization", "Bearer").partition(" ")[0]
    return await honest(ask) if scheme == "Bearer" else Answer(401)


@fault("flows.credentials-accepted")
async def refuses_credentials(ask: Ask, honest: Honest) -> Answer:
    """A deployment whose nodes carry credentials is refused with 400."""
    carried = any(isinstance(node, dict) and "credentials" in node for node in ask.nodes or [])
    return error(400, "invalid_request") if carried else await honest(ask)


@fault("flows.separate-credentials-accepted")
async def refuses_separate_credentials(ask: Ask, honest: Honest) -> Answer:
    """A deployment with credentials beside its flows is refused with 400."""
    return error(400, "invalid_request") if ask.nodes and "credentials" in ask.json else await honest(ask)


@fault("flows.credentials-never-given-back")
async def gives_credentials_back(ask: Ask, honest: Honest) -> Answer:
    """GET /flows gives the credentials that a deployed node carried."""
    if ask.nodes:
        ask.memory["credentials"] = {
            node["id"]: node["credentials"] for node in ask.nodes if isinstance(node, dict) and "credentials" in node
        }
    return with_credentials(ask, await honest(ask))


@fault("flows.credentials-never-given-back", "flows.separate-credentials-never-given-back")
async def repeats_what_was_deployed(ask: Ask, honest: Honest) -> Answer:
    """The reply to a deployment under v2 repeats its body."""
    answer = await honest(ask)
    return (
        answer.with_json({**ask.json, **answer.json}) if ask.nodes and ask.version == "v2" and answer.json else answer
    )


@fault("flows.separate-credentials-never-given-back")
async def gives_separate_credentials_back(ask: Ask, honest: Honest) -> Answer:
    """GET /flows gives the credentials that a deployment carried beside its flows."""
    if ask.nodes and isinstance(ask.json, dict) and "credentials" in ask.json:
        ask.memory["credentials"] = ask.json["credentials"]
    return with_credentials(ask, await honest(ask))


def with_credentials(ask: Ask, answer: Answer) -> Answer:
    """The reply to GET /flows with the credentials that are remembered."""
    known: dict[str, Json] = ask.memory.get("credentials", {})
    if not ask.reads or answer.status != 200 or not known:
        return answer
    nodes = copy.deepcopy(answer.json["flows"] if ask.version == "v2" else answer.json)
    for node in nodes:
        if node.get("id") in known:
            node["credentials"] = known[node["id"]]
    return answer.with_nodes(ask, nodes)
