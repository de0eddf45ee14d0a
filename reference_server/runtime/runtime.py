"""Which nodes run: what a deployment stops and starts, and how messages get from one node to the next."""

import asyncio
from collections.abc import Callable, Collection
from typing import Protocol

from starlette.responses import Response

from reference_server.contexts import Contexts
from reference_server.messages import Json
from reference_server.runtime.behaviours import HttpIn, Node, node_of
from reference_server.runtime.configuration import by_id, unknown_types
from reference_server.runtime.message import Message, Reply
from reference_server.runtime.parts import parts_of
from reference_server.runtime.restarts import stopped
from reference_server.settings import Settings


class Publish(Protocol):
    """Tells whoever listens, under a topic."""

    def __call__(self, topic: str, data: Json, *, retained: bool = False) -> None:
        """Tell it, and keep it for who listens later."""


Known = Callable[[], Collection[str]]
"""Gives the types of nodes that can be started."""


class Runtime:
    """The nodes that run, by id, and the values that they keep."""

    delay: float = 0
    """Seconds from what a deployment stops to what it starts; the reply is sent in between."""

    def __init__(self, settings: Settings, known: Known, publish: Publish) -> None:
        self.contexts = Contexts(settings.stores)
        self.state = "start"
        self.running: dict[str, Node] = {}
        self.publish = publish
        self._known = known
        self._nodes: list[Json] = []

    def deploy(self, given: list[Json], kept: list[Json], deployment_type: str, done: Callable[[], None]) -> None:
        """Stop at once what these nodes replace, and start the others soon; then it is `done`.

        `given` are the nodes as they came, with credentials, `kept` those that are to run.
        """
        self.stop_nodes(self.to_stop(self._nodes, given, deployment_type))
        self._nodes = kept
        self.contexts.keep({*by_id(kept), *parts_of(kept)})
        asyncio.get_running_loop().call_later(self.delay, self._start_and_say, done)

    def to_stop(self, before: list[Json], after: list[Json], deployment_type: str) -> set[str]:
        """The ids of the nodes that a deployment stops: those that it replaces, and those that are nowhere any more."""
        gone = {node.part.root for node in self.running.values()} - {part.root for part in parts_of(after).values()}
        return gone | stopped(before, after, deployment_type)

    def start(self) -> None:
        """Start the flows, unless they run."""
        self.state = "start"
        self.start_missing()

    def stop(self) -> None:
        """Stop the flows."""
        self.state = "stop"
        self.stop_nodes({node.part.root for node in self.running.values()})

    def stop_nodes(self, roots: Collection[str]) -> None:
        """Stop these nodes, each with all that is in it."""
        for node_id, node in list(self.running.items()):
            if node.part.root in roots:
                del self.running[node_id]
                node.stop()

    def start_missing(self) -> None:
        """Start what is to run and does not, and wire what runs as it is wired now; nothing where a type is unknown."""
        if self.state != "start" or unknown_types(self._nodes, self._known()):
            return
        parts = parts_of(self._nodes)
        for node_id in self.running.keys() & parts.keys():
            self.running[node_id].part.outputs = parts[node_id].outputs
        started = [node_of(part, self) for part in parts.values() if part.id not in self.running]
        self.running |= {node.part.id: node for node in started}
        for node in started:
            node.start()

    def poke(self, node_id: str) -> bool:
        """Send an empty message to a node; whether it runs."""
        node = self.running.get(node_id)
        if node is not None:
            self._send(node, node.receive(Message()))
        return node is not None

    def http_in(self, method: str, path: str) -> HttpIn | None:
        """The node that takes such a request, None where no running one does."""
        takers = (node for node in self.running.values() if isinstance(node, HttpIn) and node.takes(method, path))
        return next(takers, None)

    def answer(self, node: HttpIn, payload: Json) -> Response | None:
        """What the flow behind that node answers, None where it does not."""
        reply = Reply()
        self._send(node, Message({"payload": payload}, reply))
        return reply.response

    def _start_and_say(self, done: Callable[[], None]) -> None:
        self.start_missing()
        done()

    def _send(self, source: Node, message: Message | None) -> None:
        """Let a message go along the wires; on no way does it pass a node twice, so that no circle holds it."""
        waiting = [(source, message, frozenset({source.part.id}))]
        while waiting:
            node, sent, passed = waiting.pop(0)
            for target in node.part.outputs[0] if sent is not None and node.part.outputs else []:
                reached = self.running.get(target)
                if sent is not None and reached is not None and target not in passed:
                    waiting.append((reached, reached.receive(sent.copied()), passed | {target}))
