"""How the start of a node is seen from outside: by the mark that it leaves, read back in several independent ways."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import httpx

from conformance.client import Admin
from conformance.comms import Listener, messages_in, value_of
from conformance.data import Json

Starts = Counter[str]
"""How often nodes started, by their names. A function node that receives its inject's message counts the inject's."""

STATUSES: Final = {"subscribe": "status/#"}
"""The message that asks for what nodes say of themselves."""

MARKED: Final = ("func", "initialize")
"""The texts of a function node that can leave the mark of a start: its own, or of who sends it a message."""


@dataclass(frozen=True)
class Marks:
    """The marks of one run, all under one key of the global context."""

    key: str

    def started(self, word: str) -> str:
        """The JavaScript that marks a start: it counts in the context, and shows a status."""
        return f'{self.counting(word)}\nnode.status({{text: "{self.key} {word}"}});'

    def counting(self, word: str) -> str:
        """The JavaScript that counts in the context, in an object: up to Node-RED 0.18 none comes of itself."""
        key, place = f'"{self.key}"', f'"{self.key}.{word}"'
        return f"global.set({key}, global.get({key}) || {{}});\nglobal.set({place}, (global.get({place}) || 0) + 1);"

    def on(self, node: Json) -> Json:
        """The node with statements in place of the words that its texts hold; the reader with its address."""
        if node["type"] == "function":
            texts = {name: self.started(node[name]) for name in MARKED if node.get(name)}
            texts["func"] = f"{texts.get('func', '')}\nreturn msg;"
            return {**node, **texts, "finalize": self.counting(f"stops.{node['finalize']}") if node["finalize"] else ""}
        if node["type"] == "http in":
            return {**node, "url": f"/{self.key}"}
        if node["type"] == "change":
            return {**node, "rules": [{**rule, "to": self.key} for rule in node["rules"]]}
        return node


@dataclass(frozen=True)
class Way:
    """One way to read how often each node has started so far."""

    name: str
    read: Callable[[], Starts]


@dataclass
class Counts:
    """The marks that were counted in the context, from whichever of these URLs gives them."""

    client: Admin
    urls: Iterable[str]
    last: Starts = field(default_factory=Starts)

    def read(self) -> Starts:
        """How often each was counted, as far as could be read last: an HTTP In node may be stopped just now."""
        for url in self.urls:
            reply = self.client.get(url)
            if reply.status_code == httpx.codes.OK and isinstance(value := value_of(reply.text), dict):
                self.last = counted(value_of(value["msg"]) if isinstance(value.get("msg"), str) else value)
        return self.last


@dataclass
class Statuses:
    """The marks that were told on `/comms`, each as a status of its node."""

    listener: Listener
    key: str
    heard: int = 0
    starts: Starts = field(default_factory=Starts)

    def read(self) -> Starts:
        """How often each was told."""
        self.listener.catch_up()
        frames, self.heard = self.listener.heard[self.heard :], len(self.listener.heard)
        for message in (message for frame in frames for message in messages_in(frame)):
            data = message.get("data")
            text = data.get("text") if isinstance(data, dict) else None
            if str(message["topic"]).startswith("status/") and str(text).startswith(f"{self.key} "):
                self.starts[str(text).removeprefix(f"{self.key} ")] += 1
        return self.starts.copy()


def counted(value: Json) -> Starts:
    """The numbers in an object, nothing where it is none."""
    numbers = value if isinstance(value, dict) else {}
    return Starts({name: number for name, number in numbers.items() if type(number) is int})


def since(before: Iterable[Starts], after: Iterable[Starts]) -> Starts:
    """What has started meanwhile, where several ways tell: what one of them shows has been, whatever others missed."""
    union = Starts()
    for earlier, later in zip(before, after, strict=True):
        union |= later - earlier
    return union
