"""What a node of each type does while it runs. A type that is not among them takes its messages in silence."""

import asyncio
import contextlib
import json
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final

from reference_server.contexts import GLOBAL, UNDEFINED
from reference_server.messages import Json
from reference_server.runtime.configuration import INSTANCE, items, text, type_of
from reference_server.runtime.message import OK, Message
from reference_server.runtime.parts import Part
from reference_server.runtime.statements import Show, sends_on, statements

if TYPE_CHECKING:
    from reference_server.runtime.runtime import Runtime

ONCE_DELAY: Final = 0.1
"""Seconds after its start until an `inject` node fires that does not say when."""

SHORTEST: Final = 0.001
"""Seconds that a timer waits at least."""

LONGEST: Final = 2_147_483
"""Seconds that a timer waits at most; a node that is to wait longer does not repeat."""

STATUSES: Final = range(200, 600)
"""What an `http response` can answer with."""

CONSTANTS: Final[dict[str, Callable[[Json], Json]]] = {
    "str": str,
    "num": lambda given: json.loads(str(given)),
    "bool": lambda given: given in (True, "true"),
    "json": lambda given: json.loads(str(given)),
    "date": lambda _: int(time.time() * 1000),
}
"""The kinds of values that need nothing but what is written in the node."""


class Node:
    """A node that runs."""

    passes_on: ClassVar = False
    """Whether it sends what it takes."""

    def __init__(self, part: Part, runtime: "Runtime") -> None:
        self.part = part
        self._runtime = runtime

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End whatever goes on."""

    def receive(self, message: Message) -> Message | None:
        """Take a message; the one that it sends, if any."""
        return message if self.passes_on else None

    def text(self, name: str) -> str:
        """The text in one of its properties."""
        return text(self.part.node, name)

    def owner(self, scope: str) -> str:
        """Whose values a scope means to this node: its own, its flow's or everybody's."""
        return {"context": self.part.id, "flow": self.part.flow}.get(scope, GLOBAL)

    def valued(self, value: Json, kind: str, message: Message) -> Json:
        """The value that a property of this kind means; UNDEFINED where it means none."""
        contexts = self._runtime.contexts
        if kind == "msg":
            return message.get(str(value))
        if kind in ("flow", "global"):
            store, key = contexts.stored(str(value))
            return contexts.get(self.owner(kind), store, key) if store else UNDEFINED
        with contextlib.suppress(ValueError, TypeError):  # what is no such constant is nothing
            return CONSTANTS[kind](value) if kind in CONSTANTS else UNDEFINED
        return UNDEFINED


class PassingOn(Node):
    """One end of a link, a junction, a subflow's instance."""

    passes_on = True


class Inject(Node):
    """Sends a message of its own: at its start, again and again, and whenever it is sent one."""

    _timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Wait to fire."""
        if self.part.node.get("once"):
            self._wait(number(self.part.node.get("onceDelay")) or ONCE_DELAY)
        else:
            self._repeat()

    def stop(self) -> None:
        """Fire no more."""
        if self._timer is not None:
            self._timer.cancel()

    def receive(self, message: Message) -> Message | None:
        """A message with the properties that the node gives it."""
        for given in self._properties():
            value = self.valued(given.get("v", ""), str(given.get("vt", "str")), message)
            if text(given, "p") and value is not UNDEFINED:
                message.set(text(given, "p"), value)
        return message

    def _properties(self) -> list[dict[str, Json]]:
        node = self.part.node
        payload = {"v": node.get("payload", ""), "vt": node.get("payloadType", "str")}
        own = {"payload": payload, "topic": {"v": node.get("topic", ""), "vt": "str"}}
        given = [entry for entry in items(node.get("props")) if isinstance(entry, dict)]
        if not isinstance(node.get("props"), list):
            given = [{"p": name} for name in own]
        return [entry if "v" in entry else {**entry, **own.get(text(entry, "p"), {})} for entry in given]

    def _wait(self, delay: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(delay, self._fire)

    def _fire(self) -> None:
        self._repeat()
        self._runtime.poke(self.part.id)

    def _repeat(self) -> None:
        repeat = number(self.part.node.get("repeat"))
        if 0 < repeat <= LONGEST:
            self._wait(max(repeat, SHORTEST))


class Change(Node):
    """Sets and deletes values of its message, its flow's context and the global one."""

    def receive(self, message: Message) -> Message | None:
        """The message, after every rule."""
        for rule in items(self.part.node.get("rules")):
            if isinstance(rule, dict) and text(rule, "p") and rule.get("t") in ("set", "delete"):
                self._apply(rule, message)
        return message

    def _apply(self, rule: dict[str, Json], message: Message) -> None:
        scope, value = text(rule, "pt") or "msg", UNDEFINED
        if rule["t"] == "set":
            value = self.valued(rule.get("to", ""), text(rule, "tot"), message)
        if scope == "msg":
            message.set(rule["p"], value)
        elif scope in ("flow", "global"):
            store, key = self._runtime.contexts.stored(rule["p"])
            if store and (rule["t"] == "delete" or value is not UNDEFINED):
                self._runtime.contexts.set(self.owner(scope), store, key, value)


class Function(Node):
    """Carries out what its code says, as far as that is known here."""

    _shows = False

    def start(self) -> None:
        """Carry out what is to be done at the start."""
        self._carry_out("initialize")

    def stop(self) -> None:
        """Carry out what is to be done at the end, and show nothing any more."""
        self._carry_out("finalize")
        if self._shows:
            self._show("")

    def receive(self, message: Message) -> Message | None:
        """The message, where the code sends it on."""
        self._carry_out("func")
        return message if sends_on(self.text("func")) else None

    def _carry_out(self, when: str) -> None:
        contexts = self._runtime.contexts
        for statement in statements(self.text(when)):
            if isinstance(statement, Show):
                self._show(statement.text)
                continue
            owner, store = self.owner(statement.scope), statement.store or contexts.default
            if store in contexts.stores:
                value = statement.value(contexts.get(owner, store, statement.key))
                contexts.set(owner, store, statement.key, value)

    def _show(self, shown: str) -> None:
        """Tell of the node's status; an empty one is told only to end another, and not kept."""
        if shown or self._shows:
            self._shows = bool(shown)
            status = {"text": shown} if shown else {}
            self._runtime.publish(f"status/{self.part.id}", status, retained=self._shows)


class HttpIn(Node):
    """Makes its URL answer, below `httpNodeRoot`."""

    def takes(self, method: str, path: str) -> bool:
        """Whether it takes a request like this; a HEAD is taken like a GET."""
        own = "/" + self.text("url").removeprefix("/")
        asked = "get" if method == "HEAD" else method.lower()
        return bool(self.text("url")) and self.text("method") == asked and same_path(path, own)


class HttpResponse(Node):
    """Answers whoever called the `http in` node that the message comes from."""

    def receive(self, message: Message) -> Message | None:
        """Give the reply."""
        if message.reply is not None:
            status = number(self.part.node.get("statusCode")) or number(message.get("statusCode"))
            message.reply.give(message.get("payload"), int(status) if status in STATUSES else OK)
        return None


BEHAVIOURS: Final[dict[str, type[Node]]] = {
    "inject": Inject,
    "change": Change,
    "function": Function,
    "http in": HttpIn,
    "http response": HttpResponse,
    "link in": PassingOn,
    "link out": PassingOn,
    "junction": PassingOn,
}
"""The types of which the nodes do something."""


def node_of(part: Part, runtime: "Runtime") -> Node:
    """The node that a part is, before it starts."""
    node_type = type_of(part.node)
    behaviour = PassingOn if node_type.startswith(INSTANCE) else BEHAVIOURS.get(node_type, Node)
    return behaviour(part, runtime)


def same_path(one: str, other: str) -> bool:
    """Whether two paths are one to Node-RED: in any case, with a slash at the end or without."""
    return one.rstrip("/").lower() == other.rstrip("/").lower()


def number(value: Json) -> float:
    """The number that is given, as such or as a text; 0 where it is none."""
    with contextlib.suppress(ValueError, OverflowError):
        if isinstance(value, str | int | float) and math.isfinite(float(value)):
            return float(value)
    return 0.0
