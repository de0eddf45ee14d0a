"""/flow and the rev of /flows: adding, replacing and removing one flow is a change of all."""

from collections.abc import Callable

import httpx
import pytest

from conformance import requirement
from conformance.client import ADDED, V2, Admin, Deployment
from conformance.data import flow

TAB = "c0f0000000000001"

Change = Callable[[Admin], httpx.Response]

CHANGES: dict[str, Change] = {
    "post": lambda admin: admin.post("/flow", json=flow("added")),
    "put": lambda admin: admin.put(f"/flow/{TAB}", json=flow("added")),
    "delete": lambda admin: admin.delete(f"/flow/{TAB}"),
}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(change, marks=requirement(f"flow.{name}-changes-the-rev"), id=name)
        for name, change in CHANGES.items()
    ],
)
def test_changes_the_rev(admin: Admin, deployed: Deployment, change: Change) -> None:
    assert change(admin).is_success
    after = admin.read()
    assert after.rev != deployed.rev

    refused = admin.post("/flows", headers=V2.headers, json={"rev": deployed.rev, "flows": deployed.flows})
    assert refused.status_code == 409
    assert admin.read() == after

    control = admin.post("/flows", headers=V2.headers, json={"rev": after.rev, "flows": deployed.flows})
    assert control.status_code == 200


@requirement("flow.rev-in-the-body-ignored")
@pytest.mark.parametrize("current", [True, False], ids=["current", "made-up"])
def test_rev_in_the_body_ignored(admin: Admin, deployed: Deployment, current: bool) -> None:
    body = {**flow("added"), "rev": deployed.rev if current else "conformance-made-up"}

    flow_id = admin.add(body)
    assert admin.put(f"/flow/{TAB}", json={"label": "Replaced", "nodes": [], "rev": body["rev"]}).status_code in ADDED

    after = admin.read()
    assert after.tab(TAB).get("label") == "Replaced"
    for tab_id in (TAB, flow_id):
        assert "rev" not in after.tab(tab_id)
        assert "rev" not in admin.flow(tab_id)


@requirement("flow.same-put-changes-the-rev")
def test_same_put_changes_the_rev(admin: Admin, deployed: Deployment) -> None:
    reply = admin.put(f"/flow/{TAB}", json=admin.flow(TAB))

    assert reply.is_success
    assert admin.read().rev != deployed.rev
