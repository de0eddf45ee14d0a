"""What is deployed on the way: flows made of a few tabs and nodes, always the same ids, so that requests meet."""

from collections.abc import Iterable
from typing import Final

from hypothesis import strategies as st

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


def one_in(number: int) -> st.SearchStrategy[bool]:
    """True once in so many times; shrinks to false."""
    return st.integers(0, number - 1).map(lambda drawn: drawn == number - 1)


names = st.sampled_from(["one", "two", "dr\u00fci \u2713"])


@st.composite
def inner(draw: st.DrawFn, *, odd: bool = True) -> list[Json]:
    """The nodes of one flow, without its id: up to three, the last ones wired to the first."""
    ids: list[str] = draw(st.lists(st.sampled_from(NODES), max_size=3, unique=True))
    nodes: list[Json] = []
    for place, node_id in enumerate(ids):
        kind = draw(st.sampled_from(list(KINDS)))
        wires = ids[:1] if place and draw(st.booleans()) else []
        nodes.append(node(node_id, kind, draw(names), 140 + 200 * place, wires))
    special: bool = draw(one_in(4))
    if odd and nodes and special:
        nodes[-1].update(draw(st.sampled_from([{"d": True}, {"conformance": {"nested": [1, None]}}])))
    special = draw(one_in(8))
    if odd and nodes and special:
        nodes[-1] = draw(st.sampled_from([node(ids[-1], UNKNOWN_TYPE, "", 140), group(ids[-1], "Group")]))
    return nodes


@st.composite
def whole(draw: st.DrawFn) -> list[Json]:
    """The nodes of a whole deployment, in which everything is somewhere and no id is there twice."""
    number = draw(st.sampled_from([0, 1, 1, 2, 2, 3]))
    tabs = [tab(each, draw(names)) for each in draw(st.permutations(TABS))[:number]]
    disabled: bool = draw(one_in(8))
    if tabs and disabled:
        tabs[0]["disabled"] = True
    nodes: list[Json] = draw(inner()) if tabs else []
    for each in nodes:
        each["z"] = draw(st.sampled_from(tabs))["id"]
    if draw(one_in(3)):
        nodes.append(config(CONFIG, draw(names)))
    if draw(one_in(3)):
        nodes += [dict(each) for each in SUBFLOW_NODES]
        used: bool = draw(st.booleans())
        if tabs and used:
            nodes.append({**node("c0f00000000000a1", INSTANCE, "", 340), "z": tabs[0]["id"]})
    together = [*tabs, *nodes]
    return together[::-1] if draw(one_in(4)) else together


@st.composite
def odd(draw: st.DrawFn) -> list[Json]:
    """Nodes of a deployment of which nothing is promised: an id twice, a home that is nowhere, no such subflow."""
    nodes = [tab(TABS[0], draw(names)), {**node(NODES[0], "comment", draw(names), 140), "z": TABS[0]}]
    spoilt: list[Json] = [
        {**nodes[1], "name": "again"},
        {**node(NODES[1], "comment", "", 340), "z": "conformance-nowhere"},
        {**node(NODES[1], f"{INSTANCE}0", "", 340), "z": TABS[0]},
    ]
    return [*nodes, draw(st.sampled_from(spoilt))]
