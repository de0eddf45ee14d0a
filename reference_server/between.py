"""Who stands between a client and an honest server: what is asked, and what is answered."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message

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

Meddle = Callable[[Ask, Honest], Awaitable[Answer]]
"""Answers in its place, and may ask it."""


def asked(request: Request, body: bytes, memory: dict[str, Json], still_arriving: int = 0) -> Ask:
    """The request with its body, as it is given to whoever stands in between."""
    return Ask(
        request.method,
        request.scope["path"],
        request.scope["query_string"].decode("latin-1"),
        {name: ", ".join(request.headers.getlist(name)) for name in request.headers},
        body,
        memory,
        request.scope.get("raw_path", b"").decode("latin-1"),
        still_arriving,
    )


def answered(answer: Answer) -> Response:
    """The reply that goes out."""
    headers = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
    return Response(answer.body, answer.status, headers)


def honest_in(app: ASGIApp) -> Honest:
    """Asks the application."""

    async def honest(ask: Ask) -> Answer:
        headers = [(name, value) for name, value in ask.headers.items() if name not in HOP_BY_HOP]
        # Sent on to the letter: a client of HTTP would tidy the path.
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": ask.method,
            "path": ask.path,
            "raw_path": (ask.raw_path if unquote(ask.raw_path) == ask.path else quote(ask.path)).encode("latin-1"),
            "root_path": "",
            "query_string": ask.query.encode("latin-1"),
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        }
        told: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": ask.body, "more_body": False}

        async def send(message: Message) -> None:
            told.append(message)

        await app(scope, receive, send)
        start, *parts = told
        given = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
        return Answer(start["status"], given, b"".join(part.get("body", b"") for part in parts))

    return honest
