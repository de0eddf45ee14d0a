"""The palette as clients ask for it."""

from collections.abc import Mapping
from typing import Final

import httpx

from conformance.checks import conforms
from conformance.client import ACCEPT_JSON, Admin
from conformance.data import Json
from conformance.outcomes import NotApplicable, NotTested

AS_HTML: Final = {"Accept": "text/html"}


def listed(admin: Admin) -> dict[str, Json]:
    """Every set of the palette by its id, from `GET /nodes`."""
    reply = admin.get("/nodes", headers=ACCEPT_JSON)
    assert reply.status_code == 200
    return {node_set["id"]: node_set for node_set in conforms(reply, "node-sets")}


def enabled(sets: Mapping[str, Json]) -> dict[str, bool]:
    """Whether each set is enabled."""
    return {set_id: node_set["enabled"] for set_id, node_set in sets.items()}


def loaded(sets: Mapping[str, Json]) -> list[Json]:
    """The sets that are enabled and whose types work; raises NotTested or NotApplicable where there are none."""
    if not sets:
        raise NotApplicable("the palette is empty")
    working = [node_set for node_set in sets.values() if node_set["enabled"] and "err" not in node_set]
    if not working:
        raise NotTested("no set of the palette is enabled and free of errors")
    return working


def unknown_types(admin: Admin, nodes: list[Json]) -> list[str]:
    """The types of these nodes that no enabled set provides; flows with one of them do not run."""
    known = {name for node_set in listed(admin).values() if node_set["enabled"] for name in node_set["types"]}
    return sorted({node["type"] for node in nodes} - known - {"tab"})


def types_of(module: Json) -> dict[str, list[str]]:
    """The types of each set of the module."""
    return {node_set["name"]: node_set["types"] for node_set in module["nodes"]}


def html(admin: Admin) -> str:
    """The HTML of all sets that are enabled, from `GET /nodes`."""
    reply = admin.get("/nodes", headers=AS_HTML)
    assert reply.status_code == 200
    return reply.text


def using(node_type: str, **tab: Json) -> list[Json]:
    """Flows with a node of this type, on a tab with these properties."""
    node = {"id": "conformance-node", "type": node_type, "z": "conformance-tab", "name": "", "x": 100, "y": 100}
    return [{"id": "conformance-tab", "type": "tab", "label": "Conformance", **tab}, {**node, "wires": []}]


def put(admin: Admin, path: str, **body: Json) -> httpx.Response:
    """The reply to a change of a module or a set."""
    return admin.put(f"/nodes/{path}", json=body)
