"""The model: what the target holds as far as it has told, and what each requirement makes of a reply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import httpx

from conformance.checks import by_id, conforms, first_difference
from conformance.client import Deployment
from conformance.data import Json

SAME: Final = "flows.get-gives-the-same-until-a-deploy"

Check = Callable[[Deployment], None]
"""Judges what is read after a request; raises Broken."""


class Broken(Exception):
    """A promise of the catalogue that a reply broke: the requirement, and how in a few words."""

    def __init__(self, requirement: str, why: str) -> None:
        super().__init__(requirement, why)
        self.requirement = requirement
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as it is sent, by the administrator where it says nothing else."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    who: str = "admin"

    @property
    def starts_everything(self) -> bool:
        """Whether all flows are started anew if it is accepted."""
        kind = self.headers.get("Node-RED-Deployment-Type", "full")
        return (self.method, self.path) == ("POST", "/flows") and kind in ("full", "reload")

    @property
    def starts_a_part(self) -> bool:
        """Whether only what it changes is started if it is accepted."""
        return self.method != "GET" and self.path != "/flows/state" and not self.starts_everything


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """How a request is refused, and which requirements say so."""

    requirement: str
    status: int | None = None
    """The status, None where every 4xx will do."""
    usual: tuple[str, int] | None = None
    """The requirement that names a status all the same, and that status."""
    error: str = ""
    """The requirement that promises an error object."""
    code: tuple[str, str] | None = None
    """The requirement that names the code, and that code."""


class Step(Protocol):
    """A request that is still to be fitted to what the target holds."""

    @property
    def wants_rev(self) -> bool:
        """Whether the rev of the active flows has to be known for it."""

    def request(self, model: "Model") -> Request | None:
        """The request, None where the target holds nothing that it could be about."""

    def judge(self, model: "Model", reply: httpx.Response) -> None:
        """Hold the reply against the model, and the model against the reply; raises Broken."""


@dataclass
class Model:
    """What a target holds as far as its replies have told."""

    binds: Callable[[str], bool]
    """Whether a requirement, by its id, is to be judged here."""
    in_range: Callable[[str], bool] = lambda _: True
    """Whether a requirement, by its id, is about the version of the target, judged or not."""
    kept_out: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Who may not read, and who may not write."""
    state: str = ""
    """Whether the flows run, empty where that cannot be set."""
    settled: bool = True
    """Whether nothing was deployed since the state was set."""
    flows: list[Json] | None = None
    """The active flows, None where they have to be read."""
    why: str = SAME
    """The requirement by which the flows are these."""
    ordered: bool = False
    """Whether the order of the nodes is known, too."""
    rev: str | None = None
    """The rev of the active flows, None where it was not told."""
    rev_why: str = SAME
    """The requirement by which the rev is this one."""
    changing: str = ""
    """The requirement by which another rev than the last one belongs to other flows; empty where none says so."""
    check: Check | None = None
    """What is still to be looked at when the flows are read."""
    told: list[Deployment] = field(default_factory=list)
    """The revs that the target told, with their flows, in that order."""
    deleted: list[str] = field(default_factory=list)
    """The ids of the flows that were deleted."""
    waiting: bool = False
    """Whether the flows may not run, because they held a type that nobody knows when all were started last."""

    def promise(self, requirement: str, kept: bool, why: str) -> None:
        """Raise Broken unless the requirement was kept, or does not bind."""
        if not kept and self.binds(requirement):
            raise Broken(requirement, why)

    def answers(self, requirement: str, reply: httpx.Response, *statuses: int) -> bool:
        """Whether the reply has one of these statuses, which the requirement promises; raises Broken."""
        kept = reply.status_code in statuses
        self.promise(requirement, kept, f"expected {' or '.join(map(str, statuses))}, got {reply.status_code}")
        return kept

    def shape(self, requirement: str, reply: httpx.Response, schema: str) -> Json:
        """The reply's JSON where it has the shape that the requirement promises, None where not; raises Broken."""
        try:
            return conforms(reply, schema)
        except AssertionError as error:
            problem = str(error)
        self.promise(requirement, False, problem)
        return None

    def refuses(self, reply: httpx.Response, refusals: list[Refusal]) -> None:
        """Judge a reply to what is refused for one reason or for several; raises Broken."""
        binding = [refusal for refusal in refusals if self.binds(refusal.requirement)]
        if not binding:
            self.adopt()
            return
        first = binding[0]
        if len(refusals) > 1 or first.status is None:
            got = f"expected a status of 4xx, got {reply.status_code}"
            self.promise(first.requirement, reply.is_client_error, got)
        else:
            self.answers(first.requirement, reply, first.status)
        if len(refusals) == 1:
            self.explains(reply, first)
        self.unchanged(first.requirement)

    def explains(self, reply: httpx.Response, refusal: Refusal) -> None:
        """Judge the words of a refusal; raises Broken."""
        if refusal.usual:
            self.answers(refusal.usual[0], reply, refusal.usual[1])
        if refusal.error and (refusal.status or reply.status_code == httpx.codes.BAD_REQUEST):
            self.shape(refusal.error, reply, "error")
        if refusal.code and (error := self.shape(refusal.code[0], reply, "error-code")):
            said = error["code"]
            self.promise(refusal.code[0], said == refusal.code[1], f"expected {refusal.code[1]}, got {said!r:.60}")

    def adopt(self) -> None:
        """Take whatever is there for what should be: nothing is promised."""
        self.flows = self.rev = self.check = None
        self.why, self.changing = SAME, ""

    def unchanged(self, requirement: str) -> None:
        """The flows are what they were, by this requirement, and so is their rev."""
        self.why = self.rev_why = requirement

    def stores(self, nodes: list[Json], why: str, changing: str, *, ordered: bool = False) -> None:
        """These nodes are the flows now, by the one requirement, and by the other have another rev."""
        self.flows, self.why, self.ordered = nodes, why, ordered
        self.rev, self.changing = None, changing

    def expects(self, check: Check, changing: str) -> None:
        """The flows are to be read, and then looked at; another rev than before belongs to them."""
        self.flows = self.rev = None
        self.check, self.changing = check, changing

    def reads(self, nodes: list[Json], why: str) -> None:
        """Judge the flows that were read; raises Broken."""
        if self.flows is not None:
            changed = first_difference(by_id(self.flows), by_id(nodes))
            self.promise(self.why if self.why != SAME else why, not changed, f"the flows are others: {changed}")
            if self.ordered:
                kept = [node["id"] for node in self.flows] == [node["id"] for node in nodes]
                self.promise("flows.node-order-kept", kept, "the nodes come in another order")
        self.flows, self.why, self.ordered = nodes, SAME, True

    def reads_rev(self, rev: str, why: str = SAME) -> None:
        """Judge a rev that was told of the flows, which are known; raises Broken."""
        flows = self.flows or []
        if self.rev is not None:
            self.promise(self.rev_why, rev == self.rev, f"the rev was {self.rev:.20} and is {rev:.20}")
        elif self.told and self.changing and differ(self.told[-1].flows, flows):
            self.promise(self.changing, rev != self.told[-1].rev, "the flows are others, and the rev is the same")
        self.rev, self.rev_why, self.changing = rev, why, ""
        self.told.append(Deployment(rev, flows))

    def looks(self, deployment: Deployment) -> None:
        """Do what was still to be done with flows that are read; raises Broken."""
        check, self.check = self.check, None
        if check is not None:
            check(deployment)

    @property
    def outdated(self) -> list[str]:
        """The revs of other flows than the active ones, the latest first."""
        return [each.rev for each in reversed(self.told) if differ(each.flows, self.flows or [])]

    @property
    def plain(self) -> bool:
        """Whether every id is there once, and every node somewhere: of other flows little is promised."""
        ids = [node["id"] for node in self.flows or []]
        homes = {node["id"] for node in self.flows or [] if node["type"] in ("tab", "subflow")}
        types = {f"subflow:{home}" for home in homes}
        return len(ids) == len(set(ids)) and all(
            node.get("z", node["id"]) in homes | {node["id"]}
            and (not node["type"].startswith("subflow:") or node["type"] in types)
            for node in self.flows or []
        )

    @property
    def now(self) -> Deployment:
        """The flows that are active, under whatever rev."""
        return Deployment(self.rev or "", self.flows or [])


def differ(one: list[Json], other: list[Json]) -> bool:
    """Whether two deployments differ in more than the order of their nodes."""
    return bool(first_difference(by_id(one), by_id(other)))
