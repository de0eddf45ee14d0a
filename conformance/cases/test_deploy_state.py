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
    """What ticked before the stop and after it, what each deployment started meanwhile, and what the start started."""

    before: Starts
    after: Starts
    deployed: dict[str, Starts]
    started: Starts


def stopped_and_started(experiment: Experiment) -> Stopped:
    """Flows that are stopped, deployed in each way with an added node and a changed one, and started again."""
    nodes, state = experiment.running("wired", "ticking"), RunState(experiment.admin)
    before = experiment.meanwhile("tick")
    experiment.watch(lambda: state.post("stop"), tells=False)
    after = experiment.meanwhile()
    nodes = [*changed(nodes, "apart"), *experiment.nodes("added")]
    deployed = {kind: experiment.deploy(kind, nodes) for kind in ("nodes", "flows", "full", "reload")}
    started = experiment.watch(lambda: state.post("start"), ["newcomer", "first", "tick"], tells=False)
    return Stopped(before, after, deployed, started)


@requirement("deploy.stop-stops-every-node")
def test_stop_stops_every_node(run_state: RunState, experiment: Experiment) -> None:
    seen = experiment.after(stopped_and_started)

    assert seen.before["tick"]
    assert not seen.after["tick"]


@requirement("deploy.start-starts-every-node-once")
def test_start_starts_every_node_once(run_state: RunState, experiment: Experiment) -> None:
    started = experiment.after(stopped_and_started).started

    assert started["tick"]
    del started["tick"]
    assert started == experiment.visible("wired", "added") + Starts(["sitter"])


@requirement("deploy.deployment-of-stopped-flows-starts-nothing")
@pytest.mark.parametrize("kind", ["full", "nodes", "flows", "reload"])
def test_deployment_of_stopped_flows_starts_nothing(run_state: RunState, experiment: Experiment, kind: str) -> None:
    seen = experiment.after(stopped_and_started)

    assert seen.started["newcomer"]
    assert not seen.deployed[kind]
