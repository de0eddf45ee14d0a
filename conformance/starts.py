"""How the start of a node is seen from outside: by the mark that it leaves, read back in several independent ways."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

import httpx

from conformance.client import Admin
from conformance.comms import DEPLOYED, Listener, messages_in, value_of
from conformance.data import Json
from conformance.recorder import NoReply

Starts = Counter[str]
"""How often nodes started, by their names. A function node that receives its inject's message counts the inject's."""

STATUSES: Final = {"subscribe": "status/#"}
"""The message that asks for what nodes say of themselves."""

MARKED: Final = ("func", "initialize")
"""The texts of a function node that can leave the mark of a start: its own, or of who sends it a message."""

STOPS: Final = "stops_"
"""How the mark begins that a function node leaves at its end."""


READING: Final = 2.0
"""Seconds that the marks may take to be read."""


@dataclass(frozen=True)
class Marks:
    """The marks of one run, all under one key of the global context."""

    key: str

    def started(self, word: str) -> str:
        """The JavaScript that marks a start: it counts in the context, and shows a status."""
        return f'{self.counting(word)}\nnode.status({{text: "{self.key} {word}"}});'

    def counting(self, word: str) -> str:
        """The JavaScript that counts in an object of the context, in a form that every Node-RED since 0.15 can run."""
        made = f'global.set("{self.key}", global.get("{self.key}") || {{}});'
        return f'{made}\nglobal.set("{self.key}.{word}", ((global.get("{self.key}") || {{}}).{word} || 0) + 1);'

    def on(self, node: Json, number: int) -> Json:
        """The node with statements in place of the words in its texts; the reader with an address of this number."""
        if node["type"] == "function":
            texts = {name: self.started(node[name]) for name in MARKED if node.get(name)}
            texts["func"] = f"{texts.get('func', '')}\nreturn msg;"
            return {
                **node,
                **texts,
                "finalize": self.counting(f"{STOPS}{node['finalize']}") if node["finalize"] else "",
            }
        if node["type"] == "http in":
            return {**node, "url": f"/{self.key}/{number}"}
        if node["type"] == "change":
            return {**node, "rules": [{**rule, "to": self.key} for rule in node["rules"]]}
        return node


class Way(Protocol):
    """One way to read how often each node has started so far."""

    name: str

    def read(self) -> Starts:
        """How often each node has started."""
        ...


@dataclass
class Counts:
    """The marks that were counted in the context, from whichever of these URLs gives them."""

    name: str
    client: Admin
    urls: Callable[[], Iterable[str]]
    last: Starts = field(default_factory=Starts)
    stops: Starts = field(default_factory=Starts)
    """How often each function node has run the code for its end."""

    def read(self) -> Starts:
        """How often each was counted, as far as could be read last: an HTTP In node may be stopped just now."""
        for url in self.urls():
            reply = self._asked(url)
            if reply and reply.status_code == httpx.codes.OK and isinstance(told := value_of(reply.text), dict):
                counts = counted(value_of(told["msg"]) if isinstance(told.get("msg"), str) else told)
                self.stops = Starts(
                    {name.removeprefix(STOPS): counts[name] for name in counts if name.startswith(STOPS)}
                )
                self.last = Starts({name: counts[name] for name in counts if not name.startswith(STOPS)})
        return self.last

    def _asked(self, url: str) -> httpx.Response | None:
        """The reply, None where none came: a flow that is just being stopped never answers."""
        try:
            return self.client.get(url, timeout=min(READING, self.client.timeout.read or READING))
        except NoReply:
            return None


@dataclass
class Statuses:
    """The marks that were told on `/comms`, each as a status of its node, and how many deployments were."""

    name: str
    listener: Listener
    key: str
    starts: Starts = field(default_factory=Starts)
    deployments: int = 0
    _heard: int = 0
    _deaf: bool = False

    def read(self) -> Starts:
        """How often each was told."""
        self._catch_up()
        frames, self._heard = self.listener.heard[self._heard :], len(self.listener.heard)
        for message in (message for frame in frames for message in messages_in(frame)):
            data = message.get("data")
            text = str(data.get("text") if isinstance(data, dict) else None)
            if str(message["topic"]).startswith("status/") and text.startswith(f"{self.key} "):
                self.starts[text.removeprefix(f"{self.key} ")] += 1
            self.deployments += message["topic"] == DEPLOYED
        return self.starts.copy()

    def _catch_up(self) -> None:
        """Hear what there is, unless the target has once not answered a ping."""
        if not self._deaf:
            try:
                self.listener.catch_up()
            except AssertionError:
                self._deaf = True


def counted(value: Json) -> Starts:
    """The numbers in an object, nothing where it is none."""
    numbers = value if isinstance(value, dict) else {}
    return Starts({name: number for name, number in numbers.items() if type(number) is int})


def union(counts: Iterable[Starts]) -> Starts:
    """What several ways tell together: what one of them shows has been, whatever the others missed."""
    together = Starts()
    for starts in counts:
        together |= starts
    return together
