"""When the nodes of a deployment stop and start: before its reply, and soon after it."""

from collections.abc import Callable

import pytest

from conformance import requirement
from conformance.cases.experiments import EVERY_TYPE
from conformance.client import V2, deployment_type
from conformance.comms import value_of
from conformance.data import Json
from conformance.experiment import Experiment
from conformance.outcomes import NotApplicable
from conformance.parts import changed, without
from conformance.starts import counted
from conformance.waiting import DEADLINE, comes_true

HEADERS = V2.headers | deployment_type("nodes")


@requirement("deploy.nodes-stop-before-the-reply")
@pytest.mark.parametrize("edit", [changed, without])
def test_nodes_stop_before_the_reply(experiment: Experiment, edit: Callable[..., list[Json]]) -> None:
    nodes = experiment.running("wired")
    experiment.must_see("second")
    before = experiment.stops()
    assert not before

    reply = experiment.admin.post("/flows", headers=HEADERS, json=V2.body(edit(nodes, "second")))

    assert reply.status_code == 200
    assert experiment.stops() == {"second": 1}


@requirement("deploy.nodes-start-soon-after-the-reply")
@EVERY_TYPE
def test_nodes_start_soon_after_the_reply(experiment: Experiment, kind: str) -> None:
    nodes = [*experiment.running("wired"), *experiment.nodes("added")]
    before = experiment.so_far()

    reply = experiment.admin.post("/flows", headers=V2.headers | deployment_type(kind), json=V2.body(nodes))

    assert reply.status_code == 200
    assert comes_true(lambda: "newcomer" in experiment.so_far() - before, DEADLINE)


@requirement("deploy.http-in-stops-before-the-reply")
def test_http_in_stops_before_the_reply(experiment: Experiment) -> None:
    nodes = experiment.running("wired")
    urls = [url for url in experiment.http_in() if shows_marks(experiment, url)]
    if not urls:
        raise NotApplicable("no HTTP In node of the target answers where the suite looks for it")

    reply = experiment.admin.post("/flows", headers=HEADERS, json=V2.body(without(nodes, "reader tab")))

    assert reply.status_code == 200
    assert not shows_marks(experiment, urls[0])


def shows_marks(experiment: Experiment, url: str) -> bool:
    """Whether an HTTP In node answers there with the marks."""
    reply = experiment.nobody.get(url)
    return reply.is_success and "first" in counted(value_of(reply.text))
