"""What the nodes of the reference server's flows do, type by type."""

import asyncio

import httpx
import pytest

from conformance.selftest.counters import TAB, change, counted, counter, deploy, node, runs
from conformance.waiting import QUIET, comes_true
from reference_server import Api


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
