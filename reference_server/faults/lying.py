"""How a server lies: a fault stands before an honest server, and may change each request and each reply."""

import re
from asyncio import Protocol
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.types import ASGIApp

from reference_server.between import FLOWS, Answer, Ask, Honest, Json, Meddle, error, json_of, nodes_in
from reference_server.runtime import Runtime

Lie = Meddle
"""Answers in the honest server's place."""


async def active_rev(ask: Ask, honest: Honest) -> Json:
    """The rev of the active flows, None to who may not read them."""
    answer = await honest(ask.reading())
    return answer.json.get("rev") if isinstance(answer.json, dict) else None


async def pretend(ask: Ask, honest: Honest) -> Answer:
    """The reply of a deployment that succeeded, without deploying anything; to who may not read, the honest one."""
    rev = await active_rev(ask, honest)
    if rev is None:
        return await honest(ask)
    return Answer(200).with_json({"rev": rev}) if ask.version == "v2" else Answer(204)


@dataclass(frozen=True)
class Fault:
    """A single defect: its name, how the server lies, and the requirements that must catch it."""

    name: str
    text: str
    requirements: tuple[str, ...]
    lie: Lie
    options: Mapping[str, Any] = field(default_factory=dict)
    """What uvicorn is told for the sake of the fault."""
    line: Callable[[ASGIApp, dict[str, Json]], ASGIApp] | None = None
    """Who stands before the honest server's websocket, given it and what the liar remembers."""
    runtime: type[Runtime] | None = None
    """What the flows run on in place of the honest runtime."""
    left: Lie | None = None
    """What becomes of a request whose client has gone away, with as much of its body as arrived."""

    @property
    def speaks_http(self) -> bool:
        """Whether all that it changes is requests and replies, so that it can stand before any server."""
        return not (self.options or self.line or self.runtime or self.left)


FAULTS: Final[dict[str, Fault]] = {}
"""Every fault by its name."""


def fault(*requirements: str) -> Callable[[Lie], Lie]:
    """Register a lie under its function's name, with the requirements that must catch it."""

    def register(lie: Lie) -> Lie:
        name = getattr(lie, "__name__", "").replace("_", "-")
        FAULTS[name] = Fault(name, (lie.__doc__ or "").strip(), requirements, lie)
        return lie

    return register


async def truth(ask: Ask, honest: Honest) -> Answer:
    """The honest answer, for a fault that lies elsewhere."""
    return await honest(ask)


def wire_fault(*requirements: str) -> Callable[[type[Protocol]], type[Protocol]]:
    """Register a protocol under its class's name, with the requirements that must catch it."""

    def register(protocol: type[Protocol]) -> type[Protocol]:
        name = dashed(protocol)
        FAULTS[name] = Fault(name, (protocol.__doc__ or "").strip(), requirements, truth, {"http": protocol})
        return protocol

    return register


def runtime_fault(*requirements: str) -> Callable[[type[Runtime]], type[Runtime]]:
    """Register a runtime under its class's name, with the requirements that must catch it."""

    def register(runtime: type[Runtime]) -> type[Runtime]:
        name = dashed(runtime)
        FAULTS[name] = Fault(name, (runtime.__doc__ or "").strip(), requirements, truth, runtime=runtime)
        return runtime

    return register


def dashed(liar: type) -> str:
    """The name of a fault that is a class."""
    return re.sub(r"(?<!^)(?=[A-Z0-9])(?<![0-9])", "-", liar.__name__).lower()


__all__ = [
    "FAULTS",
    "FLOWS",
    "Answer",
    "Ask",
    "Fault",
    "Honest",
    "Json",
    "Lie",
    "active_rev",
    "dashed",
    "error",
    "fault",
    "json_of",
    "nodes_in",
    "pretend",
    "runtime_fault",
    "truth",
    "wire_fault",
]
