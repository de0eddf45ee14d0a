"""The values that nodes keep: `/context`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from reference_server.contexts import GLOBAL, UNDEFINED, told
from reference_server.messages import ApiError, Json, json_reply
from reference_server.routing import Endpoint, Endpoints

if TYPE_CHECKING:
    from reference_server.app import Api


def owner_of(api: Api, request: Request) -> str | None:
    """Whose context is asked for; None for a node that does not run."""
    node: str | None = request.path_params.get("node")
    if node is not None:
        return node if node in api.runtime.running else None
    return str(request.path_params.get("flow", GLOBAL))


def store_of(api: Api, request: Request) -> str:
    """The store that is asked for, empty where none is; refused where there is no such store."""
    store = request.query_params.get("store", "")
    if store and store not in api.runtime.contexts.stores:
        raise ApiError(404, "not_found", "There is no such context store")
    return store


async def get_context(api: Api, request: Request) -> Response:
    """GET /context/…: all that one owner keeps, by store and key."""
    contexts, store = api.runtime.contexts, store_of(api, request)
    owner = owner_of(api, request)
    stores = [] if owner is None else [store] if store else contexts.stores
    kept = {name: contexts.values(owner or GLOBAL, name) for name in stores}
    if "keysOnly" in request.query_params:
        return json_reply({name: {"keys": [{"key": key} for key in values]} for name, values in kept.items()}, request)
    return json_reply({name: {key: told(values[key]) for key in values} for name, values in kept.items()}, request)


async def get_value(api: Api, request: Request) -> Response:
    """GET /context/…/:key: one value."""
    contexts, store = api.runtime.contexts, store_of(api, request) or api.runtime.contexts.default
    owner = owner_of(api, request)
    if owner is None:
        return json_reply({}, request)
    value = contexts.get(owner, store, request.path_params["key"])
    if "keysOnly" in request.query_params:
        return json_reply({store: keys_in(value)}, request)
    other = {} if store == contexts.default else {"store": store}
    return json_reply(told(value) | other, request)


def keys_in(value: Json) -> Json:
    """The keys inside a value, for who completes a path to one."""
    if isinstance(value, list):
        return {"format": f"array[{len(value)}]"}
    return {"keys": [{"key": key} for key in value] if isinstance(value, dict) else []}


async def delete_value(api: Api, request: Request) -> Response:
    """DELETE /context/…/:key: the end of one value."""
    contexts, store = api.runtime.contexts, store_of(api, request) or api.runtime.contexts.default
    owner = owner_of(api, request)
    if owner is not None:
        contexts.set(owner, store, request.path_params["key"], UNDEFINED)
    return Response(status_code=204)


OWNERS: Final = ("/context/global", "/context/flow/{flow}", "/context/node/{node}")

ENDPOINTS: Final[Endpoints] = (
    *(Endpoint("GET", path, "context.read", get_context) for path in OWNERS),
    *(Endpoint("GET", f"{path}/{{key:path}}", "context.read", get_value) for path in OWNERS),
    *(Endpoint("DELETE", f"{path}/{{key:path}}", "context.write", delete_value) for path in OWNERS),
)
