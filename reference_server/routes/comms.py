"""The websocket that tells of changes: `/comms`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from typing import TYPE_CHECKING, Final

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from reference_server.messages import Json
from reference_server.routing import Endpoints
from reference_server.users import may

if TYPE_CHECKING:
    from reference_server.app import Api

PERMISSION: Final = "status.read"
"""What a client must be allowed who wants to listen."""

ENDPOINTS: Final[Endpoints] = ()


def route(api: Api) -> WebSocketRoute:
    """The route of the websocket."""

    async def answered(socket: WebSocket) -> None:
        await Conversation(api, socket).hold()

    return WebSocketRoute("/comms", answered)


class Conversation:
    """One websocket from its beginning to its end."""

    def __init__(self, api: Api, socket: WebSocket) -> None:
        self._api = api
        self._socket = socket
        self._let_in = not api.users.required
        self._to_tell: asyncio.Queue[Json] = asyncio.Queue()

    async def hold(self) -> None:
        """Answer what the client says and, once it was let in, tell of what happens."""
        await self._socket.accept()
        telling = asyncio.create_task(self._tell())
        self._api.listeners.append(self._notice)
        try:
            with contextlib.suppress(WebSocketDisconnect):
                while True:
                    await self._answer(await self._heard())
        finally:
            self._api.listeners.remove(self._notice)
            telling.cancel()

    async def _heard(self) -> Json:
        """The next message of the client, None where it cannot be read."""
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect
        try:
            return json.loads(received.get("text") or "")
        except ValueError:
            return None

    async def _answer(self, said: Json) -> None:
        """A token lets in or ends the conversation; without one, so does whatever else is said first."""
        if not isinstance(said, dict):
            return
        if "auth" in said or not self._let_in:
            self._let_in = self._allowed(said.get("auth"))
            await self._socket.send_json({"auth": "ok" if self._let_in else "fail"})
            if not self._let_in:
                await self._socket.close()
                raise WebSocketDisconnect
        if isinstance(topic := said.get("subscribe"), str):
            for retained, data in self._api.retained.items():
                if matches(topic, retained):
                    self._notice(retained, data)

    def _allowed(self, token: Json) -> bool:
        """Whether this token, or none on an open server, lets its holder listen."""
        session = self._api.users.session("" if token is None else f"Bearer {token}")
        return not self._api.users.required or (session is not None and may(session, PERMISSION))

    def _notice(self, topic: str, data: Json) -> None:
        """Keep in mind what is to be told; whatever the client subscribed to, it is told everything."""
        if self._let_in:
            self._to_tell.put_nowait({"topic": topic, "data": data})

    async def _tell(self) -> None:
        """Tell all that there is, in arrays."""
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                messages = [await self._to_tell.get()]
                while not self._to_tell.empty():
                    messages.append(self._to_tell.get_nowait())
                await self._socket.send_json(messages)


def matches(subscription: str, topic: str) -> bool:
    """Whether a topic is subscribed to: `+` is any one part of it, and a `#` at the end all that follows."""
    pattern = re.escape(subscription).replace(r"\+", "[^/]+").removesuffix(r"/\#")
    return re.fullmatch(pattern + ("(/.*)?" if subscription.endswith("/#") else ""), topic) is not None
