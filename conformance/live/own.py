"""What is the suite's own among the nodes of a target."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from conformance.data import Json

PREFIX: Final = "c0f0"
"""How the ids begin that the suite gives to its nodes."""


@dataclass
class Own:
    """The ids and the labels that a run has given to nodes, and the revisions that its deployments had."""

    ids: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    revs: set[str] = field(default_factory=set)

    def add(self, nodes: Iterable[Json]) -> "Own":
        """Take these nodes for the suite's own; what of them is new."""
        nodes = [node for node in nodes if isinstance(node, dict)]
        ids = {node["id"] for node in nodes if isinstance(node.get("id"), str)} - self.ids
        labels = {node["label"] for node in nodes if is_tab(node) and isinstance(node.get("label"), str)} - self.labels
        self.ids |= ids
        self.labels |= labels
        return Own(ids, labels)

    def of(self, nodes: Iterable[Json], found: Iterable[str]) -> set[str]:
        """The ids of the suite's own nodes among these, none of which was found before it came."""
        known = set(found)
        others = [node for node in nodes if node["id"] not in known]
        own = {
            node["id"]
            for node in others
            if node["id"] in self.ids
            or node["id"].startswith(PREFIX)
            or (node.get("type") == "tab" and node.get("label") in self.labels)
        }
        # What is added as a flow is given other ids, also the nodes in a subflow or a group of it.
        while inside := {node["id"] for node in others if node.get("z") in own} - own:
            own |= inside
        return own


def is_tab(node: Json) -> bool:
    """Whether this is a tab, or a flow as `POST /flow` takes it."""
    return node.get("type", "tab") == "tab" and "z" not in node
