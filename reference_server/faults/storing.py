"""Faults of what a deployment leaves behind: less than it held, or more, or something else."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final
from unicodedata import normalize

from reference_server.faults.bodies import KNOWN_TYPES, each_value, stores
from reference_server.faults.lying import Answer, Ask, Honest, Json, fault, pretend, truth

LARGE: Final = 5 * 1024 * 1024
"""Bytes beyond which a body is too large."""

LONG: Final = 65_535
"""Characters that the column of a careless database holds."""

OF_TABS: Final = ("id", "type", "label", "disabled", "info", "env", "z")
"""What the editor knows of a tab."""


def is_config(node: Json) -> bool:
    """Whether the node has no place, and is no tab, subflow or group either."""
    return "x" not in node and node.get("type") not in ("tab", "subflow", "group")


def cut(value: Json) -> Json:
    """The text as far as the column goes."""
    return value[:LONG] if isinstance(value, str) else value


def wrapped(value: Json) -> Json:
    """The whole number as 32 bits hold it."""
    return (value + 2**31) % 2**32 - 2**31 if isinstance(value, int) and not isinstance(value, bool) else value


def composed(value: Json) -> Json:
    """The text with as few characters as it can be written with."""
    return normalize("NFC", value) if isinstance(value, str) else value


def with_number(node: Json) -> Json:
    """The node under a number, where its id looks like one."""
    return {**node, "id": int(node["id"])} if str(node["id"]).isdecimal() else node


def unwired(node: Json) -> Json:
    """The node without its wires, where it is disabled."""
    return {**node, "wires": []} if node.get("d") else node


def plain_tab(node: Json) -> Json:
    """The tab without what the editor does not know of it."""
    return {name: node[name] for name in OF_TABS if name in node} if node["type"] == "tab" else node


for promises, change, name, text in (
    (("one-megabyte-deploys", "four-megabytes-deploy"), each_value(cut), "64_kilobytes_of_text", "Long texts are cut."),
    (("non-ascii-text-kept",), each_value(composed), "composed_text", "Letters and their accents become one."),
    (("ids-kept",), with_number, "numbers_for_ids", "Ids of digits become numbers."),
    (("disabled-nodes-kept",), unwired, "no_wires_of_disabled_nodes", "Disabled nodes lose their wires."),
    (("unknown-properties-kept",), plain_tab, "plain_tabs", "Tabs lose every property that the editor does not know."),
    (("numbers-kept",), each_value(wrapped), "32_bits", "Whole numbers are stored in 32 bits."),
):
    fault(*(f"flows.{promise}" for promise in promises))(stores(change, f"stores_{name}", text))


def arranges(change: Callable[[list[Json]], list[Json]], name: str, text: str, *requirements: str) -> None:
    """Register a fault that stores other nodes than those of a deployment."""

    async def lie(ask: Ask, honest: Honest) -> Answer:
        right = ask.nodes is not None and all(isinstance(node, dict) for node in ask.nodes)
        return await honest(ask.with_nodes(change(ask.nodes or [])) if right else ask)

    lie.__name__, lie.__doc__ = name, text
    fault(*requirements)(lie)


def of_enabled_tabs(nodes: list[Json]) -> list[Json]:
    """The nodes but for those that are on disabled tabs."""
    disabled = {node["id"] for node in nodes if node.get("disabled")}
    return [node for node in nodes if node.get("z") not in disabled]


def used(nodes: list[Json]) -> list[Json]:
    """The nodes but for config nodes that no other refers to."""
    named = {value for node in nodes for name, value in node.items() if name != "id" and isinstance(value, str)}
    return [node for node in nodes if not is_config(node) or node["id"] in named]


def linked_at_home(nodes: list[Json]) -> list[Json]:
    """The nodes without links from tab to tab."""
    tabs = {node["id"]: node.get("z") for node in nodes}

    def links(node: Json) -> list[Json]:
        return [end for end in node["links"] if tabs.get(end) == node.get("z")]

    return [{**node, "links": links(node)} if "links" in node else node for node in nodes]


arranges(
    of_enabled_tabs,
    "stores_disabled_tabs_without_nodes",
    "What is on a disabled tab is left out.",
    "flows.disabled-tabs-kept",
)
arranges(used, "tidies_config_nodes_up", "Config nodes that nobody uses are left out.", "flows.config-nodes-kept")
arranges(linked_at_home, "stores_no_links_across_tabs", "Links to other tabs are left out.", "flows.links-kept")
arranges(
    lambda nodes: sorted(nodes, key=lambda node: node.get("type") != "tab"),
    "stores_tabs_first",
    "Tabs are stored before all other nodes.",
    "flows.node-order-kept",
)


@fault("flows.deploy-replaces-everything")
async def keeps_config_nodes_that_are_gone(ask: Ask, honest: Honest) -> Answer:
    """Config nodes stay that a deployment does not hold."""
    if ask.nodes is None or not all(isinstance(node, dict) for node in ask.nodes):
        return await honest(ask)
    given = {node.get("id") for node in ask.nodes}
    active = (await honest(ask.reading("v1"))).json
    left = [node for node in active if is_config(node) and node["id"] not in given] if active else []
    return await honest(ask.with_nodes([*ask.nodes, *left]) if ask.nodes and left else ask)


@fault("flows.unknown-types-taken-away")
async def takes_no_unknown_types_away(ask: Ask, honest: Honest) -> Answer:
    """Nodes of an unknown type stay when a deployment of the type nodes or flows takes them away."""
    if ask.nodes is None or ask.type == "full":
        return await honest(ask)
    given, active = {node.get("id") for node in ask.nodes}, (await honest(ask.reading("v1"))).json
    unknown = [node for node in active if node["type"] not in KNOWN_TYPES and node["id"] not in given]
    return await honest(ask.with_nodes([*ask.nodes, *unknown]))


@fault("flows.oversized-deploy-is-all-or-nothing")
async def accepts_what_is_too_large_and_drops_it(ask: Ask, honest: Honest) -> Answer:
    """A deployment over the limit is answered as if it had succeeded."""
    return await (pretend if ask.nodes and len(ask.body) > LARGE else truth)(ask, honest)


@fault("flows.credentials-accepted", "flows.separate-credentials-accepted")
async def drops_nodes_with_credentials(ask: Ask, honest: Honest) -> Answer:
    """A deployment with credentials is accepted, and stored without the nodes that they are for."""
    if not ask.nodes or not all(isinstance(node, dict) for node in ask.nodes):
        return await honest(ask)
    beside = ask.json.get("credentials", {}) if isinstance(ask.json, dict) else {}
    return await honest(
        ask.with_nodes([node for node in ask.nodes if "credentials" not in node and node["id"] not in beside])
    )


def pretends(where: Callable[[Ask], bool], name: str, text: str, *requirements: str) -> None:
    """Register a fault that answers some deployments as if they had succeeded, and stores nothing."""

    async def lie(ask: Ask, honest: Honest) -> Answer:
        return await pretend(ask, honest) if ask.nodes is not None and where(ask) else await honest(ask)

    lie.__name__, lie.__doc__ = name, text
    fault(*requirements)(lie)


def has_unknown_properties(ask: Ask) -> bool:
    """Whether there is a property beside `flows` that nobody knows."""
    return isinstance(ask.json, dict) and bool(set(ask.json) - {"flows", "rev", "credentials"})


pretends(
    has_unknown_properties,
    "drops_what_has_unknown_properties",
    "A v2 deployment with an unknown property beside `flows` is accepted and not stored.",
    "flows.unknown-body-properties-ignored",
)
pretends(
    lambda ask: ask.headers.get("content-type", "") != ask.headers.get("content-type", "").lower(),
    "drops_what_is_labelled_in_capitals",
    "A deployment whose Content-Type has capital letters is accepted and not stored.",
    "flows.content-type-in-other-case-deploys",
)
pretends(
    lambda ask: bool(ask.query),
    "drops_what_has_a_query",
    "A deployment with a query is accepted and not stored.",
    "transport.unknown-query-ignored",
)
pretends(
    lambda ask: "expect" in ask.headers,
    "drops_what_expects_something",
    "A deployment with an Expect header is accepted and not stored.",
    "transport.expect-continue-accepted",
)
pretends(
    lambda ask: ask.version == "v2" and ask.rev is not None,
    "drops_what_carries_the_rev",
    "A deployment that carries the active rev is accepted and not stored.",
    "flows.matching-rev-deploys",
)


@fault("flows.json-with-charset-deploys")
async def reads_what_has_a_charset_as_latin_1(ask: Ask, honest: Honest) -> Answer:
    """A body whose Content-Type names a charset is read as Latin-1."""
    if ask.deploys and "charset" in ask.headers.get("content-type", ""):
        return await honest(replace(ask, body=ask.body.decode("latin-1").encode()))
    return await honest(ask)


@fault("transport.escaped-json-is-the-same")
async def breaks_pairs_of_escapes(ask: Ask, honest: Honest) -> Answer:
    r"""Each half of a pair of escapes, such as \ud83d\ude00, is stored as a character that is none."""
    body = ask.body.replace(rb"\ud", rb"\ufffd\u0") if ask.deploys else ask.body
    return await honest(replace(ask, body=body))


@fault("flows.last-deploy-wins")
async def overlooks_a_return_to_earlier_flows(ask: Ask, honest: Honest) -> Answer:
    """A deployment of the flows that were active before the last one is accepted and not stored."""
    before = ask.memory.setdefault("bodies", [])
    if ask.nodes:
        before.append(ask.nodes)
        return await (pretend if ask.nodes in before[-3:-2] else truth)(ask, honest)
    return await honest(ask)
