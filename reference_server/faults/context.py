"""Faults of the values that nodes keep."""

from dataclasses import replace
from urllib.parse import parse_qs, unquote

from reference_server.faults.lying import Answer, Ask, Honest, fault

UNDEFINED = {"msg": "(undefined)", "format": "undefined"}


def parts(ask: Ask) -> list[str]:
    """The scope, the owner's id unless the scope is global, and the key of a request for context; else nothing."""
    path = ask.path.split("/", 2)
    if len(path) != 3 or path[1] != "context":
        return []
    return path[2].split("/", 1 if path[2].startswith("global") else 2)


def key_of(ask: Ask) -> str:
    """The key that is asked for, empty where all of a scope is."""
    found = parts(ask)
    return unquote(found[-1]) if len(found) == (2 if ask.path.startswith("/context/global") else 3) else ""


def gets_value(ask: Ask) -> bool:
    """Whether this is GET /context/…/:key."""
    return ask.method == "GET" and bool(key_of(ask))


def gets_scope(ask: Ask) -> bool:
    """Whether this is GET /context/… without a key."""
    return ask.method == "GET" and bool(parts(ask)) and not key_of(ask)


def deletes(ask: Ask) -> bool:
    """Whether this is DELETE /context/…."""
    return ask.method == "DELETE" and bool(parts(ask))


def getting(ask: Ask, path: str, query: str = "") -> Ask:
    """A GET in the name of the same user."""
    headers = {name: value for name, value in ask.headers.items() if name == "authorization"}
    return replace(ask, method="GET", path=path, query=query, body=b"", headers=headers)


def deleting(ask: Ask, path: str, query: str = "") -> Ask:
    """A DELETE in the name of the same user."""
    return replace(getting(ask, path, query), method="DELETE")


@fault("context.scope-gives-its-values")
async def lists_no_values_of_nodes(ask: Ask, honest: Honest) -> Answer:
    """GET /context/node/:id gives empty stores."""
    answer = await honest(ask)
    if gets_scope(ask) and ask.path.startswith("/context/node/") and answer.status == 200:
        return answer.with_json({store: {} for store in answer.json})
    return answer


@fault("context.scope-gives-its-values")
async def lists_the_first_value_alone(ask: Ask, honest: Honest) -> Answer:
    """GET /context/… gives one value of each store."""
    answer = await honest(ask)
    if gets_scope(ask) and answer.status == 200 and not ask.query:
        return answer.with_json({store: dict([*kept.items()][:1]) for store, kept in answer.json.items()})
    return answer


@fault("context.stores-are-those-of-the-settings")
async def leaves_empty_stores_out(ask: Ask, honest: Honest) -> Answer:
    """GET /context/… gives the stores that hold something."""
    answer = await honest(ask)
    if gets_scope(ask) and answer.status == 200:
        return answer.with_json({store: kept for store, kept in answer.json.items() if kept})
    return answer


@fault("context.key-gives-its-value")
async def gives_the_first_value_for_every_key(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…/:key gives the first value that its scope keeps."""
    answer = await honest(ask)
    if gets_value(ask) and answer.json != UNDEFINED:
        scope = await honest(getting(ask, ask.path.rpartition("/")[0]))
        return answer.with_json(next(iter(scope.json["default"].values()))) if scope.json.get("default") else answer
    return answer


@fault("context.scopes-are-apart")
async def has_one_scope(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…/:key gives the global value of that key wherever there is one."""
    if gets_value(ask):
        everywhere = await honest(getting(ask, f"/context/global/{key_of(ask)}", ask.query))
        return everywhere if everywhere.json != UNDEFINED else await honest(ask)
    return await honest(ask)


@fault("context.scopes-do-not-leak")
async def lists_global_values_everywhere(ask: Ask, honest: Honest) -> Answer:
    """GET /context/… gives the global values with those of every scope."""
    answer = await honest(ask)
    if gets_scope(ask) and answer.status == 200:
        shared = (await honest(getting(ask, "/context/global"))).json
        return answer.with_json({store: {**shared.get(store, {}), **kept} for store, kept in answer.json.items()})
    return answer


@fault("context.missing-key-is-undefined")
async def answers_404_for_missing_keys(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…/:key for a key without a value answers 404."""
    answer = await honest(ask)
    return Answer(404) if gets_value(ask) and answer.json == UNDEFINED else answer


@fault("context.missing-key-is-undefined")
async def tells_missing_values_as_null(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…/:key for a missing key of a node gives null."""
    answer = await honest(ask)
    missing = gets_value(ask) and answer.json == UNDEFINED and key_of(ask).endswith("missing")
    return answer.with_json({**UNDEFINED, "format": "null"}) if missing else answer


@fault("context.dotted-key-reaches-inside")
async def takes_dots_for_letters(ask: Ask, honest: Honest) -> Answer:
    """A key with a dot is never found."""
    answer = await honest(ask)
    return answer.with_json(UNDEFINED) if gets_value(ask) and "." in key_of(ask) else answer


@fault("context.store-narrows")
async def gives_all_stores(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…?store=NAME gives every store."""
    return await honest(replace(ask, query="") if gets_scope(ask) else ask)


@fault("context.store-narrows")
async def gives_one_store_under_another_name(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…?store=NAME gives the values of the default store under every name."""
    answer = await honest(ask)
    named = parse_qs(ask.query).get("store", [""])[0]
    if gets_scope(ask) and named and answer.status == 200:
        return answer.with_json({named: (await honest(getting(ask, ask.path))).json["default"]})
    return answer


@fault("context.value-comes-from-the-store-asked-for")
async def reads_the_default_store_only(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…/:key gives the value of the default store, whichever is asked for."""
    return await honest(replace(ask, query="") if gets_value(ask) else ask)


@fault("context.other-store-is-named")
async def names_no_store(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…/:key does not say which store a value is from."""
    answer = await honest(ask)
    if gets_value(ask) and answer.json:
        return answer.with_json({key: value for key, value in answer.json.items() if key != "store"})
    return answer


@fault("context.unknown-store-refused")
async def takes_unknown_stores_for_the_default(ask: Ask, honest: Honest) -> Answer:
    """GET /context/… with an unknown store gives the default one."""
    answer = await honest(ask)
    return (
        await honest(replace(ask, query="")) if answer.status == 404 and ask.method == "GET" and ask.query else answer
    )


@fault("context.unknown-store-refused")
async def lists_unknown_stores_as_empty(ask: Ask, honest: Honest) -> Answer:
    """GET /context/… with an unknown store and no key gives it without values."""
    answer = await honest(ask)
    return Answer(200).with_json({}) if answer.status == 404 and gets_scope(ask) and ask.query else answer


@fault("context.keys-only")
async def lists_values_with_the_keys(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…?keysOnly gives the values too."""
    return await honest(replace(ask, query="") if gets_scope(ask) and "keysOnly" in ask.query else ask)


@fault("context.keys-only")
async def lists_one_key(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…?keysOnly gives one key of each store."""
    answer = await honest(ask)
    if gets_scope(ask) and "keysOnly" in ask.query:
        return answer.with_json({store: {"keys": kept["keys"][:1]} for store, kept in answer.json.items()})
    return answer


@fault("context.keys-inside-a-value")
async def knows_no_keys_inside_a_value(ask: Ask, honest: Honest) -> Answer:
    """GET /context/…/:key?keysOnly gives no keys."""
    answer = await honest(ask)
    if gets_value(ask) and "keysOnly" in ask.query:
        return answer.with_json({store: {"keys": []} for store in answer.json})
    return answer
