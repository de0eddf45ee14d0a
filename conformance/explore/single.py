"""One flow at a time: which one, what is sent as one, and what all methods of /flow and /flow/:id share."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from conformance.checks import by_id, first_difference
from conformance.client import JSON, MADE_UP, flow_path
from conformance.data import Json
from conformance.explore.model import Model, Refusal, Request

STOPPED: Final = "state.deploys-while-stopped-are-stored"
"""The requirement by which stopped flows are changed all the same."""

WRONG_IDS: Final[dict[str, dict[str, Refusal]]] = {
    "GET": {
        "unknown": Refusal(requirement="flow.get-unknown-id-refused", status=404),
        "deleted": Refusal(requirement="flow.get-unknown-id-refused", status=404),
        "node": Refusal(requirement="flow.get-id-of-a-node-refused", status=404),
    },
    "PUT": {
        "unknown": Refusal(requirement="flow.put-unknown-id-refused", status=404),
        "deleted": Refusal(requirement="flow.put-unknown-id-refused", status=404),
        "node": Refusal(requirement="flow.put-id-of-a-node-refused", status=404),
    },
    "DELETE": {
        "unknown": Refusal(requirement="flow.delete-unknown-id-refused", status=404),
        "deleted": Refusal(requirement="flow.second-delete-refused", status=404),
        "node": Refusal(requirement="flow.delete-id-of-a-node-refused", status=404),
        "global": Refusal(requirement="flow.delete-global-refused", status=400, error="flow.delete-refusal-error"),
    },
}
"""How each method refuses what is no flow."""

ABOUT: Final[dict[str, dict[str, str]]] = {
    "POST": {"info": "flow.post-info-kept", "disabled": "flow.post-disabled-kept", "env": "flow.post-env-kept"},
    "PUT": {"info": "flow.put-info-kept", "disabled": "flow.put-disabled-kept", "env": "flow.put-env-kept"},
}
"""Who promises that a property of a flow is kept."""


@dataclass(frozen=True)
class Which:
    """A flow, or what is none: a `tab`, a `deleted` one, a `node`, `unknown` or `global`; which of several."""

    kind: str
    turn: int = 0

    def found(self, model: Model) -> str | None:
        """Its id, None where the target has nothing of that kind."""
        there = {node["id"] for node in model.flows or []}
        ids = {
            "tab": list(model.now.tabs),
            "deleted": [flow_id for flow_id in model.deleted if flow_id not in there],
            "node": [node["id"] for node in model.flows or [] if node["type"] != "tab"],
            "unknown": [MADE_UP],
            "global": ["global"],
        }[self.kind]
        return ids[self.turn % len(ids)] if ids and model.plain else None


def about(method: str, which: Which, model: Model, body: bytes | None = None) -> Request | None:
    """A request about a flow, None where there is no such flow."""
    if (flow_id := which.found(model)) is None:
        return None
    headers = {} if body is None else JSON
    return Request(method=method, path=flow_path(flow_id), headers=headers, content=body or b"")


def same(model: Model, requirement: str, expected: list[Json], given: list[Json]) -> None:
    """Raise Broken unless the nodes are the same, in whatever order."""
    difference = first_difference(by_id(expected), by_id(given))
    model.promise(requirement, not difference, f"the flows are others: {difference}")


def inside(nodes: Iterable[Json], flow_id: str) -> list[Json]:
    """The nodes as they are in that flow."""
    return [{**node, "z": flow_id} for node in nodes]


@dataclass(frozen=True)
class Flow:
    """What is sent as a flow."""

    label: str
    nodes: list[Json]
    configs: list[Json] = field(default_factory=list)
    about: Json = field(default_factory=dict)
    """What else is said of the flow."""

    def body(self, model: Model, but: str = "") -> Json:
        """The flow, with ids that nothing else has where they can be had: not those of the flow `but`."""
        taken = {node["id"] for node in model.flows or [] if node.get("z") != but}
        flow = {"label": self.label, "nodes": renamed(self.nodes, taken), **self.about}
        return flow | ({"configs": renamed(self.configs, taken)} if self.configs else {})


def renamed(nodes: list[Json], taken: set[str]) -> list[Json]:
    """The nodes with other ids in place of those that are taken."""
    names = {node["id"]: node["id"] for node in nodes}
    for name in names:
        names[name] = next(new for new in (name, *(f"{name}{n}" for n in range(len(taken) + 1))) if new not in taken)
    return [
        {**node, "id": names[node["id"]]}
        | ({"wires": [[names.get(w, w) for w in out] for out in node["wires"]]} if "wires" in node else {})
        for node in nodes
    ]


def kept_about(model: Model, method: str, label: str, body: Json, tab: Json) -> None:
    """Raise Broken unless the tab says of the flow what the body did."""
    kept_label = tab.get("label", "") == body["label"]
    model.promise(label, kept_label, f"expected the label {body['label']!r}, got {tab.get('label')!r:.60}")
    for name, requirement in ABOUT[method].items():
        if name in body:
            difference = first_difference(body[name], tab.get(name))
            model.promise(requirement, not difference, f"{name}: {difference}")
