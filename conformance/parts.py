"""The flows of which it is watched what a deployment starts, and the edits that a deployment makes to them."""

import copy
import functools
import json
from dataclasses import dataclass
from typing import Final

from conformance.data import Json, data_dir
from conformance.starts import Starts

NAMES: Final = (
    "wired",
    "added",
    "asleep",
    "config-node",
    "groups",
    "links",
    "new-tab",
    "reader",
    "subflows",
    "tabs",
    "ticking",
)
"""The parts that there are."""

HARMLESS: Final = {"inject": "payload", "function": "func", "group": "name"}
"""What a change of a node changes, by its type: nothing that alters where its messages go. Of others, the name."""


@dataclass(frozen=True)
class Part:
    """Nodes to deploy, and how often each start is seen once they all have started: `fixtures/deploy/NAME.json`."""

    starts: Starts
    nodes: list[Json]


@functools.cache
def part(name: str) -> Part:
    """The part of that name."""
    content = json.loads((data_dir("fixtures") / "deploy" / f"{name}.json").read_text("utf-8"))
    return Part(Starts(content["starts"]), content["nodes"])


@functools.cache
def functions() -> frozenset[str]:
    """The starts that function nodes show themselves, by code that they run at their start."""
    nodes = [node for name in NAMES for node in part(name).nodes]
    return frozenset(node["initialize"] for node in nodes if node.get("initialize"))


@functools.cache
def ids() -> dict[str, str]:
    """The ids of the nodes that have a name, and of the tabs by their labels."""
    nodes = [node for name in NAMES for node in part(name).nodes]
    return {word: node["id"] for node in nodes if (word := node.get("name") or node.get("label"))}


def anew(nodes: list[Json], number: int) -> list[Json]:
    """The nodes with other ids, so that to the target they are none that it ever had."""
    text = json.dumps(nodes).replace('"c0f000000000', f'"c0f0{number:08x}')
    text = text.replace(":c0f000000000", f":c0f0{number:08x}")  # the type of a subflow's instances
    renamed: list[Json] = json.loads(text)
    return renamed


def is_called(node: Json, name: str) -> bool:
    """Whether a node is the one of that name, or the tab of that label."""
    return bool(node["id"][-4:] == ids()[name][-4:])


def named(nodes: list[Json], name: str) -> Json:
    """The node of that name."""
    return next(node for node in nodes if is_called(node, name))


def edited(nodes: list[Json], name: str, /, **properties: Json) -> list[Json]:
    """The nodes, one of which has these properties."""
    return [{**node, **properties} if is_called(node, name) else node for node in nodes]


def changed(nodes: list[Json], *names: str) -> list[Json]:
    """The nodes, of which these are other than they were, in a property that every version compares."""
    for name in names:
        node = named(nodes, name)
        key = HARMLESS.get(node["type"], "name")
        nodes = edited(nodes, name, **{key: f"{node[key]}\n// again"})
    return nodes


def without(nodes: list[Json], *names: str) -> list[Json]:
    """The nodes but these, and for a tab but those in it; nothing leads to them any more."""
    gone = {named(nodes, name)["id"] for name in names}
    gone |= {node["id"] for node in nodes if node.get("z") in gone}
    left = copy.deepcopy([node for node in nodes if node["id"] not in gone])
    for node in left:
        for key in ("links", "nodes"):
            if key in node:
                node[key] = [other for other in node[key] if other not in gone]
        if "wires" in node:
            node["wires"] = [[other for other in output if other not in gone] for output in node["wires"]]
    return left
