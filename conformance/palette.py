"""The palette as clients ask for it, and the modules that the suite brings along to install."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from typing import Final

import httpx

from conformance.checks import conforms
from conformance.client import Admin
from conformance.data import Json, data_dir

AS_JSON: Final = {"Accept": "application/json"}
AS_HTML: Final = {"Accept": "text/html"}

BOUNDARY: Final = "----conformance"
"""What parts the fields of an upload."""

PATIENCE: Final = 60
"""Seconds that an installation may take, or more with a longer --timeout: npm runs meanwhile."""


def listed(admin: Admin) -> dict[str, Json]:
    """Every set of the palette by its id, from `GET /nodes`."""
    reply = admin.get("/nodes", headers=AS_JSON)
    assert reply.status_code == 200
    return {node_set["id"]: node_set for node_set in conforms(reply, "node-sets")}


def enabled(sets: Mapping[str, Json]) -> dict[str, bool]:
    """Whether each set is enabled."""
    return {set_id: node_set["enabled"] for set_id, node_set in sets.items()}


def loaded(sets: Mapping[str, Json]) -> list[Json]:
    """The sets that are enabled and whose types work."""
    return [node_set for node_set in sets.values() if node_set["enabled"] and "err" not in node_set]


def html(admin: Admin) -> str:
    """The HTML of all sets that are enabled, from `GET /nodes`."""
    reply = admin.get("/nodes", headers=AS_HTML)
    assert reply.status_code == 200
    return reply.text


def using(node_type: str, **tab: Json) -> list[Json]:
    """Flows with a node of this type, on a tab with these properties."""
    node = {"id": "conformance-node", "type": node_type, "z": "conformance-tab", "name": "", "x": 100, "y": 100}
    return [{"id": "conformance-tab", "type": "tab", "label": "Conformance", **tab}, {**node, "wires": []}]


def install(admin: Admin, name: str) -> httpx.Response:
    """The reply to an installation by name."""
    return admin.post("/nodes", json={"module": name}, timeout=patience(admin))


def upload(admin: Admin, content: bytes, field: str = "tarball") -> httpx.Response:
    """The reply to an installation from a tarball, in this field of the form."""
    files = {field: ("conformance.tgz", content, "application/x-compressed-tar")}
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return admin.post("/nodes", files=files, headers=headers, timeout=patience(admin))


def remove(admin: Admin, name: str) -> httpx.Response:
    """The reply to the removal of a module."""
    return admin.delete(f"/nodes/{name}", timeout=patience(admin))


def patience(admin: Admin) -> float:
    """The seconds that a reply may take for which npm has to run."""
    return max(admin.timeout.read or 0, PATIENCE)


def tarball(name: str) -> bytes:
    """The package in `fixtures/palette/NAME` as npm packs it, the same bytes each time."""
    folder, packed = data_dir("fixtures") / "palette" / name, io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        for path in sorted(folder.iterdir()):
            member = tarfile.TarInfo(f"package/{path.name}")
            content = path.read_bytes()
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()
