"""PUT and DELETE /flow/:id, right and wrong, and how they are to be answered."""

import json
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import httpx

from conformance.client import ADDED, Deployment
from conformance.data import Json
from conformance.explore.model import Model, Refusal, Request
from conformance.explore.single import STOPPED, WRONG_IDS, Flow, Which, about, inside, kept_about, same

REPLACEMENTS: Final[dict[str, tuple[bytes, Refusal]]] = {
    "brace": (b"{", Refusal(requirement="flow.malformed-put-refused")),
    "null": (b"null", Refusal(requirement="flow.malformed-put-refused")),
    "null-node": (
        b'{"label": "x", "nodes": [null]}',
        Refusal(requirement="flow.put-with-null-refused", error="flow.put-refusal-error"),
    ),
}
"""The bodies that PUT /flow/:id refuses."""


@dataclass(frozen=True)
class Put:
    """PUT /flow/:id."""

    which: Which
    flow: Flow
    headers: dict[str, str] = field(default_factory=dict)
    promise: str = "flow.put-replaces-the-nodes"
    """The requirement by which it is accepted."""
    wants_rev: bool = field(default=False, init=False)

    def body(self, model: Model) -> Json:
        """The body."""
        return self.flow.body(model, but=self.which.found(model) or "")

    def request(self, model: Model) -> Request | None:
        """The request."""
        asked = about("PUT", self.which, model, json.dumps(self.body(model), ensure_ascii=False).encode())
        return asked and Request(
            method="PUT", path=asked.path, headers={**self.headers, **asked.headers}, content=asked.content
        )

    def judge(self, model: Model, reply: httpx.Response) -> None:
        """The flow is replaced, or there is none."""
        flow_id, body = self.which.found(model) or "", self.body(model)
        if self.which.kind != "tab":
            model.refuses(reply, [WRONG_IDS["PUT"][self.which.kind]])
            return
        promise = STOPPED if model.state == "stop" else self.promise
        if not model.answers(promise, reply, *ADDED) or not model.binds(promise):
            model.adopt()
            return
        if reply.status_code == httpx.codes.OK and (given := model.shape("flow.put-gives-the-id", reply, "flow-id")):
            model.promise("flow.put-gives-the-id", given["id"] == flow_id, "the id is not that in the path")
        model.expects(partial(self.look, model, model.now, body, flow_id), "flow.put-changes-the-rev")

    def look(self, model: Model, before: Deployment, body: Json, flow_id: str, after: Deployment) -> None:
        """The flow is another, and the others are what they were."""
        model.promise("flow.put-replaces-the-nodes", flow_id in after.tabs, "the flow is gone")
        sent = [*body["nodes"], *body.get("configs", [])]
        same(model, "flow.put-replaces-the-nodes", inside(sent, flow_id), after.inside(flow_id))
        same(model, "flow.put-leaves-the-rest-alone", before.outside(flow_id), after.outside(flow_id))
        if flow_id in after.tabs:
            kept_about(model, "PUT", "flow.put-label-kept", body, after.tabs[flow_id])


@dataclass(frozen=True)
class PutBadly:
    """PUT /flow/:id of a flow that is there, with a body that is refused."""

    body: str
    which: Which
    wants_rev: bool = field(default=False, init=False)

    def request(self, model: Model) -> Request | None:
        """The request."""
        return about("PUT", self.which, model, REPLACEMENTS[self.body][0])

    def judge(self, model: Model, reply: httpx.Response) -> None:
        """It is refused."""
        model.refuses(reply, [REPLACEMENTS[self.body][1]])


@dataclass(frozen=True)
class Delete:
    """DELETE /flow/:id."""

    which: Which
    wants_rev: bool = field(default=False, init=False)

    def request(self, model: Model) -> Request | None:
        """The request."""
        return about("DELETE", self.which, model)

    def judge(self, model: Model, reply: httpx.Response) -> None:
        """The flow is gone, or there was none."""
        flow_id = self.which.found(model) or ""
        if self.which.kind != "tab":
            model.refuses(reply, [WRONG_IDS["DELETE"][self.which.kind]])
            return
        promise = STOPPED if model.state == "stop" else "flow.delete-answers-204"
        if not model.answers(promise, reply, 204) or not model.binds(promise):
            model.adopt()
            return
        before = model.now
        model.deleted.append(flow_id)
        model.stores(before.outside(flow_id), "flow.delete-leaves-the-rest-alone", "flow.delete-changes-the-rev")
        if before.inside(flow_id) or not before.outside(flow_id):
            model.why = "flow.delete-removes-the-flow"
