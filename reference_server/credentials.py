"""The credentials of nodes: taken from what is deployed, kept, and told of only as far as they are no secret."""

from typing import Final

from reference_server.messages import Json

TYPES: Final[dict[str, dict[str, str]]] = {
    "http-request": {"user": "text", "password": "password"},
    "mqtt-broker": {"user": "text", "password": "password"},
}
"""The node types that have credentials, with a dash for each blank: their fields, each a text or a password."""

UNCHANGED: Final = "__PWRD__"
"""What a client gives for a password that stays as it is."""


class Credentials:
    """The credentials by node id."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Json]] = {}

    def take(self, nodes: list[Json]) -> list[Json]:
        """The nodes as they are stored, without credentials; those of nodes that are gone are forgotten."""
        ids = {node["id"] for node in nodes if isinstance(node, dict) and isinstance(node.get("id"), str)}
        self._known = {node_id: known for node_id, known in self._known.items() if node_id in ids}
        return [self._taken_from(node) for node in nodes]

    def told(self, node_type: str, node_id: str) -> dict[str, Json]:
        """What is told of a node's credentials: the texts, and whether there is a password."""
        known = self._known.get(node_id)
        fields = TYPES.get(node_type, {}) if known is not None else {}
        kept = known or {}
        texts = {name: kept.get(name, "") for name, kind in fields.items() if kind == "text"}
        return texts | {f"has_{name}": bool(kept.get(name)) for name, kind in fields.items() if kind == "password"}

    def _taken_from(self, node: Json) -> Json:
        if not isinstance(node, dict) or "credentials" not in node:
            return node
        given, fields = node["credentials"], TYPES.get(str(node.get("type")).replace(" ", "-"))
        if isinstance(given, dict) and isinstance(node.get("id"), str) and fields:
            known = self._known.setdefault(node["id"], {})
            known |= {name: value for name, value in given.items() if name in fields and value != UNCHANGED}
        return {name: value for name, value in node.items() if name != "credentials"}
