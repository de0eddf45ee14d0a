"""Faults of GET /plugins."""

from reference_server.faults.authorization import by_administrator, for_anybody, remembering
from reference_server.faults.lying import Answer, Ask, Honest, fault

MESSAGES = "/plugins/messages"


@fault("plugins.accept-json-gives-a-list")
async def gives_plugins_as_html_to_everybody(ask: Ask, honest: Honest) -> Answer:
    """GET /plugins gives HTML also to whoever accepts JSON."""
    return await honest(ask.under(accept="text/html") if ask.path == "/plugins" else ask)


@fault("plugins.accept-json-gives-a-list")
async def gives_plugins_by_their_names(ask: Ask, honest: Honest) -> Answer:
    """GET /plugins gives an object in place of the list."""
    answer = await honest(ask)
    return answer.with_json({}) if ask.path == "/plugins" and answer.json == [] else answer


@fault("plugins.accept-json-gives-a-list")
async def gives_plugins_without_their_sets(ask: Ask, honest: Honest) -> Answer:
    """GET /plugins lists plugins without the set and the module that they belong to."""
    answer = await honest(ask)
    listed = ask.path == "/plugins" and answer.json == []
    return answer.with_json([{"id": "theme", "type": "node-red-theme"}]) if listed else answer


@fault("plugins.accept-html-gives-html")
async def gives_plugins_as_json_to_everybody(ask: Ask, honest: Honest) -> Answer:
    """GET /plugins gives JSON also to whoever accepts HTML."""
    return await honest(ask.under(accept="application/json") if ask.path == "/plugins" else ask)


@fault("plugins.accept-html-gives-html")
async def refuses_to_give_plugins_as_html(ask: Ask, honest: Honest) -> Answer:
    """GET /plugins of whoever does not accept JSON is refused with 406."""
    answer = await honest(ask)
    return Answer(406) if ask.path == "/plugins" and answer.headers["content-type"].startswith("text/html") else answer


@fault("plugins.messages-give-an-object")
async def has_no_texts_of_plugins(ask: Ask, honest: Honest) -> Answer:
    """GET /plugins/messages is answered with 404."""
    return Answer(404) if ask.path == MESSAGES else await honest(ask)


@fault("plugins.messages-give-an-object")
async def lists_the_texts_of_plugins(ask: Ask, honest: Honest) -> Answer:
    """GET /plugins/messages gives an array."""
    answer = await honest(ask)
    return answer.with_json([]) if ask.path == MESSAGES and answer.status == 200 else answer


@fault("plugins.without-token-refused")
async def shows_plugins_to_anybody(ask: Ask, honest: Honest) -> Answer:
    """GET /plugins needs no token."""
    return await (for_anybody if ask.path == "/plugins" else remembering)(ask, honest)


@fault("plugins.without-token-refused")
async def shows_the_texts_of_plugins_to_anybody(ask: Ask, honest: Honest) -> Answer:
    """GET /plugins/messages needs no token."""
    return await (for_anybody if ask.path == MESSAGES else remembering)(ask, honest)


@fault("plugins.reader-reads")
async def hides_plugins_from_readers(ask: Ask, honest: Honest) -> Answer:
    """GET /plugins needs the permission to do everything."""
    answer = await remembering(ask, honest)
    return Answer(401) if ask.path.startswith("/plugins") and not by_administrator(ask) else answer


@fault("plugins.reader-reads")
async def gives_readers_no_texts_of_plugins(ask: Ask, honest: Honest) -> Answer:
    """GET /plugins/messages gives a user who may only read an empty reply."""
    answer = await remembering(ask, honest)
    return Answer(204) if ask.path == MESSAGES and answer.status == 200 and not by_administrator(ask) else answer
