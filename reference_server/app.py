"""The routes of the admin API, on Starlette."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from reference_server.flows import OMITTED, ApiError, Flows, Json
from reference_server.users import Session, Users, may

VERSION: Final = "5.0.7"
"""The Node-RED version whose API this server speaks, as `GET /settings` gives it."""

BODY_LIMIT: Final = 5 * 1024 * 1024
"""Bytes in a request's body; Node-RED's default `apiMaxLength`."""

Handler = Callable[[Request], Awaitable[Response]]


class Api:
    """The admin API: one method for each route, over one flow configuration and one set of users."""

    def __init__(self, users: Users | None = None) -> None:
        self.flows = Flows()
        self.users = users or Users()

    def app(self) -> ASGIApp:
        """The ASGI application."""
        routes = [
            Route("/flows", self.answer(self.get_flows, "flows.read"), methods=["GET"]),
            Route("/flows", self.answer(self.post_flows, "flows.write"), methods=["POST"]),
            Route("/settings", self.answer(self.get_settings, "settings.read"), methods=["GET"]),
            Route("/auth/login", self.answer(self.get_login), methods=["GET"]),
        ]
        if self.users.required:
            routes += [
                Route("/auth/token", self.answer(self.post_token), methods=["POST"]),
                Route("/auth/revoke", self.answer(self.post_revoke, ""), methods=["POST"]),
            ]
        app = Starlette(routes=routes, exception_handlers={405: not_found})
        app.router.redirect_slashes = False
        return AnySpelling(app)

    def answer(self, handler: Handler, permission: str | None = None) -> Handler:
        """The handler behind its permission; an empty one asks for a valid token, None for nothing."""

        async def answered(request: Request) -> Response:
            try:
                if permission is not None:
                    request.state.session = self.authorise(request, permission)
                return await handler(request)
            except ApiError as error:
                return json_reply({"code": error.code, "message": error.message}, status=error.status)
            except Unauthorised as error:
                return error.reply
            except BadBody as error:
                return PlainTextResponse(str(error), error.status)

        return answered

    def authorise(self, request: Request, permission: str) -> Session | None:
        """The request's session, None on an open server; raises Unauthorised."""
        if not self.users.required:
            return None
        session = self.users.session(request.headers.get("authorization", ""))
        if session is None:
            raise Unauthorised(PlainTextResponse("Unauthorized", 401, {"WWW-Authenticate": 'Bearer realm="Users"'}))
        if permission and not may(session, permission):
            raise Unauthorised(Response(status_code=401))
        return session

    async def get_flows(self, request: Request) -> Response:
        """GET /flows."""
        if api_version(request) == "v1":
            return json_reply(self.flows.nodes, request)
        return json_reply({"flows": self.flows.nodes, "rev": self.flows.rev}, request)

    async def post_flows(self, request: Request) -> Response:
        """POST /flows. Every deployment type stores the body's flows, except `reload`, which stores nothing."""
        version = api_version(request)
        body = await read_body(request)
        if request.headers.get("node-red-deployment-type") != "reload":
            if version == "v2":
                self.flows.check_rev(body.get("rev", OMITTED) if isinstance(body, dict) else OMITTED)
                body = body.get("flows") if isinstance(body, dict) else None
            self.flows.deploy(body)
        return json_reply({"rev": self.flows.rev}) if version == "v2" else Response(status_code=204)

    async def get_settings(self, request: Request) -> Response:
        """GET /settings: what a client needs to know of the runtime."""
        settings: dict[str, Json] = {"httpNodeRoot": "/", "version": VERSION}
        if request.state.session is not None:
            user = request.state.session.user
            settings["user"] = {"username": user.name, "permissions": user.permissions}
        return json_reply(settings, request)

    async def get_login(self, request: Request) -> Response:
        """GET /auth/login: how to log in, an empty object where nobody has to."""
        prompts = [
            {"id": "username", "type": "text", "label": "Username"},
            {"id": "password", "type": "password", "label": "Password"},
        ]
        return json_reply({"type": "credentials", "prompts": prompts} if self.users.required else {}, request)

    async def post_token(self, request: Request) -> Response:
        """POST /auth/token: a token for a user's name and password."""
        form = await read_body(request)
        if not isinstance(form, dict) or form.get("client_id") not in ("node-red-admin", "node-red-editor"):
            return PlainTextResponse("Unauthorized", 401)
        if form.get("grant_type") != "password":
            return json_reply({"error": "unsupported_grant_type"}, status=501)
        name, password, scope = (form.get(key, "") for key in ("username", "password", "scope"))
        if not all(isinstance(value, str) for value in (name, password, scope)) or not (name and password):
            return json_reply({"error": "invalid_request"}, status=400)
        token = self.users.log_in(name, password, scope)
        if token is None:
            return json_reply({"error": "invalid_grant"}, status=403)
        return json_reply({"access_token": token, "expires_in": 604800, "token_type": "Bearer"})

    async def post_revoke(self, request: Request) -> Response:
        """POST /auth/revoke: the end of the token in the body."""
        form = await read_body(request)
        if isinstance(form, dict) and isinstance(form.get("token"), str):
            self.users.revoke(form["token"])
        return Response(status_code=200)


class Unauthorised(Exception):
    """A request without the token or the permission that it needs."""

    def __init__(self, reply: Response) -> None:
        super().__init__()
        self.reply = reply


class BadBody(Exception):
    """A body that cannot be read: too large, malformed, or in an unknown encoding."""

    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status = status


class AnySpelling:
    """Paths in any case, and with one trailing slash or without, as Node-RED's own routes are."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its plain path."""
        await self.app({**scope, "path": scope["path"].lower().removesuffix("/")}, receive, send)


async def not_found(_: Request, __: Exception) -> Response:
    """A path that exists, under a method that does not: no route, as in Node-RED."""
    return PlainTextResponse("Not Found", 404)


def api_version(request: Request) -> str:
    """`v1` or `v2`; an absent or empty header means `v1`."""
    version = ", ".join(request.headers.getlist("node-red-api-version")) or "v1"
    if version not in ("v1", "v2"):
        raise ApiError(400, "invalid_api_version", f"Invalid API version: {version}")
    return version


async def read_body(request: Request) -> Json:
    """The body as JSON or as a form; an empty object where it is neither, as Node-RED's body parser has it."""
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    body = await request.body()
    if media_type.strip() not in ("application/json", "application/x-www-form-urlencoded"):
        return {}
    if request.headers.get("content-encoding", "identity") == "gzip":
        body = unzipped(body)
    if len(body) > BODY_LIMIT:
        raise BadBody(413, "The body is larger than the limit")
    if media_type.strip() != "application/json":
        return dict(parse_qsl(body.decode("utf-8", "replace")))
    charset = parameters.partition("charset=")[2].strip('" ') or "utf-8"
    if charset not in ("utf-8", "utf-16"):
        raise BadBody(415, f"Unsupported charset: {charset}")
    return parse_json(body.decode(charset, "replace").removeprefix("\ufeff")) if body else {}


def unzipped(body: bytes) -> bytes:
    """The body without its gzip encoding."""
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as error:
        raise BadBody(400, "The body is not gzip") from error


def parse_json(text: str) -> Json:
    """The JSON text's value, which must be an object or an array."""
    try:
        value = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadBody(400, "The body is not JSON") from error
    if not isinstance(value, dict | list):
        raise BadBody(400, "The body is neither an object nor an array")
    return value


def refuse_constant(name: str) -> Json:
    """NaN and the infinities, which Python reads and JSON does not have."""
    raise ValueError(name)


def json_reply(value: Json, request: Request | None = None, status: int = 200) -> Response:
    """The value as JSON; to a conditional request that already has it, 304."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    etag = f'W/"{len(body):x}-{hashlib.sha1(body, usedforsecurity=False).hexdigest()}"'
    if request is not None and etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": etag})
    headers = {"ETag": etag, "Content-Type": "application/json; charset=utf-8"}
    return Response(body, status, headers)
