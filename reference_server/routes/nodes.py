"""The palette: `/nodes` and below."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from reference_server.messages import ApiError, Json, json_reply, read_body
from reference_server.palette import NodeSet, enable
from reference_server.routing import Endpoint, Endpoints

if TYPE_CHECKING:
    from reference_server.app import Api


class ModuleName(Convertor[str]):
    """A module's name in a path: a scope in front of it brings a slash of its own."""

    regex = "(?:@[^/]+/)?[^/]+"

    def convert(self, value: str) -> str:
        """The name."""
        return value

    def to_string(self, value: str) -> str:
        """The name."""
        return value


register_url_convertor("module", ModuleName())


def wants_json(request: Request) -> bool:
    """Whether JSON is asked for: these routes know no other way to say so."""
    return request.headers.get("accept") == "application/json"


async def get_nodes(api: Api, request: Request) -> Response:
    """GET /nodes: every set, or the HTML of those that are enabled."""
    if wants_json(request):
        return json_reply([node_set.as_json() for node_set in api.palette], request)
    return HTMLResponse(api.palette.html)


async def get_module(api: Api, request: Request) -> Response:
    """GET /nodes/MODULE."""
    return json_reply(api.palette.module(request.path_params["module"]).as_json(), request)


async def get_set(api: Api, request: Request) -> Response:
    """GET /nodes/MODULE/SET: the set, or its HTML."""
    node_set = api.palette.node_set(request.path_params["module"], request.path_params["set"])
    return json_reply(node_set.as_json(), request) if wants_json(request) else HTMLResponse(node_set.html)


async def put_module(api: Api, request: Request) -> Response:
    """PUT /nodes/MODULE: enable or disable its sets, one after the other until one of them may not be."""
    enabled = await read_enabled(request)
    module = api.palette.module(request.path_params["module"], missing=400)
    changed(api, module.sets, enabled)
    return json_reply(module.as_json())


async def put_set(api: Api, request: Request) -> Response:
    """PUT /nodes/MODULE/SET: enable or disable it."""
    enabled = await read_enabled(request)
    node_set = api.palette.node_set(request.path_params["module"], request.path_params["set"], missing=400)
    changed(api, [node_set], enabled)
    return json_reply(node_set.as_json())


async def read_enabled(request: Request) -> bool:
    """What the body says of `enabled`, by what JavaScript takes for true; raises ApiError where it says nothing."""
    body = await read_body(request)
    if not isinstance(body, dict) or "enabled" not in body:
        raise ApiError(400, "invalid_request", "Invalid request")
    value: Json = body["enabled"]
    return bool(value) or isinstance(value, dict | list)


def changed(api: Api, sets: Iterable[NodeSet], enabled: bool) -> None:
    """Enable or disable the sets, and tell of each that was not so before."""
    for node_set in sets:
        before = node_set.enabled
        enable(node_set, enabled, api.types_in_use)
        api.runtime.start_missing()
        if before is not enabled:
            api.publish(f"notification/node/{'enabled' if enabled else 'disabled'}", node_set.as_json())


async def get_messages(_: Api, request: Request) -> Response:
    """GET /nodes/messages and GET /nodes/MODULE/SET/messages: translations, of which these nodes have none."""
    return json_reply({}, request)


ENDPOINTS: Final[Endpoints] = (
    Endpoint("GET", "/nodes", "nodes.read", get_nodes),
    Endpoint("GET", "/nodes/messages", "nodes.read", get_messages),
    Endpoint("GET", "/nodes/{module:module}/{set}/messages", "nodes.read", get_messages),
    Endpoint("GET", "/nodes/{module:module}", "nodes.read", get_module),
    Endpoint("PUT", "/nodes/{module:module}", "nodes.write", put_module),
    Endpoint("GET", "/nodes/{module:module}/{set}", "nodes.read", get_set),
    Endpoint("PUT", "/nodes/{module:module}/{set}", "nodes.write", put_set),
)
