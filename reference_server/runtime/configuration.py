"""How a configuration is read: its nodes by id, and what their properties say, whatever shape they are in."""

import re
from collections.abc import Collection, Iterable
from typing import Final

from reference_server.messages import Json

Nodes = dict[str, dict[str, Json]]
"""Nodes by id."""

INSTANCE: Final = "subflow:"
"""How the type of a subflow's instances begins, before the subflow's id."""

CONTAINERS: Final = ("tab", "subflow", "group")
"""The types that only hold nodes, and never run."""


def by_id(nodes: Iterable[Json]) -> Nodes:
    """The nodes by id; the last of those that share one."""
    return {node["id"]: node for node in nodes if isinstance(node, dict) and isinstance(node.get("id"), str)}


def items(value: Json) -> list[Json]:
    """The items of an array, none of anything else."""
    return value if isinstance(value, list) else []


def text(node: dict[str, Json], name: str) -> str:
    """The text in a node's property, empty where it holds none."""
    value = node.get(name)
    return value if isinstance(value, str) else ""


def outputs_of(node: dict[str, Json]) -> list[list[str]]:
    """The ids of the nodes that each of a node's outputs is wired to."""
    return [[wire for wire in items(output) if isinstance(wire, str)] for output in items(node.get("wires"))]


def type_of(node: Json) -> str:
    """A node's type, empty where it has none."""
    return text(node, "type") if isinstance(node, dict) else ""


def subflow_of(node: Json) -> str:
    """The id of the subflow that a node is an instance of, empty where it is none."""
    found = re.fullmatch(f"{INSTANCE}(.+)", type_of(node), re.DOTALL)
    return found[1] if found else ""


def unknown_types(nodes: Iterable[Json], known: Collection[str]) -> set[str]:
    """The types in use that nobody knows; an instance's is known where its subflow is."""
    used, types = list(nodes), {*known, *CONTAINERS}
    types |= {f"{INSTANCE}{node_id}" for node_id, node in by_id(used).items() if type_of(node) == "subflow"}
    return {type_of(node) for node in used} - types
