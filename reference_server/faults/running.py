"""Faults of what runs: what should have stopped, what should have started, and when either happens."""

import asyncio
from collections.abc import Callable, Collection

from reference_server.faults.lying import Json, runtime_fault
from reference_server.faults.restarting import PARTIAL, Restarts, of_tab, other
from reference_server.runtime import Runtime
from reference_server.runtime.behaviours import Inject
from reference_server.runtime.configuration import CONTAINERS, Nodes, by_id, type_of


class Spares(Runtime):
    """A runtime that lets some nodes run on which a deployment should stop, whatever its type."""

    def to_stop(self, before: list[Json], after: list[Json], deployment_type: str) -> set[str]:
        """What it stops."""
        return super().to_stop(before, after, deployment_type) - self.spared(by_id(before), by_id(after))

    def spared(self, before: Nodes, after: Nodes) -> set[str]:
        """What it lets run on."""
        raise NotImplementedError


@runtime_fault("deploy.disabled-tab-stops")
class SparesDisabledTabs(Spares):
    """The nodes of a tab that is disabled run on."""

    def spared(self, before: Nodes, after: Nodes) -> set[str]:
        """The nodes of disabled tabs."""
        return of_tab(after, {node_id for node_id in after if after[node_id].get("disabled")})


@runtime_fault("deploy.disabled-node-stops")
class SparesDisabledNodes(Spares):
    """A node that is disabled runs on."""

    def spared(self, before: Nodes, after: Nodes) -> set[str]:
        """The disabled nodes."""
        return {node_id for node_id in after if after[node_id].get("d")}


@runtime_fault("deploy.removed-tab-stops", "deploy.deleted-flow-stops-alone")
class SparesRemovedTabs(Spares):
    """The nodes of a tab that is removed run on."""

    def spared(self, before: Nodes, after: Nodes) -> set[str]:
        """The nodes of the removed tabs."""
        return of_tab(before, before.keys() - after.keys())


@runtime_fault("deploy.removed-node-stops", "deploy.nodes-stop-before-the-reply")
class SparesRemovedNodes(Spares):
    """A node that is removed from its tab runs on."""

    def spared(self, before: Nodes, after: Nodes) -> set[str]:
        """The removed nodes of tabs that stay."""
        return (before.keys() - after.keys()) & of_tab(before, after)


@runtime_fault("deploy.moved-node-starts-again")
class MovesOnPaper(Spares):
    """A node that is moved to another tab runs on."""

    def spared(self, before: Nodes, after: Nodes) -> set[str]:
        """The nodes in another tab."""
        return other(before, after, "z")


@runtime_fault("deploy.untouched-tab-runs-on")
class StopsAllForADisabledTab(Restarts):
    """A tab that is disabled takes all others along."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """Everything."""
        return set(before) if other(before, after, "disabled") else set()


class Withholds(Runtime):
    """A runtime that does not start some nodes, or others than it should."""

    def start_missing(self) -> None:
        """Start what it starts."""
        nodes = self._nodes
        self._nodes = self.started(by_id(nodes))
        super().start_missing()
        self._nodes = nodes

    def started(self, nodes: Nodes) -> list[Json]:
        """The configuration that it takes for the deployed one."""
        raise NotImplementedError


@runtime_fault("deploy.full-leaves-disabled-tabs-asleep", "deploy.disabled-tab-stops")
class WakesDisabledTabs(Withholds):
    """What is in disabled tabs runs."""

    def started(self, nodes: Nodes) -> list[Json]:
        """The nodes, no tab disabled."""
        return [{**node, "disabled": False} for node in nodes.values()]


@runtime_fault("deploy.disabled-node-stops")
class WakesDisabledNodes(Withholds):
    """Disabled nodes run."""

    def started(self, nodes: Nodes) -> list[Json]:
        """The nodes, none disabled."""
        return [{**node, "d": False} for node in nodes.values()]


@runtime_fault("deploy.unknown-node-starts-nothing", "deploy.unknown-node-stops-all-with-full")
class StartsWhatItKnows(Withholds):
    """Nodes of unknown types are left out, and all others run."""

    def started(self, nodes: Nodes) -> list[Json]:
        """The nodes without the unknown ones."""
        return [node for node in nodes.values() if "unknown" not in type_of(node)]


@runtime_fault("deploy.enabled-tab-starts", "deploy.enabled-node-starts", "deploy.added-tab-starts")
class StartsOnlyWhatRan(Withholds):
    """A deployment of what changed starts what ran before, and nothing else."""

    _ran: frozenset[str] = frozenset()

    def deploy(self, given: list[Json], kept: list[Json], deployment_type: str, done: Callable[[], None]) -> None:
        """Deploy, and remember what runs."""
        running = self.running.values() if deployment_type in PARTIAL else ()
        self._ran = frozenset(node.part.root for node in running)
        super().deploy(given, kept, deployment_type, done)

    def started(self, nodes: Nodes) -> list[Json]:
        """The nodes that ran, and what they are in."""
        return [
            node
            for node_id, node in nodes.items()
            if not self._ran or node_id in self._ran or type_of(node) in CONTAINERS
        ]


@runtime_fault(
    "deploy.nodes-starts-added-nodes-alone",
    "deploy.flows-starts-added-nodes",
    "deploy.post-flow-starts-its-nodes-alone",
    "deploy.added-tab-starts",
)
class LetsAddedNodesWait(Runtime):
    """Nodes that are added start with the next full deployment."""

    def deploy(self, given: list[Json], kept: list[Json], deployment_type: str, done: Callable[[], None]) -> None:
        """Deploy what was there before."""
        known = by_id(self._nodes).keys()
        started = [node for node in kept if deployment_type not in PARTIAL or not known or node["id"] in known]
        super().deploy(given, started, deployment_type, done)


@runtime_fault("deploy.nodes-lays-wires")
class LaysNoWires(Runtime):
    """Nodes that run on send to whom they sent before."""

    def start_missing(self) -> None:
        """Start, and wire nothing anew."""
        outputs = {node_id: node.part.outputs for node_id, node in self.running.items()}
        super().start_missing()
        for node_id, wired in outputs.items():
            self.running[node_id].part.outputs = wired


@runtime_fault("deploy.full-starts-each-node-once", "deploy.start-starts-every-node-once")
class StartsTwice(Runtime):
    """Every inject node fires twice at its start."""

    def start_missing(self) -> None:
        """Start, and start the inject nodes again."""
        ran = set(self.running)
        super().start_missing()
        for node_id, node in self.running.items():
            if node_id not in ran and isinstance(node, Inject):
                node.start()


@runtime_fault("deploy.unknown-node-leaves-the-others-running")
class StopsAllForAnUnknownNode(Runtime):
    """A node of an unknown type stops everything, whatever the type of the deployment."""

    def to_stop(self, before: list[Json], after: list[Json], deployment_type: str) -> set[str]:
        """What it stops."""
        unknown = any("unknown" in type_of(node) for node in after)
        return super().to_stop(before, after, "full" if unknown else deployment_type)


@runtime_fault("deploy.removal-of-unknown-node-heals")
class HealsOnlyWithFull(Runtime):
    """After a node of an unknown type nothing starts until everything is deployed again."""

    _ill = False

    def deploy(self, given: list[Json], kept: list[Json], deployment_type: str, done: Callable[[], None]) -> None:
        """Deploy, and fall ill or get well."""
        unknown = any("unknown" in type_of(node) for node in kept)
        self._ill = unknown or (self._ill and deployment_type in PARTIAL)
        super().deploy(given, kept, deployment_type, done)

    def start_missing(self) -> None:
        """Start nothing while it is ill."""
        if not self._ill:
            super().start_missing()


@runtime_fault("deploy.removal-of-unknown-node-heals", "deploy.unknown-node-starts-nothing")
class OverlooksUnknownNodes(Withholds):
    """What changes along with a node of an unknown type starts at once."""

    def started(self, nodes: Nodes) -> list[Json]:
        """The nodes, without the unknown ones where anything runs."""
        return [node for node in nodes.values() if not self.running or "unknown" not in type_of(node)]


@runtime_fault("deploy.stop-stops-every-node")
class StopsOnPaper(Runtime):
    """POST /flows/state changes the state, and the nodes run on."""

    def stop(self) -> None:
        """Say so."""
        self.state = "stop"


@runtime_fault("deploy.deployment-of-stopped-flows-starts-nothing", "state.started-flows-run")
class StartsWhatRanBefore(Runtime):
    """Flows that were stopped start as they were, whatever was deployed meanwhile."""

    def stop(self) -> None:
        """Stop, and remember what is deployed."""
        self._stopped = self._nodes
        super().stop()

    def start(self) -> None:
        """Start what was remembered."""
        if self.state == "stop":
            self._nodes = self._stopped
        super().start()


@runtime_fault("deploy.deployment-of-stopped-flows-starts-nothing")
class StartsStoppedFlows(Runtime):
    """A deployment of stopped flows starts them for a moment."""

    def _start_and_say(self, done: Callable[[], None]) -> None:
        if self.state == "stop":
            self.start()
            asyncio.get_running_loop().call_later(0.02, self.stop)
        super()._start_and_say(done)


@runtime_fault("deploy.nodes-stop-before-the-reply", "deploy.http-in-stops-before-the-reply")
class StopsAfterTheReply(Runtime):
    """What a deployment stops stops a little after its reply, and starts after that."""

    delay = 0.1

    def stop_nodes(self, roots: Collection[str]) -> None:
        """Stop these nodes soon."""
        asyncio.get_running_loop().call_later(0.05, super().stop_nodes, roots)


@runtime_fault("deploy.nodes-start-soon-after-the-reply")
class TakesItsTime(Runtime):
    """What a `nodes` deployment starts starts after seven seconds."""

    def deploy(self, given: list[Json], kept: list[Json], deployment_type: str, done: Callable[[], None]) -> None:
        """Deploy, in its own time."""
        self.delay = 7 if deployment_type == "nodes" else 0
        super().deploy(given, kept, deployment_type, done)
