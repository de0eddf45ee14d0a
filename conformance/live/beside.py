"""Deploys beside what the target held already: nothing of that stops existing, and cases do not see it."""

import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

from conformance.catalogue import Requirement
from conformance.data import Json
from conformance.live.journal import Notes
from conformance.live.own import name_of, names_of
from conformance.outcomes import NotTested
from conformance.values import json_of

UNTYPED: Final = frozenset({"deploy.full-is-the-default"})
"""The requirements that need a deployment without a type; others are content with one of type `flows`."""

UNDOES: Final = "its deployments carry no rev, and could undo what somebody else deploys"

STOPS: Final = "it would stop flows that are in use"

ALONE: Final[Mapping[str, str]] = {
    "concurrency": UNDOES,
    "explore": UNDOES,
    "install": "it would change the palette of a target that is in use",
    "state": STOPS,
    "deploy.removal-of-unknown-node-heals": STOPS,
    "deploy.unknown-node-starts-nothing": STOPS,
    "deploy.unknown-node-stops-all-with-full": STOPS,
    "flows.four-megabytes-deploy": "with what they are it would be larger than that",
    "flows.last-deploy-wins": UNDOES,
    "flows.omitted-rev-forces": UNDOES,
}
"""Why a requirement, or a whole area, is judged only on a target that holds no flows."""

FOREIGN: Final = "somebody else deployed to the target during the run, so that nothing is written any more"

LOST: Final = "the target has not kept what it held before"

SIGN: Final = "c0f0c0f0c0f0c0f0"
"""The id of the tab that says in the editor what goes on, as long as flows of the suite are there."""

INSIDE: Final = ("nodes", "configs", "subflows")
"""Where a flow of `POST /flow` has nodes."""

PARTIAL: Final = ("nodes", "flows")
"""The types of deployment that leave running what they do not change."""

OURS: Final = "conformance"
"""How the keys begin under which the suite keeps values in the context."""

STRUCTURE: Final = ("tab", "subflow", "group", "junction")
"""The types that every target knows."""

TYPE: Final = "Node-RED-Deployment-Type"

SAYS: Final = "A conformance suite puts flows here and takes them out again. Please deploy nothing until it has ended."


class NotKept(AssertionError):
    """The target has not kept what it held before the run, and nobody else has deployed."""


def alone(requirement: Requirement) -> str:
    """Why a requirement is judged only on a target that holds no flows; empty where it is judged beside others."""
    why = ALONE.get(requirement.id) or ALONE.get(requirement.area, "")
    return f"the target holds flows: {why}" if why else ""


class Beside:
    """Adds what was found to each deployment and takes it out of each reply; lets nothing through that could harm it.

    `root` is the path of the admin root. `read` gives the reply to `GET /flows` under v2, as the administrator gets it.
    """

    def __init__(self, notes: Notes, root: str, read: Callable[[], httpx.Response]) -> None:
        self.notes = notes
        self.found: list[Json] = notes.found["flows"]
        self.by_id: dict[str, Json] = {node["id"]: node for node in self.found}
        self.protected = {*self.by_id, *(str(node["z"]) for node in self.found if "z" in node), "global"}
        self.types = {*(notes.found.get("types") or ()), *STRUCTURE, *(str(node.get("type")) for node in self.found)}
        self.sign = {"id": SIGN, "type": "tab", "label": f"Conformance run {notes.run}", "disabled": True, "info": SAYS}
        self.root = root
        self.read = read
        self.rev: str | None = None
        """The latest revision that the target gave, None where it may have another one."""
        self.disturbed = ""
        """Why nothing is written any more; empty as long as nobody else deploys."""

    def outgoing(self, request: httpx.Request, case: str) -> httpx.Request:
        """The request that is sent in place of this one of a case, which would change the target; raises NotTested."""
        if self.disturbed:
            raise NotTested(self.disturbed)
        if not self.found:
            return self.noted(request)
        method, path = request.method, request.url.path.removeprefix(self.root)
        if "target" in request.extensions:
            raise withheld("its path is spelt oddly")
        kind, _, rest = path.lstrip("/").partition("/")
        if (method, path) == ("POST", "/flows"):
            return self.deployment(request, case)
        if (method, path) == ("POST", "/flow") or (method == "PUT" and kind == "flow"):
            self.check_flow(rest, request)
        elif (method, kind) in (("POST", "inject"), ("POST", "debug")):
            self.check_owner(rest.partition("/")[0])
        elif (method, kind) != ("DELETE", "flow"):
            self.check_context(method, kind, rest)
        if not self.protected.isdisjoint({rest, rest.partition("/")[0]}) and kind != "context":
            raise withheld("it is about what the target held before")
        self.rev = None
        return request

    def noted(self, request: httpx.Request) -> httpx.Request:
        """The request to a target that held no flows, after the nodes that it brings are written down."""
        with contextlib.suppress(NotTested):
            body = parsed(request)
            flows = body.get("flows") if isinstance(body, dict) else body
            label = body.get("label") if isinstance(body, dict) else None
            inside = [names_of(body.get(part)) for part in INSIDE] if isinstance(body, dict) else []
            self.notes.note(ids=names_of(flows).union(*inside), label=label if isinstance(label, str) else None)
        return request

    def deployment(self, request: httpx.Request, case: str) -> httpx.Request:
        """The deployment of the same nodes and all that was found, under a revision of which nobody deployed since."""
        if request.headers.get("Node-RED-API-Version") != "v2":
            raise withheld("only under v2 a deployment carries a rev, without which it could undo somebody else's")
        if request.headers.get(TYPE) == "reload":
            raise withheld("a reload restarts flows that are in use, as they are stored")
        body = parsed(request)
        nodes = body.get("flows") if isinstance(body, dict) else None
        if nodes is not None and body.keys() - {"flows", "rev"}:
            raise withheld("what it sends besides flows could take the place of their credentials")
        nodes = self.check(nodes)
        self.notes.note(ids=[SIGN])
        if not isinstance(rev := body.setdefault("rev", self.current()), str) or not rev:
            raise withheld("without a rev it could undo what somebody else deploys")
        if TYPE not in request.headers and case not in UNTYPED:
            request.headers[TYPE] = "flows"  # what was found goes on running
        self.rev = None  # until the reply tells: a run can be interrupted before it comes
        if request.headers.get(TYPE) not in PARTIAL:
            self.check_types(nodes)
        added = [self.sign, *body["flows"]] if body["flows"] else []
        content = json.dumps({**body, "flows": [*self.found, *added]}, separators=(",", ":")).encode()
        return with_body(request, content)

    def check(self, nodes: Any) -> list[Json]:  # noqa: ANN401 - whatever a case sends
        """Refuse nodes that could take the place of what was found; raises NotTested."""
        if not isinstance(nodes, list) or not all(isinstance(node, dict) for node in nodes):
            raise withheld("a target that took it would lose its flows")
        if any(not name_of(node) or node["id"] in self.protected for node in nodes):
            raise withheld("its ids could be those of nodes that the target held before")
        if any(str(node.get("z")) in self.protected for node in nodes):
            raise withheld("it would put nodes into flows that the target held before")
        self.notes.note(ids=names_of(nodes))
        return nodes

    def check_types(self, nodes: list[Json]) -> None:
        """Refuse types that a target may not know, with which it stops all that it runs; raises NotTested."""
        own = {f"subflow:{name}" for name in names_of(nodes)}
        if {str(node.get("type")) for node in nodes} - self.types - own:
            raise withheld("a type that the target does not know would stop all flows")

    def check_flow(self, flow_id: str, request: httpx.Request) -> None:
        """Refuse a flow whose nodes could take the place of what was found; raises NotTested."""
        flow = parsed(request)
        if not isinstance(flow, dict):
            raise withheld("nobody knows what a target that took it would do")
        for part in INSIDE:
            self.check(flow.get(part, []))
        if not flow_id and not (isinstance(flow.get("label"), str) and flow["label"]):
            raise withheld("the tab would have neither an id nor a label by which it is known to be the suite's own")
        self.notes.note(ids=[flow_id] if flow_id else [], label=None if flow_id else flow["label"])

    def check_context(self, method: str, kind: str, rest: str) -> None:
        """Refuse whatever is not the deletion of a value that the suite put into the context; raises NotTested."""
        scope, _, below = rest.partition("/")
        owner, _, key = below.partition("/") if scope != "global" else ("", "", below)
        if method != "DELETE" or kind != "context":
            raise withheld("it would change more than flows")
        if scope != "global":
            self.check_owner(owner)
        elif not key.startswith(OURS):
            raise withheld("the value could be somebody else's")

    def check_owner(self, name: str) -> None:
        """Refuse to touch a node or a flow that the suite did not deploy; raises NotTested."""
        if name not in self.notes.own.ids:
            raise withheld("it is about what may be somebody else's")

    def current(self) -> str | None:
        """The revision of what is active, which is what was found and what the suite deployed; raises NotTested."""
        if self.rev is None and (why := self.looked_again()):
            raise NotTested(why)
        return self.rev

    def looked_again(self) -> str:
        """Why nothing is written any more, once the target was looked at; empty where nobody else has deployed."""
        if self.found and not self.disturbed:
            reply = self.read()
            body = json_of(reply)
            if reply.is_success and isinstance(body, dict) and isinstance(body.get("flows"), list):
                self.look(body["flows"], rev_of(body))
        return self.disturbed

    def incoming(self, request: httpx.Request, reply: httpx.Response) -> httpx.Response:
        """The reply without what was found; raises NotTested where that is no longer there as it was."""
        path = request.url.path.removeprefix(self.root)
        if (request.method, path) == ("POST", "/flow") and reply.is_success:
            self.notes.note(ids=names_of([json_of(reply)]))
        if not self.found or path not in ("/flows", "/flow/global"):
            return reply
        if request.method == "POST":
            self.deployed(reply)
        elif request.method == "GET" and reply.is_success:
            reply = self.without_found(reply, json_of(reply), whole=path == "/flows")
        return reply

    def deployed(self, reply: httpx.Response) -> None:
        """Keep the revision of a deployment; raises NotTested where somebody else's came before."""
        self.rev = rev_of(json_of(reply)) if reply.is_success else None
        if self.rev is not None:
            self.notes.note(rev=self.rev)
        elif reply.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            raise withheld("with what they are, this is more than it takes")
        elif reply.status_code == httpx.codes.CONFLICT and (why := self.looked_again()):
            raise NotTested(why)

    def without_found(self, reply: httpx.Response, body: Json, *, whole: bool) -> httpx.Response:
        """The reply with a body that does not hold what was found."""
        lists = [body] if isinstance(body, list) else []
        if isinstance(body, dict):
            lists = [value for value in body.values() if isinstance(value, list)]
        if whole and len(lists) == 1:
            self.look(lists[0], rev_of(body))
        hidden = self.by_id.keys() | {SIGN}
        for nodes in lists:
            nodes[:] = [node for node in nodes if not (isinstance(node, dict) and node.get("id") in hidden)]
        return replaced(reply, body) if lists else reply

    def look(self, nodes: list[Json], rev: str | None) -> None:
        """Notice where somebody else has deployed; raises NotKept where the target has not kept what it held."""
        whole = [node for node in nodes if isinstance(node, dict)]
        own = self.notes.own.of(whole, self.by_id)
        if [node for node in whole if name_of(node) not in own] != self.found:
            lost = rev is not None and rev in self.notes.own.revs  # under which nobody else has deployed
            self.disturbed = f"{LOST}, so that nothing is written any more" if lost else FOREIGN
            if lost:
                raise NotKept(LOST)
        elif rev is not None:
            self.rev = rev
            self.notes.note(rev=rev)


def parsed(request: httpx.Request) -> Json:
    """The JSON of a request's body; raises NotTested where it is none."""
    with contextlib.suppress(ValueError, RecursionError):
        if "Content-Encoding" not in request.headers:
            return json.loads(request.content)
    raise withheld("nobody knows what a target that took it would do")


def with_body(request: httpx.Request, content: bytes) -> httpx.Request:
    """The request with another body, in chunks where it was."""
    length = (b"content-length", b"transfer-encoding")
    headers = [(name, value) for name, value in request.headers.raw if name.lower() not in length]
    body = iter([content]) if "Transfer-Encoding" in request.headers else content
    other = httpx.Request(request.method, request.url, headers=headers, content=body, extensions=request.extensions)
    other.read()
    return other


def rev_of(body: Json) -> str | None:
    """The revision that a body tells, None where it tells none."""
    return body["rev"] if isinstance(body, dict) and isinstance(body.get("rev"), str) else None


def replaced(reply: httpx.Response, body: Json) -> httpx.Response:
    """The reply with another body, and with the headers that it had but for its length."""
    return with_content(reply, json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def with_content(reply: httpx.Response, content: bytes) -> httpx.Response:
    """The same with the bytes of a body."""
    other = httpx.Response(reply.status_code, content=content, extensions=reply.extensions)
    length = other.headers["Content-Length"]
    other.headers = httpx.Headers([(n, v) for n, v in reply.headers.multi_items() if n.lower() != "content-length"])
    other.headers["Content-Length"] = length
    return other


def withheld(why: str) -> NotTested:
    """Why a request is not sent to a target that holds flows."""
    return NotTested(f"the target holds flows: {why}")
