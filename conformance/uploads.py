"""Modules that come and go: those that the suite brings along, and how they are installed and removed."""

import gzip
import io
import tarfile
from typing import Final

import httpx

from conformance.checks import conforms
from conformance.client import Admin
from conformance.data import Json, data_dir
from conformance.outcomes import NotApplicable

PLAIN: Final = "two-sets"
SCOPED: Final = "scoped"
NO_NODES: Final = "no-nodes"
"""The packages that the suite brings, in `fixtures/palette`."""

NAMES: Final = {
    PLAIN: "node-red-contrib-conformance",
    SCOPED: "@conformance/node-red-scoped",
    NO_NODES: "node-red-contrib-conformance-no-nodes",
}
"""What their package.json calls them."""

BOUNDARY: Final = "----conformance"
"""What parts the fields of an upload."""

PATIENCE: Final = 60
"""Seconds that an installation may take, or more with a longer --timeout: npm runs meanwhile."""


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


def refuse_policy(reply: httpx.Response) -> None:
    """Raise NotApplicable where the settings of the target forbid the module, as a deny list does."""
    if reply.status_code == 400 and "install_not_allowed" in reply.text:
        raise NotApplicable("the settings of the target do not allow the module")


class Uploads:
    """The modules that were uploaded, each once for all cases that need it."""

    def __init__(self, admin: Admin) -> None:
        self.admin = admin
        self.replies: dict[str, httpx.Response] = {}
        self.used: set[str] = set()
        """What was uploaded or may have been, and is to be gone in the end."""

    def reply(self, package: str) -> httpx.Response:
        """The reply to the upload of the package; a module that a killed run left behind is removed before."""
        if package not in self.replies:
            self.clear(package)
            reply = upload(self.admin, tarball(package))
            if reply.status_code == 404:
                raise NotApplicable("the target lets nobody install a module")
            if reply.status_code == 400 and "invalid_request" in reply.text:
                raise NotApplicable("the target takes no tarball")
            refuse_policy(reply)
            self.replies[package] = reply
        return self.replies[package]

    def module(self, package: str) -> Json:
        """The module as it was installed."""
        reply = self.reply(package)
        assert reply.status_code == 200
        return conforms(reply, "node-module")

    def remove(self, package: str) -> httpx.Response:
        """The reply to the removal of the module, which the next case that needs it uploads again."""
        self.replies.pop(package, None)
        return remove(self.admin, NAMES[package])

    def clear(self, *packages: str) -> None:
        """Remove these modules where they are installed, now and again in the end."""
        self.used.update(packages)
        for package in packages:
            if self.admin.get(f"/nodes/{NAMES[package]}").is_success:
                self.remove(package)
