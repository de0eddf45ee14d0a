"""Faults of what counts as a change: too little of it, or too much, and who restarts along with whom."""

import json
from collections.abc import Iterable

from reference_server.faults.lying import runtime_fault
from reference_server.faults.restarting import Restarts, changed, of_tab, other
from reference_server.runtime.configuration import Nodes, outputs_of, subflow_of, type_of


def instances(nodes: Nodes, subflows: Iterable[str]) -> set[str]:
    """The instances of these subflows."""
    wanted = set(subflows)
    return {node_id for node_id, node in nodes.items() if subflow_of(node) in wanted}


def uses(nodes: Nodes, used: Iterable[str]) -> set[str]:
    """The nodes with a property that is the id of one of these."""
    wanted = {json.dumps(node_id) for node_id in used}
    return {
        node_id
        for node_id, node in nodes.items()
        if any(json.dumps(value) in wanted for name, value in node.items() if name not in ("id", "z"))
    }


@runtime_fault("deploy.unchanged-flows-run-on", "deploy.position-is-no-change")
class RestartsAllWhereNothingChanged(Restarts):
    """A deployment that changes nothing restarts everything."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """Everything, where nothing changed."""
        return set() if before.keys() != after.keys() or changed(before, after) else set(before)


@runtime_fault("deploy.position-is-no-change")
class TakesPlacesForChanges(Restarts):
    """A node that was moved on the page restarts."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes that were moved."""
        return other(before, after, "x", "y")


@runtime_fault("deploy.order-is-no-change")
class TakesOrderForAChange(Restarts):
    """A node with another place among the nodes restarts."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes with another place."""
        return {node_id for node_id, follower in zip(before, after, strict=False) if node_id != follower}


@runtime_fault("deploy.label-is-no-change")
class TakesLabelsForChanges(Restarts):
    """A tab with another label, or another description, restarts."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes of the tab."""
        return of_tab(before, other(before, after, "label", "info"))


@runtime_fault("deploy.nodes-rewires-without-a-restart")
class TakesWiresForChanges(Restarts):
    """A node with other wires restarts under `nodes`."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes with other wires."""
        return other(before, after, "wires") if deployment_type == "nodes" else set()


@runtime_fault("deploy.nodes-removes-without-a-restart")
class TakesTheLeftAlong(Restarts):
    """The nodes restart under `nodes` that sent to one which was removed."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes that sent to it."""
        gone = before.keys() - after.keys()
        return {
            node_id
            for node_id, node in before.items()
            if deployment_type == "nodes" and any(gone & set(output) for output in outputs_of(node))
        }


@runtime_fault("deploy.flows-rewires-with-a-restart", "deploy.flows-removes-with-a-restart")
class OverlooksWires(Restarts):
    """A `flows` deployment overlooks that wires changed."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """Everything in place, where only wires changed."""
        only_wires = other(before, after, "wires") and not changed(before, after)
        removed = before.keys() - after.keys()
        return set(before) - removed if deployment_type == "flows" and (only_wires or removed) else set()


@runtime_fault("deploy.config-node-takes-its-users-along")
class ChangesConfigNodesAlone(Restarts):
    """The nodes that use a changed config node run on."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes that use it."""
        return uses(before, changed(before, after)) - changed(before, after)


@runtime_fault("deploy.config-node-takes-its-users-along")
class TakesUsersAlongWithNodesOnly(Restarts):
    """The nodes that use a changed config node run on under `flows`."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes that use it."""
        users = uses(before, changed(before, after)) - changed(before, after)
        return users if deployment_type == "flows" else set()


@runtime_fault("deploy.config-node-leaves-the-others-alone")
class ChangesConfigNodesForAll(Restarts):
    """A changed config node takes every node along."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """Every node."""
        configs = {
            node_id
            for node_id in changed(before, after)
            if "x" not in before[node_id] and before[node_id].get("z") is None
        }
        return set(before) if {type_of(before[node_id]) for node_id in configs} - {"tab", "subflow"} else set()


@runtime_fault("deploy.subflow-takes-its-instances-along")
class ChangesSubflowsOnPaper(Restarts):
    """The instances of a changed subflow run on."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The instances that did not change themselves."""
        return {node_id for node_id in before if subflow_of(before[node_id])} - changed(before, after)


@runtime_fault("deploy.subflow-takes-its-instances-along")
class OverlooksWhatIsInSubflows(Restarts):
    """The instances of a subflow run on in which a node changed."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The instances of subflows with a changed node in them."""
        return instances(before, {str(before[node_id].get("z")) for node_id in changed(before, after)})


@runtime_fault("deploy.subflow-takes-its-instances-along")
class TakesOneInstanceAlong(Restarts):
    """Of the instances of a changed subflow only the first restarts."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """All instances of a subflow but its first."""
        found = [(subflow_of(node), node_id) for node_id, node in before.items() if subflow_of(node)]
        first = dict(reversed(found))
        return {node_id for _, node_id in found} - set(first.values()) - changed(before, after)


@runtime_fault("deploy.subflow-instance-starts-alone")
class TakesSiblingsAlong(Restarts):
    """A changed instance takes all instances of its subflow along."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The instances of the subflow."""
        return instances(before, {subflow_of(before[node_id]) for node_id in changed(before, after)} - {""})


@runtime_fault("deploy.subflow-instance-starts-alone")
class OverlooksInstances(Restarts):
    """A changed instance of a subflow runs on as it was."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The changed instances."""
        return {node_id for node_id in changed(before, after) if subflow_of(before[node_id])}


@runtime_fault("deploy.subflow-leaves-the-others-alone")
class TakesTheTabOfInstancesAlong(Restarts):
    """A changed subflow takes the tabs along in which it has instances."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes of these tabs."""
        difference = changed(before, after)
        subflows = difference | {str(before[node_id].get("z")) for node_id in difference}
        return of_tab(before, {before[node_id].get("z") for node_id in instances(before, subflows)})


@runtime_fault("deploy.nodes-keeps-linked-nodes", "deploy.linked-tab-runs-on")
class FollowsLinksAlways(Restarts):
    """A `nodes` deployment restarts what is in the tabs to which links lead."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes of the linked tabs."""
        return linked_tabs(before, after) if deployment_type == "nodes" else set()


@runtime_fault("deploy.flows-keeps-what-is-not-linked", "deploy.linked-tab-runs-on")
class TakesLinkedTabsAlong(Restarts):
    """A `flows` deployment restarts every node of the tabs to which links lead."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes of the linked tabs."""
        return linked_tabs(before, after) if deployment_type == "flows" else set()


def linked_tabs(before: Nodes, after: Nodes) -> set[str]:
    """The nodes of the tabs to which links lead from tabs with a changed node."""
    tabs = {before[node_id].get("z") for node_id in changed(before, after)} - {None}
    ends = {end for node_id in of_tab(before, tabs) for end in before[node_id].get("links", [])}
    return of_tab(before, {before[end].get("z") for end in ends if end in before})


@runtime_fault("deploy.group-environment-restarts-its-nodes")
class OverlooksGroups(Restarts):
    """What changes in a group is no change of the nodes in it."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes of groups that did not change themselves."""
        return {node_id for node_id, node in before.items() if "g" in node} - changed(before, after)


@runtime_fault("deploy.tab-environment-restarts-its-nodes")
class OverlooksEnvironments(Restarts):
    """The nodes of a tab run on of which the environment changed."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes of the tab."""
        return of_tab(before, other(before, after, "env"))
