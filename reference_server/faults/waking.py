"""More faults of what runs: it starts or stops late, twice, for a moment, in part, or not for the second time."""

import asyncio
from collections.abc import Callable, Collection

from reference_server.faults.lying import Json, runtime_fault
from reference_server.faults.restarting import other
from reference_server.faults.running import Spares, Withholds
from reference_server.runtime import Runtime
from reference_server.runtime.behaviours import HttpIn, Inject
from reference_server.runtime.configuration import Nodes, by_id, type_of

LATE = 0.6
"""Seconds after which something stops that should have stopped at once."""


@runtime_fault("deploy.full-leaves-disabled-tabs-asleep")
class WakesDisabledTabsForAMoment(Runtime):
    """What is in disabled tabs starts, and is stopped a moment later."""

    def start_missing(self) -> None:
        """Start all, and stop soon what should not have started."""
        super().start_missing()
        right, nodes = set(self.running), self._nodes
        self._nodes = [{**node, "disabled": False} for node in nodes]
        super().start_missing()
        self._nodes = nodes
        asyncio.get_running_loop().call_later(0.02, self.stop_nodes, set(self.running) - right)


@runtime_fault("deploy.full-leaves-disabled-tabs-asleep")
class StartsFunctionsOfDisabledTabs(Withholds):
    """The function nodes of disabled tabs run what is to be done at their start."""

    def started(self, nodes: Nodes) -> list[Json]:
        """The nodes, functions of disabled tabs in no tab."""
        off = {node_id for node_id, node in nodes.items() if node.get("disabled")}
        return [awake(node) if node.get("z") in off else node for node in nodes.values()]


def awake(node: Json) -> Json:
    """The node, where it is a function node that is in no tab."""
    drawn = ("x", "y", "z")
    return {name: node[name] for name in node if name not in drawn} if type_of(node) == "function" else node


@runtime_fault("deploy.nodes-lays-wires")
class LaysWiresTwice(Runtime):
    """A message goes twice along every wire that was laid under running nodes."""

    def start_missing(self) -> None:
        """Start, and wire what ran and is wired otherwise now a second time."""
        outputs = {node_id: node.part.outputs for node_id, node in self.running.items()}
        super().start_missing()
        for node_id, wired in outputs.items():
            if node_id in self.running and self.running[node_id].part.outputs != wired:
                now = self.running[node_id].part.outputs
                self.running[node_id].part.outputs = [output * 2 for output in now]


@runtime_fault("deploy.removed-tab-stops", "deploy.removed-node-stops")
class StopsLateWhatIsRemoved(Runtime):
    """What is removed runs on for a while."""

    _gone: frozenset[str] = frozenset()

    def to_stop(self, before: list[Json], after: list[Json], deployment_type: str) -> set[str]:
        """What it stops at once; the rest it remembers."""
        self._gone = frozenset(by_id(before).keys() - by_id(after).keys())
        return super().to_stop(before, after, deployment_type) - self._gone

    def deploy(self, given: list[Json], kept: list[Json], deployment_type: str, done: Callable[[], None]) -> None:
        """Deploy, and stop the rest later."""
        super().deploy(given, kept, deployment_type, done)
        asyncio.get_running_loop().call_later(LATE, self.stop_nodes, self._gone)


@runtime_fault("deploy.enabled-tab-starts", "deploy.enabled-node-starts")
class RemembersWhatWasDisabled(Withholds):
    """What was disabled once never starts."""

    _disabled: frozenset[str] = frozenset()

    def deploy(self, given: list[Json], kept: list[Json], deployment_type: str, done: Callable[[], None]) -> None:
        """Deploy, and remember what is disabled."""
        self._disabled = self._disabled | {node["id"] for node in kept if node.get("disabled") or node.get("d")}
        super().deploy(given, kept, deployment_type, done)

    def started(self, nodes: Nodes) -> list[Json]:
        """The nodes, without what was disabled."""
        return [
            node for node in nodes.values() if node["id"] not in self._disabled and node.get("z") not in self._disabled
        ]


@runtime_fault("deploy.enabled-tab-starts", "deploy.enabled-node-starts")
class StartsTwiceWhatIsEnabled(Runtime):
    """The inject nodes that are enabled, or whose tab is, fire twice."""

    _enabled: frozenset[str] = frozenset()

    def deploy(self, given: list[Json], kept: list[Json], deployment_type: str, done: Callable[[], None]) -> None:
        """Deploy, and find out what is enabled."""
        self._enabled = frozenset(other(by_id(self._nodes), by_id(kept), "d", "disabled"))
        super().deploy(given, kept, deployment_type, done)

    def start_missing(self) -> None:
        """Start, and start what is enabled again."""
        ran = set(self.running)
        super().start_missing()
        for node_id, node in self.running.items():
            if isinstance(node, Inject) and node_id not in ran and {node_id, node.part.flow} & self._enabled:
                node.start()


@runtime_fault("deploy.moved-node-starts-again")
class LosesMovedNodes(Withholds):
    """A node that is moved to another tab stops, and starts with the next deployment."""

    _moved: frozenset[str] = frozenset()

    def deploy(self, given: list[Json], kept: list[Json], deployment_type: str, done: Callable[[], None]) -> None:
        """Deploy, and find out what is moved."""
        self._moved = frozenset(other(by_id(self._nodes), by_id(kept), "z"))
        super().deploy(given, kept, deployment_type, done)

    def started(self, nodes: Nodes) -> list[Json]:
        """The nodes, without the moved ones."""
        return [node for node_id, node in nodes.items() if node_id not in self._moved]


@runtime_fault("deploy.stop-stops-every-node", "deploy.start-starts-every-node-once")
class SetsTheStateOfOneTab(Runtime):
    """POST /flows/state stops and starts the first tab, and no other."""

    def stop_nodes(self, roots: Collection[str]) -> None:
        """Stop, where the flows are stopped, what is in the first tab."""
        first = next((node["id"] for node in self._nodes if type_of(node) == "tab"), "")
        here = {node.part.root for node in self.running.values() if node.part.flow == first}
        super().stop_nodes(here & set(roots) if self.state == "stop" else roots)


@runtime_fault("deploy.stop-stops-every-node")
class StopsWhatFires(Runtime):
    """POST /flows/state with `stop` stops inject nodes, and lets all others run on."""

    def stop(self) -> None:
        """Stop the inject nodes."""
        self.state = "stop"
        self.stop_nodes({node.part.root for node in self.running.values() if isinstance(node, Inject)})


@runtime_fault("deploy.start-starts-every-node-once")
class StartsInjectsWithoutFunctions(Withholds):
    """POST /flows/state with `start` starts no function node."""

    _resumes = False

    def start(self) -> None:
        """Start some."""
        self._resumes = True
        super().start()
        self._resumes = False

    def started(self, nodes: Nodes) -> list[Json]:
        """The nodes, without the functions where the flows were stopped."""
        return [node for node in nodes.values() if not self._resumes or type_of(node) != "function"]


@runtime_fault("deploy.nodes-start-soon-after-the-reply")
class TakesItsTimeWithFlows(Runtime):
    """What a `flows` deployment starts starts after seven seconds."""

    def deploy(self, given: list[Json], kept: list[Json], deployment_type: str, done: Callable[[], None]) -> None:
        """Deploy, in its own time."""
        self.delay = 7 if deployment_type == "flows" else 0
        super().deploy(given, kept, deployment_type, done)


@runtime_fault("deploy.http-in-stops-before-the-reply")
class KeepsAddressesOfRemovedNodes(Spares):
    """The address of an HTTP In node that is removed answers on."""

    def spared(self, before: Nodes, after: Nodes) -> set[str]:
        """The removed HTTP In nodes, and what they send to."""
        behind = {"change", "http response"}
        http = {node_id for node_id in before.keys() - after.keys() if type_of(before[node_id]).startswith("http")}
        kept = {node_id for node_id in before.keys() - after.keys() if type_of(before[node_id]) in behind}
        return http | kept


@runtime_fault("deploy.http-in-stops-before-the-reply")
class StopsHttpInLast(Runtime):
    """HTTP In nodes that a deployment stops answer a little longer than its reply takes."""

    delay = 0.1

    def stop_nodes(self, roots: Collection[str]) -> None:
        """Stop the others at once, and HTTP In nodes with what is behind them later."""
        late = {
            node.part.root
            for node in self.running.values()
            if isinstance(node, HttpIn) or type_of(node.part.node) in ("change", "http response")
        } & set(roots)
        super().stop_nodes(set(roots) - late)
        asyncio.get_running_loop().call_later(0.05, super().stop_nodes, late)
