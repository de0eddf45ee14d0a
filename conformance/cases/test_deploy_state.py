"""What runs when the flows are stopped and started, and deployed meanwhile."""

from dataclasses import dataclass

import pytest

from conformance import requirement
from conformance.experiment import Experiment
from conformance.parts import changed
from conformance.run_state import RunState
from conformance.starts import Starts


@dataclass(frozen=True)
class Stopped:
    """What ticked before the stop and after it, what the start started, and what had ended by then."""

    before: Starts
    after: Starts
    started: Starts
    ended: Starts


def stopped_and_started(experiment: Experiment) -> Stopped:
    """Flows that are stopped, and started again."""
    experiment.running("wired", "ticking")
    state = RunState(experiment.admin)
    before = experiment.meanwhile("tick")
    experiment.watch(lambda: state.post("stop"), tells=False)
    after = experiment.meanwhile()
    awaited = experiment.visible("wired", "ticking")
    started = experiment.watch(lambda: state.post("start"), awaited, tells=False)
    return Stopped(before, after, started, experiment.stops() if experiment.sees("second") else Starts())


def deployed_meanwhile(experiment: Experiment) -> dict[str, Starts]:
    """What each deployment of stopped flows started, with an added node and a changed one, and then the start."""
    nodes, state = experiment.running("wired"), RunState(experiment.admin)
    experiment.watch(lambda: state.post("stop"), tells=False)
    nodes = [*changed(nodes, "apart"), *experiment.nodes("added")]
    started = {kind: experiment.deploy(kind, nodes) for kind in ("nodes", "flows", "full", "reload")}
    return started | {"start": experiment.watch(lambda: state.post("start"), ["newcomer"], tells=False)}


@requirement("deploy.stop-stops-every-node")
def test_stop_stops_every_node(run_state: RunState, experiment: Experiment) -> None:
    seen = experiment.after(stopped_and_started)

    assert seen.before["tick"]
    assert not seen.after["tick"]
    if experiment.sees("second"):
        assert seen.ended == {"second": 1}


@requirement("deploy.start-starts-every-node-once")
def test_start_starts_every_node_once(run_state: RunState, experiment: Experiment) -> None:
    started = experiment.after(stopped_and_started).started

    assert started["tick"]
    assert {**started, "tick": 1} == experiment.visible("wired", "ticking")


@requirement("deploy.deployment-of-stopped-flows-starts-nothing")
@pytest.mark.parametrize("kind", ["full", "nodes", "flows", "reload"])
def test_deployment_of_stopped_flows_starts_nothing(run_state: RunState, experiment: Experiment, kind: str) -> None:
    started = experiment.after(deployed_meanwhile)

    assert started["start"]["newcomer"]
    assert not started[kind]
