"""The routes of the API that are read, as data, and which of them a target offers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import httpx

from conformance.checks import parsed
from conformance.client import ACCEPT_JSON, Admin
from conformance.data import Json
from conformance.outcomes import NotTested

METHODS: Final = ("POST", "PUT", "PATCH", "DELETE")
"""The methods that write, where a route has them."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """A path that GET reads; what stands in braces is found on the target or made up."""

    path: str
    writes: tuple[str, ...] = ()
    """The methods that write there."""
    steady: bool = True
    """Whether it gives the same again while nobody writes."""
    public: bool = False
    """Whether it asks nobody for a token."""
    documented: bool = True
    """Whether the official documentation has a page for it."""


ROUTES: Final = (
    Route(path="/flows", writes=("POST",)),
    Route(path="/flows/state", writes=("POST",)),
    Route(path="/flow/{tab}", writes=("PUT", "DELETE")),
    Route(path="/flow/global", writes=("PUT", "DELETE")),
    Route(path="/nodes", writes=("POST",)),
    Route(path="/nodes/{module}", writes=("PUT", "DELETE")),
    Route(path="/nodes/{module}/{set}", writes=("PUT",)),
    Route(path="/settings"),
    Route(path="/settings/user", writes=("POST",), documented=False),
    Route(path="/diagnostics", steady=False),
    Route(path="/context/global", writes=("DELETE",), steady=False, documented=False),
    Route(path="/context/flow/{seed}", writes=("DELETE",), steady=False, documented=False),
    Route(path="/context/node/{seed}", writes=("DELETE",), steady=False, documented=False),
    Route(path="/plugins", documented=False),
    Route(path="/icons", documented=False),
    Route(path="/library/local/flows", writes=("POST",), documented=False),
    Route(path="/credentials/inject/{seed}"),
    Route(path="/locales/editor?lng=en-US", public=True, documented=False),
    Route(path="/auth/login", public=True),
)
"""Every route of the API that is read, the palette's as JSON."""


@dataclass(frozen=True)
class Reading:
    """A route that the target offers."""

    route: Route
    path: str
    reply: httpx.Response = field(repr=False)
    """What GET gives."""

    def again(self, reply: httpx.Response) -> bool:
        """Whether another reply gives the same, as far as the route is steady."""
        if reply.status_code != self.reply.status_code:
            return False
        return not self.route.steady or parsed(reply) == parsed(self.reply)


class Routes:
    """The routes of one target, in the name of one user."""

    headers: Final = ACCEPT_JSON
    """What a client sends that wants JSON of every route."""

    def __init__(self, admin: Admin, seed: str, seen: Callable[[str], None]) -> None:
        self.admin = admin
        self.seed = seed
        self._seen = seen

    def get(self, path: str, **headers: str) -> httpx.Response:
        """GET with these headers besides, `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.admin.get(path, headers=self.headers | named)

    def readings(self) -> Iterator[Reading]:
        """Every route that the target has names for, and what GET gives there."""
        names = self.names()
        for route in ROUTES:
            if path := quoted(route.path, names):
                yield Reading(route, path, self.get(path))

    def offered(self) -> Iterator[Reading]:
        """The routes that answer 200, one after the other; the finding says how many."""
        offered = 0
        for reading in self.readings():
            if reading.reply.status_code == httpx.codes.OK:
                offered += 1
                yield reading
        if not offered:
            raise NotTested("no route of the target answers 200")
        self._seen(f"{offered} of {len(ROUTES)} routes")

    def names(self) -> dict[str, str]:
        """What stands for the braces: a tab, a module and a set, where the target has them."""
        tabs = [node["id"] for node in objects(self.get("/flows")) if node.get("type") == "tab"]
        sets = [found for found in objects(self.get("/nodes")) if {"module", "name"} <= found.keys()]
        found = {"seed": self.seed}
        if tabs:
            found["tab"] = str(tabs[0])
        if sets:
            found |= {"module": str(sets[0]["module"]), "set": str(sets[0]["name"])}
        return found


def quoted(path: str, names: dict[str, str]) -> str:
    """The path with these names in it, empty where one is missing. A scoped module's slash stays one."""
    try:
        return path.format_map({name: quote(value, safe="@/") for name, value in names.items()})
    except KeyError:
        return ""


def objects(reply: httpx.Response) -> list[dict[str, Json]]:
    """The objects in the array that the reply gives, none where it gives none."""
    body = parsed(reply) if reply.status_code == httpx.codes.OK else []
    return [element for element in body if isinstance(element, dict)] if isinstance(body, list) else []
