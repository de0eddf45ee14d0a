"""Faults of stored credentials: under v1, at the second deployment, of other nodes, or kept for too long."""

from reference_server.faults.credentials import (
    asks_credentials,
    placeholder_as,
    remember,
    with_credentials,
    without_credentials,
)
from reference_server.faults.lying import Answer, Ask, Honest, Json, fault


@fault("credentials.text-is-told")
async def tells_the_first_user_name(ask: Ask, honest: Honest) -> Answer:
    """GET /credentials/:type/:id gives the user name of a node that was deployed first, for ever."""
    known: dict[str, Json] = ask.memory.setdefault("first", {})
    for node in ask.nodes or ():
        if node.get("credentials", {}).get("user"):
            known.setdefault(node["id"], node["credentials"]["user"])
    answer = await honest(ask)
    user = known.get(ask.path.rpartition("/")[2])
    return answer.with_json({**answer.json, "user": user}) if asks_credentials(ask) and answer.json and user else answer


@fault("credentials.placeholder-keeps-the-password")
async def takes_the_placeholder_for_nothing_under_v1(ask: Ask, honest: Honest) -> Answer:
    """The password `__PWRD__` removes the one that is stored, under v1."""
    return await honest(with_credentials(ask, lambda given: placeholder_as(given, "")) if ask.version == "v1" else ask)


@fault("credentials.placeholder-is-no-password")
async def stores_the_placeholder_under_v1(ask: Ask, honest: Honest) -> Answer:
    """The password `__PWRD__` is stored as a password, under v1."""
    kept = with_credentials(ask, lambda given: placeholder_as(given, "stored"))
    return await honest(kept if ask.version == "v1" else ask)


@fault("credentials.empty-field-removes")
async def removes_all_where_one_is_emptied(ask: Ask, honest: Honest) -> Answer:
    """An empty string removes every field of the node."""

    def emptied(given: Json) -> Json:
        return dict.fromkeys(("user", "password"), "") if isinstance(given, dict) and "" in given.values() else given

    return await honest(with_credentials(ask, emptied))


@fault("credentials.given-field-replaces-its-own", "credentials.empty-field-removes")
async def keeps_credentials_under_v1(ask: Ask, honest: Honest) -> Answer:
    """Credentials of a node that has some are ignored under v1."""
    known = dict(ask.memory.get("credentials", {}))
    remember(ask)
    if ask.nodes is None or ask.version != "v1":
        return await honest(ask)
    return await honest(
        ask.with_nodes([without_credentials(node) if node["id"] in known else node for node in ask.nodes])
    )


@fault("credentials.removed-node-forgets")
async def tidies_credentials_up_a_deployment_late(ask: Ask, honest: Honest) -> Answer:
    """The credentials of a node that was removed are told until the deployment after the next."""
    known, answer = remember(ask), await honest(ask)
    if ask.nodes is not None:
        ids = {node["id"] for node in ask.nodes}
        ask.memory["left"] = [node_id for node_id in known if node_id not in ids]
    if asks_credentials(ask) and (node_id := ask.path.rpartition("/")[2]) in ask.memory.get("left", ()):
        return answer.with_json({"user": known[node_id].get("user", ""), "has_password": True})
    return answer


@fault("credentials.each-node-has-its-own")
async def removes_the_credentials_of_the_others(ask: Ask, honest: Honest) -> Answer:
    """A deployment with credentials for one node removes those of the nodes for which it has none."""
    if not any(node.get("credentials") for node in ask.nodes or ()):
        return await honest(ask)
    return await honest(with_credentials(ask, lambda given: given or {"user": "", "password": ""}))
