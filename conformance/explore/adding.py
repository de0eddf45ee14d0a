"""POST /flow, right and wrong, and how it is to be answered."""

import json
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import httpx

from conformance.client import ADDED, JSON, Deployment
from conformance.data import Json
from conformance.explore.model import Model, Refusal, Request
from conformance.explore.single import STOPPED, Flow, inside, kept_about, same


def explained(requirement: str) -> Refusal:
    """The refusal of what is understood, which is an error object."""
    usual = ("flow.post-refused-with-400", 400)
    return Refusal(requirement=requirement, usual=usual, error="flow.post-refusal-error")


USED: Final = explained("flow.post-with-used-id-refused")

ADDITIONS: Final[dict[str, tuple[bytes, Refusal]]] = {
    "brace": (b"{", Refusal(requirement="flow.malformed-post-refused")),
    "null": (b"null", Refusal(requirement="flow.malformed-post-refused")),
    "empty": (b"", Refusal(requirement="flow.post-without-nodes-refused")),
    "object": (b"{}", explained("flow.post-without-nodes-refused")),
    "label": (b'{"label": "x"}', explained("flow.post-without-nodes-refused")),
    "null-node": (b'{"nodes": [null]}', explained("flow.post-with-null-refused")),
    "tab": (
        b'{"nodes": [{"id": "c0f0000000000fff", "type": "tab"}]}',
        explained("flow.post-with-tab-inside-refused"),
    ),
}
"""The bodies that POST /flow refuses."""


@dataclass(frozen=True)
class Add:
    """POST /flow."""

    flow: Flow
    given: str = ""
    """The id that the flow asks for, which it does not get."""
    headers: dict[str, str] = field(default_factory=dict)
    promise: str = "flow.post-adds-the-flow"
    """The requirement by which it is accepted."""
    wants_rev: bool = field(default=False, init=False)

    def body(self, model: Model) -> Json:
        """The body."""
        return self.flow.body(model) | ({"id": self.given} if self.given else {})

    def request(self, model: Model) -> Request | None:
        """The request."""
        content = json.dumps(self.body(model), ensure_ascii=False).encode()
        if not model.plain:
            return None
        return Request(method="POST", path="/flow", headers=self.headers | JSON, content=content)

    def judge(self, model: Model, reply: httpx.Response) -> None:
        """The flow is added, under an id of its own."""
        body, promise = self.body(model), STOPPED if model.state == "stop" else self.promise
        if not model.answers(promise, reply, *ADDED) or not model.binds(promise):
            model.adopt()
            return
        given = model.shape("flow.post-gives-the-id", reply, "flow-id") if reply.status_code == httpx.codes.OK else None
        model.expects(partial(self.look, model, model.now, body, given), "flow.post-changes-the-rev")

    def look(self, model: Model, before: Deployment, body: Json, given: Json, after: Deployment) -> None:
        """The flows are what they were, and the new one."""
        new = [tab for tab in after.tabs if tab not in before.tabs]
        model.promise("flow.post-adds-the-flow", len(new) == 1, f"there are {len(new)} more tabs than before")
        if len(new) != 1:
            return
        (flow_id,) = new
        if given:
            model.promise("flow.post-gives-the-id", given["id"] == flow_id, "the id is not that of the new tab")
        sent = [*body["nodes"], *body.get("configs", [])]
        same(model, "flow.post-sets-z", inside(sent, flow_id), after.inside(flow_id))
        same(model, "flow.post-leaves-the-rest-alone", before.flows, after.outside(flow_id))
        kept_about(model, "POST", "flow.post-label-kept", body, after.tabs[flow_id])


@dataclass(frozen=True)
class AddUsed:
    """POST /flow with the id of what is there."""

    turn: int
    wants_rev: bool = field(default=False, init=False)

    def request(self, model: Model) -> Request | None:
        """The request."""
        if not model.flows or not model.plain:
            return None
        used = model.flows[self.turn % len(model.flows)]["id"]
        node = {"id": used, "type": "comment", "name": "", "info": "", "x": 140, "y": 80, "wires": []}
        content = json.dumps({"label": "used", "nodes": [node]}).encode()
        return Request(method="POST", path="/flow", headers=JSON, content=content)

    def judge(self, model: Model, reply: httpx.Response) -> None:
        """It is refused."""
        model.refuses(reply, [USED])


@dataclass(frozen=True)
class AddBadly:
    """POST /flow with a body that is refused."""

    body: str
    wants_rev: bool = field(default=False, init=False)

    def request(self, _: Model) -> Request:
        """The request."""
        return Request(method="POST", path="/flow", headers=JSON, content=ADDITIONS[self.body][0])

    def judge(self, model: Model, reply: httpx.Response) -> None:
        """It is refused."""
        model.refuses(reply, [ADDITIONS[self.body][1]])
