"""More faults of what a change takes along: half of the way, one way only, with one type only, or far too much."""

from collections.abc import Callable

from reference_server.faults.changing import instances, uses
from reference_server.faults.lying import Answer, Ask, Honest, Json, fault, runtime_fault
from reference_server.faults.restarting import Restarts, changed, of_tab, other
from reference_server.runtime import Runtime
from reference_server.runtime.configuration import Nodes, by_id, items, outputs_of, subflow_of, type_of


@runtime_fault("deploy.flows-restarts-wired-neighbours", "deploy.put-flow-restarts-wired-neighbours")
class FollowsWiresForwardOnly(Restarts):
    """What sends to a changed node runs on under `flows`."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes that send to a changed one."""
        return neighbours(before, after)[0] - changed(before, after) if deployment_type == "flows" else set()


@runtime_fault("deploy.flows-restarts-wired-neighbours")
class TakesDirectNeighboursAlong(Restarts):
    """What is wired to a changed node through others runs on under `flows`."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """All but the changed nodes and those that a wire joins to one of them."""
        senders, receivers = neighbours(before, after)
        unchanged = before.keys() == after.keys() and not other(before, after, "wires")
        direct = changed(before, after) | senders | receivers
        return set(before) - direct if deployment_type == "flows" and unchanged else set()


def neighbours(before: Nodes, after: Nodes) -> tuple[set[str], set[str]]:
    """The nodes that send to a changed one, and those that one sends to."""
    difference = changed(before, after)
    targets = {node_id: {wire for output in outputs_of(node) for wire in output} for node_id, node in before.items()}
    senders = {node_id for node_id in before if targets[node_id] & difference}
    return senders, {wire for node_id in difference for wire in targets[node_id]}


@fault("deploy.order-is-no-change")
async def deploys_all_where_the_order_is_another(ask: Ask, honest: Honest) -> Answer:
    """A deployment that orders the nodes otherwise is a full one."""
    if ask.nodes and ask.type in ("nodes", "flows"):
        before = [node["id"] for node in (await honest(ask.reading("v1"))).json or []]
        ids = [node.get("id") for node in ask.nodes]
        if ids != before and sorted(ids) == sorted(before):
            return await honest(ask.under(node_red_deployment_type="full"))
    return await honest(ask)


@runtime_fault("deploy.label-is-no-change")
class RestartsAllForADescription(Restarts):
    """A tab with another description takes everything along."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """Everything."""
        return set(before) if other(before, after, "info") else set()


@runtime_fault("deploy.config-node-leaves-the-others-alone")
class TakesTheTabsOfUsersAlong(Restarts):
    """A changed config node takes the tabs along in which it is used."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes of these tabs."""
        configs = {node_id for node_id in changed(before, after) if "wires" not in before[node_id]}
        return of_tab(before, {before[node_id].get("z") for node_id in uses(before, configs)} - {None})


@runtime_fault("deploy.subflow-leaves-the-others-alone", "deploy.subflow-instance-starts-alone")
class TakesInstancesOfAllSubflowsAlong(Restarts):
    """A changed subflow takes the instances of every subflow along."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """All instances there are."""
        subflows = {node_id for node_id, node in before.items() if type_of(node) == "subflow"}
        return instances(before, subflows) if subflows & changed(before, after) else set()


@runtime_fault("deploy.group-environment-restarts-its-nodes", "deploy.tab-environment-restarts-its-nodes")
class ChangesEnvironmentsWithFlowsOnly(Restarts):
    """A changed environment of a tab or a group restarts nothing under `nodes`."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes with that environment."""
        return within_environment(before, after) if deployment_type == "nodes" else set()


@runtime_fault("deploy.group-environment-restarts-its-nodes", "deploy.tab-environment-restarts-its-nodes")
class RestartsTheFirstOfAnEnvironment(Restarts):
    """Of the nodes of a tab or a group whose environment changed only the first two restart."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """All but the first two of each tab or group."""
        homes = [inside(before, node_id) for node_id in other(before, after, "env")]
        return {node_id for home in homes for node_id in home[2:]} - changed(before, after)


def inside(nodes: Nodes, home: str) -> list[str]:
    """The nodes in a tab or a group, in the order in which they are there."""
    return [node_id for node_id, node in nodes.items() if home in (node.get("z"), node.get("g"))]


def within_environment(before: Nodes, after: Nodes) -> set[str]:
    """The nodes of the tabs and groups whose environment changed, that did not change themselves."""
    homes = {node_id for node_id in other(before, after, "env") if not subflow_of(before[node_id])}
    return {node_id for home in homes for node_id in inside(before, home)} - changed(before, after)


@runtime_fault("deploy.untouched-tab-runs-on")
class StopsAllForARemovedTab(Restarts):
    """A tab that is removed takes all others along."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """Everything."""
        removed = before.keys() - after.keys()
        return set(before) if any(type_of(before[node_id]) == "tab" for node_id in removed) else set()


@runtime_fault("deploy.unknown-node-leaves-the-others-running")
class StopsTheTabOfAnUnknownNode(Restarts):
    """A node of an unknown type stops what is in its tab."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes of that tab."""
        return of_tab(before, {node.get("z") for node in after.values() if "unknown" in type_of(node)})


@runtime_fault("deploy.unknown-node-stops-all-with-full")
class RunsOnWithAnUnknownNode(Runtime):
    """A deployment with a node of an unknown type stops nothing, whatever its type."""

    def to_stop(self, before: list[Json], after: list[Json], deployment_type: str) -> set[str]:
        """What it stops."""
        unknown = any("unknown" in type_of(node) for node in after)
        return set() if unknown else super().to_stop(before, after, deployment_type)


@fault("deploy.reload-starts-what-is-stored")
async def reloads_nodes_as_its_body_has_them(ask: Ask, honest: Honest) -> Answer:
    """A `reload` starts the nodes that are stored as its body has them."""
    sent = by_id(items(ask.json.get("flows"))) if ask.reloads and isinstance(ask.json, dict) else {}
    if sent:
        stored = (await honest(ask.reading("v1"))).json
        nodes = [sent.get(node["id"], node) for node in stored]
        return await honest(ask.with_json({"flows": nodes}).under(node_red_deployment_type="full"))
    return await honest(ask)


@runtime_fault("deploy.reload-starts-what-is-stored")
class ReloadsWhatRanBefore(Runtime):
    """A `reload` starts the flows that ran before the last deployment."""

    _before: tuple[list[Json], list[Json]] = ([], [])

    def deploy(self, given: list[Json], kept: list[Json], deployment_type: str, done: Callable[[], None]) -> None:
        """Deploy; and again what was deployed before, for a reload."""
        if deployment_type == "reload":
            given = kept = self._before[0]
        else:
            self._before = self._before[1], kept
        super().deploy(given, kept, deployment_type, done)
