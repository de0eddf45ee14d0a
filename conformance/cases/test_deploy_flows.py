"""What starts again with a deployment of the flows that changed: `flows`."""

from collections.abc import Callable

import pytest

from conformance import requirement
from conformance.cases.experiments import PARTIAL
from conformance.experiment import Experiment
from conformance.parts import changed, edited, named, without
from conformance.starts import Starts


def two_changed(experiment: Experiment) -> Starts:
    """A changed inject node, which sends to `beside`, and a changed function node, between `first` and `third`."""
    nodes = experiment.running("wired")
    return experiment.deploy("flows", changed(nodes, "apart", "second"), "apart", "beside", "first", "second", "third")


@requirement("deploy.flows-restarts-changed-nodes")
@pytest.mark.parametrize("name", ["apart", "second"])
def test_flows_restarts_changed_nodes(experiment: Experiment, name: str) -> None:
    started = experiment.after(two_changed)

    experiment.must_see(name)
    assert started[name] == 1


def first_changed(experiment: Experiment) -> Starts:
    """A changed inject node, which sends to `third` through `second`."""
    nodes = experiment.running("wired")
    return experiment.deploy("flows", changed(nodes, "first"), "first", "second", "third")


@requirement("deploy.flows-restarts-wired-neighbours")
@pytest.mark.parametrize(
    ("name", "scenario"),
    [("first", two_changed), ("third", two_changed), ("beside", two_changed), ("third", first_changed)],
    ids=["sender", "receiver", "receiver-of-inject", "through-another"],
)
def test_flows_restarts_wired_neighbours(
    experiment: Experiment, name: str, scenario: Callable[[Experiment], Starts]
) -> None:
    started = experiment.after(scenario)

    experiment.must_see(name)
    assert started[name] == 1


@requirement("deploy.flows-keeps-other-tabs")
def test_flows_keeps_other_tabs(experiment: Experiment) -> None:
    started = experiment.after(two_changed)

    assert started["apart"]
    assert not started.keys() & {"elsewhere", "far"}


@requirement("deploy.flows-restarts-the-rest-of-the-tab")
def test_flows_restarts_the_rest_of_the_tab(experiment: Experiment, seen: Callable[[str], None]) -> None:
    started = experiment.after(two_changed)

    assert started["apart"]
    seen(
        "the whole tab starts again, as documented" if started["lone"] else "what is not wired runs on, as in runtimes"
    )


@requirement("deploy.flows-rewires-with-a-restart")
def test_flows_rewires_with_a_restart(experiment: Experiment) -> None:
    nodes = experiment.running("wired")

    started = experiment.deploy(
        "flows", edited(nodes, "alone", wires=[[named(nodes, "idle")["id"]]]), "lone", "reached"
    )

    assert started["lone"] == started["reached"] == 1
    assert not started["elsewhere"]


@requirement("deploy.flows-starts-added-nodes")
def test_flows_starts_added_nodes(experiment: Experiment) -> None:
    nodes = experiment.running("wired")

    started = experiment.deploy("flows", [*nodes, *experiment.nodes("added")], "newcomer")

    assert started["newcomer"] == 1
    assert not started["elsewhere"]


@requirement("deploy.flows-removes-with-a-restart")
def test_flows_removes_with_a_restart(experiment: Experiment) -> None:
    nodes = experiment.running("wired")

    started = experiment.deploy("flows", without(nodes, "third"), "first")

    assert started["first"] == 1
    assert not started["elsewhere"]


def harmless(experiment: Experiment, kind: str) -> dict[str, Starts]:
    """The same flows, nodes elsewhere on the page, in another order, a tab with another label, and then a change."""
    nodes = experiment.running("wired")
    edits = {
        "the same": nodes,
        "moved": edited(edited(nodes, "apart", x=500, y=500), "second", x=300),
        "in another order": nodes[::-1],
        "labelled": edited(nodes, "wired", label="Conformance, again", info="What it does"),
    }
    started = {name: experiment.deploy(kind, edit) for name, edit in edits.items()}
    return started | {"changed": experiment.deploy(kind, changed(nodes, "apart"), "apart")}


def assert_harmless(experiment: Experiment, kind: str, name: str) -> None:
    """The edit starts nothing, where a change does."""
    started = experiment.after(harmless, kind)
    assert started["changed"]["apart"] == 1
    assert started[name] == {}


@requirement("deploy.unchanged-flows-run-on")
@PARTIAL
def test_unchanged_flows_run_on(experiment: Experiment, kind: str) -> None:
    assert_harmless(experiment, kind, "the same")


@requirement("deploy.position-is-no-change")
@PARTIAL
def test_position_is_no_change(experiment: Experiment, kind: str) -> None:
    assert_harmless(experiment, kind, "moved")


@requirement("deploy.order-is-no-change")
@PARTIAL
def test_order_is_no_change(experiment: Experiment, kind: str) -> None:
    assert_harmless(experiment, kind, "in another order")


@requirement("deploy.label-is-no-change")
@PARTIAL
def test_label_is_no_change(experiment: Experiment, kind: str) -> None:
    assert_harmless(experiment, kind, "labelled")
