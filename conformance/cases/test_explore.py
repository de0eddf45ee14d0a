"""Random sequences of requests, held against a model of the API."""

from collections.abc import Callable, Iterator

import pytest

from conformance import requirement
from conformance.catalogue import catalogue
from conformance.checks import conforms
from conformance.client import MADE_UP, Admin
from conformance.explore.exploring import USUAL, Budget, Differs, World, explore
from conformance.judging import Case
from conformance.look import may_deploy
from conformance.options import exploration, given, parse_amount
from conformance.recorder import Recorder
from conformance.run import EXPLORE, current
from conformance.targets import Target

Explore = Callable[..., None]
"""Explores by the requirements of these levels; raises Differs."""


def kept_out(target: Target) -> dict[str, frozenset[str]]:
    """Who may not read the flows of the target, and who may not set them."""
    strangers = {"nobody", "wrong"} if target.protected else set()
    reader = {"reader"} if target.protected and "reader" in target.tokens and "reader" not in target.untold else set()
    reads = bool(target.anonymous or target.anonymous_reads)
    return {
        "read": frozenset() if reads else frozenset(strangers),
        "write": frozenset(reader) if may_deploy(target.anonymous) else frozenset(strangers | reader),
    }


@pytest.fixture
def settable_state(admin: Admin, may_write: None, recorder: Recorder) -> Iterator[str]:
    """Whether the flows run, put back at the end; empty where that cannot be set."""
    read = admin.get("/flows/state")
    before = str(conforms(read, "flows-state")["state"]) if read.is_success else ""
    settable = before in ("start", "stop") and admin.post("/flows/state", data={"state": before}).is_success
    yield before if settable else ""
    if settable and recorder.is_there():
        admin.post("/flows/state", data={"state": before})


@pytest.fixture
def exploring(
    case: Case,
    target: Target,
    admin: Admin,
    client_of: Callable[[str | None], Admin],
    settable_state: str,
    put_back: None,
    pytestconfig: pytest.Config,
) -> Explore:
    """Explores the target, as much as the options say."""
    clients = {"admin": admin, "nobody": client_of(None), "wrong": client_of(MADE_UP)}
    if reader := target.tokens.get("reader"):
        clients["reader"] = client_of(reader)

    def explore_by(*levels: str) -> None:
        def binds(name: str) -> bool:
            entry = catalogue()[name]
            return entry.level in levels and not entry.out_of_range(target.version)

        asked = exploration(pytestconfig)
        amount = USUAL
        if asked:
            amount = parse_amount(given(pytestconfig, "--explore")) or USUAL
        parts = sum(entry.area == EXPLORE for entry in current(pytestconfig).scope.values())
        budget = Budget(amount.share(parts))
        key = f"{given(pytestconfig, '--explore-seed') or 0} {' '.join(levels)}"
        world = World(
            clients=clients,
            kept_out=kept_out(target),
            state=settable_state,
            binds=binds,
            recorder=admin.recorder,
            budget=budget,
        )
        try:
            explore(world, key)
        except Differs as difference:
            case.script = difference.script
            raise
        if asked:
            case.seen(f"{budget.steps} steps, as by {asked}")

    return explore_by


@requirement("explore.documented-promises-hold-in-any-order")
def test_documented_promises_hold_in_any_order(exploring: Explore) -> None:
    exploring("MUST")


@requirement("explore.customs-hold-in-any-order")
def test_customs_hold_in_any_order(exploring: Explore) -> None:
    exploring("MUST", "SHOULD")
