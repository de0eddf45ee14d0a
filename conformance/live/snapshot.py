"""What a target is at a moment: all that the suite may touch there, to be put back and compared."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import httpx

from conformance.client import ACCEPT_JSON, V2, Admin, flow_path
from conformance.data import Json
from conformance.exchange import printable
from conformance.live.beside import OURS
from conformance.live.own import name_of
from conformance.values import json_of

NAMED: Final = 3
"""Names that a line tells."""

NAME: Final = 60
"""Characters of a name that a line tells."""


class Unreadable(Exception):
    """Nobody can tell what the target holds; the message says why."""


@dataclass(frozen=True)
class Snapshot:
    """What a target is; all but the flows is None where the target does not tell."""

    flows: list[Json]
    """The active nodes, in their order."""
    rev: str | None
    views: Mapping[str, str]
    """The digest of `GET /flow/:id` by the id of each tab, and of `global`."""
    palette: Mapping[str, bool] | None
    """Whether each node set is enabled, by its id."""
    modules: Mapping[str, str] | None
    """The version of each module."""
    state: str | None
    """What `GET /flows/state` gives."""
    keys: Mapping[str, list[str]] | None
    """The keys of the suite in the global context, by the store."""
    types: list[str] | None = None
    """The types of nodes that its palette has."""

    def as_value(self) -> Json:
        """The same as JSON."""
        return asdict(self)

    @staticmethod
    def from_value(value: Json) -> "Snapshot":
        """What `as_value` gave."""
        return Snapshot(**value)

    def differences(self, later: "Snapshot") -> Iterator[str]:
        """What is otherwise later, a line for each."""
        yield from self.differences_of_flows(later)
        if self.flows == later.flows and self.views != later.views:
            yield from told("flows look otherwise", {name for name, _ in self.views.items() ^ later.views.items()})
        for name, one, other in (
            ("node sets", self.palette, later.palette),
            ("modules", self.modules, later.modules),
            ("keys in the global context", self.keys, later.keys),
        ):
            if one is not None and other is not None:
                names = {key for key in {**one, **other} if one.get(key) != other.get(key)}
                yield from told(f"{name} are otherwise", names)
        if self.state and later.state and self.state != later.state:
            yield printable(f"the flows were '{self.state}', and are '{later.state}'"[:NAME])

    def differences_of_flows(self, later: "Snapshot") -> Iterator[str]:
        """What is otherwise about the nodes, a line for each."""
        before, after = ({json.dumps(node.get("id")): node for node in one.flows} for one in (self, later))
        lines = [
            *told("nodes are missing", before.keys() - after.keys()),
            *told("nodes are new", after.keys() - before.keys()),
            *told("nodes are changed", {one for one in before.keys() & after.keys() if before[one] != after[one]}),
        ]
        if not lines and self.flows != later.flows:
            lines = ["the nodes are in another order"]
        yield from lines


def told(what: str, names: set[str]) -> Iterator[str]:
    """What is otherwise about these, if any."""
    if names:
        shown = ", ".join(printable(name.strip('"')[:NAME]) for name in sorted(names)[:NAMED])
        yield f"{len(names)} {what}: {shown}{' …' if len(names) > NAMED else ''}"


def take(admin: Admin) -> Snapshot:
    """What the target is now; raises NoReply and Unreadable."""
    flows, rev = flows_of(admin)
    tabs = [name for node in flows if node.get("type") == "tab" and (name := name_of(node))]
    sets = told_by(admin.get("/nodes", headers=ACCEPT_JSON))
    return Snapshot(
        flows=flows,
        rev=rev,
        views={name: digest(admin.get(flow_path(name))) for name in (*tabs, "global")},
        palette=of_sets(sets, "id", "enabled"),
        modules=of_sets(sets, "module", "version"),
        state=state(admin),
        keys=keys(told_by(admin.get("/context/global"))),
        types=types_of(sets),
    )


def flows_of(admin: Admin) -> tuple[list[Json], str | None]:
    """The active nodes, in their order, and their revision where the target tells it; raises NoReply and Unreadable."""
    reply = admin.get("/flows", headers=V2.headers)
    body = told_by(reply)
    flows, rev = (body["flows"], body.get("rev")) if is_v2(body) else (told_by(admin.get("/flows")), None)
    if not isinstance(flows, list) or not all(isinstance(node, dict) for node in flows):
        raise Unreadable(f"GET /flows gives {reply.status_code}, and no flows")
    return flows, rev if isinstance(rev, str) else None


def is_v2(body: Json) -> bool:
    """Whether this is what `GET /flows` gives under v2."""
    return isinstance(body, dict) and isinstance(body.get("flows"), list)


def state(admin: Admin) -> str | None:
    """Whether the flows run, where the target tells."""
    body = told_by(admin.get("/flows/state"))
    return body["state"] if isinstance(body, dict) and isinstance(body.get("state"), str) else None


def of_sets(sets: Json, key: str, value: str) -> dict[str, Any] | None:
    """A value of each node set by another one."""
    if not isinstance(sets, list) or not all(isinstance(one, dict) for one in sets):
        return None
    return {one[key]: one[value] for one in sets if isinstance(one.get(key), str) and value in one}


def types_of(sets: Json) -> list[str] | None:
    """The types of nodes of all the sets."""
    whole = [one for one in sets if isinstance(one, dict)] if isinstance(sets, list) else []
    listed = [one["types"] for one in whole if isinstance(one.get("types"), list) and one.get("enabled")]
    return sorted({name for names in listed for name in names if isinstance(name, str)}) if whole else None


def keys(stores: Json) -> dict[str, list[str]] | None:
    """The suite's keys in each store."""
    if not isinstance(stores, dict):
        return None
    kept = {
        name: [key for key in held if key.startswith(OURS)] for name, held in stores.items() if isinstance(held, dict)
    }
    return {name: found for name, found in kept.items() if found}


def digest(reply: httpx.Response) -> str:
    """The same for the same JSON, and otherwise another one."""
    content = json.dumps([reply.status_code, told_by(reply)], sort_keys=True)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def told_by(reply: httpx.Response) -> Json:
    """The reply's JSON, None where it is none or a refusal."""
    return json_of(reply) if reply.is_success else None
