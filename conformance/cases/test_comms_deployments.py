"""The websocket `/comms`: what is told of deployments."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from conformance import requirement
from conformance.checks import conforms
from conformance.client import MADE_UP, V1, V2, Admin, deployment_type, flow_path
from conformance.comms import Comms, Listener
from conformance.data import flows
from conformance.outcomes import NotApplicable

Listen = Callable[[Admin], AbstractContextManager[Listener]]

NAMES = ("one-tab", "two-tabs", "one-comment", "one-tab")
"""Flows that differ, each from the ones before."""


@requirement("comms.deployment-told")
def test_deployment_told(admin: Admin, listen: Listen) -> None:
    types = ({}, *(deployment_type(name) for name in ("full", "nodes", "flows")))
    with listen(admin) as listener:
        for type_header, name in zip(types, NAMES, strict=True):
            reply = admin.post("/flows", headers=V2.headers | type_header, json=V2.body(flows(name)))
            rev = conforms(reply, "flows-v2-deployed")["rev"]

            listener.deployments_until(rev)
            assert admin.read().rev == rev


@requirement("comms.v1-deployment-told")
def test_v1_deployment_told(admin: Admin, listen: Listen) -> None:
    with listen(admin) as listener:
        assert admin.post("/flows", headers=V1.headers, json=flows("one-tab")).status_code == 204

        listener.deployments_until(admin.read().rev)


@requirement("comms.reload-told")
def test_reload_told(admin: Admin, listen: Listen) -> None:
    with listen(admin) as listener:
        assert admin.post("/flows", headers=V2.headers | deployment_type("reload")).is_success

        listener.deployments_until(admin.read().rev)


@requirement("comms.change-of-one-flow-told")
def test_change_of_one_flow_told(admin: Admin, listen: Listen) -> None:
    with listen(admin) as listener:
        if admin.get("/flow/global").status_code == 404:
            raise NotApplicable("the target offers no /flow")
        flow = flow_path(admin.add({"label": "Conformance", "nodes": []}))
        listener.deployments_until(admin.read().rev)

        assert admin.put(flow, json={"label": "Conformance again", "nodes": []}).is_success
        listener.deployments_until(admin.read().rev)

        assert admin.delete(flow).is_success
        listener.deployments_until(admin.read().rev)


@requirement("comms.every-listener-told")
def test_every_listener_told(admin: Admin, listen: Listen) -> None:
    with listen(admin) as one, listen(admin) as other, listen(admin) as third:
        rev = admin.deploy(flows("one-tab")).rev

        for listener in (one, other, third):
            listener.deployments_until(rev)


@requirement("comms.reader-told")
def test_reader_told(admin: Admin, whole_reader: Admin, listen: Listen) -> None:
    with listen(whole_reader) as listener:
        listener.deployments_until(admin.deploy(flows("one-tab")).rev)


@requirement("comms.deployments-told-once-and-in-order")
def test_deployments_told_once_and_in_order(admin: Admin, listen: Listen) -> None:
    with listen(admin) as listener:
        revs = [admin.deploy(flows(name)).rev for name in NAMES[:3]]

        assert listener.deployments_until(revs[-1]) == revs


@requirement("comms.refused-deployment-not-told")
def test_refused_deployment_not_told(admin: Admin, listen: Listen) -> None:
    with listen(admin) as listener:
        body = V2.body(flows("one-tab"))
        outdated = admin.post("/flows", headers=V2.headers, json={"rev": MADE_UP, **body})
        unknown = admin.post("/flows", headers={"Node-RED-API-Version": "v3"}, json=body)
        shapeless = admin.post("/flows", headers=V1.headers, json={})
        assert [reply.status_code for reply in (outdated, unknown, shapeless)] == [409, 400, 400]

        accepted = admin.deploy(flows("one-tab"))
        assert listener.deployments_until(accepted.rev) == [accepted.rev]


@requirement("comms.last-deployment-told-to-a-late-comer")
def test_last_deployment_told_to_a_late_comer(admin: Admin, comms: Comms, listen: Listen) -> None:
    with listen(admin) as early:
        last = admin.deploy(flows("one-tab"))
        early.deployments_until(last.rev)

    with comms.listening(admin) as late:
        late.deployments_until(last.rev)


@requirement("comms.told-without-a-subscription")
@pytest.mark.usefixtures("put_back")
def test_told_without_a_subscription(admin: Admin, comms: Comms) -> None:
    with comms.let_in(admin) as listener:
        listener.deployments_until(admin.deploy(flows("one-tab")).rev)
