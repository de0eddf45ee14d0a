"""What an endpoint is: its method, its path, the permission it needs, and who answers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from reference_server.app import Api

Handler = Callable[["Api", Request], Awaitable[Response]]
"""Answers a request that has the permission. `request.state.session` is the caller's, None on an open server."""

Endpoints = tuple["Endpoint", ...]
"""The endpoints of one area."""


@dataclass(frozen=True)
class Endpoint:
    """One method of one path."""

    method: str
    path: str
    permission: str | None
    """Such as `flows.read`; empty where any valid token will do, None where nobody is asked for one."""
    handler: Handler


class AnyCase(Route):
    """A path whose fixed words are in any case, with one trailing slash or without, as most of Node-RED's are."""

    def matching(self) -> AnyCase:
        """The route, once it matches so; its parameters stay as they were sent."""
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + "/?$", re.IGNORECASE)
        return self


def well_encoded(path: bytes) -> bool:
    """Whether every `%` of a path encodes a byte, and the bytes are UTF-8."""
    try:
        unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        return False
    return not re.search(rb"%(?![0-9A-Fa-f]{2})", path)


def route(method: str, path: str, answer: Callable[[Request], Awaitable[Response]]) -> Route:
    """The route of an endpoint. Below `/nodes/` and `/plugins/` the path must be exact."""

    async def decoded(request: Request) -> Response:
        if not well_encoded(request.scope["raw_path"]):
            return PlainTextResponse("Bad Request", 400)
        return await answer(request)

    if path.startswith(("/nodes/", "/plugins/")):
        return Route(path, decoded, methods=[method])
    return AnyCase(path, decoded, methods=[method]).matching()
