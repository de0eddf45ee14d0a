"""The active flow configuration: what a deployment sets, and its revision."""

import hashlib
import json
from typing import Final

from reference_server.credentials import Credentials
from reference_server.messages import ApiError, Json

OMITTED: Final = object()
"""The rev of a deployment that carries none, and so forces its way."""


class Flows:
    """The flows in memory. Nothing here awaits, so deployments never interleave."""

    def __init__(self) -> None:
        self.nodes: list[Json] = []
        self.credentials = Credentials()

    @property
    def rev(self) -> str:
        """The revision: a digest of the flows, so the same flows have the same one."""
        return hashlib.sha256(json.dumps(self.nodes).encode()).hexdigest()

    def check_rev(self, rev: Json) -> None:
        """Refuse a rev that is not the active one; a rev that is given at all must match."""
        if rev is not OMITTED and rev != self.rev:
            raise ApiError(409, "version_mismatch", "The flows have changed since that revision was read")

    def deploy(self, nodes: Json) -> None:
        """Make `nodes` the active flows, or refuse them whole."""
        check_nodes(nodes)
        self.nodes = self.credentials.take(nodes)


def check_nodes(nodes: Json) -> None:
    """Refuse what is no array of nodes. Node types and properties are nobody's business here."""
    if not isinstance(nodes, list):
        raise ApiError(400, "unexpected_error", "The flows are not an array of nodes")
    for node in nodes:
        if node is None:
            raise ApiError(400, "unexpected_error", "A node is null")
        wires = node.get("wires") if isinstance(node, dict) else None
        if isinstance(wires, list) and None in wires:
            raise ApiError(400, "unexpected_error", "An output's wires are null")
