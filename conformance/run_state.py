"""Whether the flows of a target run, over HTTP."""

from dataclasses import dataclass

import httpx

from conformance.checks import conforms
from conformance.client import Admin


@dataclass(frozen=True)
class RunState:
    """Whether the flows of a target run, which the case may change."""

    admin: Admin

    def read(self) -> str:
        """The state that GET /flows/state gives."""
        reply = self.admin.get("/flows/state")
        assert reply.status_code == 200
        return str(conforms(reply, "flows-state")["state"])

    def post(self, state: str) -> httpx.Response:
        """The reply to POST /flows/state with a form, as it is documented."""
        return self.admin.post("/flows/state", data={"state": state})

    def set(self, state: str) -> None:
        """Start or stop the flows."""
        reply = self.post(state)
        assert reply.status_code == 200
        assert conforms(reply, "flows-state")["state"] == state
