"""One flow at a time: `/flow` and `/flow/:id`. Neither the API's version nor the deployment type says anything here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from reference_server.messages import json_reply, read_body
from reference_server.routing import Endpoint, Endpoints
from reference_server.single_flows import added, removed, replaced, view

if TYPE_CHECKING:
    from reference_server.app import Api


def flow_id(request: Request) -> str:
    """The id in the path, in which an escaped slash is part of the id, and a slash at the end is not."""
    given: str = request.path_params["id"]
    return given.removesuffix("/")


async def get_flow(api: Api, request: Request) -> Response:
    """GET /flow/:id."""
    return json_reply(view(api.flows.nodes, flow_id(request)), request)


async def post_flow(api: Api, request: Request) -> Response:
    """POST /flow. It answers as Node-RED does, not with the 204 that is documented, which could not give the id."""
    flow = await read_body(request)
    new_id = api.new_id()
    api.deploy(added(api.flows.nodes, flow, new_id), "flows")
    return json_reply({"id": new_id})


async def put_flow(api: Api, request: Request) -> Response:
    """PUT /flow/:id."""
    flow = await read_body(request)
    api.deploy(replaced(api.flows.nodes, flow_id(request), flow), "flows")
    return json_reply({"id": flow_id(request)})


async def delete_flow(api: Api, request: Request) -> Response:
    """DELETE /flow/:id."""
    await read_body(request)
    api.deploy(removed(api.flows.nodes, flow_id(request)), "flows")
    return Response(status_code=204)


ENDPOINTS: Final[Endpoints] = (
    Endpoint("POST", "/flow", "flows.write", post_flow),
    Endpoint("GET", "/flow/{id:path}", "flows.read", get_flow),
    Endpoint("PUT", "/flow/{id:path}", "flows.write", put_flow),
    Endpoint("DELETE", "/flow/{id:path}", "flows.write", delete_flow),
)
