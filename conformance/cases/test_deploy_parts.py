"""What belongs together when it is deployed: config nodes, subflows, link nodes and groups."""

from collections.abc import Callable

import pytest

from conformance import requirement
from conformance.cases.experiments import PARTIAL
from conformance.experiment import Experiment
from conformance.parts import changed, edited
from conformance.starts import Starts


def config_nodes_changed(experiment: Experiment, kind: str) -> Starts:
    """Two config nodes changed, of which one is used."""
    nodes = experiment.running("config-node")
    return experiment.deploy(kind, changed(nodes, "config", "spare"), "user")


@requirement("deploy.config-node-takes-its-users-along")
@PARTIAL
def test_config_node_takes_its_users_along(experiment: Experiment, kind: str) -> None:
    started = experiment.after(config_nodes_changed, kind)

    assert started["user"] == 1


@requirement("deploy.config-node-leaves-the-others-alone")
@PARTIAL
def test_config_node_leaves_the_others_alone(experiment: Experiment, kind: str) -> None:
    started = experiment.after(config_nodes_changed, kind)

    assert started["user"]
    assert not started["stranger"]


def subflows_changed(experiment: Experiment, kind: str) -> Starts:
    """Three subflows with two instances each: one renamed, one with a changed node, one with a changed instance."""
    nodes = experiment.running("subflows")
    awaited = ("renamed", "renamed", "inner", "inner", "single")
    return experiment.deploy(kind, changed(nodes, "renamed subflow", "inner", "single one"), *awaited)


@requirement("deploy.subflow-takes-its-instances-along")
@PARTIAL
@pytest.mark.parametrize("name", ["renamed", "inner"])
def test_subflow_takes_its_instances_along(experiment: Experiment, name: str, kind: str) -> None:
    started = experiment.after(subflows_changed, kind)

    assert started[name] == 2


@requirement("deploy.subflow-instance-starts-alone")
@PARTIAL
def test_subflow_instance_starts_alone(experiment: Experiment, kind: str) -> None:
    started = experiment.after(subflows_changed, kind)

    assert started["single"] == 1


@requirement("deploy.subflow-leaves-the-others-alone")
@PARTIAL
def test_subflow_leaves_the_others_alone(experiment: Experiment, kind: str) -> None:
    started = experiment.after(subflows_changed, kind)

    assert started["inner"]
    assert not started["outer"]
    assert started["single"] <= 1


def sender_changed(experiment: Experiment, kind: str) -> Starts:
    """A changed inject node, which sends to another tab over link nodes."""
    nodes = experiment.running("links")
    return experiment.deploy(kind, changed(nodes, "sender"), "sender")


@requirement("deploy.linked-tab-runs-on")
@PARTIAL
def test_linked_tab_runs_on(experiment: Experiment, kind: str) -> None:
    started = experiment.after(sender_changed, kind)

    assert started["sender"] == 1
    assert not started.keys() & {"receiving", "bystander"}


def link_changed(experiment: Experiment, kind: str) -> Starts:
    """A changed link node, whose other end is in another tab."""
    nodes = experiment.running("links")
    return experiment.deploy(kind, changed(nodes, "out"), *(["sender"] if kind == "flows" else []))


@requirement("deploy.nodes-keeps-linked-nodes")
def test_nodes_keeps_linked_nodes(experiment: Experiment) -> None:
    assert experiment.after(sender_changed, "nodes")["sender"]

    assert experiment.after(link_changed, "nodes") == {}


@requirement("deploy.flows-goes-along-links")
def test_flows_goes_along_links(experiment: Experiment, seen: Callable[[str], None]) -> None:
    started = experiment.after(link_changed, "flows")

    experiment.must_see("receiving")
    assert started["sender"]
    seen("what it is linked to starts again, as in runtimes" if started["receiving"] else "the other tab runs on")


@requirement("deploy.flows-keeps-what-is-not-linked")
def test_flows_keeps_what_is_not_linked(experiment: Experiment) -> None:
    started = experiment.after(link_changed, "flows")

    assert started["sender"] == 1
    assert not started["bystander"]


def groups_changed(experiment: Experiment, kind: str) -> Starts:
    """Two groups changed: the name of one, and the environment of the other."""
    nodes = edited(experiment.running("groups"), "members", name="Renamed")
    environment = [{"name": "GREETING", "type": "str", "value": "hello"}]
    return experiment.deploy(kind, changed(edited(nodes, "heirs", env=environment), "outsider"), "outsider")


@requirement("deploy.group-name-restarts-its-nodes")
@PARTIAL
def test_group_name_restarts_its_nodes(experiment: Experiment, kind: str) -> None:
    started = experiment.after(groups_changed, kind)

    assert started["outsider"]
    assert started["member"] == 1


@requirement("deploy.group-environment-restarts-its-nodes")
@PARTIAL
@pytest.mark.parametrize("name", ["heir", "coheir"])
def test_group_environment_restarts_its_nodes(experiment: Experiment, name: str, kind: str) -> None:
    started = experiment.after(groups_changed, kind)

    assert started["outsider"]
    assert started[name] == 1
