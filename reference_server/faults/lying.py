"""How a server lies: a fault stands before an honest server, and may change each request and each reply."""

import json
import re
from asyncio import Protocol
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from starlette.types import ASGIApp

from reference_server.runtime import Runtime

Json = Any
"""Whatever `json.loads` returns."""

HOP_BY_HOP: Final = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})
"""Reply headers that belong to one connection and are made anew on the next."""

FLOWS: Final = "/flows"


@dataclass(frozen=True)
class Ask:
    """A request on its way to the honest server; the names of headers are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    memory: dict[str, Json] = field(repr=False)
    """What the liar remembers from request to request."""
    raw_path: str = ""
    """The path as it was sent, percent-encoding and all."""
    still_arriving: int = 0
    """How many other requests had begun to arrive, and had not arrived whole, when this one had."""

    @property
    def reads(self) -> bool:
        """Whether this is GET /flows."""
        return self.method == "GET" and self.path.rstrip("/") == FLOWS

    @property
    def deploys(self) -> bool:
        """Whether this is POST /flows and stores its body."""
        return self.posts and self.type != "reload"

    @property
    def reloads(self) -> bool:
        """Whether this is POST /flows and stores nothing."""
        return self.posts and self.type == "reload"

    @property
    def posts(self) -> bool:
        """Whether this is POST /flows."""
        return self.method == "POST" and self.path.rstrip("/") == FLOWS

    @property
    def version(self) -> str:
        """The version of the API that is asked for."""
        return self.headers.get("node-red-api-version", "") or "v1"

    @property
    def type(self) -> str:
        """The deployment type."""
        return self.headers.get("node-red-deployment-type", "full")

    @property
    def json(self) -> Json:
        """The body's JSON, None where it is none."""
        return json_of(self.body)

    @property
    def nodes(self) -> list[Json] | None:
        """The nodes that a deployment holds in the right shape, None in any other request."""
        return nodes_in(self.json, self.version) if self.deploys else None

    @property
    def rev(self) -> Json:
        """The rev that the request carries, None where it carries none."""
        return self.json.get("rev") if isinstance(self.json, dict) else None

    def under(self, **headers: str | None) -> "Ask":
        """The request with these headers, `_` for `-`; None takes one away."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        merged = {**self.headers, **names}
        return replace(self, headers={name: value for name, value in merged.items() if value is not None})

    def with_json(self, value: Json) -> "Ask":
        """The request with this value as its body."""
        return replace(self, body=json.dumps(value).encode()).under(content_type="application/json")

    def with_nodes(self, nodes: list[Json]) -> "Ask":
        """The deployment with these nodes instead."""
        return self.with_json({**self.json, "flows": nodes} if self.version == "v2" else nodes)

    def without_rev(self) -> "Ask":
        """The deployment by force."""
        return self.with_json({key: value for key, value in self.json.items() if key != "rev"})

    def reading(self, version: str = "v2") -> "Ask":
        """A GET /flows in the name of the same user."""
        headers = {name: value for name, value in self.headers.items() if name == "authorization"}
        return replace(self, method="GET", path=FLOWS, query="", body=b"", headers=headers).under(
            node_red_api_version=version
        )


@dataclass(frozen=True)
class Answer:
    """A reply on its way back."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Json:
        """The body's JSON, None where it is none."""
        return json_of(self.body)

    def under(self, **headers: str) -> "Answer":
        """The reply with these headers, `_` for `-`."""
        return replace(self, headers={**self.headers, **{key.replace("_", "-"): headers[key] for key in headers}})

    def with_json(self, value: Json) -> "Answer":
        """The reply with this value as its body."""
        return replace(self, body=json.dumps(value).encode()).under(content_type="application/json; charset=utf-8")

    def with_nodes(self, ask: Ask, nodes: list[Json]) -> "Answer":
        """The reply to GET /flows with these nodes instead."""
        return self.with_json({**self.json, "flows": nodes} if ask.version == "v2" else nodes)


def error(status: int, code: str) -> Answer:
    """A refusal in the API's own words."""
    return Answer(status).with_json({"code": code, "message": "Refused"})


def json_of(body: bytes) -> Json:
    """The body's JSON, None where it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def nodes_in(value: Json, version: str) -> list[Json] | None:
    """The nodes in a body of that version, None where its shape is wrong."""
    nodes = value.get("flows") if version == "v2" and isinstance(value, dict) else value
    return nodes if isinstance(nodes, list) and (version == "v2") == isinstance(value, dict) else None


Honest = Callable[[Ask], Awaitable[Answer]]
"""Asks the honest server."""

Lie = Callable[[Ask, Honest], Awaitable[Answer]]
"""Answers in its place."""


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
