"""Faults of the palette."""

from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.lying import Answer, Ask, Honest, Json, Lie, error, fault

NODES = "/nodes"


def lists(ask: Ask) -> bool:
    """Whether this is GET /nodes."""
    return ask.method == "GET" and ask.path.rstrip("/") == NODES


def below(ask: Ask) -> str:
    """The path of a module or a set below /nodes, empty where the request is about neither."""
    return ask.path.removeprefix(f"{NODES}/") if ask.path.startswith(f"{NODES}/") else ""


def of_set(ask: Ask) -> bool:
    """Whether the path is that of a set."""
    return "/" in below(ask) and not below(ask).endswith("/messages")


def of_module(ask: Ask) -> bool:
    """Whether the path is that of a module."""
    return bool(below(ask)) and "/" not in below(ask) and below(ask) != "messages"


def wants_json(ask: Ask) -> bool:
    """Whether the request is for JSON."""
    return ask.headers.get("accept") == "application/json"


def changes(ask: Ask) -> bool:
    """Whether this is PUT of a module or a set, and says what to do."""
    return ask.method == "PUT" and bool(below(ask)) and isinstance(ask.json, dict) and "enabled" in ask.json


def telling(name: str, text: str, tell: Callable[[Ask, Json], Json | None]) -> Lie:
    """The lie that changes what a JSON reply about the palette tells; None keeps it."""

    async def lie(ask: Ask, honest: Honest) -> Answer:
        answer = await honest(ask)
        if answer.status != 200 or not ask.path.startswith(NODES) or answer.json is None:
            return answer
        told = tell(ask, answer.json)
        return answer if told is None else answer.with_json(told)

    lie.__name__, lie.__doc__ = name, text
    return lie


def each(change: Callable[[Json], Json]) -> Callable[[Ask, Json], Json | None]:
    """Changes each set of the list."""
    return lambda ask, value: [change(node_set) for node_set in value] if lists(ask) else None


def each_of_module(change: Callable[[Json], Json]) -> Callable[[Ask, Json], Json | None]:
    """Changes each set of a module."""
    return lambda ask, value: (
        {**value, "nodes": [change(node_set) for node_set in value["nodes"]]} if of_module(ask) else None
    )


for promise, name, text, tell in (
    ("list-gives-node-sets", "lists_ids_alone", "The list holds ids.", each(lambda node_set: node_set["id"])),
    (
        "list-gives-node-sets",
        "lists_nothing",
        "The list is empty, and the modules are not.",
        lambda ask, value: [] if lists(ask) and isinstance(value, list) else None,
    ),
    (
        "list-gives-node-sets",
        "lists_sets_in_an_object",
        "The list is an object with the sets in it.",
        lambda ask, value: {"nodes": value} if lists(ask) else None,
    ),
    (
        "list-gives-node-sets",
        "says_enabled_in_words",
        "In the list, enabled is the text true or false.",
        each(lambda node_set: {**node_set, "enabled": str(node_set["enabled"]).lower()}),
    ),
    (
        "set-id-is-module-and-name",
        "gives_sets_their_name_for_an_id",
        "The id of a set is its name.",
        each(lambda node_set: {**node_set, "id": node_set["name"]}),
    ),
    (
        "set-ids-are-unique",
        "lists_the_first_set_twice",
        "The list ends with its first set.",
        lambda ask, value: [*value, value[0]] if lists(ask) else None,
    ),
    (
        "one-set-provides-a-type",
        "lists_debug_under_every_set",
        "In the list, every set provides the type debug as well.",
        each(lambda node_set: {**node_set, "types": sorted({*node_set["types"], "debug"})}),
    ),
    (
        "set-has-the-version-of-its-module",
        "gives_sets_no_version",
        "The sets of the list have no version.",
        each(lambda node_set: {key: node_set[key] for key in node_set if key != "version"}),
    ),
    (
        "set-has-the-version-of-its-module",
        "gives_every_set_version_1",
        "Every set of the list has the version 1.0.0.",
        each(lambda node_set: {**node_set, "version": "1.0.0"}),
    ),
    (
        "set-says-whether-it-is-local",
        "says_nothing_of_local",
        "The sets of the list do not say whether they are local.",
        each(lambda node_set: {key: node_set[key] for key in node_set if key != "local"}),
    ),
    (
        "module-gives-node-module",
        "gives_the_sets_of_a_module_alone",
        "GET /nodes/MODULE gives an array of sets.",
        lambda ask, value: value["nodes"] if of_module(ask) else None,
    ),
    (
        "module-gives-node-module",
        "gives_modules_the_name_of_their_first_set",
        "GET /nodes/MODULE gives a module under another name.",
        lambda ask, value: {**value, "name": value["nodes"][0]["name"]} if of_module(ask) else None,
    ),
    (
        "modules-hold-the-sets-of-the-list",
        "forgets_the_last_set_of_a_module",
        "GET /nodes/MODULE leaves the last set out.",
        lambda ask, value: {**value, "nodes": value["nodes"][:-1]} if of_module(ask) else None,
    ),
    (
        "modules-hold-the-sets-of-the-list",
        "gives_modules_one_type_for_each_set",
        "GET /nodes/MODULE gives the first type of each set and no other.",
        each_of_module(lambda node_set: {**node_set, "types": node_set["types"][:1]}),
    ),
    (
        "modules-hold-the-sets-of-the-list",
        "gives_sets_of_modules_as_disabled",
        "GET /nodes/MODULE gives each set as disabled.",
        each_of_module(lambda node_set: {**node_set, "enabled": False}),
    ),
    (
        "set-gives-node-set",
        "gives_a_set_without_its_types",
        "GET /nodes/MODULE/SET gives no types.",
        lambda ask, value: {**value, "types": []} if of_set(ask) and ask.method == "GET" else None,
    ),
    (
        "set-gives-node-set",
        "gives_a_set_in_an_array",
        "GET /nodes/MODULE/SET gives an array of one set.",
        lambda ask, value: [value] if of_set(ask) and ask.method == "GET" else None,
    ),
):
    fault(f"nodes.{promise}")(telling(name, text, tell))


@fault("nodes.messages-are-an-object", "nodes.messages-of-a-set-are-an-object")
async def gives_translations_in_an_array(ask: Ask, honest: Honest) -> Answer:
    """Translations are given in an array."""
    answer = await honest(ask)
    return answer.with_json([]) if ask.path.endswith("/messages") and answer.status == 200 else answer


@fault("nodes.list-gives-node-sets", "nodes.set-gives-node-set")
async def negotiates_for_html_alone(ask: Ask, honest: Honest) -> Answer:
    """Whoever asks for JSON is given HTML."""
    return await honest(ask.under(accept="text/html") if lists(ask) or of_set(ask) else ask)


@fault("nodes.list-as-html", "nodes.set-as-html")
async def negotiates_for_json_alone(ask: Ask, honest: Honest) -> Answer:
    """Whoever asks for HTML is given JSON."""
    return await honest(ask.under(accept="application/json") if lists(ask) or of_set(ask) else ask)


@fault("nodes.list-as-html")
async def labels_html_as_text(ask: Ask, honest: Honest) -> Answer:
    """The HTML of the list has the Content-Type text/plain."""
    answer = await honest(ask)
    return answer.under(content_type="text/plain") if lists(ask) and not wants_json(ask) else answer


@fault("nodes.list-as-html")
async def gives_an_empty_page(ask: Ask, honest: Honest) -> Answer:
    """The HTML of the list is an empty page."""
    answer = await honest(ask)
    return replace(answer, body=b"<p>Nodes</p>") if lists(ask) and not wants_json(ask) else answer


@fault("nodes.html-names-each-set")
async def leaves_the_comments_out_of_the_html(ask: Ask, honest: Honest) -> Answer:
    """The HTML of the list does not say which set a part belongs to."""
    answer = await honest(ask)
    return replace(answer, body=answer.body.replace(b"red-module", b"module")) if lists(ask) else answer


@fault("nodes.set-as-html")
async def gives_the_html_of_all_sets_for_one(ask: Ask, honest: Honest) -> Answer:
    """The HTML of a set is that of all."""
    if of_set(ask) and ask.method == "GET" and not wants_json(ask):
        return await honest(replace(ask, path=NODES))
    return await honest(ask)


def on_unknown(name: str, text: str, answer_to: Callable[[Ask], Answer]) -> Lie:
    """The lie about what is not there."""

    async def lie(ask: Ask, honest: Honest) -> Answer:
        answer = await honest(ask)
        return answer_to(ask) if ask.method == "GET" and below(ask) and answer.status == 404 else answer

    lie.__name__, lie.__doc__ = name, text
    return lie


UNKNOWN = ("nodes.unknown-module-is-404", "nodes.unknown-set-is-404")

fault(*UNKNOWN)(
    on_unknown(
        "makes_up_what_it_does_not_know",
        "A module or a set that is not there is given as an empty one.",
        lambda ask: Answer(200).with_json({"name": below(ask), "version": "1.0.0", "nodes": []}),
    )
)
fault(*UNKNOWN)(
    on_unknown(
        "answers_400_to_what_it_does_not_know",
        "GET of a module or a set that is not there answers 400.",
        lambda _: error(400, "not_found"),
    )
)


@fault("nodes.unknown-set-is-404")
async def looks_for_a_set_in_every_module(ask: Ask, honest: Honest) -> Answer:
    """GET of a set finds it under any module's name."""
    answer = await honest(ask)
    if of_set(ask) and ask.method == "GET" and answer.status == 404:
        return await honest(replace(ask, path=f"{NODES}/node-red/{ask.path.rpartition('/')[2]}"))
    return answer


@fault("nodes.encoded-names-are-decoded")
async def decodes_no_names(ask: Ask, honest: Honest) -> Answer:
    """A percent sign in the name of a module or a set belongs to the name."""
    return error(404, "not_found") if below(ask) and "%" in ask.raw_path else await honest(ask)
