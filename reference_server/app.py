"""The admin API as an ASGI application, on Starlette: what the server holds, and who may ask for it."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from reference_server.bearer import Unauthorised, authorization_of, challenge
from reference_server.flows import Flows
from reference_server.http_nodes import HttpNodes
from reference_server.library import Library
from reference_server.messages import ApiError, BadBody, Json, json_reply
from reference_server.palette import Palette
from reference_server.routes import ENDPOINTS, comms
from reference_server.routing import Endpoint, route
from reference_server.runtime import Runtime
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
        self.new_id: Callable[[], str] = lambda: secrets.token_hex(8)
        self.palette = Palette()
        self.users = users or Users()
        self.settings = settings or Settings()
        self.run_on(Runtime)
        self.user_settings: dict[str, Json] = {}
        self.library = Library()
        self.listeners: list[Listener] = []
        self.retained: dict[str, Json] = {}
        self.announce(self.flows.rev)

    def keep_in(self, flows: Flows) -> None:
        """Let this hold the flows, as long as there are none."""
        self.flows = flows
        self.announce(flows.rev)

    def run_on(self, runtime: type[Runtime]) -> None:
        """Let the flows run on this, as long as none of them does."""
        self.runtime = runtime(self.settings, lambda: self.palette.types, self.publish)

    def app(self) -> Starlette:
        """The ASGI application, whose `state.api` is this."""
        routes = [route(endpoint.method, endpoint.path, self.answer(endpoint)) for endpoint in ENDPOINTS]
        origins = [self.settings.cors_origin] if self.settings.cors_origin else []
        cors = Middleware(CORSMiddleware, allow_origins=origins, allow_methods=METHODS, allow_headers=["*"])
        app = Starlette(
            routes=[*routes, comms.route(self), Route("/{path:path}", HttpNodes(self))],
            middleware=[cors] if origins else [],
        )
        app.router.redirect_slashes = False
        app.state.api = self
        return app

    def deploy(self, nodes: Json, deployment_type: str) -> None:
        """Make `nodes` the active flows, or refuse them whole. They start soon, and then it is told."""
        self.flows.deploy(nodes)
        self.run(nodes, deployment_type)

    def reload(self) -> None:
        """Start all that is stored once more."""
        self.run(self.flows.nodes, "reload")

    def run(self, given: list[Json], deployment_type: str) -> None:
        """Let the active flows run, which came as they are `given`."""
        rev = self.flows.rev
        self.runtime.deploy(given, self.flows.nodes, deployment_type, lambda: self.announce(rev))

    @property
    def types_in_use(self) -> set[str]:
        """The types of the nodes that are deployed, whether they run or not."""
        types = (node.get("type") for node in self.flows.nodes if isinstance(node, dict))
        return {node_type for node_type in types if isinstance(node_type, str)}

    def announce(self, rev: str) -> None:
        """Tell that the flows of this rev run, and keep it for whoever subscribes later."""
        self.publish("notification/runtime-deploy", {"revision": rev}, retained=True)

    def publish(self, topic: str, data: Json, *, retained: bool = False) -> None:
        """Tell whoever listens, and keep it for who listens later, or nothing of this topic."""
        self.retained.pop(topic, None)
        if retained:
            self.retained[topic] = data
        for listener in self.listeners:
            listener(topic, data)

    def answer(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint's handler behind its permission."""

        async def answered(request: Request) -> Response:
            try:
                if endpoint.permission is not None:
                    request.state.session = await self.authorise(request, endpoint.permission)
                return await endpoint.handler(self, request)
            except ApiError as error:
                return json_reply({"code": error.code, "message": error.message}, status=error.status)
            except Unauthorised as error:
                return error.reply
            except BadBody as error:
                return PlainTextResponse(str(error), error.status)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody hears it

        return answered

    async def authorise(self, request: Request, permission: str) -> Session | None:
        """The request's session, None on an open server; raises Unauthorised."""
        if not self.users.required:
            return None
        authorization = await authorization_of(request)
        session = self.users.session(authorization)
        if session is None:
            raise Unauthorised(challenge(wrong=authorization.lower().startswith("bearer ")))
        if permission and not may(session, permission):
            raise Unauthorised(Response(status_code=401))
        return session
