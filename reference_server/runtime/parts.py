"""What is to run: the nodes of a configuration, those of a subflow once for each of its instances."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reference_server.messages import Json
from reference_server.runtime.configuration import (
    CONTAINERS,
    Nodes,
    by_id,
    items,
    outputs_of,
    subflow_of,
    text,
    type_of,
)

Outputs = list[list[str]]
"""For each output the ids of the parts that it is wired to."""


@dataclass
class Part:
    """A node in one place."""

    id: str
    """Its id; that of a node in a subflow begins with the instance's."""
    node: dict[str, Json]
    """Its configuration."""
    flow: str
    """The id of the tab, or of the subflow's instance, that it is in; empty for a global one."""
    root: str
    """The id of the node that it stops and starts with: itself, or the outermost instance that it is in."""
    outputs: Outputs


def parts_of(nodes: Iterable[Json]) -> dict[str, Part]:
    """The parts that are to run, by id."""
    known = list(nodes)
    return {part.id: part for part in Layout(by_id(known)).parts()}


class Layout:
    """A configuration on its way to parts."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self._links = links(nodes)
        self._inside: dict[str, list[str]] = {}
        for node_id, node in nodes.items():
            self._inside.setdefault(text(node, "z"), []).append(node_id)

    def parts(self) -> Iterator[Part]:
        """The parts of all tabs and instances, and the global ones."""
        for node_id, node in self._nodes.items():
            home = text(node, "z")
            container = self._nodes.get(home, {})
            drawn_nowhere = not home and "x" in node and "y" in node
            is_off = type_of(container) == "tab" and container.get("disabled")
            if is_off or drawn_nowhere or type_of(container) == "subflow":
                continue
            yield from self._placed(Part(node_id, node, home, node_id, self._outputs(node_id)), ())

    def _outputs(self, node_id: str) -> Outputs:
        """Whom a node sends to; over a link, the node at its other end."""
        if type_of(self._nodes[node_id]) == "link out":
            return [self._links.get(node_id, [])]
        return outputs_of(self._nodes[node_id])

    def _placed(self, part: Part, around: tuple[str, ...]) -> Iterator[Part]:
        """The part and, if it is a subflow's instance, what is in it; `around` are the subflows that it is in."""
        subflow = subflow_of(part.node)
        if type_of(part.node) in CONTAINERS or part.node.get("d") is True or subflow in around:
            return
        if subflow and type_of(self._nodes.get(subflow)) == "subflow":
            yield from self._instance(part, subflow, (*around, subflow))
        else:
            yield part

    def _instance(self, part: Part, subflow: str, around: tuple[str, ...]) -> Iterator[Part]:
        """An instance, which sends to the nodes at the subflow's input, and these nodes as it has them."""
        definition, inner = self._nodes[subflow], self._inside.get(subflow, [])
        names = {node_id: f"{part.id}-{node_id}" for node_id in inner}
        leaving = leaving_from(definition, part.outputs)
        entered = [named(ends(port), names) for port in items(definition.get("in"))]
        part.outputs = joined(entered, leaving.get(subflow, []))
        yield part
        for node_id in inner:
            node = {name: renamed(value, names) for name, value in self._nodes[node_id].items()}
            outputs = [named(output, names) for output in self._outputs(node_id)]
            outputs = joined(outputs, leaving.get(node_id, []))
            yield from self._placed(Part(names[node_id], node, part.id, part.root, outputs), around)


def ends(port: Json) -> list[str]:
    """The ids of the nodes that a subflow's input or output is wired to, at their first input or output."""
    wires = [wire for wire in items(port.get("wires") if isinstance(port, dict) else None) if isinstance(wire, dict)]
    return [text(wire, "id") for wire in wires if not wire.get("port")]


def leaving_from(definition: dict[str, Json], outside: Outputs) -> dict[str, list[str]]:
    """For each node that is wired to an output of the subflow, whom it so sends to outside."""
    found: dict[str, list[str]] = {}
    for port, targets in zip(items(definition.get("out")), outside, strict=False):
        for node_id in ends(port):
            found.setdefault(node_id, []).extend(targets)
    return found


def joined(outputs: Outputs, more: list[str]) -> Outputs:
    """The outputs, the first of which sends to these as well."""
    first, *others = outputs or [[]]
    return [[*first, *more], *others]


def named(ids: Iterable[str], names: dict[str, str]) -> list[str]:
    """The names that these nodes have in an instance, without those that are not in it."""
    return [names[node_id] for node_id in ids if node_id in names]


def renamed(value: Json, names: dict[str, str]) -> Json:
    """A property's value, or the name in the instance of the node that it is the id of."""
    return names.get(value, value) if isinstance(value, str) else value


def links(nodes: Nodes) -> dict[str, list[str]]:
    """The nodes that each `link out` sends to: those that either of the two names."""
    found: dict[str, list[str]] = {node_id: [] for node_id, node in nodes.items() if type_of(node) == "link out"}
    for node_id, node in nodes.items():
        for other in items(node.get("links")):
            if type_of(node) == "link out" and isinstance(other, str) and other not in found[node_id]:
                found[node_id].append(other)
            elif type_of(node) == "link in" and isinstance(other, str) and node_id not in found.get(other, [node_id]):
                found[other].append(node_id)
    return found
