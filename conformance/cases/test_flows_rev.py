"""POST /flows: rev, by which nobody overwrites what they have not seen."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import call
from threading import Barrier

import pytest

from conformance import requirement, tape
from conformance.checks import conforms, same
from conformance.client import V1, V2, Admin, Deployment, deployment_type
from conformance.data import Json, flows
from conformance.outcomes import NotApplicable
from conformance.waiting import PUT_OFF, comes_true

ROUNDS = 3
RIVALS = 6


@requirement("flows.deploy-rev-is-the-rev-that-get-gives")
@pytest.mark.usefixtures("put_back")
def test_deploy_rev_is_the_rev_that_get_gives(admin: Admin) -> None:
    for name in ("one-tab", "two-tabs", "non-ascii"):
        reply = admin.post("/flows", headers=V2.headers, json=V2.body(flows(name)))

        assert conforms(reply, "flows-v2-deployed")["rev"] == admin.read().rev


@requirement("flows.matching-rev-deploys")
def test_matching_rev_deploys(admin: Admin, deployed: Deployment) -> None:
    rev = deployed.rev
    for name in ("one-tab", "one-comment"):
        reply = admin.post("/flows", headers=V2.headers, json={"rev": rev, "flows": flows(name)})
        assert reply.status_code == 200
        rev = conforms(reply, "flows-v2-deployed")["rev"]

    same(flows("one-comment"), admin.read().flows)


@requirement("flows.stale-rev-refused")
def test_stale_rev_refused(admin: Admin, deployed: Deployment) -> None:
    latest = admin.deploy(flows("one-tab"))

    for nodes in (flows("one-comment"), [], latest.flows, flows("one-comment")):
        refused = admin.post("/flows", headers=V2.headers, json={"rev": deployed.rev, "flows": nodes})
        assert refused.status_code == 409
        assert admin.read() == latest
    assert not comes_true(lambda: admin.read() != latest, PUT_OFF)

    control = admin.post("/flows", headers=V2.headers, json={"rev": latest.rev, "flows": flows("one-comment")})
    assert control.status_code == 200


@requirement("flows.stale-rev-refused-for-every-type")
@pytest.mark.parametrize("name", ["full", "nodes", "flows"])
def test_stale_rev_refused_for_every_type(admin: Admin, deployed: Deployment, name: str) -> None:
    latest = admin.deploy(flows("one-tab"))
    headers = V2.headers | deployment_type(name)

    refused = admin.post("/flows", headers=headers, json={"rev": deployed.rev, "flows": flows("one-comment")})
    assert refused.status_code == 409
    assert admin.read() == latest

    control = admin.post("/flows", headers=headers, json={"rev": latest.rev, "flows": flows("one-comment")})
    assert control.status_code == 200


@requirement("flows.stale-rev-error")
def test_stale_rev_error(admin: Admin, deployed: Deployment) -> None:
    admin.deploy(flows("one-tab"))

    refused = admin.post("/flows", headers=V2.headers, json={"rev": deployed.rev, "flows": flows("one-comment")})

    assert refused.status_code == 409
    conforms(refused, "error")


@requirement("flows.stale-rev-code")
def test_stale_rev_code(admin: Admin, deployed: Deployment) -> None:
    admin.deploy(flows("one-tab"))

    refused = admin.post("/flows", headers=V2.headers, json={"rev": deployed.rev, "flows": flows("one-comment")})

    assert refused.status_code == 409
    assert conforms(refused, "error-code")["code"] == "version_mismatch"


def in_other_case(rev: str) -> Json:
    """The rev with upper and lower case exchanged."""
    if rev.swapcase() == rev:
        raise NotApplicable("the target's revs have no letters that could change their case")
    return rev.swapcase()


def with_another_start(rev: str) -> Json:
    """A rev of the same length and alphabet that the target never gave."""
    return ("1" if rev[0] == "0" else "0") + rev[1:]


WRONG: dict[str, list[Callable[[str], Json]]] = {
    "unknown-rev-refused": [
        lambda _: "conformance-made-up",
        lambda rev: f"{rev}0",
        lambda rev: rev[::-1] if rev[::-1] != rev else f"0{rev}",
        with_another_start,
    ],
    "empty-rev-refused": [lambda _: ""],
    "rev-in-other-case-refused": [in_other_case],
    "shortened-rev-refused": [lambda rev: rev[:-1], lambda rev: rev[1:], lambda rev: rev[-8:] if rev[8:] else ""],
    "padded-rev-refused": [lambda rev: f" {rev}", lambda rev: f"{rev} "],
    "null-rev-refused": [lambda _: None],
    "number-as-rev-refused": [lambda _: 5, lambda _: 0],
    "rev-of-another-type-refused": [lambda _: True, lambda _: False, lambda _: {}, lambda rev: [rev]],
}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(wrong, marks=requirement(f"flows.{name}"), id=f"{name}-{number}")
        for name, rows in WRONG.items()
        for number, wrong in enumerate(rows, 1)
    ],
)
def test_wrong_rev_refused(admin: Admin, deployed: Deployment, wrong: Callable[[str], Json]) -> None:
    for _ in range(2):
        refused = admin.post("/flows", headers=V2.headers, json={"rev": wrong(deployed.rev), "flows": flows("one-tab")})
        assert refused.status_code == 409
        assert admin.read() == deployed

    control = admin.post("/flows", headers=V2.headers, json={"rev": deployed.rev, "flows": flows("one-tab")})
    assert control.status_code == 200


@requirement("flows.second-last-rev-refused")
def test_second_last_rev_refused(admin: Admin, deployed: Deployment) -> None:
    earlier = [deployed.rev, *(admin.deploy(named(f"Deployment {number}")).rev for number in range(5))]
    latest = admin.deploy(flows("one-tab"))
    reloaded = admin.post("/flows", headers=V1.headers | deployment_type("reload"), json=[])
    assert reloaded.status_code == 204

    for outdated in reversed(earlier):
        refused = admin.post("/flows", headers=V2.headers, json={"rev": outdated, "flows": flows("two-tabs")})
        assert refused.status_code == 409
        same(latest.flows, admin.read().flows)

    control = admin.post("/flows", headers=V2.headers, json={"rev": admin.read().rev, "flows": flows("two-tabs")})
    assert control.status_code == 200


@requirement("flows.omitted-rev-forces")
@pytest.mark.parametrize("name", ["full", "nodes", "flows"])
def test_omitted_rev_forces(admin: Admin, deployed: Deployment, name: str) -> None:
    admin.deploy(flows("one-tab"))

    headers = V2.headers | deployment_type(name)
    forced = admin.post("/flows", headers=headers, json={"flows": flows("one-comment")})

    assert forced.status_code == 200
    same(flows("one-comment"), admin.read().flows)
    assert admin.read().rev != deployed.rev


@requirement("flows.changed-flows-change-the-rev")
@pytest.mark.parametrize(
    ("name", "value"), [("name", "another name"), ("x", 150), ("wires", [[]]), ("z", "c0f0000000000001"), ("d", True)]
)
def test_changed_flows_change_the_rev(admin: Admin, deployed: Deployment, name: str, value: Json) -> None:
    changed = flows("two-tabs")
    changed[5][name] = value

    latest = admin.deploy(changed)

    assert latest.rev != deployed.rev
    assert admin.read().rev == latest.rev


@requirement("flows.v1-deploy-changes-the-rev")
def test_v1_deploy_changes_the_rev(admin: Admin, deployed: Deployment) -> None:
    v1 = admin.post("/flows", headers=V1.headers, json=flows("one-tab"))
    assert v1.status_code == 204
    latest = admin.read()
    assert latest.rev != deployed.rev

    refused = admin.post("/flows", headers=V2.headers, json={"rev": deployed.rev, "flows": flows("one-comment")})
    assert refused.status_code == 409
    assert admin.read() == latest

    control = admin.post("/flows", headers=V2.headers, json={"rev": latest.rev, "flows": flows("one-comment")})
    assert control.status_code == 200


@requirement("flows.one-of-simultaneous-deploys-wins")
@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("name", ["full", "nodes", "flows"])
def test_one_of_simultaneous_deploys_wins(admin: Admin, name: str) -> None:
    for turn in range(ROUNDS):
        proposals = [named(f"Round {turn}, rival {rival}") for rival in range(RIVALS)]

        statuses = at_once(admin, deployment_type(name), admin.read().rev, proposals)

        assert sorted(statuses) == [200] + [409] * (RIVALS - 1)
        same(proposals[statuses.index(200)], admin.read().flows)


def at_once(admin: Admin, headers: dict[str, str], rev: str, proposals: list[list[Json]]) -> list[int]:
    """The statuses of deployments that carry one rev and are sent at once."""
    barrier = Barrier(len(proposals))

    def propose(nodes: list[Json]) -> int:
        barrier.wait()
        return admin.post("/flows", headers=V2.headers | headers, json={"rev": rev, "flows": nodes}).status_code

    with ThreadPoolExecutor(len(proposals)) as rivals:
        return list(rivals.map(call, tape.apart(partial(propose, nodes) for nodes in proposals)))


def named(label: str) -> list[Json]:
    """One tab under this label."""
    nodes = flows("one-tab")
    nodes[0]["label"] = label
    return nodes


@requirement("flows.same-flows-keep-the-rev")
def test_same_flows_keep_the_rev(admin: Admin, deployed: Deployment) -> None:
    assert admin.deploy(deployed.flows).rev == deployed.rev


@requirement("flows.earlier-flows-have-their-earlier-rev")
def test_earlier_flows_have_their_earlier_rev(admin: Admin, deployed: Deployment) -> None:
    admin.deploy(flows("one-tab"))

    assert admin.deploy(deployed.flows).rev == deployed.rev


@requirement("flows.rev-judged-before-flows")
def test_rev_judged_before_flows(admin: Admin, deployed: Deployment) -> None:
    admin.deploy(flows("one-tab"))

    reply = admin.post("/flows", headers=V2.headers, json={"rev": deployed.rev})

    assert reply.status_code == 409
