"""Faults of POST /flows: what a body may hold, and what comes back of it."""

import math
import re
from collections.abc import Callable

from reference_server.faults.lying import Answer, Ask, Honest, Json, Lie, error, fault

KNOWN_TYPES = {
    *("tab", "subflow", "group", "inject", "function", "debug", "comment"),
    *("link in", "link out", "http request", "tls-config"),
}


def empties(ask: Ask) -> Ask:
    """A deployment of nothing in the place of this one."""
    return ask.with_json({"flows": []} if ask.version == "v2" else [])


@fault("flows.malformed-json-refused")
async def takes_malformed_json_for_no_flows(ask: Ask, honest: Honest) -> Answer:
    """Malformed JSON deploys an empty set of flows."""
    return await honest(empties(ask) if ask.deploys and ask.json is None and ask.body.strip(b" \r\nnul") else ask)


@fault("flows.malformed-json-refused")
async def empties_the_flows_when_it_refuses_json(ask: Ask, honest: Honest) -> Answer:
    """Malformed JSON is refused with 400, and the flows are gone."""
    if ask.deploys and ask.json is None:
        await honest(empties(ask))
    return await honest(ask)


@fault("flows.malformed-json-refused", "flows.json-scalar-refused")
async def answers_500_to_malformed_json(ask: Ask, honest: Honest) -> Answer:
    """What the body parser refuses is answered with 500."""
    answer = await honest(ask)
    return Answer(500) if ask.deploys and answer.status == 400 and not isinstance(ask.json, dict | list) else answer


@fault("flows.json-scalar-refused")
async def takes_a_scalar_for_no_flows(ask: Ask, honest: Honest) -> Answer:
    """A body that is null, true, a number or a string deploys an empty set of flows."""
    scalar = ask.body.strip() == b"null" or isinstance(ask.json, bool | int | str)
    return await honest(empties(ask) if ask.deploys and scalar else ask)


@fault("flows.empty-body-refused")
async def takes_no_body_for_no_flows(ask: Ask, honest: Honest) -> Answer:
    """A deployment without a body deploys an empty set of flows."""
    return await honest(empties(ask) if ask.deploys and not ask.body.strip() else ask)


@fault("flows.v1-object-refused", "flows.v2-array-refused")
async def guesses_the_version_from_the_body(ask: Ask, honest: Honest) -> Answer:
    """An object is taken for v2 and an array for v1, whatever the header says."""
    if ask.deploys and ask.version in ("v1", "v2") and isinstance(ask.json, list):
        return await honest(ask.under(node_red_api_version="v1"))
    if ask.deploys and ask.version in ("v1", "v2") and isinstance(ask.json, dict):
        return await honest(ask.under(node_red_api_version="v2"))
    return await honest(ask)


@fault("flows.v2-without-flows-refused")
async def takes_absent_flows_for_none(ask: Ask, honest: Honest) -> Answer:
    """A v2 body without `flows` deploys an empty set of flows."""
    absent = ask.deploys and ask.version == "v2" and isinstance(ask.json, dict) and "flows" not in ask.json
    return await honest(ask.with_json({**ask.json, "flows": []}) if absent else ask)


@fault("flows.v2-flows-of-wrong-type-refused")
async def takes_wrong_flows_for_none(ask: Ask, honest: Honest) -> Answer:
    """A v2 body whose `flows` is no array deploys an empty set of flows."""
    wrong = ask.deploys and isinstance(ask.json, dict) and not isinstance(ask.json.get("flows", []), list)
    return await honest(ask.with_json({**ask.json, "flows": []}) if wrong else ask)


@fault("flows.bad-bodies-answer-400")
async def answers_422_to_bad_bodies(ask: Ask, honest: Honest) -> Answer:
    """A body that cannot be deployed is refused with 422."""
    answer = await honest(ask)
    return Answer(422) if ask.deploys and ask.version in ("v1", "v2") and answer.status == 400 else answer


@fault("flows.v2-without-flows-refused")
async def empties_the_flows_for_absent_ones_of_type_nodes(ask: Ask, honest: Honest) -> Answer:
    """A `nodes` deployment without `flows` deploys an empty set of flows."""
    absent = ask.version == "v2" and ask.type == "nodes" and isinstance(ask.json, dict) and "flows" not in ask.json
    return await honest(ask.with_json({**ask.json, "flows": []}) if ask.deploys and absent else ask)


@fault("flows.null-node-refused")
async def drops_null_nodes(ask: Ask, honest: Honest) -> Answer:
    """Null in the place of a node is left out."""
    if ask.nodes is not None:
        return await honest(ask.with_nodes([node for node in ask.nodes if node is not None]))
    return await honest(ask)


@fault("flows.oversized-deploy-is-all-or-nothing")
async def deploys_half_of_what_it_refuses_as_too_large(ask: Ask, honest: Honest) -> Answer:
    """A deployment over the limit is refused with 413, and its first half deployed."""
    if ask.nodes and len(ask.body) > 5 * 1024 * 1024:
        await honest(ask.with_nodes(ask.nodes[: len(ask.nodes) // 2]))
    return await honest(ask)


def has_a_limit_of(megabytes: float, name: str) -> Lie:
    """The lie that refuses larger bodies."""

    async def lie(ask: Ask, honest: Honest) -> Answer:
        return Answer(413) if len(ask.body) > megabytes * 1024 * 1024 else await honest(ask)

    lie.__name__ = f"has_a_limit_of_{name}"
    lie.__doc__ = f"A body of more than {name.replace('_', ' ')} is refused with 413."
    return lie


fault("flows.one-megabyte-deploys")(has_a_limit_of(0.1, "100_kilobytes"))
fault("flows.four-megabytes-deploy")(has_a_limit_of(1.1, "1_megabyte"))


@fault("flows.empty-array-deploys")
async def refuses_no_flows(ask: Ask, honest: Honest) -> Answer:
    """A deployment of no nodes is refused with 400."""
    return error(400, "invalid_request") if ask.nodes == [] and ask.version == "v2" else await honest(ask)


@fault("flows.unknown-body-properties-ignored")
async def refuses_unknown_properties_beside_flows(ask: Ask, honest: Honest) -> Answer:
    """A v2 deployment with an unknown property beside `flows` is refused with 400."""
    unknown = isinstance(ask.json, dict) and set(ask.json) - {"flows", "rev", "credentials"}
    return error(400, "invalid_request") if ask.deploys and unknown else await honest(ask)


@fault("flows.unknown-types-kept")
async def refuses_unknown_types(ask: Ask, honest: Honest) -> Answer:
    """A deployment with a node of an unknown type is refused with 400."""
    types = {str(node.get("type")) for node in ask.nodes or [] if isinstance(node, dict)}
    unknown = [name for name in types - KNOWN_TYPES if not name.startswith("subflow:")]
    return error(400, "invalid_request") if unknown else await honest(ask)


@fault("flows.unknown-types-taken-away")
async def starts_no_part_of_what_waits_for_a_type(ask: Ask, honest: Honest) -> Answer:
    """While a type is missing, only a full deployment is accepted."""
    active = (await honest(ask.reading("v1"))).json
    missing = isinstance(active, list) and "conformance-unknown-type" in {node.get("type") for node in active}
    return error(500, "unexpected_error") if missing and ask.type in ("nodes", "flows") else await honest(ask)


def stores(change: Callable[[Json], Json], name: str, text: str) -> Lie:
    """The lie that stores each node of a deployment changed, and none for which the change gives None."""

    async def lie(ask: Ask, honest: Honest) -> Answer:
        if ask.nodes is None or not all(isinstance(node, dict) for node in ask.nodes):
            return await honest(ask)
        return await honest(ask.with_nodes([kept for node in ask.nodes if (kept := change(node)) is not None]))

    lie.__name__ = name
    lie.__doc__ = text
    return lie


def without(*properties: str) -> Callable[[Json], Json]:
    """A change that takes these properties away."""
    return lambda node: {key: value for key, value in node.items() if key not in properties}


def each_value(change: Callable[[Json], Json]) -> Callable[[Json], Json]:
    """A change of every value of a node, at any depth."""

    def changed(value: Json) -> Json:
        if isinstance(value, dict):
            return {key: changed(inner) for key, inner in value.items()}
        return [changed(inner) for inner in value] if isinstance(value, list) else change(value)

    return changed


def without_nulls(node: Json) -> Json:
    """The node without its properties that are null."""
    return {key: value for key, value in node.items() if value is not None}


def with_plain_id(node: Json) -> Json:
    """The node under an id of letters and digits."""
    return {**node, "id": re.sub(r"[^0-9A-Za-z]", "", str(node.get("id")))}


def with_place(node: Json) -> Json:
    """The node with a place, unless it is a tab."""
    return node if node.get("type") in ("tab", "subflow") else {"x": 0, "y": 0, **node}


def latin_1(value: Json) -> Json:
    """The text as far as Latin-1 goes."""
    return value.encode("latin-1", "replace").decode("latin-1") if isinstance(value, str) else value


def whole(value: Json) -> Json:
    """The number without its fraction."""
    return math.floor(value) if isinstance(value, float) else value


def of_another_type_than(*types: str) -> Callable[[Json], Json]:
    """A change that drops the nodes of these types."""
    return lambda node: None if node.get("type") in types else node


for promise, change, name, text in (
    ("ids-kept", with_plain_id, "plain_ids", "Ids lose every character but letters and digits."),
    ("config-nodes-kept", with_place, "places_for_config_nodes", "Config nodes are given a place."),
    ("subflows-kept", of_another_type_than("subflow"), "no_subflows", "Definitions of subflows are left out."),
    ("subflows-kept", without("env"), "no_environment", "Environment variables are left out."),
    ("disabled-tabs-kept", without("disabled"), "no_disabled_tabs", "Tabs lose `disabled`."),
    ("disabled-nodes-kept", without("d"), "no_disabled_nodes", "Nodes lose `d`."),
    ("groups-kept", of_another_type_than("group"), "no_groups", "Groups are left out."),
    ("groups-kept", without("g"), "no_members_of_groups", "Nodes forget the group that they are in."),
    ("links-kept", without("links"), "no_links", "Link nodes lose their links."),
    (
        "unknown-types-kept",
        of_another_type_than("conformance-unknown-type"),
        "no_unknown_types",
        "Nodes of an unknown type are left out.",
    ),
    (
        "unknown-properties-kept",
        lambda node: {key: value for key, value in node.items() if key.isalnum()},
        "no_odd_properties",
        "Properties whose names are more than letters and digits are left out.",
    ),
    ("nested-values-kept", without_nulls, "no_nulls", "Properties that are null are left out."),
    (
        "nested-values-kept",
        each_value(lambda value: 1 if value is True else value),
        "numbers_for_true",
        "The value true is stored as 1.",
    ),
    ("numbers-kept", each_value(whole), "whole_numbers", "Numbers lose their fraction."),
    ("non-ascii-text-kept", each_value(latin_1), "latin_1", "Characters beyond Latin-1 become question marks."),
    ("v2-round-trip", without("wires"), "no_wires", "Nodes lose their wires."),
):
    fault(f"flows.{promise}")(stores(change, f"stores_{name}", text))


@fault("flows.node-order-kept")
async def sorts_the_nodes(ask: Ask, honest: Honest) -> Answer:
    """Nodes are stored in the order of their ids."""
    if ask.nodes is not None and all(isinstance(node, dict) for node in ask.nodes):
        return await honest(ask.with_nodes(sorted(ask.nodes, key=lambda node: str(node.get("id")))))
    return await honest(ask)
