"""Which nodes a deployment stops: the difference between two configurations, as Node-RED draws it.

What it stops and what is new starts afterwards, if it is to run at all; so whoever is stopped and stays is restarted.
"""

import json
from collections.abc import Iterable
from typing import Final

from reference_server.messages import Json
from reference_server.runtime.configuration import Nodes, by_id, items, outputs_of, subflow_of, text, type_of

PARTIAL: Final = ("nodes", "flows")
"""The deployment types that leave running what did not change; every other type stops all there is."""

DRAWN: Final = frozenset({"x", "y", "wires"})
"""Properties of a node that are not its own configuration: where it is, and whom it sends to."""

DRAWN_OF_GROUP: Final = DRAWN | {"nodes", "style", "w", "h"}
"""The same of a group."""

NO_REFERENCE: Final = frozenset({"id", "z", "wires"})
"""Properties whose value is an id, and which make nobody depend on whoever has it."""


def stopped(before: Iterable[Json], after: Iterable[Json], deployment_type: str) -> set[str]:
    """The ids of the nodes of tabs, and of global ones, that a deployment stops where they run.

    An instance of a subflow stands for all that is in it. Only `after` holds nodes with credentials.
    """
    old, new = by_id(before), by_id(after)
    difference = Difference(old, new)
    if deployment_type not in PARTIAL or difference.is_global:
        return set(old)
    stops = difference.changed | difference.removed | difference.in_other_tabs()
    if deployment_type == "flows":
        stops |= difference.rewired | difference.wired_to_any()
    return stops


class Difference:
    """What differs between two configurations."""

    def __init__(self, old: Nodes, new: Nodes) -> None:
        self._old, self._new = old, new
        self._tabs_off = {tab for tab in tabs(old) if tab not in tabs(new) or is_off(new[tab]) > is_off(old[tab])}
        self._tabs_on = {tab for tab in tabs(old) & tabs(new) if is_off(old[tab]) > is_off(new[tab])}
        self.added: set[str] = set()
        self.changed: set[str] = set()
        self.rewired: set[str] = set()
        self.removed = set(self._tabs_off)
        for node_id, node in old.items():
            if type_of(node) != "tab":
                self._compare(node_id, node)
        for node_id in new.keys() - old.keys():
            self._note(self.added, node_id)
        self._follow_references()
        self._follow_subflows()

    @property
    def is_global(self) -> bool:
        """Whether the configuration of all flows has changed."""
        return any(type_of(self._new.get(node_id)) == "global-config" for node_id in self.changed)

    def in_other_tabs(self) -> set[str]:
        """The nodes of the tabs that are something else now: gone, disabled, enabled, or with another environment."""
        both = tabs(self._old) & tabs(self._new)
        other = {tab for tab in both if not alike(self._old[tab].get("env"), self._new[tab].get("env"))}
        other |= self._tabs_off | self._tabs_on
        return {node_id for node_id, node in self._old.items() if text(node, "z") in other}

    def wired_to_any(self) -> set[str]:
        """The nodes that wires of before or now, in either direction and at any distance, join to what differs."""
        neighbours: dict[str, set[str]] = {}
        for nodes in (self._old, self._new):
            for node_id, node in nodes.items():
                for wire in (wire for output in outputs_of(node) for wire in output if wire in nodes):
                    neighbours.setdefault(node_id, set()).add(wire)
                    neighbours.setdefault(wire, set()).add(node_id)
        found: set[str] = set()
        waiting = [*self.added, *self.changed, *self.removed, *self.rewired]
        while waiting:
            node_id = waiting.pop()
            if node_id not in found:
                found.add(node_id)
                waiting += neighbours.get(node_id, ())
        return found

    def _compare(self, node_id: str, node: dict[str, Json]) -> None:
        """Find out what became of a node that was there before."""
        new, home = self._new.get(node_id), text(node, "z")
        if home in self._tabs_off:
            self.removed.add(node_id)
        elif new is None:
            self.removed.add(node_id)
            self.changed |= {home} & self._new.keys()
        elif home in self._tabs_on:
            self.added.add(node_id)
        else:
            if new.get("d") and not node.get("d"):
                self.removed.add(node_id)
            if is_other(node, new):
                self._note(self.changed, node_id)
            if not alike(node.get("wires"), new.get("wires")):
                self._note(self.rewired, node_id)

    def _note(self, differing: set[str], node_id: str) -> None:
        """Note that a node differs, and so does what it is in; a node in a subflow runs only as part of instances."""
        home = text(self._new[node_id], "z")
        self.changed |= {home} & self._new.keys()
        if type_of(self._new.get(home)) != "subflow":
            differing.add(node_id)

    def _follow_references(self) -> None:
        """Nodes change with the nodes that they refer to, and with the groups that they are in."""
        found = True
        while found:
            before = len(self.changed)
            self.changed |= self._members_of_changed_groups()
            for node_id in [node_id for node_id in self._new if self._refers_to_other(node_id)]:
                self._note(self.changed, node_id)
            found = len(self.changed) > before

    def _members_of_changed_groups(self) -> set[str]:
        groups = [self._new[node_id] for node_id in self.changed if type_of(self._new[node_id]) == "group"]
        members = [member for group in groups for member in items(group.get("nodes")) if isinstance(member, str)]
        return self._new.keys() & members

    def _refers_to_other(self, node_id: str) -> bool:
        """Whether a property of an unchanged node is the id of a node that changed or was removed.

        The id of the node's group says only where it is drawn, as long as there is that group.
        """
        for name, value in self._new[node_id].items() if node_id not in self.changed else ():
            referred = reference(value)
            if name in NO_REFERENCE or referred is None:
                continue
            drawn_in = name == "g" and type_of(self._new.get(referred)) == "group"
            if referred in self.removed or (referred in self.changed and not drawn_in):
                return True
        return False

    def _follow_subflows(self) -> None:
        """Every instance changes with its subflow."""
        found = True
        while found:
            before = len(self.changed)
            for node_id in [node_id for node_id, node in self._new.items() if self._is_of_changed_subflow(node)]:
                self._note(self.changed, node_id)
            found = len(self.changed) > before

    def _is_of_changed_subflow(self, node: dict[str, Json]) -> bool:
        subflow = subflow_of(node)
        return subflow in self.changed and type_of(self._new[subflow]) == "subflow"


def tabs(nodes: Nodes) -> set[str]:
    """The ids of the tabs."""
    return {node_id for node_id, node in nodes.items() if type_of(node) == "tab"}


def is_off(tab: dict[str, Json]) -> bool:
    """Whether the tab is disabled."""
    return bool(tab.get("disabled"))


def is_other(old: dict[str, Json], new: dict[str, Json]) -> bool:
    """Whether the node's own configuration has changed; credentials, which are not kept with a node, always have."""
    drawn = DRAWN_OF_GROUP if type_of(old) == "group" else DRAWN
    return not alike(*({name: node[name] for name in node if name not in drawn} for node in (old, new)))


def alike(one: Json, other: Json) -> bool:
    """Whether two values are the same JSON; to Python alone, `true` would be `1`."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def reference(value: Json) -> str | None:
    """The text that JavaScript looks a value up by: an array of one stands for what it holds."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, str) else None
