"""What Hypothesis draws of flows: the nodes of one, of all of them, and nodes of which nothing is promised."""

from hypothesis import strategies as st

from conformance.data import Json
from conformance.explore.nodes import (
    CONFIG,
    INSTANCE,
    KINDS,
    NODES,
    SUBFLOW_NODES,
    TABS,
    UNKNOWN_TYPE,
    config,
    group,
    node,
    tab,
)


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
