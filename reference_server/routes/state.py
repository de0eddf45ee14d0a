"""Whether the flows run: `/flows/state`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from reference_server.messages import ApiError, json_reply, read_body
from reference_server.routing import Endpoint, Endpoints

if TYPE_CHECKING:
    from reference_server.app import Api


async def get_state(api: Api, request: Request) -> Response:
    """GET /flows/state."""
    return json_reply({"state": api.runtime.state}, request)


async def post_state(api: Api, request: Request) -> Response:
    """POST /flows/state: start the flows, or stop them."""
    if not api.settings.run_state:
        return PlainTextResponse("Not Found", 404)
    body = await read_body(request)
    wanted = body.get("state") if isinstance(body, dict) else None
    if wanted == "start":
        api.runtime.start()
    elif wanted == "stop":
        api.runtime.stop()
    else:
        raise ApiError(400, "invalid_run_state", "The flows can be started and stopped, and nothing else")
    return json_reply({"state": api.runtime.state})


ENDPOINTS: Final[Endpoints] = (
    Endpoint("GET", "/flows/state", "flows.read", get_state),
    Endpoint("POST", "/flows/state", "flows.write", post_state),
)
