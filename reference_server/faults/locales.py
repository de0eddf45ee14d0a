"""Faults of GET /locales."""

from reference_server.faults.lying import Answer, Ask, Honest, fault

LOCALES = "/locales/"


@fault("locales.editor-has-texts")
async def has_no_texts_of_the_editor(ask: Ask, honest: Honest) -> Answer:
    """GET /locales/editor gives an empty object."""
    answer = await honest(ask)
    return answer.with_json({}) if ask.path == f"{LOCALES}editor" else answer


@fault("locales.editor-has-texts", "locales.nodes-have-texts")
async def lists_the_keys_of_texts(ask: Ask, honest: Honest) -> Answer:
    """GET /locales gives an array of the keys."""
    answer = await honest(ask)
    return answer.with_json(list(answer.json)) if ask.path.startswith(LOCALES) and answer.json else answer


@fault("locales.nodes-have-texts")
async def has_texts_of_the_editor_only(ask: Ask, honest: Honest) -> Answer:
    """GET /locales of another namespace than the editor's gives an empty object."""
    answer = await honest(ask)
    return answer.with_json({}) if ask.path.startswith(LOCALES) and ask.path != f"{LOCALES}editor" else answer


@fault("locales.unknown-namespace-is-empty")
async def refuses_unknown_namespaces(ask: Ask, honest: Honest) -> Answer:
    """GET /locales of an unknown namespace is answered with 404."""
    answer = await honest(ask)
    return Answer(404) if ask.path.startswith(LOCALES) and answer.json == {} else answer


@fault("locales.unknown-namespace-is-empty")
async def gives_the_texts_of_the_editor_for_all_others(ask: Ask, honest: Honest) -> Answer:
    """GET /locales of an unknown namespace gives the texts of the editor."""
    answer = await honest(ask)
    return answer.with_json({"common": {}}) if ask.path.startswith(LOCALES) and answer.json == {} else answer


@fault("locales.texts-need-no-token")
async def asks_for_a_token_before_texts(ask: Ask, honest: Honest) -> Answer:
    """GET /locales without a token is refused with 401."""
    return Answer(401) if ask.path.startswith(LOCALES) and "authorization" not in ask.headers else await honest(ask)


@fault("locales.texts-need-no-token")
async def hides_the_texts_of_nodes_from_strangers(ask: Ask, honest: Honest) -> Answer:
    """GET /locales/node-red gives whoever has no token an empty object."""
    answer = await honest(ask)
    hidden = ask.path == f"{LOCALES}node-red" and "authorization" not in ask.headers
    return answer.with_json({}) if hidden else answer
