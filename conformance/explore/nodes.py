"""What is deployed on the way: flows made of a few tabs and nodes, always the same ids, so that requests meet."""

from collections.abc import Iterable
from typing import Final

from conformance.data import Json

TABS: Final = ("c0f00000000000e1", "c0f00000000000e2", "c0f00000000000e3")
NODES: Final = tuple(f"c0f00000000000f{number}" for number in range(1, 6))
SUBFLOW: Final = "c0f00000000000d1"
IN_SUBFLOW: Final = "c0f00000000000d2"
CONFIG: Final = "c0f00000000000c1"
LOCAL_CONFIG: Final = "c0f00000000000c2"
UNKNOWN_TYPE: Final = "conformance-unknown"
INSTANCE: Final = f"subflow:{SUBFLOW}"

INJECT: Final = {"props": [{"p": "payload"}], "repeat": "", "crontab": "", "once": False, "topic": "", "payload": ""}

KINDS: Final[dict[str, Json]] = {
    "comment": {"info": ""},
    "function": {"func": "return msg;", "outputs": 1, "noerr": 0},
    "change": {"rules": [{"t": "set", "p": "payload", "pt": "msg", "to": "1", "tot": "num"}]},
    "inject": {**INJECT, "payloadType": "date"},
}
"""The node types that every runtime has, with the properties of their own. None of them does anything by itself."""

SUBFLOW_NODES: Final[list[Json]] = [
    {"id": SUBFLOW, "type": "subflow", "name": "Conformance subflow", "info": "", "in": [], "out": []},
    {"id": IN_SUBFLOW, "type": "comment", "z": SUBFLOW, "name": "inside", "info": "", "x": 140, "y": 80, "wires": []},
]

FEATURES: Final[dict[str, str]] = {
    "group": "flows.groups-kept",
    UNKNOWN_TYPE: "flows.unknown-types-kept",
    "disabled": "flows.disabled-tabs-kept",
    "d": "flows.disabled-nodes-kept",
    "conformance": "flows.unknown-properties-kept",
}
"""Types and properties that the documentation promises nothing about, and who does."""


def tab(tab_id: str, label: str, **about: Json) -> Json:
    """A tab."""
    return {"id": tab_id, "type": "tab", "label": label, **about}


def config(node_id: str, name: str, **home: str) -> Json:
    """A config node, global where it has no home."""
    empty = dict.fromkeys(("cert", "key", "ca", "certname", "keyname", "caname", "servername"), "")
    return {"id": node_id, "type": "tls-config", **home, "name": name, **empty, "verifyservercert": True}


def node(node_id: str, kind: str, name: str, x: int, wires: Iterable[str] = ()) -> Json:
    """A node with a position, which is nowhere yet."""
    outputs = [] if kind == "comment" else [list(wires)]
    about = KINDS.get(kind, {})
    return {"id": node_id, "type": kind, "name": name, **about, "x": x, "y": 80, "wires": outputs}


def group(node_id: str, name: str) -> Json:
    """A group of nothing."""
    return {"id": node_id, "type": "group", "name": name, "style": {}, "nodes": [], "x": 54, "y": 19, "w": 172, "h": 82}


def feature(nodes: Iterable[Json]) -> str:
    """The requirement that promises something undocumented about these nodes, empty where none is needed."""
    for each in nodes:
        for name in (each["type"], *each):
            if name in FEATURES:
                return FEATURES[name]
    return ""


def perhaps_unknown(nodes: Iterable[Json]) -> bool:
    """Whether there is a type that some version does not know."""
    known = {"tab", "subflow", "tls-config", INSTANCE, *KINDS}
    return any(each["type"] not in known for each in nodes)
