"""What starts again with a deployment of everything: `full`, no type, an unknown one, and `reload`."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from conformance import requirement
from conformance.client import V2
from conformance.experiment import Experiment
from conformance.parts import changed, edited, part
from conformance.starts import Starts

EVERYTHING = tuple(part("wired").starts)


@dataclass(frozen=True)
class Restarted:
    """What a deployment started, and how often function nodes ran the code for their end."""

    started: Starts
    ended: Starts


def restarted(experiment: Experiment, started: Starts) -> Restarted:
    """What a deployment started and ended."""
    return Restarted(started, experiment.stops() if experiment.sees("second") else Starts())


def the_same(experiment: Experiment) -> Restarted:
    """A full deployment of the flows that run, and of a disabled tab."""
    nodes = experiment.running("wired", "asleep")
    return restarted(experiment, experiment.deploy("full", nodes, *EVERYTHING))


def some_changed(experiment: Experiment) -> Restarted:
    """A full deployment that changes two nodes."""
    nodes = experiment.running("wired")
    return restarted(experiment, experiment.deploy("full", changed(nodes, "apart", "second"), *EVERYTHING))


def assert_everything_restarted(experiment: Experiment, seen: Restarted) -> None:
    """Every node started, and what ran before has ended, as far as that can be seen."""
    assert seen.started.keys() >= experiment.visible("wired").keys()
    if experiment.sees("second"):
        assert seen.ended == {"second": 1}


@requirement("deploy.full-restarts-every-node")
@pytest.mark.parametrize("scenario", [the_same, some_changed])
def test_full_restarts_every_node(experiment: Experiment, scenario: Callable[[Experiment], Restarted]) -> None:
    assert_everything_restarted(experiment, experiment.after(scenario))


@requirement("deploy.full-starts-each-node-once")
def test_full_starts_each_node_once(experiment: Experiment) -> None:
    started = experiment.after(the_same).started

    assert {name: started[name] for name in EVERYTHING if started[name]} == experiment.visible("wired")


@requirement("deploy.full-leaves-disabled-tabs-asleep")
def test_full_leaves_disabled_tabs_asleep(experiment: Experiment) -> None:
    started = experiment.after(the_same).started

    assert started["first"]
    assert not started.keys() & {"dormant", "drowsy"}


@requirement("deploy.full-is-the-default")
def test_full_is_the_default(experiment: Experiment) -> None:
    nodes = experiment.running("wired")

    started = experiment.send(V2.body(nodes), {}, EVERYTHING)

    assert_everything_restarted(experiment, restarted(experiment, started))


@requirement("deploy.unknown-type-restarts-every-node")
def test_unknown_type_restarts_every_node(experiment: Experiment) -> None:
    nodes = experiment.running("wired")

    started = experiment.deploy("everything", nodes, *EVERYTHING)

    assert_everything_restarted(experiment, restarted(experiment, started))


def reloaded(experiment: Experiment) -> Restarted:
    """A reload whose body holds another node, and `second` with its code."""
    nodes, added = experiment.running("wired"), experiment.nodes("added")
    code = next(node["func"] for node in added if node["type"] == "function")
    other = [*edited(nodes, "second", func=code), *added]
    return restarted(experiment, experiment.deploy("reload", other, *EVERYTHING))


@requirement("deploy.reload-restarts-every-node")
def test_reload_restarts_every_node(experiment: Experiment) -> None:
    assert_everything_restarted(experiment, experiment.after(reloaded))


@requirement("deploy.reload-starts-what-is-stored")
def test_reload_starts_what_is_stored(experiment: Experiment) -> None:
    started = experiment.after(reloaded).started

    assert started["first"]
    assert not started["newcomer"]
