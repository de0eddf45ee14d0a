"""Several people at once, each of whom adds, sets or removes a flow of their own."""

from collections.abc import Callable
from functools import partial

import httpx
import pytest

from conformance import requirement
from conformance.checks import same
from conformance.client import ADDED, V2, Admin, Deployment
from conformance.concurrency.people import flows_named, together
from conformance.data import Json
from conformance.targets import Target

ROUNDS = 3
CROWD = 6

Post = Callable[[], httpx.Response]


@pytest.fixture
def clients(target: Target, client_of: Callable[[str | None], Admin], put_back: None) -> list[Admin]:
    """A client for each of several people."""
    return [client_of(target.tokens.get("admin")) for _ in range(CROWD)]


def flow_of(name: str, number: int) -> Json:
    """A flow whose nodes all carry its name, and no other flow's ids."""
    nodes = [
        {
            "id": f"c0f{number:05x}{node:08x}",
            "type": "comment",
            "name": name,
            "info": "",
            "x": 140,
            "y": 40,
            "wires": [],
        }
        for node in range(1, 11)
    ]
    return {"label": name, "nodes": nodes}


def tabs_named(names: list[str]) -> list[Json]:
    """Tabs of these names, as they are deployed."""
    return [{"id": f"c0f0000000020{index:03x}", "type": "tab", "label": name} for index, name in enumerate(names)]


def labels_of(active: Deployment) -> list[str]:
    """The labels of all tabs, sorted."""
    return sorted(str(tab.get("label")) for tab in active.tabs.values())


@requirement("concurrency.flows-added-at-once-keep-their-nodes")
def test_flows_added_at_once_keep_their_nodes(admin: Admin, clients: list[Admin], target: Target) -> None:
    flows = [flow_of(f"{target.seed} {number}", number) for number in range(CROWD)]
    posts = [partial(client.post, "/flow", json=flow) for client, flow in zip(clients, flows, strict=True)]

    assert all(reply.status_code in ADDED for reply in together(*posts))

    active = admin.read()
    labels = {tab.get("label"): flow_id for flow_id, tab in active.tabs.items()}
    assert labels_of(active) == [flow["label"] for flow in flows]
    for flow in flows:
        home = labels[flow["label"]]
        same([{**node, "z": home} for node in flow["nodes"]], active.inside(home))


@requirement("concurrency.flows-set-at-once-are-all-set")
def test_flows_set_at_once_are_all_set(admin: Admin, clients: list[Admin], target: Target) -> None:
    tabs = tabs_named([f"{target.seed} {number}" for number in range(CROWD)])
    admin.deploy(tabs)
    for turn in range(ROUNDS):
        names = {tab["id"]: f"{tab['label']} set {turn}" for tab in tabs}
        flows = [{"id": home, **flow_of(name, number)} for number, (home, name) in enumerate(names.items())]
        puts = [
            partial(client.put, f"/flow/{flow['id']}", json=flow) for client, flow in zip(clients, flows, strict=True)
        ]

        assert all(reply.status_code in ADDED for reply in together(*puts))

        active = admin.read()
        assert {home: tab.get("label") for home, tab in active.tabs.items()} == names
        assert [node.get("name") for home in names for node in active.inside(home)] == [
            name for name in names.values() for _ in range(10)
        ]


@requirement("concurrency.flows-removed-at-once-are-all-gone")
def test_flows_removed_at_once_are_all_gone(admin: Admin, clients: list[Admin], target: Target) -> None:
    tabs = tabs_named([f"{target.seed} {number}" for number in range(CROWD + 2)])
    for _ in range(ROUNDS):
        admin.deploy(tabs)
        removals = [
            partial(client.delete, f"/flow/{tab['id']}") for client, tab in zip(clients, tabs[:CROWD], strict=True)
        ]

        assert {reply.status_code for reply in together(*removals)} == {204}
        assert labels_of(admin.read()) == [tab["label"] for tab in tabs[CROWD:]]


@requirement("concurrency.flow-added-beside-a-deploy-stays")
def test_flow_added_beside_a_deploy_stays(admin: Admin, clients: list[Admin], target: Target) -> None:
    adding, deploying, *_ = clients
    for turn in range(ROUNDS):
        rev = admin.deploy(flows_named(f"{target.seed} before {turn}")).rev
        label, name = f"{target.seed} added {turn}", f"{target.seed} after {turn}"
        add: Post = partial(adding.post, "/flow", json=flow_of(label, turn))
        body = {"rev": rev, "flows": flows_named(name)}
        deploy: Post = partial(deploying.post, "/flows", headers=V2.headers, json=body)

        added, deployed = together(add, deploy)

        assert added.status_code in ADDED
        assert deployed.status_code in (200, 409)
        expected = name if deployed.status_code == 200 else f"{target.seed} before {turn}"
        assert labels_of(admin.read()) == sorted([label, expected])
