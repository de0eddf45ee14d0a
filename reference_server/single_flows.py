"""One flow at a time: what a single flow looks like, and what the flows are once one was added, set or removed."""

from typing import Final

from reference_server.messages import ApiError, Json

GLOBAL: Final = "global"
"""The id of what is in no tab: global config nodes and subflows."""

OF_A_TAB: Final = ("label", "info", "disabled", "env")
"""The properties of a flow that its tab keeps."""


def unknown(flow_id: str) -> ApiError:
    """The refusal of an id that is no flow's."""
    return ApiError(404, "not_found", f"There is no flow {flow_id}")


def refused(why: str) -> ApiError:
    """The refusal of a flow that cannot be had."""
    return ApiError(400, "unexpected_error", why)


def view(nodes: list[Json], flow_id: str) -> Json:
    """The flow as an object."""
    if flow_id == GLOBAL:
        subflows = [{**node, **members(nodes, node["id"])} for node in nodes if field(node, "type") == "subflow"]
        parts = {"configs": global_configs(nodes), "subflows": subflows}
        return {"id": GLOBAL, **{name: part for name, part in parts.items() if part}}
    tab = tab_of(nodes, flow_id)
    about = {name: tab[name] for name in OF_A_TAB if name in tab and (name != "label" or tab[name])}
    parts = members(nodes, flow_id)
    return {"id": flow_id, **about, **{name: part for name, part in parts.items() if part or name == "nodes"}}


def added(nodes: list[Json], flow: Json, flow_id: str) -> list[Json]:
    """The flows with a new one, which gets this id."""
    if not isinstance(flow, dict) or "nodes" not in flow:
        raise refused("The flow has no nodes")
    used = [field(node, "id") for node in nodes]
    for node in parts_of(flow, "nodes", "configs"):
        if node.get("id") in used:
            raise refused("A node's id is in use")
        if node.get("type") in ("tab", "subflow"):
            raise refused("A flow holds neither tabs nor subflows")
    return [*nodes, *flattened(flow, flow_id)]


def replaced(nodes: list[Json], flow_id: str, flow: Json) -> list[Json]:
    """The flows in which this one is as given."""
    flow = flow if isinstance(flow, dict) else {}
    if flow_id == GLOBAL:
        return [*in_tabs(nodes), *flattened_global(flow)]
    tab_of(nodes, flow_id)
    return [*without(nodes, flow_id), *flattened(flow, flow_id)]


def removed(nodes: list[Json], flow_id: str) -> list[Json]:
    """The flows without this one."""
    if flow_id == GLOBAL:
        raise refused("What is global cannot be removed")
    tab_of(nodes, flow_id)
    return without(nodes, flow_id)


def tab_of(nodes: list[Json], flow_id: str) -> Json:
    """The flow's tab."""
    for node in nodes:
        if field(node, "type") == "tab" and node.get("id") == flow_id:
            return node
    raise unknown(flow_id)


def members(nodes: list[Json], home: str) -> dict[str, list[Json]]:
    """The nodes of a tab or of a subflow: those with a position, and the config nodes."""
    inside = [node for node in nodes if field(node, "z") == home]
    return {
        "nodes": [node for node in inside if has_position(node)],
        "configs": [node for node in inside if not has_position(node)],
    }


def has_position(node: Json) -> bool:
    """Whether the node is drawn, so that it is no config node."""
    return "x" in node and "y" in node


def homes(nodes: list[Json], *types: str) -> list[Json]:
    """The ids of what nodes can be in."""
    return [node.get("id") for node in nodes if field(node, "type") in types]


def global_configs(nodes: list[Json]) -> list[Json]:
    """The config nodes that are in no tab and in no subflow."""
    local = homes(nodes, "tab", "subflow")
    outside = [node for node in nodes if isinstance(node, dict) and node.get("z") not in local]
    return [node for node in outside if node.get("id") not in local and not has_position(node)]


def in_tabs(nodes: list[Json]) -> list[Json]:
    """The tabs and what is in them."""
    tabs = homes(nodes, "tab")
    return [node for node in nodes if field(node, "id") in tabs or field(node, "z") in tabs]


def without(nodes: list[Json], flow_id: str) -> list[Json]:
    """The nodes but those of a flow."""
    return [node for node in nodes if flow_id not in (field(node, "id"), field(node, "z"))]


def field(node: Json, name: str) -> Json:
    """The node's field, None where it has none; POST /flows takes nodes that are no objects."""
    return node.get(name) if isinstance(node, dict) else None


def flattened(flow: Json, flow_id: str) -> list[Json]:
    """A flow's tab and its nodes, as `/flows` has them."""
    tab = {"type": "tab", "id": flow_id, **{name: flow[name] for name in OF_A_TAB if name in flow}}
    return [tab, *({**node, "z": flow_id} for node in parts_of(flow, "nodes", "configs"))]


def flattened_global(flow: Json) -> list[Json]:
    """Global config nodes, and subflows with their nodes, as `/flows` has them."""
    nodes = parts_of(flow, "configs")
    for subflow in parts_of(flow, "subflows"):
        nodes += parts_of(subflow, "nodes", "configs")
        nodes.append({name: value for name, value in subflow.items() if name not in ("nodes", "configs")})
    return nodes


def parts_of(flow: Json, *names: str) -> list[Json]:
    """The nodes in these properties of a flow; an absent one holds none."""
    nodes: list[Json] = []
    for name in names:
        part = flow.get(name, [])
        if not isinstance(part, list) or not all(isinstance(node, dict) for node in part):
            raise refused(f"{name} are not an array of nodes")
        nodes += part
    return nodes
