"""More faults of the palette: sets that are mixed up, half told, or changed in place of others."""

from collections import Counter
from dataclasses import replace

from reference_server.faults.enabling import disabled_types, forced, reading
from reference_server.faults.install import by_name, code, named, removes
from reference_server.faults.lying import Answer, Ask, Honest, Json, error, fault
from reference_server.faults.modules import SMALL
from reference_server.faults.nodes import NODES, below, changes, each, lists, of_set, telling, wants_json

COMMENT = b"<!-- --- [red-module:"
"""How the comment in front of a set's HTML begins."""

for promise, name, text, change in (
    (
        "set-id-is-module-and-name",
        "joins_module_and_name_with_a_dot",
        "The id of a set is the name of its module, a dot, and its own.",
        lambda node_set: {**node_set, "id": f"{node_set['module']}.{node_set['name']}"},
    ),
    (
        "set-ids-are-unique",
        "cuts_ids_to_ten_letters",
        "The ids of sets are cut after their first letters.",
        lambda node_set: {**node_set, "id": node_set["id"][:10]},
    ),
    (
        "set-says-whether-it-is-local",
        "says_local_in_words",
        "In the list, local is the text true or false.",
        lambda node_set: {**node_set, "local": str(node_set.get("local")).lower()},
    ),
    (
        "set-says-whether-it-is-local",
        "says_that_all_is_local",
        "Every set of the list is said to have been installed by the user.",
        lambda node_set: {**node_set, "local": True},
    ),
):
    fault(f"nodes.{promise}")(telling(name, text, each(change)))


def with_neighbours(_: Ask, sets: Json) -> Json:
    """The list, each set with the types of the one after it as well."""
    following = [*sets[1:], {"types": []}]
    return [{**one, "types": [*one["types"], *after["types"]]} for one, after in zip(sets, following, strict=True)]


fault("nodes.one-set-provides-a-type")(
    telling(
        "gives_sets_the_types_of_their_neighbours",
        "In the list, every set provides the types of the one after it as well.",
        lambda ask, value: with_neighbours(ask, value) if lists(ask) else None,
    )
)


@fault("nodes.html-names-each-set")
async def names_the_first_set_before_every_part(ask: Ask, honest: Honest) -> Answer:
    """In the HTML of the list every part is said to be of the first set."""
    answer = await honest(ask)
    if not lists(ask) or wants_json(ask) or COMMENT not in answer.body:
        return answer
    before, *sets = answer.body.split(COMMENT)
    first = sets[0].partition(b"]")[0]
    named_alike = [first + b"]" + part.partition(b"]")[2] for part in sets]
    return replace(answer, body=COMMENT.join([before, *named_alike]))


@fault("nodes.html-lacks-a-disabled-set")
async def names_disabled_sets_in_the_html(ask: Ask, honest: Honest) -> Answer:
    """The HTML of the list has the comments of disabled sets, with nothing behind them."""
    answer = await honest(ask)
    if not lists(ask) or wants_json(ask) or answer.status != 200:
        return answer
    sets = (await honest(reading(ask))).json or []
    names = [node_set["id"].encode() for node_set in sets if not node_set["enabled"]]
    return replace(answer, body=answer.body + b"".join(COMMENT + name + b"] --- -->\n" for name in names))


@fault("nodes.encoded-names-are-decoded")
async def decodes_names_of_modules_alone(ask: Ask, honest: Honest) -> Answer:
    """A percent sign in the name of a set belongs to the name."""
    encoded = of_set(ask) and "%" in ask.raw_path.rpartition("/")[2]
    return error(404, "not_found") if encoded else await honest(ask)


@fault("nodes.encoded-names-are-decoded")
async def decodes_letters_of_capital_digits_alone(ask: Ask, honest: Honest) -> Answer:
    """Percent-encoded letters with a small hexadecimal digit are not decoded."""
    digits = "".join(part[:2] for part in ask.raw_path.split("%")[1:])
    return error(404, "not_found") if below(ask) and digits != digits.upper() else await honest(ask)


@fault("nodes.messages-are-an-object", "nodes.messages-of-a-set-are-an-object")
async def answers_204_to_translations(ask: Ask, honest: Honest) -> Answer:
    """Translations are answered with 204."""
    answer = await honest(ask)
    return Answer(204) if ask.path.endswith("/messages") and answer.status == 200 else answer


@fault("nodes.set-in-use-enabled")
async def enables_a_type_in_use_and_says_disabled(ask: Ask, honest: Honest) -> Answer:
    """To enable a set whose type is in use answers with the set as if it were disabled."""
    answer = await honest(ask)
    if changes(ask) and of_set(ask) and ask.json["enabled"] and answer.status == 200:
        used = {node["type"] for node in (await honest(ask.reading("v1"))).json or []}
        return answer.with_json({**answer.json, "enabled": not used & set(answer.json["types"])})
    return answer


@fault("nodes.set-in-use-enabled")
async def enables_nothing_that_nodes_wait_for(ask: Ask, honest: Honest) -> Answer:
    """To enable a disabled set whose type is deployed is refused."""
    if changes(ask) and of_set(ask) and ask.json["enabled"]:
        waiting = {node["type"] for node in (await honest(ask.reading("v1"))).json or []}
        if waiting & await disabled_types(ask, honest):
            return error(400, "type_in_use")
    return await honest(ask)


@fault("install.module-is-in-the-html")
async def has_the_html_of_modules_in_the_list_alone(ask: Ask, honest: Honest) -> Answer:
    """GET of a set that was installed gives a page without anything as HTML."""
    answer = await honest(ask)
    own = of_set(ask) and ask.method == "GET" and not wants_json(ask) and not below(ask).startswith("node-red/")
    return replace(answer, body=b"<!-- -->") if own and answer.status == 200 else answer


@fault("install.malformed-name-refused")
async def installs_something_for_a_malformed_name(ask: Ask, honest: Honest) -> Answer:
    """A name that no module can have is refused, and a module installed."""
    answer = await honest(ask)
    if named(ask) and code(answer) == "invalid_module_name":
        await honest(by_name(ask, SMALL))
    return answer


@fault("install.one-set-of-a-module-disabled")
async def changes_the_first_set_of_a_module(ask: Ask, honest: Honest) -> Answer:
    """PUT /nodes/MODULE/SET changes the first set of the module, and answers as if it were the one."""
    if not (changes(ask) and of_set(ask)):
        return await honest(ask)
    module = (await honest(reading(ask, ask.path.rpartition("/")[0]))).json or {}
    first = module["nodes"][0]["id"] if module.get("nodes") else below(ask)
    answer = await honest(replace(ask, path=f"{NODES}/{first}"))
    told = (await honest(reading(ask, ask.path))).json
    return answer.with_json({**told, "enabled": ask.json["enabled"]}) if answer.status == 200 else answer


@fault("install.unknown-module-not-removed")
async def removes_the_module_whose_name_begins_so(ask: Ask, honest: Honest) -> Answer:
    """The removal of a module that is not there is refused, and removes the one whose name is the beginning of it."""
    answer = await honest(ask)
    if removes(ask) and answer.status == 404:
        modules = Counter(node_set["module"] for node_set in (await honest(reading(ask))).json or [])
        for name in [name for name in modules if below(ask).startswith(f"{name}-") and name != "node-red"]:
            await forced(replace(ask, path=f"{NODES}/{name}"), honest)
    return answer


@fault("install.scoped-module-at-its-encoded-name")
async def gives_names_as_they_were_encoded(ask: Ask, honest: Honest) -> Answer:
    """GET /nodes/MODULE gives the name as it is in the path, percent-encoding and all."""
    answer = await honest(ask)
    encoded = ask.method == "GET" and "%2F" in ask.raw_path and isinstance(answer.json, dict) and "nodes" in answer.json
    return answer.with_json({**answer.json, "name": ask.raw_path.removeprefix(f"{NODES}/")}) if encoded else answer
