"""How replies travel: in chunks, compressed, late, below a path."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Final

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_server.app import Api
from reference_server.between import Json
from reference_server.http_nodes import HttpNodes
from reference_server.variants.variant import Wrap, carrying, register, telling


def changing_the_start(change: Callable[[Scope, Message], Message]) -> Callable[[ASGIApp], ASGIApp]:
    """Makes an application whose replies begin otherwise."""

    def carry(app: ASGIApp) -> ASGIApp:
        async def carried(scope: Scope, receive: Receive, send: Send) -> None:
            async def started(message: Message) -> None:
                await send(change(scope, message) if message["type"] == "http.response.start" else message)

            await app(scope, receive, started)

        return carried

    return carry


def without_length(scope: Scope, start: Message) -> Message:
    """A reply that does not say how long it is."""
    if scope["method"] == "HEAD" or start["status"] in (204, 304):
        return start
    return {**start, "headers": [header for header in start["headers"] if header[0] != b"content-length"]}


def with_an_end(_: Scope, start: Message) -> Message:
    """A reply that ends its connection."""
    return {**start, "headers": [*start["headers"], (b"connection", b"close")]}


@carrying
def chunked_replies(app: ASGIApp) -> ASGIApp:
    """Every reply comes in chunks, without a Content-Length."""
    return changing_the_start(without_length)(app)


@carrying
def connections_for_one_request(app: ASGIApp) -> ASGIApp:
    """Every reply ends its connection."""
    return changing_the_start(with_an_end)(app)


@carrying
def gzipped_replies(app: ASGIApp) -> ASGIApp:
    """Every reply is gzipped, however short, to a client that accepts it."""
    return GZipMiddleware(app, minimum_size=1)


Lateness = Callable[[Scope], float]
"""The seconds by which a reply is late."""


def late(lateness: Callable[[], Lateness]) -> Wrap:
    """Lets replies over HTTP come late."""

    def wrap(app: ASGIApp, _: Api) -> ASGIApp:
        of = lateness()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await asyncio.sleep(of(scope))
            await app(scope, receive, send)

        return slow

    return wrap


def now_and_then() -> Lateness:
    """Every tenth reply takes 20 ms, every two hundredth 2 s, and every other 5 ms."""
    numbers = itertools.count(1)

    def of(_: Scope) -> float:
        number = next(numbers)
        return 2.0 if number % 200 == 0 else 0.02 if number % 10 == 0 else 0.005

    return of


def in_the_beginning() -> Lateness:
    """The first ten replies take 2 s in all."""
    numbers = itertools.count()
    return lambda _: 0.2 if next(numbers) < 10 else 0.0


LATE: Final[tuple[tuple[str, str, Callable[[], Lateness]], ...]] = (
    ("slow-replies", "Every reply takes 5 ms more.", lambda: lambda _: 0.005),
    ("slower-replies", "Every reply takes 50 ms more.", lambda: lambda _: 0.05),
    ("uneven-replies", "Most replies take 5 ms more, some 20 ms, and a few 2 s.", now_and_then),
    ("slow-first-replies", "The first ten replies take 2 s in all.", in_the_beginning),
    (
        "slow-writing",
        "Whatever writes takes 100 ms more.",
        lambda: lambda scope: 0.1 * (scope["method"] in ("POST", "PUT")),
    ),
    ("slow-palette", "The palette takes 300 ms more.", lambda: lambda scope: 0.3 * (scope["path"] == "/nodes")),
)
"""Each variant with its sentence and how late its replies are."""

for name, text, seconds in LATE:
    register(name, text, carries=late(seconds))


@carrying
def late_news(app: ASGIApp) -> ASGIApp:
    """What is told on the websocket comes 50 ms later."""

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        async def later(message: Message) -> None:
            await asyncio.sleep(0.05 if message["type"] == "websocket.send" else 0)
            await send(message)

        await app(scope, receive, later if scope["type"] == "websocket" else send)

    return slow


STARTS: Final = (
    ("late-starts", "Nodes start a quarter of a second after the reply to what deployed them.", 0.25),
    ("later-starts", "Nodes start a second after the reply to what deployed them.", 1.0),
)
"""Each variant with its sentence and the seconds that nodes take to start."""


def starting_after(seconds: float) -> Callable[[Api], None]:
    """Lets nodes start so late."""

    def prepare(api: Api) -> None:
        api.runtime.delay = seconds

    return prepare


for name, text, delay in STARTS:
    register(name, text, prepare=starting_after(delay))


def below(root: str) -> Wrap:
    """Puts all that there is below a path."""

    def wrap(app: ASGIApp, _: Api) -> ASGIApp:
        async def below_root(scope: Scope, receive: Receive, send: Send) -> None:
            inner = inside(scope, root)
            await (app(inner, receive, send) if inner else missing(scope, receive, send))

        return below_root

    return wrap


def inside(scope: Scope, root: str) -> Scope | None:
    """The request as it looks below the path, None where it is elsewhere."""
    if not scope["path"].startswith(f"{root}/"):
        return None
    raw: bytes = scope.get("raw_path", b"")
    return {**scope, "path": scope["path"].removeprefix(root), "raw_path": raw.removeprefix(root.encode())}


async def missing(scope: Scope, receive: Receive, send: Send) -> None:
    """Nothing is here."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
    else:
        await PlainTextResponse("Not Found", 404)(scope, receive, send)


ADMIN: Final = "/admin"
NODES: Final = "/api/v1"


def telling_where_nodes_are(path: str, value: Json) -> Json:
    """The settings that say below which path HTTP In nodes are."""
    told = path.lower().rstrip("/") == "/settings" and isinstance(value, dict) and "httpNodeRoot" in value
    return {**value, "httpNodeRoot": f"{NODES}/"} if told else value


def apart(app: ASGIApp, api: Api) -> ASGIApp:
    """Puts the API below one path and HTTP In nodes below another."""
    flows = HttpNodes(api)

    async def divided(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (inner := inside(scope, NODES)):
            await flows({**inner, "path_params": {"path": inner["path"].lstrip("/")}}, receive, send)
        elif inner := inside(scope, ADMIN):
            await app(inner, receive, send)
        else:
            await missing(scope, receive, send)

    return divided


register("base-path", "Everything is below the path /plant-a/red.", carries=below("/plant-a/red"), root="/plant-a/red")
register(
    "admin-root",
    f"The API is below {ADMIN}, and HTTP In nodes below {NODES}.",
    says=telling(telling_where_nodes_are),
    carries=apart,
    root=ADMIN,
)


def strictly(wrong: Callable[[str], bool]) -> Callable[[ASGIApp], ASGIApp]:
    """Answers 404 to a path that is not written as it should."""

    def carry(app: ASGIApp) -> ASGIApp:
        async def strict(scope: Scope, receive: Receive, send: Send) -> None:
            await (missing if wrong(scope["path"]) else app)(scope, receive, send)

        return strict

    return carry


@carrying
def strict_slashes(app: ASGIApp) -> ASGIApp:
    """A path with a slash too many at its end is unknown, except below /library."""
    return strictly(lambda path: path.endswith("/") and len(path) > 1 and not path.startswith("/library"))(app)


@carrying
def strict_case(app: ASGIApp) -> ASGIApp:
    """A path whose first word is not in lower case is unknown."""
    return strictly(lambda path: path.split("/")[1] != path.split("/")[1].lower())(app)
