"""What a tarball holds: an npm package with nodes, read in memory and never unpacked to disk."""

import io
import json
import re
import tarfile
import zlib
from pathlib import PurePosixPath
from typing import Final

from reference_server.editor import marked
from reference_server.messages import ApiError, Json
from reference_server.palette import Module, NodeSet

REGISTERED: Final = re.compile(r"""registerType\(\s*["']([^"']+)["']""")
"""How a set's script names a type that it provides."""


class NotANode(Exception):
    """A package without nodes, or none at all."""


def read_package(content: bytes) -> Module:
    """The module in a tarball; raises ApiError for what is no archive, and NotANode."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:*") as archive:
            files = {member.name: read(archive, member) for member in archive if member.isfile()}
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise ApiError(400, "TAR_BAD_ARCHIVE", "Unrecognized archive format") from error
    try:
        return module_of({name.partition("/")[2]: text for name, text in files.items()})
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise NotANode from error


def read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    """A file's text."""
    file = archive.extractfile(member)
    return file.read().decode("utf-8", "replace") if file else ""


def module_of(files: dict[str, str]) -> Module:
    """The module that these files make, by the paths below the package's root."""
    package = json.loads(files["package.json"])
    name, version = str(package["name"]), str(package["version"])
    scripts: dict[str, Json] = package["node-red"]["nodes"]
    return Module(name, version, [node_set(name, key, version, path, files) for key, path in scripts.items()])


def node_set(module: str, name: str, version: str, path: str, files: dict[str, str]) -> NodeSet:
    """The set that a script and the HTML beside it make. The script is read and not run: it names its types."""
    script = PurePosixPath(path)
    types = REGISTERED.findall(files[str(script)])
    html = marked(f"{module}/{name}", files[str(script.with_suffix(".html"))])
    return NodeSet(module, name, types, version, html, local=True)
