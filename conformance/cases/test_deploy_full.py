"""What starts again with a deployment of everything: `full`, no type, an unknown one, and `reload`."""

from collections.abc import Callable

import pytest

from conformance import requirement
from conformance.client import MADE_UP, V2, deployment_type
from conformance.experiment import Experiment
from conformance.parts import changed, part
from conformance.starts import Starts

EVERYTHING = tuple(part("wired").starts)


def the_same(experiment: Experiment) -> Starts:
    """A full deployment of the flows that run, and of a disabled tab."""
    nodes = experiment.running("wired", "asleep")
    return experiment.deploy("full", nodes, *EVERYTHING)


def some_changed(experiment: Experiment) -> Starts:
    """A full deployment that changes two nodes."""
    nodes = experiment.running("wired")
    return experiment.deploy("full", changed(nodes, "apart", "second"), *EVERYTHING)


@requirement("deploy.full-restarts-every-node")
@pytest.mark.parametrize("scenario", [the_same, some_changed])
def test_full_restarts_every_node(experiment: Experiment, scenario: Callable[[Experiment], Starts]) -> None:
    started = experiment.after(scenario)

    assert started.keys() >= experiment.visible("wired").keys()


@requirement("deploy.full-starts-each-node-once")
def test_full_starts_each_node_once(experiment: Experiment) -> None:
    started = experiment.after(the_same)

    assert {name: started[name] for name in EVERYTHING if started[name]} == experiment.visible("wired")


@requirement("deploy.full-leaves-disabled-tabs-asleep")
def test_full_leaves_disabled_tabs_asleep(experiment: Experiment) -> None:
    started = experiment.after(the_same)

    assert started["first"]
    assert not started["dormant"]


@requirement("deploy.full-is-the-default")
def test_full_is_the_default(experiment: Experiment) -> None:
    nodes = experiment.running("wired")

    started = experiment.send(V2.body(nodes), {}, EVERYTHING)

    assert started == experiment.visible("wired")


@requirement("deploy.unknown-type-restarts-every-node")
def test_unknown_type_restarts_every_node(experiment: Experiment) -> None:
    nodes = experiment.running("wired")

    started = experiment.deploy("everything", nodes, *EVERYTHING)

    assert started == experiment.visible("wired")


def reloaded(experiment: Experiment) -> Starts:
    """A reload whose body holds other flows, and a rev that was never given."""
    nodes = experiment.running("wired")
    other = [*changed(nodes, "first"), *experiment.nodes("added")]
    return experiment.send({"rev": MADE_UP, "flows": other}, deployment_type("reload"), EVERYTHING)


@requirement("deploy.reload-restarts-every-node")
def test_reload_restarts_every_node(experiment: Experiment) -> None:
    started = experiment.after(reloaded)

    assert started.keys() >= experiment.visible("wired").keys()


@requirement("deploy.reload-starts-what-is-stored")
def test_reload_starts_what_is_stored(experiment: Experiment) -> None:
    started = experiment.after(reloaded)

    assert started == experiment.visible("wired")
