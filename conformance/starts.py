"""How the start of a node is seen from outside: by the mark that it leaves, read back in several independent ways."""

import contextlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

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


@dataclass(frozen=True)
class Marks:
    """The marks of one experiment, all under one key of the global context, which no other has."""

    key: str

    def started(self, word: str) -> str:
        """The JavaScript that marks a start: it shows a status, and counts in the context."""
        return f'node.status({{text: "{self.key} {word}"}});\n{self.counting(word)}'

    def counting(self, word: str) -> str:
        """The JavaScript that counts in an object of the context, in a form that every Node-RED since 0.15 can run."""
        made = f'global.set("{self.key}", global.get("{self.key}") || {{}});'
        return f'{made}\nglobal.set("{self.key}.{word}", ((global.get("{self.key}") || {{}}).{word} || 0) + 1);'

    def on(self, node: Json) -> Json:
        """The node with statements in place of the words in its texts; the reader with an address of its own."""
        if node["type"] == "function":
            texts = {name: self.started(node[name]) for name in MARKED if node.get(name)}
            texts["func"] = f"{texts.get('func', '')}\nreturn msg;"
            end = self.counting(f"{STOPS}{node['finalize']}") if node["finalize"] else ""
            return {**node, **texts, "finalize": end}
        if node["type"] == "http in":
            return {**node, "url": f"/{self.key}"}
        if node["type"] == "change":
            return {**node, "rules": [{**rule, "to": self.key} for rule in node["rules"]]}
        return node


class Way(Protocol):
    """One way to read how often each node has started."""

    name: str

    def read(self, key: str) -> Starts:
        """How often each node has started that marks it under this key."""
        ...


@dataclass
class Counts:
    """The marks that were counted in the context, from wherever they are given."""

    name: str
    client: Admin
    urls: Iterable[str]
    """The URLs below which there is one for each key."""
    stops: Starts = field(default_factory=Starts)
    """How often each function node has run the code for its end, as was read last."""
    _last: tuple[str, Starts] = ("", Starts())

    def read(self, key: str) -> Starts:
        """How often each was counted, as far as could be read last: a flow may be stopped just now, and not answer."""
        if key != self._last[0]:
            self._last, self.stops = (key, Starts()), Starts()
        for url in self.urls:
            counts = self._asked(f"{url}/{key}")
            if counts:
                self.stops = Starts({name.removeprefix(STOPS): counts[name] for name in counts if is_stop(name)})
                self._last = key, Starts({name: counts[name] for name in counts if not is_stop(name)})
        return self._last[1]

    def _asked(self, url: str) -> Starts:
        """What is counted there, nothing where no reply comes that says so."""
        with contextlib.suppress(NoReply):
            reply = self.client.get(url)
            told = value_of(reply.text) if reply.is_success else None
            return counted(
                value_of(told["msg"]) if isinstance(told, dict) and isinstance(told.get("msg"), str) else told
            )
        return Starts()


@dataclass
class Statuses:
    """The marks that were told on `/comms`, each as a status of its node, and how many deployments were."""

    name: str
    listener: Listener
    starts: defaultdict[str, Starts] = field(default_factory=lambda: defaultdict(Starts))
    """How often each start was told, by the key of its mark."""
    deployments: int = 0
    _heard: int = 0
    _deaf: bool = False

    def read(self, key: str) -> Starts:
        """How often each was told."""
        self._catch_up()
        frames, self._heard = self.listener.heard[self._heard :], len(self.listener.heard)
        for message in (message for frame in frames for message in messages_in(frame)):
            data = message.get("data")
            marked, _, name = str(data.get("text") if isinstance(data, dict) else None).partition(" ")
            self.starts[marked][name] += str(message["topic"]).startswith("status/")
            self.deployments += message["topic"] == DEPLOYED
        return self.starts[key].copy()

    def _catch_up(self) -> None:
        """Hear what there is, unless the target has once not answered a ping."""
        if not self._deaf:
            try:
                self.listener.catch_up()
            except AssertionError:
                self._deaf = True


def is_stop(name: str) -> bool:
    """Whether this is the mark of an end."""
    return name.startswith(STOPS)


def counted(value: Json) -> Starts:
    """The numbers in an object, nothing where it is none."""
    numbers = value if isinstance(value, dict) else {}
    return Starts({name: number for name, number in numbers.items() if type(number) is int and number > 0})


def union(counts: Iterable[Starts]) -> Starts:
    """What several ways tell together: what one of them shows has been, whatever the others missed."""
    together = Starts()
    for starts in counts:
        together |= starts
    return together
