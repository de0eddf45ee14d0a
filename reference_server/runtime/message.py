"""What goes along the wires: a message, and the reply that a caller waits for."""

import copy
import json
from dataclasses import dataclass, field
from typing import Final

from starlette.responses import HTMLResponse, Response

from reference_server.contexts import UNDEFINED, member, parts_of, put
from reference_server.messages import Json, json_reply

OK: Final = 200


@dataclass
class Reply:
    """The reply to a request that began a message, once there is one; the first one counts."""

    response: Response | None = None

    def give(self, payload: Json, status: int = OK) -> None:
        """Answer with a payload."""
        self.response = self.response or response_of(payload, status)


@dataclass
class Message:
    """A message."""

    fields: dict[str, Json] = field(default_factory=dict)
    reply: Reply | None = None

    def get(self, path: str) -> Json:
        """The value at a path such as `payload.a`, UNDEFINED where there is none."""
        value: Json = self.fields
        for part in parts_of(path):
            value = member(value, part)
        return value

    def set(self, path: str, value: Json) -> None:
        """Set the value at a path; UNDEFINED removes what is there."""
        put(self.fields, path, value)

    def copied(self) -> "Message":
        """The message for one more node, which may change it."""
        return Message(copy.deepcopy(self.fields), self.reply)


def response_of(payload: Json, status: int) -> Response:
    """The payload over HTTP: JSON, or the text that it is."""
    if payload is UNDEFINED:
        return Response(status_code=status)
    if isinstance(payload, str):
        return HTMLResponse(payload, status)
    if isinstance(payload, int | float) and not isinstance(payload, bool):
        return HTMLResponse(json.dumps(payload), status)
    return json_reply(payload, status=status)
