"""How a server lies on its websocket: a line stands between a client and the honest server, and need not be true."""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_server.faults.authorization import remembering
from reference_server.faults.lying import FAULTS, FLOWS, Answer, Ask, Fault, Honest, Json, Lie

DEPLOYED: Final = "notification/runtime-deploy"
"""The topic under which a deployment is told."""

FAIL: Final = {"auth": "fail"}
"""The answer to a token that does not let in."""

OK: Final = {"auth": "ok"}
"""The answer to one that does."""


class Line:
    """A line that is true: a fault overrides what its server does otherwise."""

    def __init__(self, app: ASGIApp, memory: dict[str, Json]) -> None:
        self._app = app
        self._heard: asyncio.Queue[Message] = asyncio.Queue()
        self.memory = memory
        self.lines: list[Line] = memory.setdefault("lines", [])
        """The lines that are open, the oldest first."""
        self.token = ""
        """The token that the client showed last."""

    async def opened(self) -> None:
        """The client has not spoken yet."""

    async def said(self, value: Json) -> None:
        """The client says this."""
        await self.pass_on(value)

    async def told(self, value: Json) -> None:
        """The honest server tells this."""
        if not isinstance(value, list):
            await self.tell(value)
            return
        for message in value:
            await (self.announced(message) if message["topic"] == DEPLOYED else self.tell([message]))

    async def announced(self, message: Json) -> None:
        """The honest server tells of a deployment."""
        await self.tell([message])

    async def ended(self) -> None:
        """The honest server ends the conversation."""
        await self.end()

    @property
    def of_the_administrator(self) -> bool:
        """Whether the client has shown the token of the last user who logged in for everything."""
        return bool(self.token == self.memory.get("token"))

    @property
    def last(self) -> Ask:
        """The last request that deployed something, in the beginning a full deployment."""
        deployment: Ask = self.memory.get("deployment", Ask("POST", FLOWS, "", {}, b"", self.memory))
        return deployment

    async def pass_on(self, value: Json) -> None:
        """Let the honest server hear this."""
        await self._heard.put({"type": "websocket.receive", "text": json.dumps(value)})

    async def tell(self, value: Json) -> None:
        """Let the client hear this."""
        await self._send({"type": "websocket.send", "text": json.dumps(value)})

    async def end(self) -> None:
        """End the conversation."""
        await self._send({"type": "websocket.close", "code": 1000})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stand between the client and the honest server until both have ended."""
        self._send = send
        self.lines.append(self)
        listening = asyncio.create_task(self._listen(receive))
        try:
            await self._app(scope, self._heard.get, self._speak)
            await listening
        finally:
            listening.cancel()
            self.lines.remove(self)

    async def _listen(self, receive: Receive) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            if message["type"] == "websocket.connect":
                await self._heard.put(message)
                await self.opened()
                continue
            try:
                value = json.loads(message.get("text") or "")
            except ValueError:
                value = None
            if isinstance(value, dict) and "auth" in value:
                self.token = value["auth"]
            await self.said(value)
        await self._heard.put(message)

    async def _speak(self, message: Message) -> None:
        if message["type"] == "websocket.send":
            await self.told(json.loads(message["text"]))
        elif message["type"] == "websocket.close":
            await self.ended()
        else:
            await self._send(message)


async def watching(ask: Ask, honest: Honest) -> Answer:
    """The honest answer; who logs in, and for everything, and what was deployed last, is remembered."""
    if ask.method != "GET" and ask.path.startswith("/flow"):
        ask.memory["deployment"] = ask
    answer = await remembering(ask, honest)
    if ask.path == "/auth/token" and isinstance(answer.json, dict):
        ask.memory.setdefault("tokens", []).append(answer.json.get("access_token"))
    return answer


def comms_fault(*requirements: str, lie: Lie = watching) -> Callable[[type[Line]], type[Line]]:
    """Register a line under its class's name, with the requirements that must catch it, and its lie over HTTP."""

    def register(line: type[Line]) -> type[Line]:
        name = re.sub(r"(?<!^)(?=[A-Z0-9])(?<![0-9])", "-", line.__name__).lower()
        FAULTS[name] = Fault(name, (line.__doc__ or "").strip(), requirements, lie, line=line)
        return line

    return register
