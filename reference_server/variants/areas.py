"""Servers without the optional parts of the API, or with one of them alone."""

from collections.abc import Collection
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from reference_server.app import Api
from reference_server.between import Json
from reference_server.variants.variant import Wrap, register, telling

AREAS: Final = {
    "state": ("/flows/state",),
    "diagnostics": ("/diagnostics",),
    "context": ("/context",),
    "credentials": ("/credentials",),
    "plugins": ("/plugins",),
    "icons": ("/icons",),
    "locales": ("/locales", "/nodes/messages"),
    "library": ("/library",),
    "user-settings": ("/settings/user",),
    "inject": ("/inject", "/debug"),
    "comms": ("/comms",),
}
"""The optional areas with the paths at and below which they are."""

ABOUT: Final = {"state": "runtimeState", "diagnostics": "diagnostics", "context": "context", "library": "libraries"}
"""What GET /settings says of an area, and leaves out where there is none."""

LOST: Final = "what is asked of the areas that are not there"


class Without:
    """An ASGI application without some areas."""

    def __init__(self, app: ASGIApp, areas: Collection[str]) -> None:
        self._app = app
        self._paths = [path for area in areas for path in AREAS[area]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 404 where there is nothing."""
        path = scope["path"].lower().rstrip("/")
        if not any(path == gone or path.startswith(f"{gone}/") for gone in self._paths):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            await PlainTextResponse("Not Found", 404)(scope, receive, send)


def without(areas: Collection[str]) -> Wrap:
    """Takes the areas away, and what the settings say of them."""
    gone = {ABOUT[area] for area in areas if area in ABOUT}

    def tell(path: str, value: Json) -> Json:
        is_settings = path.lower().rstrip("/") == "/settings" and isinstance(value, dict)
        return {key: value[key] for key in value if key not in gone} if is_settings else value

    def wrap(app: ASGIApp, api: Api) -> ASGIApp:
        return telling(tell)(Without(app, areas), api)

    return wrap


register("no-optional-areas", "The server has none of the optional areas.", says=without(AREAS), premise=LOST)
for area in AREAS:
    register(
        f"only-{area}",
        f"Of the optional areas the server has {area.replace('-', ' ')} alone.",
        says=without(AREAS.keys() - {area}),
        premise=LOST,
    )
