"""Faults of sets that are enabled and disabled."""

from dataclasses import replace

from reference_server.faults.lying import Answer, Ask, Honest, Json, error, fault
from reference_server.faults.nodes import NODES, changes, lists, of_module, of_set, wants_json


def disables(ask: Ask) -> bool:
    """Whether this disables a set."""
    return changes(ask) and of_set(ask) and not ask.json["enabled"]


def reading(ask: Ask, path: str = NODES) -> Ask:
    """A GET of the palette as JSON, in the name of the same user."""
    headers = {name: value for name, value in ask.headers.items() if name == "authorization"}
    return replace(ask, method="GET", path=path, query="", body=b"", headers=headers).under(accept="application/json")


def deploying(ask: Ask, nodes: Json) -> Ask:
    """A deployment of these nodes, in the name of the same user."""
    return replace(ask.reading("v1"), method="POST").with_json(nodes)


async def forced(ask: Ask, honest: Honest) -> Answer:
    """The answer to a change that no type in use hinders."""
    active = (await honest(ask.reading("v1"))).json
    await honest(deploying(ask, []))
    answer = await honest(ask)
    await honest(deploying(ask, active))
    return answer


def in_use(answer: Answer) -> bool:
    """Whether this is the refusal of a change because a type is used."""
    return isinstance(answer.json, dict) and answer.json.get("code") == "type_in_use"


def no_enabled(answer: Answer) -> bool:
    """Whether this is the refusal of a change that does not say what to do."""
    return isinstance(answer.json, dict) and answer.json.get("code") == "invalid_request"


@fault("nodes.set-disabled", "nodes.html-lacks-a-disabled-set")
async def says_disabled_and_changes_nothing(ask: Ask, honest: Honest) -> Answer:
    """The reply says that a set is disabled, and it is not."""
    if not disables(ask):
        return await honest(ask)
    answer = await honest(reading(ask, ask.path))
    return answer.with_json({**answer.json, "enabled": False}) if answer.status == 200 else answer


@fault("nodes.set-disabled")
async def disables_and_says_enabled(ask: Ask, honest: Honest) -> Answer:
    """A set is disabled, and the reply gives it as enabled."""
    answer = await honest(ask)
    return answer.with_json({**answer.json, "enabled": True}) if disables(ask) and answer.status == 200 else answer


@fault("nodes.set-disabled", "nodes.set-enabled-again", "nodes.module-enabled")
async def answers_204_to_changes(ask: Ask, honest: Honest) -> Answer:
    """A change is made, and answered with 204."""
    answer = await honest(ask)
    return Answer(204) if changes(ask) and answer.status == 200 else answer


@fault("nodes.set-disabled")
async def disables_the_next_set_as_well(ask: Ask, honest: Honest) -> Answer:
    """With a set that is disabled goes another one."""
    if disables(ask):
        others = [node_set["id"] for node_set in (await honest(reading(ask))).json or [] if "id" in node_set]
        other = next((f"{NODES}/{set_id}" for set_id in others if f"{NODES}/{set_id}" != ask.path), ask.path)
        await honest(replace(ask, path=other))
    return await honest(ask)


@fault("nodes.set-disabled")
async def disables_in_the_list_alone(ask: Ask, honest: Honest) -> Answer:
    """GET /nodes/MODULE/SET gives every set as enabled."""
    answer = await honest(ask)
    shows = ask.method == "GET" and of_set(ask) and wants_json(ask) and answer.status == 200
    return answer.with_json({**answer.json, "enabled": True}) if shows else answer


@fault("nodes.set-enabled-again")
async def enables_nothing_again(ask: Ask, honest: Honest) -> Answer:
    """The reply says that a set is enabled again, and it is not."""
    if not (changes(ask) and of_set(ask)) or disables(ask):
        return await honest(ask)
    answer = await honest(reading(ask, ask.path))
    return answer.with_json({**answer.json, "enabled": True}) if answer.status == 200 else answer


@fault("nodes.same-change-twice-accepted")
async def refuses_what_is_so_already(ask: Ask, honest: Honest) -> Answer:
    """To disable a set that is disabled is refused with 400."""
    if disables(ask):
        before = (await honest(reading(ask, ask.path))).json
        if isinstance(before, dict) and before.get("enabled") is False:
            return error(400, "unexpected_error")
    return await honest(ask)


@fault("nodes.same-change-twice-accepted")
async def turns_over_whatever_it_is_told(ask: Ask, honest: Honest) -> Answer:
    """To disable a set that is disabled enables it."""
    if disables(ask):
        before = (await honest(reading(ask, ask.path))).json
        if isinstance(before, dict) and before.get("enabled") is False:
            return await honest(ask.with_json({"enabled": True}))
    return await honest(ask)


@fault("nodes.html-lacks-a-disabled-set")
async def makes_the_html_once(ask: Ask, honest: Honest) -> Answer:
    """The HTML of the list is that of the first time it was asked for."""
    answer = await honest(ask)
    if not lists(ask) or wants_json(ask) or answer.status != 200:
        return answer
    return replace(answer, body=ask.memory.setdefault("html", answer.body))


@fault("nodes.changes-keep-the-rev")
async def counts_changes_in_the_rev(ask: Ask, honest: Honest) -> Answer:
    """The rev changes with the palette."""
    answer = await honest(ask)
    if changes(ask) and answer.status == 200:
        ask.memory["changes"] = ask.memory.get("changes", 0) + 1
    if ask.reads and isinstance(answer.json, dict) and "rev" in answer.json and ask.memory.get("changes"):
        return answer.with_json({**answer.json, "rev": f"{answer.json['rev']}{ask.memory['changes']}"})
    return answer


@fault("nodes.changes-keep-the-rev")
async def deploys_nothing_when_the_palette_changes(ask: Ask, honest: Honest) -> Answer:
    """With a change of the palette the flows are gone."""
    answer = await honest(ask)
    if changes(ask) and answer.status == 200:
        await honest(deploying(ask, []))
    return answer


async def disabled_types(ask: Ask, honest: Honest) -> set[str]:
    """The types of the sets that are disabled."""
    sets = (await honest(reading(ask))).json or []
    return {node_type for node_set in sets if node_set.get("enabled") is False for node_type in node_set["types"]}


@fault("nodes.nodes-of-a-disabled-type-are-kept")
async def leaves_nodes_of_disabled_types_out(ask: Ask, honest: Honest) -> Answer:
    """A deployment goes without the nodes whose type is disabled."""
    if ask.nodes:
        gone = await disabled_types(ask, honest)
        ask = ask.with_nodes([node for node in ask.nodes if node.get("type") not in gone])
    return await honest(ask)


@fault("nodes.nodes-of-a-disabled-type-are-kept")
async def refuses_nodes_of_disabled_types(ask: Ask, honest: Honest) -> Answer:
    """A deployment with a node whose type is disabled is refused with 400."""
    if ask.nodes and {node.get("type") for node in ask.nodes} & await disabled_types(ask, honest):
        return error(400, "unexpected_error")
    return await honest(ask)


@fault("nodes.set-in-use-not-disabled", "nodes.set-in-use-code", "nodes.set-of-a-disabled-tab-is-in-use")
async def disables_types_in_use(ask: Ask, honest: Honest) -> Answer:
    """A set is disabled whatever uses its types."""
    answer = await honest(ask)
    return await forced(ask, honest) if changes(ask) and in_use(answer) else answer


@fault("nodes.set-in-use-not-disabled")
async def disables_what_it_refuses(ask: Ask, honest: Honest) -> Answer:
    """To disable a set that is in use is refused with 400, and done all the same."""
    answer = await honest(ask)
    if changes(ask) and in_use(answer):
        await forced(ask, honest)
    return answer


@fault("nodes.set-in-use-not-disabled", "nodes.set-in-use-code")
async def refuses_a_type_in_use_with_409(ask: Ask, honest: Honest) -> Answer:
    """To disable a set that is in use is refused with 409."""
    answer = await honest(ask)
    return error(409, "type_in_use") if changes(ask) and in_use(answer) else answer


@fault("nodes.set-in-use-code")
async def has_another_code_for_a_type_in_use(ask: Ask, honest: Honest) -> Answer:
    """The refusal to disable a set that is in use has the code unexpected_error."""
    answer = await honest(ask)
    return error(400, "unexpected_error") if changes(ask) and in_use(answer) else answer


@fault("nodes.set-in-use-not-disabled")
async def remembers_what_was_in_use_once(ask: Ask, honest: Honest) -> Answer:
    """A set that was in use once is never disabled."""
    once = ask.memory.setdefault("in use", [])
    answer = error(400, "type_in_use") if disables(ask) and ask.path in once else await honest(ask)
    if disables(ask) and in_use(answer):
        once.append(ask.path)
    return answer


@fault("nodes.set-of-a-disabled-tab-is-in-use")
async def looks_for_types_on_active_tabs_alone(ask: Ask, honest: Honest) -> Answer:
    """A type whose nodes are all on disabled tabs counts as not in use."""
    answer = await honest(ask)
    if changes(ask) and in_use(answer):
        tabs = [node for node in (await honest(ask.reading("v1"))).json if node["type"] == "tab"]
        return await forced(ask, honest) if all(tab.get("disabled") for tab in tabs) else answer
    return answer


@fault("nodes.set-in-use-enabled")
async def touches_no_type_in_use(ask: Ask, honest: Honest) -> Answer:
    """To enable a set whose type is in use is refused, as it is to disable it."""
    if changes(ask) and of_set(ask) and ask.json["enabled"]:
        active = (await honest(ask.reading("v1"))).json or []
        node_set = (await honest(reading(ask, ask.path))).json
        if {node["type"] for node in active} & set(node_set.get("types", ())):
            return error(400, "type_in_use")
    return await honest(ask)


@fault("nodes.set-without-enabled-refused", "nodes.set-without-enabled-code")
async def takes_a_missing_enabled_for_false(ask: Ask, honest: Honest) -> Answer:
    """Without enabled, a set is disabled."""
    if ask.method == "PUT" and of_set(ask) and isinstance(ask.json, dict):
        return await honest(ask.with_json({"enabled": False, **ask.json}))
    return await honest(ask)


@fault("nodes.set-without-enabled-refused")
async def disables_what_it_refuses_for_its_body(ask: Ask, honest: Honest) -> Answer:
    """A change that does not say what to do is refused, and disables the set."""
    answer = await honest(ask)
    if ask.method == "PUT" and of_set(ask) and no_enabled(answer):
        await honest(ask.with_json({"enabled": False}))
    return answer


@fault("nodes.set-without-enabled-refused")
async def reads_enabled_in_any_case(ask: Ask, honest: Honest) -> Answer:
    """The key Enabled counts as enabled."""
    if ask.method == "PUT" and of_set(ask) and isinstance(ask.json, dict):
        return await honest(ask.with_json({key.lower(): value for key, value in ask.json.items()}))
    return await honest(ask)


@fault("nodes.set-without-enabled-code")
async def has_another_code_for_a_missing_enabled(ask: Ask, honest: Honest) -> Answer:
    """The refusal of a change that does not say what to do has the code unexpected_error."""
    answer = await honest(ask)
    return error(400, "unexpected_error") if ask.method == "PUT" and no_enabled(answer) else answer


@fault("nodes.change-of-an-unknown-set-refused")
async def says_yes_to_unknown_sets(ask: Ask, honest: Honest) -> Answer:
    """A change of a set that is not there answers 200."""
    answer = await honest(ask)
    unknown = changes(ask) and of_set(ask) and isinstance(answer.json, dict) and answer.json.get("code") == "not_found"
    return Answer(200).with_json({"id": ask.path, **ask.json}) if unknown else answer


@fault("nodes.change-of-an-unknown-set-refused")
async def changes_the_first_set_for_an_unknown_one(ask: Ask, honest: Honest) -> Answer:
    """A change of a set that is not there is refused, and changes the first of all."""
    answer = await honest(ask)
    if changes(ask) and of_set(ask) and isinstance(answer.json, dict) and answer.json.get("code") == "not_found":
        first = (await honest(reading(ask))).json[0]["id"]
        await honest(replace(ask, path=f"{NODES}/{first}"))
    return answer


@fault("nodes.module-enabled")
async def disables_the_first_set_of_a_module_to_be_enabled(ask: Ask, honest: Honest) -> Answer:
    """To enable a module disables its first set."""
    answer = await honest(ask)
    if changes(ask) and of_module(ask) and ask.json["enabled"] and answer.status == 200:
        await honest(replace(ask, path=f"{NODES}/{answer.json['nodes'][0]['id']}").with_json({"enabled": False}))
    return answer


@fault("nodes.module-enabled")
async def gives_one_set_for_a_changed_module(ask: Ask, honest: Honest) -> Answer:
    """The reply to a change of a module is its first set."""
    answer = await honest(ask)
    changed = changes(ask) and of_module(ask) and answer.status == 200
    return answer.with_json(answer.json["nodes"][0]) if changed else answer
