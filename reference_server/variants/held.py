"""Servers that hold something else: other palettes, and flows that are there already."""

from reference_server.app import Api
from reference_server.between import Json
from reference_server.editor import html_of_set
from reference_server.palette import CORE, Module, NodeSet
from reference_server.variants.variant import holding, register


@holding(premise="nodes that can be started, and sets that can be looked at")
def empty_palette(api: Api) -> None:
    """There are no types of nodes at all."""
    api.palette.module(CORE).sets.clear()


@holding()
def large_palette(api: Api) -> None:
    """There are three hundred modules more, some of them with a scope in their names."""
    for number in range(300):
        name = f"@vendor-{number % 7}/nodes-{number}" if number % 3 else f"node-red-contrib-{number}"
        version = f"{number}.0.1"
        sets = [node_set(name, version, f"set-{index}", [f"vendor {number} {index}"]) for index in range(3)]
        api.palette.add(Module(name, version, sets))


@holding()
def sets_that_are_disabled(api: Api) -> None:
    """A module is there whose sets are disabled, one of them without a type."""
    module, version = "node-red-contrib-off", "1.0.0-rc.1"
    sets = [node_set(module, version, name, types) for name, types in (("off", ["off"]), ("empty", []))]
    for one in sets:
        one.enabled = False
    api.palette.add(Module(module, version, sets))


@holding()
def sets_that_failed(api: Api) -> None:
    """A set could not be loaded, and says why."""
    failed = Failed("node-red-contrib-sad", "sad", ["sad"], "0.0.1", "", local=True)
    api.palette.add(Module("node-red-contrib-sad", "0.0.1", [failed]))


class Failed(NodeSet):
    """A set that could not be loaded."""

    def as_json(self) -> dict[str, Json]:
        """The set, and why it is of no use."""
        return super().as_json() | {"err": "Error: Cannot find module 'serialport'"}


def node_set(module: str, version: str, name: str, types: list[str]) -> NodeSet:
    """A set of a module, which provides these types."""
    described = {node_type: {"category": "function", "defaults": {}} for node_type in types}
    return NodeSet(module, name, types, version, html_of_set(f"{module}/{name}", described), local=True)


THERE = "a target without flows, to which the suite may write"


def hold(api: Api, nodes: list[Json]) -> None:
    """Let these flows be there from the beginning."""
    api.flows.deploy(nodes)
    api.announce(api.flows.rev)


@holding(premise=THERE)
def thousands_of_nodes(api: Api) -> None:
    """Five thousand nodes on a hundred tabs are there already."""
    tabs = [{"id": f"tab{number:013}", "type": "tab", "label": f"Line {number}"} for number in range(100)]
    hold(api, [*tabs, *(comment(f"{number:016}", tabs[number % 100]["id"]) for number in range(4_900))])


@holding(premise=THERE)
def flows_of_every_kind(api: Api) -> None:
    """Flows are there already: subflows, groups, config nodes, unknown types, and nodes with words of their own."""
    hold(
        api,
        [
            {
                "id": "tab",
                "type": "tab",
                "label": "",
                "disabled": True,
                "info": "# Été",
                "env": [{"name": "A", "value": "1"}],
            },
            {"id": "sub", "type": "subflow", "name": "Sub", "in": [], "out": [], "meta": {"keywords": None}},
            comment("inside", "sub"),
            {"id": "instance", "type": "subflow:sub", "z": "tab", "x": 1.5, "y": -2, "wires": []},
            {
                "id": "group",
                "type": "group",
                "z": "tab",
                "nodes": ["lost"],
                "style": {},
                "x": 0,
                "y": 0,
                "w": 1,
                "h": 1,
            },
            {"id": "lost", "type": "of nobody", "z": "tab", "g": "group", "x": 1, "y": 1, "wires": [["gone"], []]},
            {
                "id": "config",
                "type": "mqtt-broker",
                "broker": "localhost",
                "credentials": {"password": "secret of mine"},
            },
            {
                "id": "1a2b3c.4d5e6f",
                "type": "function",
                "z": "tab",
                "func": "return msg;\u2028",
                "x": 9,
                "y": 9,
                "wires": [[]],
            },
        ],
    )


def comment(node_id: str, tab: str) -> Json:
    """A node that does nothing."""
    return {
        "id": node_id,
        "type": "comment",
        "z": tab,
        "name": f"Nœud {node_id}",
        "info": "",
        "x": 10,
        "y": 10,
        "wires": [],
    }


SET = (
    ("no-run-state", "POST /flows/state is not offered.", {"run_state": False}),
    ("no-diagnostics", "GET /diagnostics is switched off.", {"diagnostics": False}),
    ("no-upload", "POST /nodes takes no tarball.", {"upload": False}),
    ("one-store", "There is one context store.", {"stores": ("default",)}),
    (
        "many-stores",
        "There are five context stores.",
        {"stores": ("memoryOnly", "default", "file", "redis_1", "Größe")},
    ),
    (
        "calls-from-browsers",
        "A browser of another origin may call the API.",
        {"cors_origin": "http://conformance.example"},
    ),
)
"""Each variant with its sentence and what the server is set to."""

for variant, text, settings in SET:
    register(variant, text, settings=settings)
