"""Who may come in: `/auth/login`, `/auth/token`, `/auth/revoke`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from reference_server.messages import Json, json_reply, read_body
from reference_server.routing import Endpoint, Endpoints
from reference_server.users import TooManyLoginsError

if TYPE_CHECKING:
    from reference_server.app import Api

TOKEN_SECONDS: Final = 604_800
"""What a token is said to live for: a week."""

CLIENT_SECRET: Final = "not_available"  # noqa: S105 - of both clients, and of no use


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
    if not isinstance(form, dict) or not is_client(form):
        return PlainTextResponse("Unauthorized", 401)
    if form.get("grant_type") != "password":
        return JSONResponse({"error": "unsupported_grant_type"}, 501)
    # A login without a scope holds no permission, and only a user with `*` may have that.
    name, password, scope = form.get("username", ""), form.get("password", ""), form.get("scope", "no-scope")
    if not all(isinstance(value, str) for value in (name, password, scope)) or not (name and password):
        return JSONResponse({"error": "invalid_request"}, 400)
    return logged_in(api, name, password, scope)


def logged_in(api: Api, name: str, password: str, scope: str) -> Response:
    """The reply with a token, or without one where they do not fit each other, or too many failed to."""
    try:
        token = api.users.log_in(name, password, scope)
    except TooManyLoginsError:
        return JSONResponse({"error": "server_error"}, 500)
    if token is None:
        return JSONResponse({"error": "invalid_grant"}, 403)
    given = {"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}
    return JSONResponse(given, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def is_client(form: Json) -> bool:
    """Whether one of the two known clients asks, with the secret that everybody knows or with none."""
    secret = form.get("client_secret") or CLIENT_SECRET
    return form.get("client_id") in ("node-red-admin", "node-red-editor") and secret == CLIENT_SECRET


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
