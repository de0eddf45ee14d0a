"""Faults of what a deployment restarts: too much, too little, or the wrong nodes."""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from reference_server.faults.lying import Answer, Ask, Honest, Json, fault, runtime_fault
from reference_server.runtime import Runtime
from reference_server.runtime.configuration import Nodes, by_id, outputs_of, type_of

PARTIAL = ("nodes", "flows")


def of_tab(nodes: Nodes, tabs: Iterable[Json]) -> set[str]:
    """The nodes of these tabs."""
    within = set(tabs)
    return {node_id for node_id, node in nodes.items() if node.get("z") in within}


def other(before: Nodes, after: Nodes, *names: str) -> set[str]:
    """The nodes in both that have another value in one of these properties."""
    both = before.keys() & after.keys()
    return {node_id for node_id in both if any(before[node_id].get(name) != after[node_id].get(name) for name in names)}


def changed(before: Nodes, after: Nodes) -> set[str]:
    """The nodes in both that differ in anything but their place and their wires."""
    ignored = {"x", "y", "wires"}
    own = [
        {node_id: {name: node[name] for name in node.keys() - ignored} for node_id, node in nodes.items()}
        for nodes in (before, after)
    ]
    return {node_id for node_id in own[0].keys() & own[1].keys() if own[0][node_id] != own[1][node_id]}


class Restarts(Runtime):
    """A runtime that restarts other nodes than it should with a deployment of what changed."""

    def to_stop(self, before: list[Json], after: list[Json], deployment_type: str) -> set[str]:
        """What it stops: what it should, with what the fault adds, and without what it leaves out."""
        due = super().to_stop(before, after, deployment_type)
        if deployment_type not in PARTIAL:
            return due
        old, new = by_id(before), by_id(after)
        return (due | self.too_many(old, new, deployment_type)) - self.missed(old, new, deployment_type)

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """What it stops and should not."""
        return set()

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """What it should stop and does not."""
        return set()


@runtime_fault(
    "deploy.nodes-keeps-wired-neighbours",
    "deploy.nodes-keeps-the-rest-of-the-tab",
    "deploy.nodes-keeps-other-tabs",
    "deploy.nodes-starts-added-nodes-alone",
    "deploy.nodes-removes-without-a-restart",
    "deploy.nodes-rewires-without-a-restart",
    "deploy.unchanged-flows-run-on",
)
class TakesNodesForFull(Runtime):
    """A `nodes` deployment restarts everything."""

    def to_stop(self, before: list[Json], after: list[Json], deployment_type: str) -> set[str]:
        """What it stops."""
        return super().to_stop(before, after, deployment_type.replace("nodes", "full"))


@runtime_fault(
    "deploy.nodes-keeps-wired-neighbours",
    "deploy.nodes-rewires-without-a-restart",
    "deploy.nodes-removes-without-a-restart",
    "deploy.nodes-keeps-linked-nodes",
)
class TakesNodesForFlows(Runtime):
    """A `nodes` deployment restarts what is wired to a changed node."""

    def to_stop(self, before: list[Json], after: list[Json], deployment_type: str) -> set[str]:
        """What it stops."""
        return super().to_stop(before, after, deployment_type.replace("nodes", "flows"))


@runtime_fault(
    "deploy.flows-keeps-other-tabs",
    "deploy.flows-starts-added-nodes",
    "deploy.flows-keeps-what-is-not-linked",
    "deploy.unchanged-flows-run-on",
    "deploy.post-flow-starts-its-nodes-alone",
    "deploy.put-flow-keeps-other-tabs",
    "deploy.deleted-flow-stops-alone",
)
class TakesFlowsForFull(Runtime):
    """A `flows` deployment, and each of a single flow, restarts everything."""

    def to_stop(self, before: list[Json], after: list[Json], deployment_type: str) -> set[str]:
        """What it stops."""
        return super().to_stop(before, after, deployment_type.replace("flows", "full"))


@runtime_fault(
    "deploy.flows-restarts-wired-neighbours",
    "deploy.flows-rewires-with-a-restart",
    "deploy.flows-removes-with-a-restart",
    "deploy.put-flow-restarts-wired-neighbours",
)
class TakesFlowsForNodes(Runtime):
    """A `flows` deployment, and each of a single flow, restarts the changed nodes alone."""

    def to_stop(self, before: list[Json], after: list[Json], deployment_type: str) -> set[str]:
        """What it stops."""
        return super().to_stop(before, after, deployment_type.replace("flows", "nodes"))


@runtime_fault(
    "deploy.full-restarts-every-node", "deploy.full-is-the-default", "deploy.unknown-type-restarts-every-node"
)
class TakesFullForNodes(Runtime):
    """A `full` deployment restarts the changed nodes alone."""

    def to_stop(self, before: list[Json], after: list[Json], deployment_type: str) -> set[str]:
        """What it stops."""
        kept = deployment_type in (*PARTIAL, "reload")
        return super().to_stop(before, after, deployment_type if kept else "nodes")


@runtime_fault("deploy.full-restarts-every-node", "deploy.full-starts-each-node-once")
class KeepsFunctionsThroughFull(Runtime):
    """A `full` deployment lets function nodes run on that did not change."""

    def to_stop(self, before: list[Json], after: list[Json], deployment_type: str) -> set[str]:
        """What it stops."""
        due, nodes = super().to_stop(before, after, deployment_type), by_id(before)
        if deployment_type in PARTIAL:
            return due
        return {node_id for node_id in due if type_of(nodes.get(node_id)) != "function"}


@runtime_fault("deploy.full-restarts-every-node", "deploy.reload-restarts-every-node")
class StartsBesideWhatRuns(Runtime):
    """A deployment of everything starts it anew, and what ran before never ends."""

    def stop_nodes(self, roots: Collection[str]) -> None:
        """Forget them; the empty flows end all that there is."""
        if self._nodes and set(roots) >= {node.part.root for node in self.running.values()}:
            self.running = {}
        else:
            super().stop_nodes(roots)


@runtime_fault("deploy.reload-restarts-every-node")
class ReloadsNothing(Runtime):
    """A `reload` restarts nothing."""

    def to_stop(self, before: list[Json], after: list[Json], deployment_type: str) -> set[str]:
        """What it stops."""
        return set() if deployment_type == "reload" else super().to_stop(before, after, deployment_type)


@fault("deploy.reload-starts-what-is-stored")
async def reloads_what_it_is_sent(ask: Ask, honest: Honest) -> Answer:
    """A `reload` deploys the flows in its body."""
    sent = ask.json.get("flows") if ask.reloads and isinstance(ask.json, dict) else None
    if sent:
        return await honest(ask.with_json({"flows": sent}).under(node_red_deployment_type="full"))
    return await honest(ask)


@fault("deploy.full-is-the-default")
async def deploys_nodes_by_default(ask: Ask, honest: Honest) -> Answer:
    """A deployment without a type is one of the nodes that changed."""
    nameless = ask.posts and "node-red-deployment-type" not in ask.headers
    return await honest(ask.under(node_red_deployment_type="nodes") if nameless else ask)


@fault("deploy.unknown-type-restarts-every-node")
async def deploys_flows_where_the_type_is_unknown(ask: Ask, honest: Honest) -> Answer:
    """A deployment of an unknown type is one of the flows that changed."""
    unknown = ask.posts and ask.type not in ("full", "reload", *PARTIAL)
    return await honest(ask.under(node_red_deployment_type="flows") if unknown else ask)


@runtime_fault("deploy.nodes-restarts-changed-nodes", "deploy.flows-restarts-changed-nodes")
class OverlooksInjects(Restarts):
    """A changed inject node runs on as it was."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """What it overlooks."""
        return {node_id for node_id in before if type_of(before[node_id]) == "inject"} & changed(before, after)


@runtime_fault("deploy.nodes-restarts-changed-nodes", "deploy.put-flow-restarts-changed-nodes")
class OverlooksCode(Restarts):
    """A function node whose code changed runs on as it was."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """What it overlooks."""
        return other(before, after, "func")


@runtime_fault("deploy.flows-restarts-changed-nodes", "deploy.put-flow-restarts-changed-nodes")
class StopsNothingOfFlows(Restarts):
    """A `flows` deployment, and each of a single flow, stops nothing."""

    def missed(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """What it leaves running."""
        return set(before) if deployment_type == "flows" else set()


@runtime_fault("deploy.nodes-keeps-the-rest-of-the-tab", "deploy.nodes-keeps-wired-neighbours")
class TakesTheTabAlong(Restarts):
    """A `nodes` deployment restarts every node of a changed node's tab."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes of the tab."""
        tabs = {before[node_id].get("z") for node_id in changed(before, after)} - {None}
        return of_tab(before, tabs) if deployment_type == "nodes" else set()


@runtime_fault("deploy.nodes-keeps-wired-neighbours")
class TakesReceiversAlong(Restarts):
    """A `nodes` deployment restarts the nodes that a changed one sends to."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes that it sends to."""
        senders = changed(before, after) if deployment_type == "nodes" else set()
        return {wire for node_id in senders for output in outputs_of(before[node_id]) for wire in output}


@runtime_fault("deploy.nodes-keeps-other-tabs", "deploy.flows-keeps-other-tabs", "deploy.put-flow-keeps-other-tabs")
class TakesOtherTabsAlong(Restarts):
    """A changed node takes the nodes of all other tabs along."""

    def too_many(self, before: Nodes, after: Nodes, deployment_type: str) -> set[str]:
        """The nodes of the other tabs."""
        tabs = {before[node_id].get("z") for node_id in changed(before, after)} - {None}
        return set(before) - of_tab(before, tabs) if tabs else set()


@fault("deploy.post-flow-starts-its-nodes-alone")
async def deploys_all_with_a_new_flow(ask: Ask, honest: Honest) -> Answer:
    """POST /flow restarts everything."""
    return await with_all_deployed_again(ask, honest, "POST")


@fault("deploy.put-flow-keeps-other-tabs")
async def deploys_all_with_a_changed_flow(ask: Ask, honest: Honest) -> Answer:
    """PUT /flow/:id restarts everything."""
    return await with_all_deployed_again(ask, honest, "PUT")


@fault("deploy.deleted-flow-stops-alone")
async def deploys_all_without_a_deleted_flow(ask: Ask, honest: Honest) -> Answer:
    """DELETE /flow/:id restarts everything."""
    return await with_all_deployed_again(ask, honest, "DELETE")


async def with_all_deployed_again(ask: Ask, honest: Honest, method: str) -> Answer:
    """The honest answer; after a request of this method for a single flow everything is deployed again."""
    answer = await honest(ask)
    if ask.method == method and re.fullmatch("/flow(/.*)?", ask.path) and answer.status < 300:
        stored = (await honest(ask.reading())).json
        await honest(replace(ask.reading(), method="POST").with_json(stored))
    return answer
