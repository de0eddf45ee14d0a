"""What the reference server's flows do: when their nodes start and stop, and what those of each type are good for."""

import asyncio
import json
from collections.abc import Iterator
from typing import Final

import httpx
import pytest

from conformance.data import Json
from conformance.selftest.conftest import Serve
from conformance.waiting import QUIET, comes_true
from reference_server import Api
from reference_server.faults import Fault, Lying
from reference_server.faults.lying import truth
from reference_server.runtime import Runtime

TAB: Final = {"id": "A", "type": "tab"}
UNKNOWN: Final = {"id": "unknown", "type": "conformance", "z": "A", "x": 1, "y": 1, "wires": []}


@pytest.fixture
def speaking(served: Serve) -> Iterator[httpx.Client]:
    """A client of the reference server."""
    with httpx.Client(base_url=served(Api().app()), trust_env=False) as client:
        yield client


def node(node_id: str, node_type: str, *wired: str, **properties: Json) -> Json:
    """A node of tab A whose one output is wired to these."""
    return {"id": node_id, "type": node_type, "z": "A", "x": 1, "y": 1, "wires": [list(wired)], **properties}


def counter(node_id: str, *wired: str, **properties: Json) -> Json:
    """A function that counts its starts, its ends and its messages, and passes these on."""
    counts = {"initialize": "starts", "finalize": "ends", "func": "messages"}
    code = {
        when: f'global.set("{node_id}.{what}", (global.get("{node_id}.{what}") || 0) + 1);'
        for when, what in counts.items()
    }
    return node(node_id, "function", *wired, **{**code, "func": f"{code['func']}\nreturn msg;", **properties})


def change(node_id: str, *wired: str, **rule: Json) -> Json:
    """A node that sets one value."""
    return node(node_id, "change", *wired, rules=[{"t": "set", "p": "payload", "pt": "msg", **rule}])


def deploy(client: httpx.Client, *nodes: Json, deployment_type: str = "full") -> None:
    """Deploy these nodes in tab A."""
    headers = {"Node-RED-Deployment-Type": deployment_type}
    assert client.post("/flows", json=[TAB, *nodes], headers=headers).status_code == 204


def counted(client: httpx.Client, node_id: str) -> dict[str, int]:
    """What a counter has counted."""
    told = client.get(f"/context/global/{node_id}").json()
    return {} if told["format"] == "undefined" else json.loads(told["msg"])


def runs(client: httpx.Client, node_id: str) -> bool:
    """Whether the node runs, to which this is a message."""
    return client.post(f"/inject/{node_id}").status_code == 200


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


@pytest.mark.parametrize("once", [True, False])
def test_inject_repeats_until_it_stops(speaking: httpx.Client, once: bool) -> None:
    inject = node("i", "inject", "f", once=once, onceDelay=0.01, repeat="0.02")
    deploy(speaking, inject, counter("f"))
    assert comes_true(lambda: counted(speaking, "f").get("messages", 0) > 2)

    deploy(speaking, counter("f"), deployment_type="nodes")
    messages = counted(speaking, "f")["messages"]

    assert not comes_true(lambda: counted(speaking, "f")["messages"] != messages, QUIET)


def test_stopped_inject_does_not_fire(speaking: httpx.Client) -> None:
    inject = node("i", "inject", "f", once=True, onceDelay=0.05)
    deploy(speaking, inject, counter("f"))
    deploy(speaking, counter("f"), deployment_type="nodes")

    assert not comes_true(lambda: "messages" in counted(speaking, "f"), QUIET)


def test_status_is_kept_until_its_node_stops() -> None:
    api = Api()

    async def life() -> None:
        api.deploy([TAB, node("f", "function", initialize='node.status({text: "on"});')], "full")
        await asyncio.sleep(0.01)
        assert api.retained["status/f"] == {"text": "on"}
        api.deploy([], "nodes")
        assert "status/f" not in api.retained

    asyncio.run(life())


@pytest.mark.parametrize(
    ("payload", "kind", "text", "media_type"),
    [
        ("plain", "str", "plain", "text/html"),
        ("5", "num", "5", "text/html"),
        ('{"a": [1]}', "json", '{"a":[1]}', "application/json"),
        ("conformance_missing", "global", "", ""),
    ],
    ids=["text", "number", "object", "undefined"],
)
def test_http_nodes_answer(speaking: httpx.Client, payload: str, kind: str, text: str, media_type: str) -> None:
    answer = node("r", "http response", statusCode="201")
    deploy(
        speaking, node("h", "http in", "c", url="/a/b", method="get"), change("c", "r", to=payload, tot=kind), answer
    )
    assert comes_true(lambda: speaking.get("/a/b").status_code == 201)

    reply = speaking.get("/A/B/")

    assert reply.text == text
    assert reply.headers.get("content-type", "").split(";")[0] == media_type
    assert speaking.post("/a/b", content=b"{", headers={"Content-Type": "application/json"}).status_code == 404


def test_http_node_gives_a_counted_value(speaking: httpx.Client) -> None:
    reader = change("c", "r", to="f.starts", tot="global")
    deploy(
        speaking, node("h", "http in", "c", url="/n", method="get"), reader, node("r", "http response"), counter("f")
    )

    assert comes_true(lambda: speaking.get("/n").text == "1")


def test_http_node_answers_while_it_runs(speaking: httpx.Client) -> None:
    echo, answer = node("h", "http in", "r", url="echo", method="post"), node("r", "http response")
    deploy(speaking, echo, answer)
    assert comes_true(lambda: speaking.post("/echo", json={"a": 1}).text == '{"a":1}')

    deploy(speaking, {**echo, "d": True}, answer, deployment_type="nodes")
    assert speaking.post("/echo", json={"a": 1}).status_code == 404

    deploy(speaking, {**echo, "wires": []}, answer, deployment_type="nodes")
    assert comes_true(lambda: speaking.post("/echo", json={"a": 1}).status_code == 504)


def test_flows_answer_nothing_that_the_api_answers(speaking: httpx.Client) -> None:
    own = [node("h", "http in", "r", url="/flows", method="get"), node("r", "http response", statusCode="201")]
    deploy(speaking, *own)
    assert comes_true(lambda: runs(speaking, "r"))

    assert speaking.get("/flows").json() == [TAB, *own]


def test_rewired_node_sends_elsewhere_without_a_restart(speaking: httpx.Client) -> None:
    deploy(speaking, counter("f", "g"), counter("g"), counter("h"))
    assert runs(speaking, "f")

    deploy(speaking, counter("f", "h"), counter("g"), counter("h"), deployment_type="nodes")
    assert runs(speaking, "f")

    assert counted(speaking, "f") == {"starts": 1, "messages": 2}
    assert [counted(speaking, name).get("messages") for name in ("g", "h")] == [1, 1]


def test_circle_ends(speaking: httpx.Client) -> None:
    deploy(speaking, counter("f", "g"), counter("g", "f", "g"))

    assert runs(speaking, "f")
    assert [counted(speaking, name)["messages"] for name in ("f", "g")] == [1, 1]


def test_links_join_tabs(speaking: httpx.Client) -> None:
    ends = [node("out", "link out", links=["in"]), node("in", "link in", "g", links=["out"], z="B")]
    deploy(speaking, {"id": "B", "type": "tab"}, counter("f", "out"), *ends, counter("g", z="B"))

    assert comes_true(lambda: runs(speaking, "f"))
    assert counted(speaking, "g")["messages"] == 1


def test_message_goes_through_every_instance(speaking: httpx.Client) -> None:
    through = [{"wires": [{"id": "s"}]}], [{"wires": [{"id": "s", "port": 0}]}, {"wires": [{"id": "S", "port": 0}]}]
    subflow = {"id": "S", "type": "subflow", "in": through[0], "out": through[1]}
    one, two = node("one", "subflow:S", "two"), node("two", "subflow:S", "g")
    two["wires"].append(["h"])
    deploy(speaking, subflow, counter("s", z="S"), one, two, counter("g"), counter("h"))
    assert comes_true(lambda: runs(speaking, "one"))

    assert [counted(speaking, name)["messages"] for name in ("s", "g", "h")] == [2, 1, 1]
    assert [runs(speaking, name) for name in ("one-s", "two-s", "s", "S")] == [True, True, False, False]


def test_node_that_moved_into_a_subflow_runs_only_there(speaking: httpx.Client) -> None:
    subflow = {"id": "S", "type": "subflow", "in": [], "out": []}
    deploy(speaking, subflow, counter("f"), node("i", "subflow:S"))
    assert runs(speaking, "f")

    deploy(speaking, subflow, counter("f", z="S"), node("i", "subflow:S"), deployment_type="nodes")

    assert comes_true(lambda: runs(speaking, "i-f"))
    assert not runs(speaking, "f")


def test_subflow_in_itself_is_left_out(speaking: httpx.Client) -> None:
    inner = {**node("inner", "subflow:S"), "z": "S"}
    deploy(speaking, {"id": "S", "type": "subflow", "in": [], "out": []}, inner, node("i", "subflow:S"), counter("f"))

    assert comes_true(lambda: runs(speaking, "f"))


def test_every_message_is_a_copy(speaking: httpx.Client) -> None:
    answer = node("r", "http response")
    silent = change("other", to="changed", tot="str")
    echo = node("h", "http in", "other", "r", url="/copy", method="get")
    deploy(speaking, echo, silent, answer)

    assert comes_true(lambda: speaking.get("/copy?a=1").text == '{"a":"1"}')


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
