"""Who may come in: `/auth/login`, `/auth/token`, `/auth/revoke`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from reference_server.messages import json_reply, read_body
from reference_server.routing import Endpoint, Endpoints

if TYPE_CHECKING:
    from reference_server.app import Api


async def get_login(api: Api, request: Request) -> Response:
    """GET /auth/login: how to log in, an empty object where nobody has to."""
    prompts = [
        {"id": "username", "type": "text", "label": "Username"},
        {"id": "password", "type": "password", "label": "Password"},
    ]
    return json_reply({"type": "credentials", "prompts": prompts} if api.users.required else {}, request)


async def post_token(api: Api, request: Request) -> Response:
    """POST /auth/token: a token for a user's name and password."""
    if not api.users.required:
        return PlainTextResponse("Not Found", 404)
    form = await read_body(request)
    if not isinstance(form, dict) or form.get("client_id") not in ("node-red-admin", "node-red-editor"):
        return PlainTextResponse("Unauthorized", 401)
    if form.get("grant_type") != "password":
        return json_reply({"error": "unsupported_grant_type"}, status=501)
    name, password, scope = (form.get(key, "") for key in ("username", "password", "scope"))
    if not all(isinstance(value, str) for value in (name, password, scope)) or not (name and password):
        return json_reply({"error": "invalid_request"}, status=400)
    token = api.users.log_in(name, password, scope)
    if token is None:
        return json_reply({"error": "invalid_grant"}, status=403)
    return json_reply({"access_token": token, "expires_in": 604800, "token_type": "Bearer"})


async def post_revoke(api: Api, request: Request) -> Response:
    """POST /auth/revoke: the end of the token in the body."""
    if not api.users.required:
        return PlainTextResponse("Not Found", 404)
    form = await read_body(request)
    if isinstance(form, dict) and isinstance(form.get("token"), str):
        api.users.revoke(form["token"])
    return Response(status_code=200)


ENDPOINTS: Final[Endpoints] = (
    Endpoint("GET", "/auth/login", None, get_login),
    Endpoint("POST", "/auth/token", None, post_token),
    Endpoint("POST", "/auth/revoke", "", post_revoke),
)
