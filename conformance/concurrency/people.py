"""People who read and deploy at once, each over a client of their own, and what they did."""

import contextlib
import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, Event
from typing import Final, TypeVar

from conformance import tape
from conformance.checks import conforms
from conformance.client import JSON, V2, Admin, Deployment
from conformance.concurrency.history import NO_REPLY, Operation
from conformance.concurrency.smallest import violation
from conformance.concurrency.telling import told
from conformance.data import Json
from conformance.recorder import NoReply
from conformance.wire import LEAVING, Leaving, Left

NODES: Final = 30
"""Nodes of a content, all under one name, so that half of it is seen to be half."""

LARGE: Final = 1_000
"""Nodes of a large content: more than a hundred thousand bytes."""

TAB: Final = "c0f0000000010000"
"""The id of the one tab of each content."""

T = TypeVar("T")


def flows_named(name: str, number: int = NODES) -> list[Json]:
    """A tab that says how many nodes it has, and the nodes, all under one name."""
    tab = {"id": TAB, "type": "tab", "label": name, "disabled": False, "info": f"{number}"}
    about = {"type": "comment", "z": TAB, "name": name, "info": "", "x": 140, "y": 40, "wires": []}
    return [tab, *({"id": f"{int(TAB, 16) + index:016x}", **about} for index in range(1, number + 1))]


def in_order(nodes: list[Json]) -> list[Json]:
    """The nodes in the order of their ids, in which they were deployed: here no other is judged."""
    return sorted(nodes, key=lambda node: str(node.get("id") if isinstance(node, dict) else ""))


class Race:
    """What several people did, on one clock."""

    def __init__(self, word: str) -> None:
        self.word = word
        """What is in the name of all that is deployed."""
        self.history: list[Operation] = []
        self._began = time.monotonic()

    def now(self) -> float:
        """Milliseconds since the race began."""
        return float(tape.decide("now", lambda: (time.monotonic() - self._began) * 1_000))

    def name_of(self, nodes: list[Json]) -> str:
        """The name of the flows without the word, where they are whole; otherwise what there is of which."""
        names = [str(node.get("label") or node.get("name")) for node in nodes if isinstance(node, dict)]
        tabs = [node for node in nodes if isinstance(node, dict) and node.get("type") == "tab"]
        number = str(tabs[0].get("info")) if tabs else ""
        if number.isdecimal() and in_order(nodes) == flows_named(str(tabs[0].get("label")), int(number)):
            return str(tabs[0]["label"]).removeprefix(f"{self.word} ")
        parts = [f"{names.count(name)} nodes of {name}" for name in dict.fromkeys(names)]
        return " and ".join(parts).replace(f"{self.word} ", "") or "no nodes"

    def explained(self) -> None:
        """Make sure that some order explains all that was done; raises AssertionError with what none does."""
        __tracebackhide__ = True
        self.history.sort(key=lambda operation: operation.start)  # in which threads write it is chance
        if found := violation(self.history):
            raise AssertionError(told(found))


class Person:
    """Somebody who reads and deploys, and deploys nothing twice."""

    def __init__(self, name: str, admin: Admin, race: Race) -> None:
        self.name = name
        self.admin = admin
        self.race = race
        self._deployments = 0

    def read(self) -> Deployment:
        """The active flows."""
        start = self.race.now()
        read = self.admin.read()
        self._did(start, content=self.race.name_of(read.flows), rev=read.rev)
        return read

    def deploy(self, rev: str | None = None, headers: Mapping[str, str] | None = None) -> str | None:
        """Deploy, under a rev or by force, and give the new rev; None where it was refused, or had no reply."""
        content, body = self._next(NODES, rev)
        done: dict[str, Json] = {"content": content, "deploys": True, "expected": rev}
        start = self.race.now()
        try:
            reply = self.admin.post("/flows", headers={**V2.headers, **(headers or {})}, json=body)
        except NoReply:
            self._did(start, NO_REPLY, **done)
            return None
        if rev is not None and reply.status_code == 409:
            self._did(start, **done, accepted=False)
            return None
        assert reply.status_code == 200
        gained: str = conforms(reply, "flows-v2-deployed")["rev"]
        self._did(start, **done, rev=gained)
        return gained

    def leave(self, leaving: Leaving, *, nodes: int = LARGE, chunked: bool = False) -> None:
        """Begin to deploy flows of so many nodes by force, and go away before the reply."""
        content, body = self._next(nodes, None)
        sent = json.dumps(body).encode()
        start = self.race.now()
        with contextlib.suppress(Left):
            self.admin.post(
                "/flows",
                headers={**V2.headers, **JSON},
                content=iter([sent]) if chunked else sent,
                extensions={LEAVING: leaving},
            )
        self._did(start, NO_REPLY, content=content, deploys=True)

    def read_and_deploy(self, times: int) -> None:
        """Deploy with the rev that was read just before, several times."""
        for _ in range(times):
            self.deploy(self.read().rev)

    def _next(self, nodes: int, rev: str | None) -> tuple[str, Json]:
        """The name of flows that nobody has deployed, without the word, and the body that deploys them."""
        self._deployments += 1
        content = f"{self.name}{self._deployments}"
        body = V2.body(flows_named(f"{self.race.word} {content}", nodes))
        return content, body if rev is None else {**body, "rev": rev}

    def _did(self, start: float, end: float | None = None, **what: Json) -> None:
        end = self.race.now() if end is None else end
        self.race.history.append(Operation(client=self.name, start=start, end=end, **what))


def together(*deeds: Callable[[], T]) -> list[T]:
    """What comes of deeds that all begin at once; raises what the first of them raised."""
    barrier = Barrier(len(deeds))

    def begun(deed: Callable[[], T]) -> T:
        barrier.wait()
        return deed()

    with ThreadPoolExecutor(len(deeds)) as crowd:
        return [done.result() for done in [crowd.submit(begun, deed) for deed in tape.apart(deeds)]]


def meanwhile(deed: Callable[[], object], *looks: Callable[[], T]) -> list[T]:
    """All that was seen from the beginning of a deed to its end; raises what any of them raised."""
    over = Event()

    def done() -> list[T]:
        try:
            deed()
        finally:
            over.set()
        return []

    def looking(look: Callable[[], T]) -> list[T]:
        seen = [look()]
        while not tape.decide("over", over.is_set):
            seen.append(look())
        return seen

    return [saw for seen in together(done, *(partial(looking, look) for look in looks)) for saw in seen]
