"""GET and POST /flows/state, and how they are to be answered."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

import httpx

from conformance.explore.model import Model, Refusal, Request

UNKNOWN: Final = Refusal(
    requirement="state.unknown-state-refused",
    status=400,
    error="state.unknown-state-error",
    code=("state.unknown-state-error", "invalid_run_state"),
)


@dataclass(frozen=True)
class ReadState:
    """GET /flows/state."""

    wants_rev: bool = field(default=False, init=False)

    def request(self, model: Model) -> Request | None:
        """The request."""
        return Request(method="GET", path="/flows/state") if model.state else None

    def judge(self, model: Model, reply: httpx.Response) -> None:
        """The state is the one that was set. After a deployment Node-RED gives `start` for a moment."""
        promise = "state.get-gives-the-state"
        if model.answers(promise, reply, 200) and (told := model.shape(promise, reply, "flows-state")):
            as_set = not model.settled or told["state"] == model.state
            got = f"expected {model.state}, got {told['state']!r:.60}"
            model.promise("state.get-gives-what-was-set", as_set, got)


@dataclass(frozen=True)
class SetState:
    """POST /flows/state with a form."""

    state: str
    wants_rev: bool = field(default=False, init=False)

    def request(self, model: Model) -> Request | None:
        """The request."""
        if not model.state:
            return None
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        content = urlencode({"state": self.state}).encode()
        return Request(method="POST", path="/flows/state", headers=form, content=content)

    def judge(self, model: Model, reply: httpx.Response) -> None:
        """The flows start or stop, and are what they were."""
        if self.state not in ("start", "stop"):
            model.refuses(reply, [UNKNOWN])
            return
        same = model.settled and self.state == model.state
        promise = "state.same-state-again-accepted" if same else "state.form-starts-and-stops"
        if reply.is_success:
            model.state, model.settled = self.state, True
        if model.answers(promise, reply, 200) and (told := model.shape(promise, reply, "flows-state")):
            got = f"expected {self.state}, got {told['state']!r:.60}"
            model.promise(promise, told["state"] == self.state, got)
        if model.binds("state.stopping-keeps-the-flows"):
            model.unchanged("state.stopping-keeps-the-flows")
        else:
            model.adopt()
