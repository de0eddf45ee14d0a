"""What a deployment starts is seen in several ways, each of which is enough, and nothing is left behind."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.client import Admin
from conformance.comms import Comms
from conformance.connection import Connection
from conformance.data import data_dir
from conformance.experiment import Experiment, Sight
from conformance.outcomes import NotTested
from conformance.parts import NAMES, anew, changed, edited, named, part, without
from conformance.recorder import Recorder
from conformance.secrets import Secrets
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import AS_BOTH, PASSWORDS, Answer, Liar, protected
from conformance.selftest.running import Suite
from conformance.starts import MARKED, Starts, union
from conformance.targets import Target
from conformance.waiting import Patience
from reference_server import Api
from reference_server.runtime import Runtime

MARKS = "conformance_self_starts"


@contextmanager
def experiment(url: str) -> Iterator[Experiment]:
    """An experiment on a server that asks for no token."""
    connection = Connection(timeout=1)
    recorder = Recorder(connection.transport(), Secrets({}))
    client = Admin(url, recorder, 1)
    comms = Comms(Target(name="t", url=url, version=None), recorder, connection)
    patience = Patience()
    patience.seconds = 1
    with recorder.writing():
        experiments = Experiment(client, client, comms, "self", Sight(patience))
        yield experiments
        experiments.end()
    recorder.close()


def hiding(app: ASGIApp, *hidden: str) -> ASGIApp:
    """The application without what is at paths that begin so; `/comms` is its websocket."""

    def lie(request: Request, true: Answer) -> Answer:
        return Answer(404, (), b"") if request.url.path.startswith(hidden) else true

    liar = Liar(app, lie)

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and "/comms" in hidden:
            await send({"type": "websocket.close"})
        else:
            await liar(scope, receive, send)

    return answered


@pytest.mark.parametrize("left", ["/context", f"/{MARKS}", "/comms"])
def test_each_way_alone_is_enough(served: Serve, left: str) -> None:
    hidden = {"/context", f"/{MARKS}", "/comms"} - {left}
    with experiment(served(hiding(Api().app(), *hidden))) as watched:
        nodes = watched.running("wired")

        started = watched.deploy("nodes", changed(nodes, "apart", "second"), "apart", "second")

    assert started == {"apart": 1, "second": 1}


def test_without_any_way_nothing_is_tested(served: Serve) -> None:
    with experiment(served(hiding(Api().app(), "/context", f"/{MARKS}", "/comms"))) as watched:
        for _ in range(2):
            with pytest.raises(NotTested, match="no start of a node can be seen from outside"):
                watched.running("wired")


@pytest.mark.thorough
@pytest.mark.long
def test_target_where_nothing_runs_is_incomplete(suite: Suite, served: Serve) -> None:
    class Dead(Runtime):
        def start_missing(self) -> None:
            pass

    api = protected()
    api.run_on(Dead)

    ended = suite(f"--target={served(api.app())}", "-k", "test_deploy_nodes", *AS_BOTH, **PASSWORDS)

    assert {ended.outcomes()[name] for name in ended.outcomes() if name.startswith("deploy.nodes")} == {"not-tested"}
    assert "no start of a node can be seen from outside" in ended.reason("deploy.nodes-keeps-other-tabs")
    assert ended.exit_code == 10


def test_slow_starts_are_waited_for(served: Serve) -> None:
    api = Api()
    api.runtime.delay = 0.4
    with experiment(served(api.app())) as watched:
        nodes = watched.running("wired")

        assert watched.deploy("full", nodes, "first") == watched.visible("wired")
        assert watched.deploy("nodes", nodes) == {}
        assert watched.deploy("nodes", changed(nodes, "apart")) == {"apart": 1}


def test_nothing_is_left_behind(served: Serve) -> None:
    url = served(Api().app())
    with experiment(url) as watched:
        watched.running("wired", "ticking")
        assert MARKS in httpx.get(f"{url}/context/global").text

    assert MARKS not in httpx.get(f"{url}/context/global").text
    assert httpx.get(f"{url}/flows").json() == []


@pytest.mark.parametrize("name", NAMES)
def test_marks_are_names_in_javascript(name: str) -> None:
    words = [node[text] for node in part(name).nodes for text in (*MARKED, "finalize") if node.get(text)]

    assert [word for word in words if not word.isidentifier()] == [], "the function node would throw, and count nothing"


def test_starts_of_several_ways_are_one_story() -> None:
    ways = [Starts(first=1, tick=3), Starts(tick=4), Starts()]

    assert union(ways) == {"first": 1, "tick": 4}


def test_every_node_of_the_parts_has_an_id_of_its_own() -> None:
    nodes = [node for name in NAMES for node in part(name).nodes]

    assert [node_id for node_id, number in Counter(node["id"] for node in nodes).items() if number > 1] == []


def test_no_part_is_forgotten() -> None:
    assert sorted(path.stem for path in (data_dir("fixtures") / "deploy").glob("*.json")) == sorted(NAMES)


def test_other_ids_keep_what_belongs_together() -> None:
    before, after = part("subflows").nodes, anew(part("subflows").nodes, 7)

    assert {node["id"] for node in before}.isdisjoint(node["id"] for node in after)
    instance = named(after, "inner one")
    assert instance["type"] == f"subflow:{named(after, 'inner subflow')['id']}"
    assert instance["z"] == named(after, "second subflow tab")["id"]


def test_what_is_removed_leaves_nothing_that_leads_to_it() -> None:
    left = without(part("links").nodes, "receiving tab")

    assert named(left, "out")["links"] == []
    assert {node.get("z") for node in left} == {None, named(left, "sending tab")["id"]}


def test_edits_leave_the_original() -> None:
    nodes = part("wired").nodes
    before = str(nodes)

    assert named(edited(nodes, "first", x=7), "first")["x"] == 7
    assert named(changed(nodes, "second"), "second")["func"] != named(nodes, "second")["func"]
    assert str(nodes) == before
