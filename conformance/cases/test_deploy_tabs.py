"""What a deployment does to tabs and nodes that are disabled, enabled, moved, removed and added."""

from dataclasses import dataclass

import pytest

from conformance import requirement
from conformance.cases.experiments import EVERY_TYPE, PARTIAL
from conformance.experiment import Experiment
from conformance.parts import edited, named, without
from conformance.starts import Starts


@dataclass(frozen=True)
class Rearranged:
    """What ticked before, what the deployment started, and what ticks after it."""

    before: Starts
    started: Starts
    after: Starts


def rearranged(experiment: Experiment, kind: str) -> Rearranged:
    """Tabs and nodes disabled, enabled, moved, removed and added, all in one deployment."""
    nodes = experiment.running("tabs")
    before = experiment.meanwhile("worker", "retiree", "leaver", "goner", "steady")
    nodes = without(nodes, "tab to remove", "goner")
    nodes = edited(nodes, "tab to disable", disabled=True)
    nodes = edited(nodes, "tab to enable", disabled=False)
    nodes = edited(nodes, "tab with an environment", env=[{"name": "GREETING", "type": "str", "value": "hello"}])
    nodes = edited(nodes, "retiree", d=True)
    nodes = edited(nodes, "waiter", d=False)
    for name in ("walker", "walker's"):
        nodes = edited(nodes, name, z=named(nodes, "tab with nothing")["id"])
    nodes += experiment.nodes("new-tab")
    started = experiment.deploy(kind, nodes, "sleeper", "walker", "fresh")
    after = experiment.meanwhile("steady")
    return Rearranged(before, started + after, after)


def assert_stopped(experiment: Experiment, kind: str, name: str) -> None:
    """What ticked before ticks no more, though others do."""
    seen = experiment.after(rearranged, kind)
    assert seen.before[name]
    assert seen.after["steady"]
    assert not seen.after[name]


@requirement("deploy.disabled-tab-stops")
@EVERY_TYPE
def test_disabled_tab_stops(experiment: Experiment, kind: str) -> None:
    assert_stopped(experiment, kind, "worker")


@requirement("deploy.disabled-node-stops")
@EVERY_TYPE
def test_disabled_node_stops(experiment: Experiment, kind: str) -> None:
    assert_stopped(experiment, kind, "retiree")


@requirement("deploy.removed-tab-stops")
@EVERY_TYPE
def test_removed_tab_stops(experiment: Experiment, kind: str) -> None:
    assert_stopped(experiment, kind, "leaver")


@requirement("deploy.removed-node-stops")
@EVERY_TYPE
def test_removed_node_stops(experiment: Experiment, kind: str) -> None:
    assert_stopped(experiment, kind, "goner")


@requirement("deploy.enabled-tab-starts")
@EVERY_TYPE
def test_enabled_tab_starts(experiment: Experiment, kind: str) -> None:
    assert experiment.after(rearranged, kind).started["sleeper"] == 1


@requirement("deploy.enabled-node-starts")
@EVERY_TYPE
def test_enabled_node_starts(experiment: Experiment, kind: str) -> None:
    assert experiment.after(rearranged, kind).started["waiter"] == 1


@requirement("deploy.moved-node-starts-again")
@PARTIAL
def test_moved_node_starts_again(experiment: Experiment, kind: str) -> None:
    assert experiment.after(rearranged, kind).started["walker"] == 1


@requirement("deploy.added-tab-starts")
@PARTIAL
def test_added_tab_starts(experiment: Experiment, kind: str) -> None:
    started = experiment.after(rearranged, kind).started

    assert started["fresh"] == 1


@requirement("deploy.tab-environment-restarts-its-nodes")
@PARTIAL
@pytest.mark.parametrize("name", ["citizen", "denizen"])
def test_tab_environment_restarts_its_nodes(experiment: Experiment, name: str, kind: str) -> None:
    assert experiment.after(rearranged, kind).started[name] == 1


@requirement("deploy.untouched-tab-runs-on")
@PARTIAL
def test_untouched_tab_runs_on(experiment: Experiment, kind: str) -> None:
    seen = experiment.after(rearranged, kind)

    assert seen.started["walker"]
    assert seen.before["steady"]
    assert seen.after["steady"]
    assert not seen.started["onlooker"]
