"""Flows that count what happens to them, and the reference server that runs them."""

import json
from typing import Final

import httpx

from conformance.data import Json

TAB: Final = {"id": "A", "type": "tab"}


def node(node_id: str, node_type: str, *wired: str, **properties: Json) -> Json:
    """A node of tab A whose one output is wired to these."""
    return {"id": node_id, "type": node_type, "z": "A", "x": 1, "y": 1, "wires": [list(wired)], **properties}


def counter(node_id: str, *wired: str, **properties: Json) -> Json:
    """A function that counts its starts, its ends and its messages, and passes these on."""
    counts = {"initialize": "starts", "finalize": "ends", "func": "messages"}
    code = {
        when: f'global.set("{node_id}.{what}", (global.get("{node_id}.{what}") || 0) + 1);'
        for when, what in counts.items()
    }
    return node(node_id, "function", *wired, **{**code, "func": f"{code['func']}\nreturn msg;", **properties})


def change(node_id: str, *wired: str, **rule: Json) -> Json:
    """A node that sets one value."""
    return node(node_id, "change", *wired, rules=[{"t": "set", "p": "payload", "pt": "msg", **rule}])


def deploy(client: httpx.Client, *nodes: Json, deployment_type: str = "full") -> None:
    """Deploy these nodes in tab A."""
    headers = {"Node-RED-Deployment-Type": deployment_type}
    assert client.post("/flows", json=[TAB, *nodes], headers=headers).status_code == 204


def counted(client: httpx.Client, node_id: str) -> dict[str, int]:
    """What a counter has counted."""
    told = client.get(f"/context/global/{node_id}").json()
    return {} if told["format"] == "undefined" else json.loads(told["msg"])


def runs(client: httpx.Client, node_id: str) -> bool:
    """Whether the node runs, to which this is a message."""
    return client.post(f"/inject/{node_id}").status_code == 200
