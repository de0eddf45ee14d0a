"""A target that somebody uses: a real Node-RED with thousands of nodes, which shows whether it lost any of them.

Its flows log in elsewhere with stored credentials when they start, and whenever they are asked: what comes there tells
that they still run, how often they were restarted, and what their credentials are.
"""

import base64
import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Final

from starlette.types import Receive, Scope, Send

from conformance.client import V2, Admin
from conformance.connection import Connection
from conformance.data import Json
from conformance.live import snapshot
from conformance.recorder import Recorder
from conformance.secrets import Secrets
from conformance.waiting import comes_true
from reference_server import serve

FLOWS, DISABLED, GROUPED, SUBFLOWS = 40, 10, 20, 5
"""How many tabs there are, how many of them are disabled, how many hold groups, and how many subflows there are."""

LOGINS: Final = 10
"""Nodes that log in elsewhere."""


PATIENCE: Final = 60
"""Seconds within which it answers."""


class Elsewhere:
    """A server that keeps in mind as whom it was asked, and for what."""

    def __init__(self) -> None:
        self.asked: Counter[tuple[str, str]] = Counter()

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer, whoever asks."""
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        self.asked[scope["path"], headers.get(b"authorization", b"").decode("latin-1")] += 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


def flows(elsewhere: str, nodes: int) -> list[Json]:
    """About so many nodes: tabs of which some are disabled, groups, subflows, links, and nodes with credentials."""
    made: list[Json] = [subflow for number in range(SUBFLOWS) for subflow in subflow_nodes(number)]
    each = max((nodes - len(made)) // FLOWS, 6)
    for number in range(FLOWS):
        made += tab_nodes(number, each)
    for number in range(LOGINS):
        made += login_nodes(number, elsewhere)
    return made


def subflow_nodes(number: int) -> list[Json]:
    """A subflow with two nodes in it."""
    name, inside = f"sub{number}", f"sub{number}inside"
    wire = [{"id": inside}]
    return [
        {"id": name, "type": "subflow", "name": name, "info": "", "in": [{"x": 0, "y": 0, "wires": wire}], "out": []},
        {"id": inside, "type": "function", "z": name, "name": "", "func": "return msg;", "outputs": 1, "wires": [[]]},
        {"id": f"{inside}2", "type": "debug", "z": name, "name": "", "active": False, "wires": []},
    ]


def tab_nodes(number: int, size: int) -> list[Json]:
    """A tab of so many nodes, each wired to the next one."""
    tab, disabled = f"tab{number}", number < DISABLED
    ids = [f"{tab}n{place}" for place in range(size - 3)]
    nodes: list[Json] = [
        {
            "id": name,
            "type": "change",
            "z": tab,
            "name": name,
            "rules": [],
            "x": 100,
            "y": 20 * place,
            "wires": [[after]],
        }
        for place, (name, after) in enumerate(zip(ids, [*ids[1:], f"{tab}use"], strict=True))
    ]
    use = {"id": f"{tab}use", "type": f"subflow:sub{number % SUBFLOWS}", "z": tab, "x": 300, "y": 20, "wires": []}
    made = [{"id": tab, "type": "tab", "label": f"Line {number}", "disabled": disabled, "info": ""}, *nodes, use]
    if number >= FLOWS - GROUPED:
        for node in nodes[:3]:
            node["g"] = f"{tab}group"
        inside = [node["id"] for node in nodes[:3]]
        made.append({"id": f"{tab}group", "type": "group", "z": tab, "name": "Group", "style": {}, "nodes": inside})
    return made


def login_nodes(number: int, elsewhere: str) -> list[Json]:
    """A node that logs in elsewhere when it starts and when it is asked to, with stored credentials of its own."""
    tab, asks = f"tab{FLOWS - 1}", f"ask{number}"
    usual = {"repeat": "", "crontab": "", "topic": "", "payload": "", "payloadType": "date", "props": []}
    starts = {"once": True, "onceDelay": 0.1, **usual}
    return [
        {"id": f"start{number}", "type": "inject", "z": tab, **starts, "x": 1, "y": 1, "wires": [[f"started{number}"]]},
        {"id": f"push{number}", "type": "inject", "z": tab, **usual, "x": 1, "y": 1, "wires": [[asks]]},
        {"id": f"started{number}", **request(f"{elsewhere}/started/{number}", tab), "credentials": secret(number)},
        {"id": asks, **request(f"{elsewhere}/asked/{number}", tab), "credentials": secret(number)},
    ]


def request(url: str, tab: str) -> Json:
    """A node that asks this URL, and logs in there."""
    asks = {"method": "GET", "ret": "txt", "paytoqs": "ignore", "url": url, "authType": "basic"}
    return {"type": "http request", "z": tab, "name": "", **asks, "x": 1, "y": 1, "wires": [[]]}


def secret(number: int) -> Json:
    """The credentials of a node."""
    return {"user": f"user{number}", "password": f"pass word {number} ü"}


def authorization(number: int) -> str:
    """What somebody sends who logs in with them."""
    pair = ":".join(secret(number).values())
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


class InUse:
    """A Node-RED with flows, and what it was before anybody else came."""

    def __init__(self, admin: Admin, elsewhere: Elsewhere, url: str, nodes: int) -> None:
        """Deploy the flows, and wait until they run."""
        self.admin, self.elsewhere = admin, elsewhere
        reply = admin.post("/flows", headers=V2.headers, json=V2.body(flows(url, nodes)))
        assert reply.status_code == 200, reply.text
        assert comes_true(lambda: self.starts() == LOGINS)
        self.before = snapshot.take(admin)

    def starts(self) -> int:
        """How often the nodes started that log in elsewhere when they do."""
        return sum(self.elsewhere.asked[f"/started/{number}", authorization(number)] for number in range(LOGINS))

    def differences(self) -> list[str]:
        """What is otherwise now, a line for each: in what the target tells, and in what its nodes do."""
        self.admin.recorder.forget()
        now = snapshot.take(self.admin)
        otherwise = list(self.before.differences(now))
        if now.rev != self.before.rev:
            otherwise.append(f"the rev was {self.before.rev}, and is {now.rev}")
        return [*otherwise, *self.strangers()]

    def strangers(self) -> list[str]:
        """The nodes that no longer log in elsewhere with the credentials that they were given."""
        before = self.elsewhere.asked.copy()
        for number in range(LOGINS):
            self.admin.post(f"/inject/push{number}")
        asked = [(f"/asked/{number}", authorization(number)) for number in range(LOGINS)]
        comes_true(lambda: all(self.elsewhere.asked[one] > before[one] for one in asked))
        silent = [path for path, login in asked if self.elsewhere.asked[path, login] == before[path, login]]
        return [f"{path} was not asked for with the credentials of its node" for path in silent]


@contextlib.contextmanager
def in_use(url: str, password: str, nodes: int) -> Iterator[InUse]:
    """Put a Node-RED to use, for as long as the block lasts; the password is that of `admin`."""
    elsewhere = Elsewhere()
    recorder = Recorder(Connection(timeout=PATIENCE).transport(), Secrets({}), may_write=True)
    form = {"client_id": "node-red-admin", "grant_type": "password", "scope": "*", "username": "admin"}
    with Admin(url, recorder, PATIENCE) as admin, serve(elsewhere) as other:
        token = admin.post("/auth/token", data={**form, "password": password}).json()["access_token"]
        admin.headers["Authorization"] = f"Bearer {token}"
        yield InUse(admin, elsewhere, other.url, nodes)
