"""What runs: whether the flows do, what their nodes put into the context, and what is told of that.

Of Node-RED's nodes three do something here: `inject` with `once` sends a message when its flow starts, `change` sets
and deletes values, and `function` carries out the calls of `set` in its text that a constant is given to; it knows no
other JavaScript. Every other node takes its messages in silence.
"""

import contextlib
import json
import re
from collections.abc import Callable
from typing import Final

from reference_server.contexts import GLOBAL, UNDEFINED, Contexts
from reference_server.messages import Json
from reference_server.settings import Settings

SET_CALL: Final = re.compile(r'\b(context|flow|global)\.set\("([^"]+)", *("(?:[^"\\]|\\.)*"|[\w.-]+)(?:, *"(\w+)")?\)')
"""A call that puts a constant into a context: the scope, the key, the value, and the store."""

STORED_KEY: Final = re.compile(r"#:\((\w+)\)::(.*)", re.DOTALL)
"""A key of a store that is not the default one, as nodes write it."""

CONSTANTS: Final[dict[str, Callable[[str], Json]]] = {
    "str": str,
    "num": json.loads,
    "bool": lambda text: text == "true",
    "json": json.loads,
}
"""The kinds of constants that a `change` node sets."""


class Runtime:
    """The nodes that are active, and whether they run."""

    def __init__(self, settings: Settings) -> None:
        self.contexts = Contexts(settings.stores)
        self.state = "start"
        self.running: dict[str, Json] = {}
        self._nodes: list[Json] = []

    def restart(self, nodes: list[Json]) -> None:
        """Stop what runs and start these nodes instead, unless the flows are stopped."""
        self._nodes = [node for node in nodes if isinstance(node, dict) and isinstance(node.get("id"), str)]
        self.running = {}
        self.contexts.keep({node["id"] for node in self._nodes})
        if self.state == "start":
            self._run()

    def start(self) -> None:
        """Start the flows, unless they run."""
        if self.state != "start":
            self.state = "start"
            self._run()

    def stop(self) -> None:
        """Stop the flows."""
        self.state = "stop"
        self.running = {}

    def _run(self) -> None:
        """Start the nodes that are not disabled, and let fire what fires at the start."""
        disabled = [node["id"] for node in self._nodes if node.get("type") == "tab" and node.get("disabled")]
        self.running = {
            node["id"]: node
            for node in self._nodes
            if node.get("type") != "tab" and not node.get("d") and node.get("z") not in disabled
        }
        for node in self.running.values():
            if node.get("type") == "inject" and node.get("once"):
                self._send(node)

    def _send(self, source: Json) -> None:
        """Let a message go along the wires; each node takes it once, so that no circle holds it for ever."""
        waiting, taken = wired_to(source), {source["id"]}
        while waiting:
            node = self.running.get(waiting.pop(0))
            if node is not None and node["id"] not in taken:
                taken.add(node["id"])
                self._receive(node)
                waiting += wired_to(node)

    def _receive(self, node: Json) -> None:
        """Do what a node does with a message."""
        if node.get("type") == "change":
            rules = node.get("rules")
            for rule in rules if isinstance(rules, list) else []:
                self._apply(node, rule)
        elif node.get("type") == "function":
            for scope, key, value, store in SET_CALL.findall(str(node.get("func", ""))):
                owner = {"context": node["id"], "flow": str(node.get("z", ""))}.get(scope, GLOBAL)
                self.contexts.set(owner, store or self.contexts.default, key, json.loads(value))

    def _apply(self, node: Json, rule: Json) -> None:
        """Apply a rule of a `change` node that is about the context of its flow, or the global one."""
        if not isinstance(rule, dict) or not isinstance(rule.get("p"), str):
            return
        if rule.get("t") not in ("set", "delete") or rule.get("pt") not in ("flow", "global"):
            return
        owner = GLOBAL if rule["pt"] == "global" else str(node.get("z", ""))
        stored = STORED_KEY.fullmatch(rule["p"])
        store, key = (stored[1], stored[2]) if stored else (self.contexts.default, rule["p"])
        constant = CONSTANTS.get(str(rule.get("tot")))
        if store in self.contexts.stores and rule["t"] == "delete":
            self.contexts.set(owner, store, key, UNDEFINED)
        elif store in self.contexts.stores and constant is not None:
            with contextlib.suppress(ValueError, TypeError):  # what is no such constant sets nothing
                self.contexts.set(owner, store, key, constant(rule.get("to", "")))


def wired_to(node: Json) -> list[str]:
    """The ids of the nodes that a node's outputs are wired to."""
    wires = node.get("wires")
    outputs = [output for output in wires if isinstance(output, list)] if isinstance(wires, list) else []
    return [wire for output in outputs for wire in output if isinstance(wire, str)]
