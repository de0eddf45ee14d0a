"""What starts again with a single flow: POST /flow, and PUT and DELETE /flow/:id."""

from collections.abc import Callable

import pytest

from conformance import requirement
from conformance.data import Json
from conformance.experiment import Experiment
from conformance.optional import offered
from conformance.parts import changed, named
from conformance.starts import Starts


@pytest.fixture
def single(experiment: Experiment) -> Experiment:
    """Deployments of single flows, where the target has them."""
    offered(experiment.admin, "/flow/global")
    return experiment


def flow_of(nodes: list[Json], name: str) -> Json:
    """The flow whose tab has this label."""
    tab = named(nodes, name)
    inside = [node for node in nodes if node.get("z") == tab["id"]]
    return {"id": tab["id"], "label": tab["label"], "disabled": False, "info": "", "env": [], "nodes": inside}


@requirement("deploy.post-flow-starts-its-nodes-alone")
def test_post_flow_starts_its_nodes_alone(single: Experiment) -> None:
    single.running("wired")
    flow = flow_of(single.nodes("ticking"), "ticking tab")

    started = single.watch(lambda: single.admin.post("/flow", json=flow), ["sitter", "tick"])

    assert started.keys() == {"sitter", "tick"}
    assert started["sitter"] == 1


def second_changed(experiment: Experiment) -> Starts:
    """PUT /flow/:id with a changed function node, between `first` and `third`, and a changed inject node, `apart`."""
    flow = flow_of(changed(experiment.running("wired"), "second", "apart"), "wired")
    put = f"/flow/{flow['id']}"
    return experiment.watch(lambda: experiment.admin.put(put, json=flow), ["first", "second", "third", "apart"])


@requirement("deploy.put-flow-restarts-changed-nodes")
@pytest.mark.parametrize("name", ["apart", "second"])
def test_put_flow_restarts_changed_nodes(single: Experiment, name: str) -> None:
    started = single.after(second_changed)

    single.must_see(name)
    assert started[name] == 1


@requirement("deploy.put-flow-restarts-wired-neighbours")
@pytest.mark.parametrize("name", ["first", "third"])
def test_put_flow_restarts_wired_neighbours(single: Experiment, name: str) -> None:
    started = single.after(second_changed)

    single.must_see(name)
    assert started[name] == 1


@requirement("deploy.put-flow-keeps-other-tabs")
def test_put_flow_keeps_other_tabs(single: Experiment) -> None:
    started = single.after(second_changed)

    assert started["apart"]
    assert not started.keys() & {"elsewhere", "far"}


@requirement("deploy.put-flow-restarts-every-node")
def test_put_flow_restarts_every_node(single: Experiment, seen: Callable[[str], None]) -> None:
    started = single.after(second_changed)

    assert started["apart"]
    seen(
        "the whole flow starts again, as documented" if started["lone"] else "what is not wired runs on, as in runtimes"
    )


@requirement("deploy.put-flow-of-the-same")
def test_put_flow_of_the_same(single: Experiment, seen: Callable[[str], None]) -> None:
    flow = flow_of(single.running("wired"), "wired")

    started = single.watch(lambda: single.admin.put(f"/flow/{flow['id']}", json=flow))

    seen("every node starts again, as documented" if started else "nothing starts again, as in runtimes")


@requirement("deploy.deleted-flow-stops-alone")
def test_deleted_flow_stops_alone(single: Experiment) -> None:
    tab = named(single.running("ticking", "wired"), "ticking tab")
    assert single.meanwhile("tick")["tick"]

    started = single.watch(lambda: single.admin.delete(f"/flow/{tab['id']}"))

    assert not single.meanwhile()["tick"]
    assert not started.keys() - {"tick"}
