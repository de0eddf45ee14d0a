"""GET and POST /flows: requests right and wrong, and how each is to be answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx

from conformance.client import ADDED, JSON, MADE_UP, deployment_type
from conformance.data import Json
from conformance.explore.model import Model, Refusal, Request
from conformance.explore.nodes import feature

VERSION_REFUSED: Final = Refusal(
    requirement="flows.post-unknown-version-refused",
    status=400,
    error="flows.post-unknown-version-error",
    code=("flows.post-unknown-version-error", "invalid_api_version"),
)

RELOAD_REFUSED: Final = Refusal(requirement="flows.reload-with-unknown-version-refused", status=400)

READ_REFUSED: Final = Refusal(
    requirement="flows.get-unknown-version-refused",
    status=400,
    error="flows.get-unknown-version-error",
    code=("flows.get-unknown-version-error", "invalid_api_version"),
)


def mismatch(requirement: str, *, explained: bool = False) -> Refusal:
    """The refusal of a rev; that of an outdated one is an error object."""
    if not explained:
        return Refusal(requirement=requirement, status=409)
    code = ("flows.stale-rev-code", "version_mismatch")
    return Refusal(requirement=requirement, status=409, error="flows.stale-rev-error", code=code)


REVS: Final[dict[str, Refusal]] = {
    "stale": mismatch("flows.stale-rev-refused", explained=True),
    "stale of a type": mismatch("flows.stale-rev-refused-for-every-type", explained=True),
    "made-up": mismatch("flows.unknown-rev-refused"),
    "shortened": mismatch("flows.shortened-rev-refused"),
    "padded": mismatch("flows.padded-rev-refused"),
    "empty": mismatch("flows.empty-rev-refused"),
    "null": mismatch("flows.null-rev-refused"),
    "number": mismatch("flows.number-as-rev-refused"),
    "array": mismatch("flows.rev-of-another-type-refused"),
}
"""The revs that are refused."""

USUAL: Final = ("flows.bad-bodies-answer-400", 400)
SHAPE: Final = "flows.wrong-shape-error"

BODIES: Final[dict[str, tuple[bytes, Refusal]]] = {
    "brace": (b"{", Refusal(requirement="flows.malformed-json-refused", usual=USUAL)),
    "cut": (b'[{"id": "c0f00000000000e1", "ty', Refusal(requirement="flows.malformed-json-refused", usual=USUAL)),
    "null": (b"null", Refusal(requirement="flows.json-scalar-refused", usual=USUAL)),
    "empty": (b"", Refusal(requirement="flows.empty-body-refused", usual=USUAL)),
    "object": (b"{}", Refusal(requirement="flows.v2-without-flows-refused", usual=USUAL, error=SHAPE)),
    "flows-null": (
        b'{"flows": null}',
        Refusal(requirement="flows.v2-flows-of-wrong-type-refused", usual=USUAL, error=SHAPE),
    ),
    "flows-object": (
        b'{"flows": {}}',
        Refusal(requirement="flows.v2-flows-of-wrong-type-refused", usual=USUAL, error=SHAPE),
    ),
    "array": (b"[]", Refusal(requirement="flows.v2-array-refused", usual=USUAL, error=SHAPE)),
    "null-node": (b'{"flows": [null]}', Refusal(requirement="flows.null-node-refused", usual=USUAL)),
}
"""The bodies that are refused under v2, and but for the array under v1."""

V1_OBJECT: Final = Refusal(requirement="flows.v1-object-refused", usual=USUAL, error=SHAPE)

VERSIONS: Final = ("v2", "v1", "")
"""The versions that there are, and none."""

TYPES: Final[dict[str, str]] = {
    "full": "flows.full-deploys",
    "nodes": "flows.nodes-deploys",
    "flows": "flows.flows-deploys",
}


def headers_of(version: str, type_name: str) -> dict[str, str]:
    """The headers of the API, each only where it says something."""
    told = {"Node-RED-API-Version": version} if version else {}
    return told | (deployment_type(type_name) if type_name else {})


@dataclass(frozen=True)
class Read:
    """GET /flows."""

    version: str = "v2"
    wants_rev: bool = field(default=False, init=False)

    def request(self, _: Model) -> Request:
        """The request."""
        return Request(method="GET", path="/flows", headers=headers_of(self.version, ""))

    def judge(self, model: Model, reply: httpx.Response) -> None:
        """Hold what is read against what is known."""
        if self.version not in VERSIONS:
            model.refuses(reply, [READ_REFUSED])
        elif self.version == "v2":
            self.judge_v2(model, reply)
        else:
            promise = "flows.get-v1-gives-array" if self.version else "flows.get-without-version-gives-array"
            if model.answers(promise, reply, 200) and (nodes := model.shape(promise, reply, "flows-v1")) is not None:
                model.reads(nodes, "flows.versions-give-the-same-flows")

    def judge_v2(self, model: Model, reply: httpx.Response) -> None:
        """Hold the flows and the rev against what is known."""
        promise = "flows.get-v2-gives-flows-and-rev"
        if model.answers(promise, reply, 200) and (body := model.shape(promise, reply, "flows-v2")):
            model.reads(body["flows"], "flows.get-gives-the-same-until-a-deploy")
            model.reads_rev(body["rev"])
            model.looks(model.now)


@dataclass(frozen=True)
class Deploy:
    """POST /flows with a body of the right shape."""

    nodes: list[Json]
    version: str = "v2"
    type: str = ""
    rev: str = ""
    """Which rev goes with it under v2: none, the `current` one, or one of REVS."""
    turn: int = 0
    """Which of several outdated revs."""
    beside: bool = False
    """Whether there is something else beside the flows."""

    @property
    def wants_rev(self) -> bool:
        """Whether the active rev has to be known."""
        return self.version == "v2" and self.rev in ("current", "shortened", "padded")

    @property
    def of_v2(self) -> bool:
        """Whether the body has the shape of v2."""
        return self.version not in ("", "v1")

    def request(self, model: Model) -> Request | None:
        """The request, None where Node-RED did not yet refuse an unknown version: it answered twice."""
        if self.version not in VERSIONS and not model.in_range(VERSION_REFUSED.requirement):
            return None
        body: Json = self.nodes
        if self.of_v2:
            body = {"flows": self.nodes} | ({"comment": "nobody knows this"} if self.beside else {})
            body = {"rev": self.rev_in(model)} | body if self.rev else body
        content = json.dumps(body, ensure_ascii=False).encode()
        return Request(
            method="POST", path="/flows", headers=headers_of(self.version, self.type) | JSON, content=content
        )

    def rev_in(self, model: Model) -> Json:
        """The rev that goes with it."""
        rev, outdated = model.rev or MADE_UP, model.outdated
        revs: Mapping[str, Json] = {
            "current": rev,
            "stale": outdated[self.turn % len(outdated)] if outdated else MADE_UP,
            "made-up": MADE_UP,
            "shortened": rev[:-1],
            "padded": f"{rev} ",
            "empty": "",
            "null": None,
            "number": 0,
            "array": [rev],
        }
        return revs[self.rev]

    def judge(self, model: Model, reply: httpx.Response) -> None:
        """Hold the reply against the version, the type and the rev."""
        if self.type not in ("", "reload", *TYPES) or not of_promised_shape(self.nodes):
            model.adopt()
        elif refusals := self.refusals(model):
            model.refuses(reply, refusals)
        elif self.type == "reload":
            self.judge_reload(model, reply)
        else:
            self.judge_deployment(model, reply)

    def refusals(self, model: Model) -> list[Refusal]:
        """Why it is refused."""
        refusals = []
        if self.version not in VERSIONS:
            refusals.append(RELOAD_REFUSED if self.type == "reload" else VERSION_REFUSED)
        if self.of_v2 and self.rev in REVS and self.type != "reload":
            kind = "made-up" if self.rev == "stale" and not model.outdated else self.rev
            refusals.append(REVS["stale of a type" if kind == "stale" and self.type else kind])
        return refusals

    def judge_reload(self, model: Model, reply: httpx.Response) -> None:
        """A reload gives what is stored, whatever else it says."""
        if self.of_v2 and self.rev in REVS:
            promise = "flows.reload-needs-no-current-rev"
            statuses: tuple[int, ...] = ADDED
        elif self.of_v2:
            promise, statuses = "flows.v2-reload-gives-rev", (200,)
        else:
            promise, statuses = "flows.v1-reload-answers-204", (204,)
        if not model.answers(promise, reply, *statuses) or not model.binds(promise):
            model.adopt()
            return
        model.why, model.rev, model.changing = "flows.reload-keeps-what-is-stored", None, ""
        if reply.status_code == httpx.codes.OK and self.of_v2:
            body = model.shape("flows.v2-reload-gives-rev", reply, "flows-v2-deployed")
            if body:
                model.reads_rev(body["rev"], "flows.v2-reload-gives-rev")

    def judge_deployment(self, model: Model, reply: httpx.Response) -> None:
        """A deployment sets the flows."""
        promise = self.promise(model)
        if not model.answers(promise, reply, 200 if self.of_v2 else 204) or not model.binds(promise):
            model.adopt()
            return
        changing = "flows.changed-flows-change-the-rev" if self.of_v2 else "flows.v1-deploy-changes-the-rev"
        model.stores(self.nodes, self.stored_by(model), changing, ordered=True)
        if self.of_v2 and (body := model.shape("flows.v2-deploy-gives-rev", reply, "flows-v2-deployed")):
            model.reads_rev(body["rev"], "flows.deploy-rev-is-the-rev-that-get-gives")

    def promise(self, model: Model) -> str:
        """The requirement by which it is accepted: the most special one of those that say so."""
        reasons = {
            "state.deploys-while-stopped-are-stored": model.state == "stop",
            feature(self.nodes): feature(self.nodes),
            "flows.unknown-body-properties-ignored": self.of_v2 and self.beside,
            "flows.matching-rev-deploys": self.of_v2 and self.rev == "current",
            TYPES.get(self.type, ""): self.type,
            "flows.omitted-rev-forces": self.of_v2 and model.told,
            "flows.v2-deploy-gives-rev": self.of_v2,
            "flows.v1-deploy-answers-204": self.version,
            "flows.deploy-without-version-is-v1": True,
        }
        return next(name for name, holds in reasons.items() if holds)

    def stored_by(self, model: Model) -> str:
        """The requirement by which the flows are then these."""
        if model.state == "stop":
            return "state.deploys-while-stopped-are-stored"
        return feature(self.nodes) or ("flows.v2-round-trip" if self.of_v2 else "flows.v1-round-trip")


def of_promised_shape(nodes: list[Json]) -> bool:
    """Whether something is promised of a deployment of these nodes."""
    return Model(lambda _: True, flows=nodes).plain


@dataclass(frozen=True)
class DeployBadly:
    """POST /flows with a body that is refused."""

    body: str
    version: str = "v2"
    type: str = ""
    wants_rev: bool = field(default=False, init=False)

    def request(self, _: Model) -> Request:
        """The request."""
        headers = headers_of(self.version, self.type) | JSON
        return Request(method="POST", path="/flows", headers=headers, content=BODIES[self.body][0])

    def judge(self, model: Model, reply: httpx.Response) -> None:
        """It is refused."""
        content, refusal = BODIES[self.body]
        if self.version == "v1" and content.startswith(b"{") and self.body != "brace":
            refusal = V1_OBJECT
        model.refuses(reply, [refusal])


@dataclass(frozen=True)
class ReloadBare:
    """A reload without a body."""

    version: str
    wants_rev: bool = field(default=False, init=False)

    def request(self, _: Model) -> Request:
        """The request."""
        return Request(method="POST", path="/flows", headers=headers_of(self.version, "reload"))

    def judge(self, model: Model, reply: httpx.Response) -> None:
        """It is accepted, and the flows are what they were."""
        promise = "flows.reload-needs-no-body"
        if not model.answers(promise, reply, *ADDED) or not model.binds(promise):
            model.adopt()
            return
        model.why, model.rev, model.changing = "flows.reload-keeps-what-is-stored", None, ""
