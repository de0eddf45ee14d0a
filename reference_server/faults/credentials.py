"""Faults of what is told of stored credentials, and of what deployments make of them."""

from collections.abc import Callable
from typing import Final

from reference_server.faults.lying import Answer, Ask, Honest, Json, fault

FIELDS: Final = ("user", "password")


def asks_credentials(ask: Ask) -> bool:
    """Whether this is GET /credentials/:type/:id."""
    return ask.method == "GET" and ask.path.startswith("/credentials/")


def with_credentials(ask: Ask, change: Callable[[Json], Json]) -> Ask:
    """The deployment with other credentials in its nodes; `change` takes and gives them, None where there are none."""
    if ask.nodes is None:
        return ask
    changed = [(node, change(node.get("credentials"))) for node in ask.nodes]
    return ask.with_nodes([node if given is None else {**node, "credentials": given} for node, given in changed])


def remember(ask: Ask) -> dict[str, Json]:
    """The credentials that deployments carried, by node id."""
    known: dict[str, Json] = ask.memory.setdefault("credentials", {})
    known.update({node["id"]: node["credentials"] for node in ask.nodes or () if node.get("credentials")})
    return known


@fault("credentials.password-is-never-told")
async def tells_passwords(ask: Ask, honest: Honest) -> Answer:
    """GET /credentials/:type/:id gives the password beside `has_password`."""
    known, answer = remember(ask), await honest(ask)
    if asks_credentials(ask) and answer.json:
        return answer.with_json({**answer.json, **known.get(ask.path.rpartition("/")[2], {})})
    return answer


@fault("credentials.password-is-never-told")
async def says_what_the_password_is(ask: Ask, honest: Honest) -> Answer:
    """GET /credentials/:type/:id gives the password as the value of `has_password`."""
    known, answer = remember(ask), await honest(ask)
    password = known.get(ask.path.rpartition("/")[2], {}).get("password")
    return answer.with_json({**answer.json, "has_password": password}) if asks_credentials(ask) and password else answer


@fault("credentials.text-is-told", "credentials.reader-is-told-the-same")
async def hides_user_names(ask: Ask, honest: Honest) -> Answer:
    """GET /credentials/:type/:id says of the user name only that there is one."""
    answer = await honest(ask)
    if asks_credentials(ask) and answer.json:
        return answer.with_json({"has_user": True, "has_password": answer.json["has_password"]})
    return answer


@fault("credentials.reader-is-told-the-same")
async def tells_who_deployed_alone(ask: Ask, honest: Honest) -> Answer:
    """GET /credentials/:type/:id gives everybody an empty object but the user who deployed."""
    if ask.deploys:
        ask.memory["token"] = ask.headers.get("authorization")
    if asks_credentials(ask) and ask.headers.get("authorization") != ask.memory.get("token"):
        return Answer(200).with_json({})
    return await honest(ask)


@fault("credentials.unknown-node-has-none", "credentials.node-without-any-has-none")
async def answers_404_without_credentials(ask: Ask, honest: Honest) -> Answer:
    """GET /credentials/:type/:id for a node without credentials answers 404, once there are any."""
    remember(ask)
    answer = await honest(ask)
    return Answer(404) if asks_credentials(ask) and ask.memory["credentials"] and answer.json == {} else answer


@fault("credentials.unknown-node-has-none", "credentials.node-without-any-has-none")
async def tells_of_the_last_credentials(ask: Ask, honest: Honest) -> Answer:
    """GET /credentials/:type/:id for a node without credentials gives those of another."""
    known, answer = remember(ask), await honest(ask)
    if asks_credentials(ask) and answer.json == {} and known:
        return answer.with_json({"user": [*known.values()][-1].get("user", ""), "has_password": True})
    return answer


@fault("credentials.kept-where-none-are-given")
async def forgets_credentials_that_are_not_given(ask: Ask, honest: Honest) -> Answer:
    """A deployment without credentials removes those that are stored."""
    return await honest(with_credentials(ask, lambda given: given or dict.fromkeys(FIELDS, "")))


@fault("credentials.kept-where-none-are-given")
async def takes_empty_credentials_for_none(ask: Ask, honest: Honest) -> Answer:
    """A deployment with empty credentials removes those that are stored."""
    return await honest(with_credentials(ask, lambda given: dict.fromkeys(FIELDS, "") if given == {} else given))


@fault("credentials.given-field-replaces-its-own")
async def replaces_credentials_whole(ask: Ask, honest: Honest) -> Answer:
    """A field in `credentials` removes the fields that are not given."""
    return await honest(with_credentials(ask, lambda given: {**dict.fromkeys(FIELDS, ""), **given} if given else given))


@fault("credentials.given-field-replaces-its-own")
async def keeps_the_first_credentials(ask: Ask, honest: Honest) -> Answer:
    """Credentials of a node that has some are ignored."""
    known = dict(ask.memory.get("credentials", {}))
    remember(ask)
    if ask.nodes is None:
        return await honest(ask)
    return await honest(
        ask.with_nodes([without_credentials(node) if node["id"] in known else node for node in ask.nodes])
    )


def without_credentials(node: Json) -> Json:
    """The node without its credentials."""
    return {key: value for key, value in node.items() if key != "credentials"}


@fault("credentials.placeholder-keeps-the-password")
async def takes_the_placeholder_for_nothing(ask: Ask, honest: Honest) -> Answer:
    """The password `__PWRD__` removes the one that is stored."""
    return await honest(with_credentials(ask, lambda given: placeholder_as(given, "")))


@fault("credentials.placeholder-is-no-password")
async def stores_the_placeholder(ask: Ask, honest: Honest) -> Answer:
    """The password `__PWRD__` is stored as a password."""
    return await honest(with_credentials(ask, lambda given: placeholder_as(given, "stored")))


def placeholder_as(given: Json, password: str) -> Json:
    """The credentials with this in place of the placeholder."""
    return {key: password if value == "__PWRD__" else value for key, value in given.items()} if given else given


@fault("credentials.empty-field-removes")
async def keeps_what_is_emptied(ask: Ask, honest: Honest) -> Answer:
    """An empty string leaves the field that is stored."""

    def filled(given: Json) -> Json:
        return {key: value for key, value in given.items() if value} if isinstance(given, dict) else given

    return await honest(with_credentials(ask, filled))


@fault("credentials.removed-node-forgets")
async def remembers_removed_nodes(ask: Ask, honest: Honest) -> Answer:
    """A node that was removed and comes back has the credentials that it had."""
    known = remember(ask)
    if ask.nodes is None:
        return await honest(ask)
    return await honest(ask.with_nodes([{**node, "credentials": known.get(node["id"], {})} for node in ask.nodes]))


@fault("credentials.each-node-has-its-own")
async def has_one_set_of_credentials_for_a_type(ask: Ask, honest: Honest) -> Answer:
    """Credentials of one node are those of every node."""
    given = [node["credentials"] for node in ask.nodes or () if node.get("credentials")]
    if not given or ask.nodes is None:
        return await honest(ask)
    return await honest(ask.with_nodes([{**node, "credentials": given[-1]} for node in ask.nodes]))
