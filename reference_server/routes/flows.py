"""The flow configuration: `/flows`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from reference_server.flows import OMITTED
from reference_server.messages import api_version, json_reply, read_body
from reference_server.routing import Endpoint, Endpoints

if TYPE_CHECKING:
    from reference_server.app import Api


async def get_flows(api: Api, request: Request) -> Response:
    """GET /flows."""
    if api_version(request) == "v1":
        return json_reply(api.flows.nodes, request)
    return json_reply({"flows": api.flows.nodes, "rev": api.flows.rev}, request)


async def post_flows(api: Api, request: Request) -> Response:
    """POST /flows. Every deployment type stores the body's flows, except `reload`, which stores nothing."""
    version = api_version(request)
    body = await read_body(request)
    deployment_type = request.headers.get("node-red-deployment-type", "full")
    if deployment_type == "reload":
        api.reload()
    else:
        if version == "v2":
            api.flows.check_rev(body.get("rev", OMITTED) if isinstance(body, dict) else OMITTED)
            body = body.get("flows") if isinstance(body, dict) else None
        api.deploy(body, deployment_type)
    return json_reply({"rev": api.flows.rev}) if version == "v2" else Response(status_code=204)


ENDPOINTS: Final[Endpoints] = (
    Endpoint("GET", "/flows", "flows.read", get_flows),
    Endpoint("POST", "/flows", "flows.write", post_flows),
)
