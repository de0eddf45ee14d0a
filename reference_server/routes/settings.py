"""What the editor is told before anything else, and what it keeps for each user: `/settings`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from reference_server.messages import Json, json_reply, read_body
from reference_server.routing import Endpoint, Endpoints
from reference_server.settings import VERSION

if TYPE_CHECKING:
    from reference_server.app import Api

LIBRARIES: Final = (
    {"id": "local", "label": "editor:library.types.local", "user": False, "icon": "font-awesome/fa-hdd-o"},
)


async def get_settings(api: Api, request: Request) -> Response:
    """GET /settings."""
    settings: dict[str, Json] = {"httpNodeRoot": "/", "version": VERSION}
    if request.state.session is not None:
        user = request.state.session.user
        who: dict[str, Json] = {"anonymous": True} if user is api.users.anonymous else {"username": user.name}
        settings["user"] = {**who, "permissions": user.permissions}
    settings |= {
        "context": {"default": api.settings.stores[0], "stores": list(api.settings.stores)},
        "codeEditor": {"lib": "monaco", "options": {}},
        "libraries": LIBRARIES,
        "externalModules": {"palette": {"allowUpload": api.settings.upload}},
        "flowEncryptionType": "user",
        "diagnostics": {"enabled": api.settings.diagnostics, "ui": api.settings.diagnostics},
        "telemetryEnabled": False,
        "runtimeState": {"enabled": api.settings.run_state, "ui": False},
        "functionExternalModules": True,
        "functionTimeout": 0,
        "tlsConfigDisableLocalFiles": False,
        "editorTheme": {"languages": ["en-US"]},
    }
    return json_reply(settings, request)


def name_of(request: Request) -> str:
    """Whose settings are meant: the user's, or everybody's on an open server."""
    session = request.state.session
    return "_" if session is None else session.user.name


async def get_user_settings(api: Api, request: Request) -> Response:
    """GET /settings/user."""
    return json_reply(api.user_settings.get(name_of(request), {}), request)


async def post_user_settings(api: Api, request: Request) -> Response:
    """POST /settings/user: what is given is merged into what is kept, and null removes."""
    given, name = await read_body(request), name_of(request)
    if isinstance(given, dict):
        api.user_settings[name] = merged(api.user_settings.get(name, {}), given)
    return Response(status_code=204)


def merged(kept: dict[str, Json], given: dict[str, Json]) -> dict[str, Json]:
    """The settings with others over them, to any depth."""
    over = {
        key: merged(kept.get(key, {}) if isinstance(kept.get(key), dict) else {}, value)
        if isinstance(value, dict)
        else value
        for key, value in given.items()
    }
    return {key: value for key, value in (kept | over).items() if value is not None}


ENDPOINTS: Final[Endpoints] = (
    Endpoint("GET", "/settings", "settings.read", get_settings),
    Endpoint("GET", "/settings/user", "settings.read", get_user_settings),
    Endpoint("POST", "/settings/user", "settings.write", post_user_settings),
)
