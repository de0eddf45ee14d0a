"""What is the suite's own among the nodes of a target."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.data import Json


@dataclass
class Own:
    """The ids and the labels that a run has given to nodes, and the revisions that its deployments had.

    Only the labels of flows that were added count: the target gives these their ids.
    """

    ids: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    revs: set[str] = field(default_factory=set)

    def add(self, other: "Own") -> None:
        """Take these for the suite's own, too."""
        self.ids |= other.ids
        self.labels |= other.labels
        self.revs |= other.revs

    def without(self, other: "Own") -> "Own":
        """What of this the other does not know."""
        return Own(self.ids - other.ids, self.labels - other.labels, self.revs - other.revs)

    def of(self, nodes: Iterable[Json], found: Iterable[str]) -> set[str]:
        """The ids of the suite's own nodes among these, none of which was found before it came."""
        known = set(found)
        others = [node for node in nodes if (name := name_of(node)) is not None and name not in known]
        own = {node["id"] for node in others if node["id"] in self.ids or is_named(node, self.labels)}
        # What is added as a flow is given other ids, also the nodes in a subflow or a group of it.
        while inside := {node["id"] for node in others if isinstance(node.get("z"), str) and node["z"] in own} - own:
            own |= inside
        return own


def name_of(node: Json) -> str | None:
    """The id of a node, None where that is no text."""
    name = node.get("id")
    return name if isinstance(name, str) else None


def names_of(nodes: Json) -> set[str]:
    """The ids of what may be nodes."""
    whole = [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []
    return {name for node in whole if (name := name_of(node)) is not None}


def is_named(node: Json, labels: Iterable[str]) -> bool:
    """Whether this is a tab with one of these labels."""
    return node.get("type") == "tab" and isinstance(node.get("label"), str) and node["label"] in labels
