"""Servers that lie, each in one way, for the suite to find out: the reference server behind someone who meddles."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.data import Json
from reference_server import Api, User, Users
from reference_server.users import Session

ADMIN_PASSWORD: Final = "pass/word of the admin"  # noqa: S105 - of a server that lives for one test
READER_PASSWORD: Final = "pass/word of the reader"  # noqa: S105 - the same
PASSWORDS: Final = {"CONFORMANCE_ADMIN_PASSWORD": ADMIN_PASSWORD, "CONFORMANCE_READER_PASSWORD": READER_PASSWORD}
STEER: Final = "\x1b[2J"
"""What clears a terminal's screen."""

AS_BOTH: Final = ("--admin=admin", "--reader=reader")


BOTH: Final = (User("admin", ADMIN_PASSWORD, "*"), User("reader", READER_PASSWORD, "read"))


def protected(users: Users | None = None) -> Api:
    """The reference server with two users."""
    return Api(users or Users(BOTH))


@dataclass(frozen=True)
class Answer:
    """What a server answers."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def json(self) -> Json:
        """The body's value."""
        return json.loads(self.body)

    def with_json(self, value: Json) -> "Answer":
        """The same answer with this value as its body."""
        return replace(self, body=json.dumps(value).encode())

    def with_header(self, name: bytes, value: bytes) -> "Answer":
        """The same answer with one more header."""
        return replace(self, headers=(*self.headers, (name, value)))


Lie = Callable[[Request, Answer], Answer]
"""Makes of a true answer the one that is given."""


class Liar:
    """An application whose answers are lied about."""

    def __init__(self, app: ASGIApp, lie: Lie) -> None:
        self.app = app
        self.lie = lie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, and then otherwise; a websocket is the application's affair."""
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in messages[1:])
        true = Answer(messages[0]["status"], tuple(messages[0]["headers"]), body)
        told = self.lie(Request(scope), true)
        length = () if told.status in (204, 304) else ((b"content-length", str(len(told.body)).encode()),)
        kept = tuple((name, value) for name, value in told.headers if name.lower() != b"content-length")
        await send({"type": "http.response.start", "status": told.status, "headers": [*kept, *length]})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else told.body})


def forgets_the_last_node(request: Request, true: Answer) -> Answer:
    """What is read lacks a node."""
    if request.method != "GET" or not request.url.path.endswith("/flows") or true.status != 200:
        return true
    value = true.json
    return true.with_json(value[:-1] if isinstance(value, list) else {**value, "flows": value["flows"][:-1]})


def takes_any_version(request: Request, true: Answer) -> Answer:
    """What is read under an unknown version is given all the same."""
    return replace(true, status=200) if request.method == "GET" and true.status == 400 else true


def wants_a_body_to_reload(request: Request, true: Answer) -> Answer:
    """A reload without a body is refused, which is no more than a SHOULD missed."""
    reload = request.headers.get("node-red-deployment-type") == "reload"
    empty = request.headers.get("content-length", "0") == "0"
    return replace(true, status=400) if request.method == "POST" and reload and empty else true


async def other_site(scope: Scope, receive: Receive, send: Send) -> None:
    """A web server of another kind."""
    await HTMLResponse("<h1>Welcome</h1>")(scope, receive, send)


async def never(scope: Scope, receive: Receive, send: Send) -> None:
    """A server that takes longer than anyone waits for."""
    await asyncio.sleep(2)
    await other_site(scope, receive, send)


class AnyScheme(Users):
    """Takes a token under whatever scheme is written with it, but not under `bearer` in small letters."""

    def __init__(self) -> None:
        super().__init__(BOTH)
        self.tokens: list[str] = []

    def session(self, authorization: str) -> Session | None:
        """The session of whoever has a token."""
        scheme, _, token = authorization.partition(" ")
        return None if scheme == "bearer" else super().session(f"Bearer {token}")

    def log_in(self, name: str, password: str, scope: str) -> str | None:
        """A token, which is remembered."""
        token = super().log_in(name, password, scope)
        self.tokens += [token] if token else []
        return token
