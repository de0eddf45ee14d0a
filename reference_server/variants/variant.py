"""What a variant is: a legal difference, of what the server holds, of what it says, or of how that travels."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_server.app import Api
from reference_server.between import Answer, Ask, Json, Meddle, answered, asked, honest_in
from reference_server.users import User

Wrap = Callable[[ASGIApp, Api], ASGIApp]
"""Puts an application before another one, which serves this API."""

Tell = Callable[[str, Json], Json]
"""What is told in place of a value, by the path that gives it; what `/comms` tells comes there message by message."""

COMMS: Final = "/comms"


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A legal difference: its name, and what is different."""

    name: str
    text: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the server is set to otherwise, by the names of `Settings`."""
    users: tuple[User, ...] = ()
    """Who may do what in place of the usual users: the administrator, a reader, and whoever else."""
    tokens: tuple[str, ...] = ()
    """Ready tokens of the administrator and of the reader, where nobody logs in with a password."""
    prepare: Callable[[Api], None] | None = None
    """What the server holds otherwise."""
    says: Wrap | None = None
    """Who stands before the honest application."""
    carries: Wrap | None = None
    """Who stands before all of these: how replies travel."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What uvicorn is told."""
    root: str = ""
    """The path below which the API is."""
    premise: str = ""
    """What the variant takes away that requirements need to be looked at, empty where it is nothing."""


VARIANTS: Final[dict[str, Variant]] = {}
"""Every variant by its name."""


def register(name: str, text: str, **what: Any) -> None:
    """Add a variant."""
    VARIANTS[name] = Variant(name=name, text=text, **what)


def named(function: Callable[..., Any]) -> tuple[str, str]:
    """The name and the sentence of a variant that is a function or a class."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", function.__name__).lower().replace("_", "-")
    return name, (function.__doc__ or "").strip()


def meddling(meddle: Meddle) -> Meddle:
    """Register a function that answers in place of the honest server."""
    name, text = named(meddle)
    register(name, text, says=between(meddle))
    return meddle


def holding(**what: Any) -> Callable[[Callable[[Api], None]], Callable[[Api], None]]:
    """Register a function that changes what the server holds."""

    def registered(prepare: Callable[[Api], None]) -> Callable[[Api], None]:
        name, text = named(prepare)
        register(name, text, prepare=prepare, **what)
        return prepare

    return registered


def carrying(carry: Callable[[ASGIApp], ASGIApp]) -> Callable[[ASGIApp], ASGIApp]:
    """Register an application that lets replies travel otherwise."""
    name, text = named(carry)
    register(name, text, carries=lambda app, _: carry(app))
    return carry


def speaking(protocol: type[asyncio.Protocol]) -> type[asyncio.Protocol]:
    """Register a protocol that writes other bytes."""
    name, text = named(protocol)
    register(name, text, options={"http": protocol})
    return protocol


def between(meddle: Meddle) -> Wrap:
    """Puts a function before an application, to answer whatever it is asked over HTTP."""
    return lambda app, _: Between(app, meddle)


class Between:
    """An ASGI application that answers before another one."""

    def __init__(self, app: ASGIApp, meddle: Meddle) -> None:
        self._app = app
        self._honest = honest_in(app)
        self._meddle = meddle
        self._memory: dict[str, Json] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a websocket is the other application's affair."""
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        await answered(await self._meddle(asked(request, body, self._memory), self._honest))(scope, receive, send)


def telling(tell: Tell, dumps: Callable[[Json], str] = json.dumps) -> Wrap:
    """Puts other values in place of those that an application tells in JSON, over HTTP and on the websocket."""

    async def meddle(ask: Ask, honest: Callable[[Ask], Awaitable[Answer]]) -> Answer:
        answer = await honest(ask)
        return retold(answer, lambda value: dumps(tell(ask.path, value)))

    def wrap(app: ASGIApp, _: Api) -> ASGIApp:
        spoken = Between(app, meddle)

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            async def retell(message: Message) -> None:
                if message["type"] == "websocket.send":
                    message = {**message, "text": dumps(each_message(tell, json.loads(message["text"])))}
                await send(message)

            await (app(scope, receive, retell) if scope["type"] == "websocket" else spoken(scope, receive, send))

        return wrapped

    return wrap


def retold(answer: Answer, text: Callable[[Json], str]) -> Answer:
    """The answer with another text in place of its JSON, under the Content-Type that it had; others as they are."""
    content_type = answer.headers.get("content-type", "")
    if not answer.body or not content_type.lower().startswith("application/json"):
        return answer
    return Answer(answer.status, answer.headers, text(json.loads(answer.body)).encode("utf-8", "replace"))


def each_message(tell: Tell, value: Json) -> Json:
    """What is told on the websocket, in which each message of an array is told for itself."""
    return [tell(COMMS, message) for message in value] if isinstance(value, list) else tell(COMMS, value)
