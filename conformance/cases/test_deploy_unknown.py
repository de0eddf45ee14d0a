"""What a deployment starts and stops while the flows hold a node whose type nobody knows."""

from dataclasses import dataclass

from conformance import requirement
from conformance.cases.experiments import EVERY_TYPE, PARTIAL
from conformance.experiment import Experiment
from conformance.parts import changed, named
from conformance.starts import Starts

UNKNOWN = {"id": "c0f00000000007ff", "type": "conformance-unknown", "name": "", "x": 140, "y": 440, "wires": []}
"""A node that no palette has."""


@dataclass(frozen=True)
class Broken:
    """What a deployment with an unknown node started, what ticked after it, and what its removal started."""

    started: Starts
    after: Starts
    healed: Starts


def broken(experiment: Experiment, kind: str) -> Broken:
    """An unknown node where others tick, a changed one and an added one deployed, and then all but the unknown one."""
    nodes = experiment.running("wired", "ticking")
    nodes = [*changed(nodes, "apart"), *experiment.nodes("added")]
    started = experiment.deploy(kind, [*nodes, UNKNOWN | {"z": named(nodes, "ticking tab")["id"]}])
    after = experiment.meanwhile(*(["tick"] if kind != "full" else []))
    return Broken(started, after, experiment.deploy(kind, nodes, "apart", "newcomer"))


@requirement("deploy.unknown-node-starts-nothing")
@EVERY_TYPE
def test_unknown_node_starts_nothing(experiment: Experiment, kind: str) -> None:
    seen = experiment.after(broken, kind)

    assert not seen.started.keys() - {"tick"}
    assert seen.healed["newcomer"]


@requirement("deploy.unknown-node-stops-all-with-full")
def test_unknown_node_stops_all_with_full(experiment: Experiment) -> None:
    seen = experiment.after(broken, "full")

    assert not seen.after
    assert seen.healed["tick"]


@requirement("deploy.unknown-node-leaves-the-others-running")
@PARTIAL
def test_unknown_node_leaves_the_others_running(experiment: Experiment, kind: str) -> None:
    assert experiment.after(broken, kind).after["tick"]


@requirement("deploy.removal-of-unknown-node-heals")
@EVERY_TYPE
def test_removal_of_unknown_node_heals(experiment: Experiment, kind: str) -> None:
    healed = experiment.after(broken, kind).healed

    assert healed["apart"] == healed["newcomer"] == 1
