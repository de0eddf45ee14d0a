"""When the nodes of the reference server's flows start and stop."""

import asyncio
from typing import Final

import httpx
import pytest

from conformance.data import Json
from conformance.selftest.conftest import Serve
from conformance.selftest.counters import TAB, counted, counter, deploy, node, runs
from conformance.waiting import QUIET, comes_true
from reference_server import Api
from reference_server.faults import Fault, Lying
from reference_server.faults.lying import truth
from reference_server.runtime import Runtime

UNKNOWN: Final = {"id": "unknown", "type": "conformance", "z": "A", "x": 1, "y": 1, "wires": []}


async def timeline(first: list[Json], second: list[Json]) -> list[str]:
    """What happens once the first flows run and the second ones are deployed, in its order."""
    api = Api()
    happened: list[str] = []
    api.listeners.append(lambda topic, data: happened.append(f"{topic} {data.get('text', '')}".strip()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(replying(api, happened)), base_url="http://x") as client:
        await client.post("/flows", json=first)
        await asyncio.sleep(0.01)
        happened.clear()
        await client.post("/flows", json=second)
        await asyncio.sleep(0.01)
    return happened


def replying(api: Api, happened: list[str]) -> Json:
    """The application, whose replies are noted."""
    honest = api.app()

    async def app(scope: Json, receive: Json, send: Json) -> None:
        async def note(message: Json) -> None:
            if message["type"] == "http.response.start":
                happened.append("reply")
            await send(message)

        await honest(scope, receive, note)

    return app


def test_nodes_stop_before_the_reply_and_start_after_it() -> None:
    shows = {"initialize": 'node.status({text: "starts"});', "finalize": 'node.status({text: "ends"});'}
    nodes = [TAB, node("f", "function", **shows)]

    assert asyncio.run(timeline(nodes, nodes)) == [
        *("status/f ends", "status/f", "reply", "status/f starts", "notification/runtime-deploy")
    ]


@pytest.mark.parametrize("deployment_type", ["full", "nodes", "flows", "reload", "conformance"])
def test_deployment_restarts_and_keeps_the_global_context(speaking: httpx.Client, deployment_type: str) -> None:
    deploy(speaking, counter("f"), counter("other"))
    assert runs(speaking, "f")

    deploy(speaking, counter("f", name="changed"), counter("other"), deployment_type=deployment_type)

    partial = deployment_type in ("nodes", "flows")
    assert comes_true(lambda: counted(speaking, "f").get("starts") == 2)
    assert counted(speaking, "f") == {"messages": 1, "starts": 2, "ends": 1}
    assert counted(speaking, "other")["starts"] == (1 if partial else 2)


def test_one_flow_restarts_what_changed(speaking: httpx.Client) -> None:
    deploy(speaking, {"id": "B", "type": "tab"}, counter("f"), counter("other", z="B"))
    added = speaking.post("/flow", json={"nodes": [counter("new")]}).json()["id"]
    assert comes_true(lambda: runs(speaking, "new"))

    tab = {"nodes": [counter("f", name="changed"), counter("g")]}
    assert speaking.put("/flow/A", json=tab).status_code == 200
    assert comes_true(lambda: runs(speaking, "g"))
    assert speaking.put("/flow/A", json=tab).status_code == 200
    assert speaking.delete(f"/flow/{added}").status_code == 204

    assert not runs(speaking, "new")
    assert [counted(speaking, name)["starts"] for name in ("f", "g", "new", "other")] == [2, 1, 1, 1]


def test_stopped_flows_start_whole(speaking: httpx.Client) -> None:
    deploy(speaking, counter("f"))
    assert runs(speaking, "f")

    speaking.post("/flows/state", json={"state": "stop"})
    assert not runs(speaking, "f")
    deploy(speaking, counter("f"), counter("g"))
    assert not comes_true(lambda: runs(speaking, "g"), QUIET)

    speaking.post("/flows/state", json={"state": "start"})
    speaking.post("/flows/state", json={"state": "start"})
    assert [counted(speaking, "f")["starts"], counted(speaking, "g")["starts"]] == [2, 1]


def test_unknown_type_stops_a_full_deployment(speaking: httpx.Client) -> None:
    deploy(speaking, counter("f"))
    assert runs(speaking, "f")

    deploy(speaking, counter("f"), UNKNOWN)
    assert not comes_true(lambda: runs(speaking, "f"), QUIET)
    assert speaking.get("/flows/state").json() == {"state": "start"}
    deploy(speaking, counter("f"), deployment_type="nodes")

    assert comes_true(lambda: runs(speaking, "f"))


@pytest.mark.parametrize("deployment_type", ["nodes", "flows"])
def test_unknown_type_starts_nothing_and_lets_the_others_run(speaking: httpx.Client, deployment_type: str) -> None:
    deploy(speaking, counter("f"), counter("g"))
    assert runs(speaking, "f")
    assert runs(speaking, "g")

    deploy(speaking, counter("f"), counter("g", name="changed"), UNKNOWN, deployment_type=deployment_type)
    assert not comes_true(lambda: runs(speaking, "g"), QUIET)
    assert runs(speaking, "f")
    deploy(speaking, counter("f"), counter("g", name="changed"), deployment_type=deployment_type)

    assert comes_true(lambda: runs(speaking, "g"))
    assert [counted(speaking, "f")["starts"], counted(speaking, "g")["starts"]] == [1, 2]


def test_flows_start_once_their_type_is_installed(speaking: httpx.Client) -> None:
    deploy(speaking, counter("f"), node("r", "random"))
    assert not comes_true(lambda: runs(speaking, "f"), QUIET)

    assert speaking.post("/nodes", json={"module": "node-red-node-random"}).status_code == 200

    assert runs(speaking, "f")
    assert runs(speaking, "r")


def test_rewired_node_sends_elsewhere_without_a_restart(speaking: httpx.Client) -> None:
    deploy(speaking, counter("f", "g"), counter("g"), counter("h"))
    assert runs(speaking, "f")

    deploy(speaking, counter("f", "h"), counter("g"), counter("h"), deployment_type="nodes")
    assert runs(speaking, "f")

    assert counted(speaking, "f") == {"starts": 1, "messages": 2}
    assert [counted(speaking, name).get("messages") for name in ("g", "h")] == [1, 1]


def test_node_that_moved_into_a_subflow_runs_only_there(speaking: httpx.Client) -> None:
    subflow = {"id": "S", "type": "subflow", "in": [], "out": []}
    deploy(speaking, subflow, counter("f"), node("i", "subflow:S"))
    assert runs(speaking, "f")

    deploy(speaking, subflow, counter("f", z="S"), node("i", "subflow:S"), deployment_type="nodes")

    assert comes_true(lambda: runs(speaking, "i-f"))
    assert not runs(speaking, "f")


class RestartsItsNeighbour(Runtime):
    """A deployment of changed nodes restarts `g` as well, a while after the reply."""

    delay = 0.1

    def to_stop(self, before: list[Json], after: list[Json], deployment_type: str) -> set[str]:
        """One more than there is to stop."""
        return super().to_stop(before, after, deployment_type) | {"g"}


def test_fault_can_be_a_runtime(served: Serve) -> None:
    fault = Fault("restarts-its-neighbour", "", (), truth, runtime=RestartsItsNeighbour)
    with httpx.Client(base_url=served(Lying(Api().app(), fault)), trust_env=False) as speaking:
        deploy(speaking, counter("f"), counter("g"))
        assert not runs(speaking, "g")
        assert comes_true(lambda: runs(speaking, "g"))

        deploy(speaking, counter("f"), counter("g"), deployment_type="nodes")

        assert runs(speaking, "f")
        assert not runs(speaking, "g")
        assert comes_true(lambda: runs(speaking, "g"))
        assert [counted(speaking, "f")["starts"], counted(speaking, "g")["starts"]] == [1, 2]
