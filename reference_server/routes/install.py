"""Modules that come and go: `POST /nodes` and `DELETE /nodes/MODULE`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reference_server.messages import ApiError, Json, json_reply, read_body
from reference_server.packages import NotANode, read_package
from reference_server.palette import Module, in_registry
from reference_server.routing import Endpoint, Endpoints

if TYPE_CHECKING:
    from reference_server.app import Api

MODULE_NAME: Final = re.compile(r"(?:@[\w.~-]+/)?[\w.~-]+", re.ASCII)
"""The names that npm knows."""

PATH: Final = re.compile(r"\.{0,2}/")
"""How a path to a directory begins."""

INVALID: Final = ApiError(400, "invalid_request", "Invalid request")


class NoModule(Exception):
    """A module that there is nowhere; the API's reply to it has a number for its code."""


async def post_nodes(api: Api, request: Request) -> Response:
    """POST /nodes: install a module, by its name or from a tarball."""
    multipart = request.headers.get("content-type", "").lower().startswith("multipart/form-data")
    try:
        if multipart and api.settings.upload:
            return await post_tarball(api, request)
        body = await read_body(request)
        name = body.get("module") if isinstance(body, dict) else None
        return installed(api, named(api, name))
    except NoModule:
        return json_reply({"code": 404, "message": "Module not found"}, status=404)
    except NotANode:
        return json_reply({"code": 404, "message": "Module not found"}, status=400)


def named(api: Api, name: Json) -> Module:
    """The module of that name in the registry; raises ApiError and NoModule."""
    if not name:
        raise INVALID
    if isinstance(name, str) and PATH.match(name):
        raise NoModule
    if not isinstance(name, str) or not MODULE_NAME.fullmatch(name):
        raise ApiError(400, "invalid_module_name", "Invalid module name")
    api.palette.check_not_loaded(name)
    module = in_registry(name)
    if module is None:
        raise NoModule
    return module


async def post_tarball(api: Api, request: Request) -> Response:
    """POST /nodes with a form that holds the file `tarball` and nothing else."""
    try:
        async with request.form() as form:
            files = [name for name, value in form.multi_items() if isinstance(value, UploadFile)]
            if files not in ([], ["tarball"]):
                return json_reply({"error": "unexpected_error", "message": "Unexpected field"}, status=400)
            tarball = form.get("tarball")
            if len(form) != 1 or not isinstance(tarball, UploadFile):
                raise INVALID
            return installed(api, read_package(await tarball.read()))
    except HTTPException as error:
        return json_reply({"error": "unexpected_error", "message": error.detail}, status=400)


def installed(api: Api, module: Module) -> Response:
    """The reply to a module that is installed now, after whoever listens was told."""
    known = api.palette.add(module)
    if known is module:
        api.runtime.start_missing()
        api.publish("notification/node/added", [node_set.as_json() for node_set in module.sets])
    return json_reply(known.as_json())


async def delete_module(api: Api, request: Request) -> Response:
    """DELETE /nodes/MODULE."""
    module = api.palette.remove(request.path_params["module"], api.types_in_use)
    api.publish("notification/node/removed", [node_set.as_json() | {"enabled": False} for node_set in module.sets])
    return Response(status_code=204)


ENDPOINTS: Final[Endpoints] = (
    Endpoint("POST", "/nodes", "nodes.write", post_nodes),
    Endpoint("DELETE", "/nodes/{module:module}", "nodes.write", delete_module),
)
