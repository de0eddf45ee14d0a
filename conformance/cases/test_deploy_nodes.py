"""What starts again with a deployment of the nodes that changed: `nodes`."""

import pytest

from conformance import requirement
from conformance.experiment import Experiment
from conformance.parts import changed, edited, named, without
from conformance.starts import Starts


def two_changed(experiment: Experiment) -> Starts:
    """A changed inject node, which sends to `beside`, and a changed function node, between `first` and `third`."""
    nodes = experiment.running("wired")
    return experiment.deploy("nodes", changed(nodes, "apart", "second"), "apart", "second")


@requirement("deploy.nodes-restarts-changed-nodes")
@pytest.mark.parametrize("name", ["apart", "second"])
def test_nodes_restarts_changed_nodes(experiment: Experiment, name: str) -> None:
    started = experiment.after(two_changed)

    experiment.must_see(name)
    assert started[name] == 1


@requirement("deploy.nodes-keeps-wired-neighbours")
def test_nodes_keeps_wired_neighbours(experiment: Experiment) -> None:
    started = experiment.after(two_changed)

    assert started["apart"]
    assert not started.keys() & {"first", "third", "beside"}


@requirement("deploy.nodes-keeps-the-rest-of-the-tab")
def test_nodes_keeps_the_rest_of_the_tab(experiment: Experiment) -> None:
    started = experiment.after(two_changed)

    assert started["apart"]
    assert not started.keys() & {"lone", "alone", "idle"}


@requirement("deploy.nodes-keeps-other-tabs")
def test_nodes_keeps_other_tabs(experiment: Experiment) -> None:
    started = experiment.after(two_changed)

    assert started["apart"]
    assert not started.keys() & {"elsewhere", "far"}


def rewired(experiment: Experiment) -> Starts:
    """A new wire from `alone` to `idle`, and a changed inject node whose message goes along it."""
    nodes = experiment.running("wired")
    nodes = edited(nodes, "alone", wires=[[named(nodes, "idle")["id"]]])
    return experiment.deploy("nodes", changed(nodes, "lone"), "lone", "reached")


@requirement("deploy.nodes-lays-wires")
def test_nodes_lays_wires(experiment: Experiment) -> None:
    started = experiment.after(rewired)

    assert started["lone"]
    assert started["reached"] == 1


@requirement("deploy.nodes-rewires-without-a-restart")
def test_nodes_rewires_without_a_restart(experiment: Experiment) -> None:
    started = experiment.after(rewired)

    experiment.must_see("alone", "idle")
    assert started["reached"]
    assert not started.keys() & {"alone", "idle"}


@requirement("deploy.nodes-starts-added-nodes-alone")
def test_nodes_starts_added_nodes_alone(experiment: Experiment) -> None:
    nodes = experiment.running("wired")

    started = experiment.deploy("nodes", [*nodes, *experiment.nodes("added")], "newcomer")

    assert started == {"newcomer": 1}


@requirement("deploy.nodes-removes-without-a-restart")
def test_nodes_removes_without_a_restart(experiment: Experiment) -> None:
    nodes = without(experiment.running("wired"), "third", "far")

    started = experiment.deploy("nodes", changed(nodes, "apart"), "apart")

    assert started == {"apart": 1}


@requirement("deploy.unknown-property-is-a-change")
def test_unknown_property_is_a_change(experiment: Experiment) -> None:
    nodes = experiment.running("wired")

    started = experiment.deploy("nodes", edited(nodes, "apart", conformance=1), "apart")

    assert started == {"apart": 1}
