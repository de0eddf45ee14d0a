"""The admin client, and the words of the API that it and the cases use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import httpx

from conformance.bounds import ASKED_FOR
from conformance.checks import conforms, first_difference, parsed
from conformance.data import Json
from conformance.recorder import NoReply, Recorder

JSON: Final = {"Content-Type": "application/json"}

ADDED: Final = (200, 204)
"""The statuses by which a flow is added or replaced: what runtimes answer, and what is documented."""

ACCEPT_JSON: Final = {"Accept": "application/json"}

MADE_UP: Final = "conformance-made-this-up"
"""A token, a name, an id or a rev that the target has never given."""

UNKNOWN_VERSIONS: Final = ("v3", "v0", "v22", "2", "v2.0", "latest")


@dataclass(frozen=True)
class ApiVersion:
    """A version of the API: the header that asks for it, and what a deployment looks like under it."""

    name: str
    deployed: int
    """The status of a deployment that succeeded."""

    @property
    def headers(self) -> dict[str, str]:
        """The header that asks for this version."""
        return {"Node-RED-API-Version": self.name}

    def body(self, nodes: list[Json]) -> Json:
        """The body that deploys these nodes."""
        return {"flows": nodes} if self.name == "v2" else nodes

    def __str__(self) -> str:
        """Its name, which is also the id of a table's row."""
        return self.name


V1: Final = ApiVersion("v1", deployed=204)
V2: Final = ApiVersion("v2", deployed=200)


def deployment_type(value: str) -> dict[str, str]:
    """The header that says how to deploy: `full`, `nodes`, `flows` or `reload`."""
    return {"Node-RED-Deployment-Type": value}


def flow_path(flow_id: str) -> str:
    """The path of one flow, whatever its id holds."""
    return f"/flow/{quote(flow_id, safe='')}"


@dataclass(frozen=True)
class Deployment:
    """What `GET /flows` gives under v2: the active flows and their revision."""

    rev: str
    flows: list[Json] = field(repr=False)

    def __eq__(self, other: object) -> bool:
        """The same revision of the same flows, compared as JSON: 1 is 1.0, and true is not 1."""
        if not isinstance(other, Deployment):
            return NotImplemented
        return self.rev == other.rev and not first_difference(self.flows, other.flows)

    __hash__ = None  # type: ignore[assignment]  # flows are lists

    @property
    def tabs(self) -> dict[str, Json]:
        """The tabs by their ids."""
        return {node["id"]: node for node in self.flows if node["type"] == "tab"}

    def tab(self, flow_id: str) -> Json:
        """The tab of a flow, which must be there."""
        assert flow_id in self.tabs
        return self.tabs[flow_id]

    def inside(self, flow_id: str) -> list[Json]:
        """The nodes of a flow, without its tab."""
        return [node for node in self.flows if node.get("z") == flow_id and node["id"] != flow_id]

    def outside(self, flow_id: str) -> list[Json]:
        """Everything but a flow and its tab."""
        return [node for node in self.flows if flow_id not in (node["id"], node.get("z"))]


class Admin(httpx.Client):
    """A client of one target, in the name of one of its users or of nobody."""

    def __init__(self, url: str, recorder: Recorder, timeout: float, token: str | None = None) -> None:
        authorization: Mapping[str, str] = {"Authorization": f"Bearer {token}"} if token else {}
        headers = {"Accept-Encoding": ASKED_FOR, **authorization}
        super().__init__(base_url=url, transport=recorder, timeout=timeout, headers=headers, trust_env=False)
        self.recorder = recorder
        self.token = token

    def build_request(self, method: str, url: httpx.URL | str, **options: Any) -> httpx.Request:
        """The request; raises AssertionError where a word of the target's fits into no URL, or into no header."""
        try:
            return super().build_request(method, url, **options)
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise AssertionError(f"a name or a token that the target gave cannot be sent back: {error}") from error

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send the request; raises NoReply also where httpx cannot make sense of the reply's headers."""
        try:
            return super().send(request, **options)
        except httpx.HTTPError as error:
            raise NoReply(f"no reply that can be read to {request.method} {request.url.path}: {error}") from error

    def read(self) -> Deployment:
        """The active flows, by `GET /flows` under v2."""
        reply = self.get("/flows", headers=V2.headers)
        assert reply.status_code == 200
        body = conforms(reply, "flows-v2")
        return Deployment(body["rev"], body["flows"])

    def deploy(self, nodes: list[Json]) -> Deployment:
        """Make these the active flows, by `POST /flows` under v2 without a rev, and read what is active then."""
        reply = self.post("/flows", headers=V2.headers, json=V2.body(nodes))
        assert reply.status_code == 200
        return self.read()

    def empty(self) -> None:
        """Leave no flows, under whichever version of the API that can be deployed."""
        versions = [V2] if self.recorder.beside else [V1, V2]
        assert any(self.post("/flows", headers=one.headers, json=one.body([])).is_success for one in versions)
        assert parsed(self.get("/flows")) == []

    def add(self, flow: Json, **options: Any) -> str:
        """Add a flow, by `POST /flow`, and give the id of its tab, which the documented 204 does not tell."""
        before = self.read()
        reply = self.post("/flow", json=flow, **options)
        assert reply.status_code in ADDED
        new = self.read().tabs.keys() - before.tabs.keys()
        assert len(new) == 1
        return str(*new)

    def flow(self, flow_id: str) -> Json:
        """One flow, by `GET /flow/:id`."""
        reply = self.get(flow_path(flow_id))
        assert reply.status_code == 200
        return conforms(reply, "flow-global" if flow_id == "global" else "flow")
