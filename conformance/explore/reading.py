"""GET /flow/:id beside what GET /flows gives."""

from dataclasses import dataclass, field

import httpx

from conformance.checks import kept
from conformance.data import Json
from conformance.explore.model import Broken, Model, Request
from conformance.explore.single import WRONG_IDS, Which, about


@dataclass(frozen=True)
class ReadFlow:
    """GET /flow/:id."""

    which: Which
    wants_rev: bool = field(default=False, init=False)

    def request(self, model: Model) -> Request | None:
        """The request."""
        return about("GET", self.which, model)

    def judge(self, model: Model, reply: httpx.Response) -> None:
        """The flow is as GET /flows gives it, or there is none."""
        flow_id = self.which.found(model) or ""
        if self.which.kind == "global":
            self.judge_global(model, reply)
        elif self.which.kind != "tab":
            model.refuses(reply, [WRONG_IDS["GET"][self.which.kind]])
        elif model.answers("flow.get-gives-the-flow", reply, 200):
            given = model.shape("flow.get-gives-the-flow", reply, "flow")
            if given:
                judge_flow(model, given, model.now.tabs[flow_id], model.now.inside(flow_id))

    def judge_global(self, model: Model, reply: httpx.Response) -> None:
        """What is in no tab."""
        configs = [node for node in model.flows or [] if node["type"] == "tls-config" and "z" not in node]
        subflows = [node["id"] for node in model.flows or [] if node["type"] == "subflow"]
        promise = "flow.get-global-of-nothing"
        if configs or subflows:
            promise = "flow.get-global-gives-configs-and-subflows"
        if model.answers(promise, reply, 200) and (given := model.shape(promise, reply, "flow-global")):
            contains(model, promise, configs, given.get("configs", []))
            ids = [node["id"] for node in given.get("subflows", [])]
            model.promise(promise, ids == subflows, f"expected the subflows {subflows}, got {ids}")


def judge_flow(model: Model, given: Json, tab: Json, nodes: list[Json]) -> None:
    """Hold a flow against what GET /flows gives of it; raises Broken."""
    groups = [node for node in nodes if node["type"] == "group"]
    drawn = [node for node in nodes if {"x", "y"} <= node.keys() and node not in groups]
    ids = [node["id"] for node in groups]
    named = (given["id"], given.get("label", "")) == (tab["id"], tab.get("label", ""))
    model.promise("flow.flow-has-its-id-and-its-label", named, "the id or the label is another")
    found = [node for node in given["nodes"] if node["id"] not in ids]
    there = {node["id"] for node in found} == {node["id"] for node in drawn}
    model.promise("flow.nodes-are-those-of-the-tab", there, "the nodes are others")
    contains(model, "flow.nodes-have-the-same-fields", drawn, found)
    configs = [node for node in nodes if not {"x", "y"} <= node.keys()]
    contains(model, "flow.configs-are-those-of-the-tab", configs, given.get("configs", []))
    if groups:
        contains(model, "flow.get-gives-groups", [*drawn, *groups], given["nodes"])


def contains(model: Model, requirement: str, sent: list[Json], given: list[Json]) -> None:
    """Raise Broken unless the nodes are there with all their fields, some more allowed."""
    try:
        kept(sent, given)
    except AssertionError as error:
        problem = str(error)
    else:
        return
    if model.binds(requirement):
        raise Broken(requirement, problem)
