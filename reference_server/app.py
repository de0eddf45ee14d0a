"""The admin API as an ASGI application, on Starlette: what the server holds, and who may ask for it."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from reference_server.flows import Flows
from reference_server.messages import ApiError, BadBody, Json, json_reply
from reference_server.routes import ENDPOINTS
from reference_server.routing import Endpoint, route
from reference_server.settings import Settings
from reference_server.users import Session, Users, may

METHODS: Final = ("GET", "POST", "PUT", "DELETE")
"""The methods that the API uses, and a browser of another origin may where one is set."""

Listener = Callable[[str, Json], None]
"""Takes a topic, such as `notification/runtime-deploy`, and what is told under it."""


class Api:
    """What the server holds: one flow configuration, one set of users, one palette."""

    def __init__(self, users: Users | None = None, settings: Settings | None = None) -> None:
        self.flows = Flows()
        self.users = users or Users()
        self.settings = settings or Settings()
        self.listeners: list[Listener] = []

    def app(self) -> ASGIApp:
        """The ASGI application."""
        routes = [route(endpoint.method, endpoint.path, self.answer(endpoint)) for endpoint in ENDPOINTS]
        app = Starlette(routes=routes, exception_handlers={405: not_found})
        app.router.redirect_slashes = False
        if not (origin := self.settings.cors_origin):
            return app
        return CORSMiddleware(app, allow_origins=[origin], allow_methods=METHODS, allow_headers=["*"])

    def deploy(self, nodes: Json) -> None:
        """Make `nodes` the active flows, or refuse them whole, and tell of it."""
        self.flows.deploy(nodes)
        self.publish("notification/runtime-deploy", {"revision": self.flows.rev})

    def publish(self, topic: str, data: Json) -> None:
        """Tell whoever listens."""
        for listener in self.listeners:
            listener(topic, data)

    def answer(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint's handler behind its permission."""

        async def answered(request: Request) -> Response:
            try:
                if endpoint.permission is not None:
                    request.state.session = self.authorise(request, endpoint.permission)
                return await endpoint.handler(self, request)
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


class Unauthorised(Exception):
    """A request without the token or the permission that it needs."""

    def __init__(self, reply: Response) -> None:
        super().__init__()
        self.reply = reply


async def not_found(_: Request, __: Exception) -> Response:
    """A path that exists, under a method that does not: no route, as in Node-RED."""
    return PlainTextResponse("Not Found", 404)
