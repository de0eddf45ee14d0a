"""What the runtime says of itself: `/diagnostics`."""

from __future__ import annotations

import platform
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from reference_server.messages import ApiError, Json, json_reply
from reference_server.routing import Endpoint, Endpoints
from reference_server.settings import VERSION

if TYPE_CHECKING:
    from reference_server.app import Api


async def get_diagnostics(api: Api, _: Request) -> Response:
    """GET /diagnostics."""
    if not api.settings.diagnostics:
        raise ApiError(403, "diagnostics.disabled", "This server reports no diagnostics")
    machine = {"arch": platform.machine(), "platform": platform.system().lower()}
    return json_reply(
        {
            "report": "diagnostics",
            "scope": "basic",
            "time": {"utc": formatdate(usegmt=True), "local": time.strftime("%x, %X")},
            "intl": {"locale": "en-US", "timeZone": time.tzname[0]},
            "nodejs": {"version": f"none, but Python {platform.python_version()}", **machine},
            "os": {"release": platform.release(), "type": platform.system(), "version": platform.version(), **machine},
            "runtime": runtime(api),
        }
    )


def runtime(api: Api) -> Json:
    """The part about the runtime; of a setting that could be a secret only whether it is set."""
    state = api.runtime.state
    return {
        "version": VERSION,
        "isStarted": True,
        "flows": {"state": state, "started": state == "start"},
        "modules": {"node-red": VERSION},
        "settings": {
            "available": True,
            "contextStorage": {store: {"module": "memory"} for store in api.settings.stores},
            "runtimeState": {"enabled": api.settings.run_state, "ui": False},
            "adminAuth": "SET" if api.users.required else "UNSET",
            "httpAdminRoot": "/",
            "httpNodeRoot": "/",
        },
    }


ENDPOINTS: Final[Endpoints] = (Endpoint("GET", "/diagnostics", "diagnostics.read", get_diagnostics),)
