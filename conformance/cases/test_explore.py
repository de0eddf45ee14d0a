"""Random sequences of requests, held against a model of the API."""

from collections.abc import Callable, Iterator

import pytest

from conformance import requirement
from conformance.asked import EXPLORE
from conformance.catalogue import catalogue, vocabulary
from conformance.client import MADE_UP, Admin
from conformance.explore.asked import STEPS, USUAL, Asked
from conformance.explore.budget import Budget
from conformance.explore.walk import World
from conformance.judging import Case
from conformance.look import may_deploy
from conformance.options import exploration, given
from conformance.outcomes import NotTested
from conformance.recorder import Recorder
from conformance.run import current
from conformance.run_state import RunState
from conformance.targets import Target
from conformance.waiting import QUIET, comes_true


@pytest.fixture
def clients(target: Target, client_of: Callable[[str | None], Admin]) -> dict[str, Admin]:
    """Who asks the target."""
    tokens = {"admin": target.tokens.get("admin"), "reader": target.tokens.get("reader")}
    return {who: client_of(token) for who, token in (tokens | {"nobody": None, "wrong": MADE_UP}).items()}


def kept_out(target: Target) -> dict[str, frozenset[str]]:
    """Who may not read the flows of the target, and who may not set them."""
    if not target.protected:
        return {"read": frozenset(), "write": frozenset()}
    strangers = frozenset({"nobody", "wrong"})
    reads = target.anonymous or target.anonymous_reads
    reader = {"reader"} if "reader" in target.tokens and "reader" not in target.untold else set()
    writers = frozenset() if may_deploy(target.anonymous) else strangers
    return {"read": frozenset() if reads else strangers, "write": writers | reader}


@pytest.fixture
def settable_state(admin: Admin, may_write: None, recorder: Recorder) -> Iterator[str]:
    """Whether the flows run, put back at the end; empty where that cannot be set."""
    run_state = RunState(admin)
    state = run_state.read() if admin.get("/flows/state").is_success else ""
    settable = state in ("start", "stop") and run_state.post(state).is_success
    yield state if settable else ""
    if settable and recorder.is_there():
        run_state.post(state)
        assert comes_true(lambda: run_state.read() == state, QUIET)


@pytest.fixture
def asked(case: Case, pytestconfig: pytest.Config) -> Asked:
    """What is to be explored by this case: its part of the whole."""
    parts = [entry.id for entry in current(pytestconfig).scope.values() if entry.area == EXPLORE]
    return Asked(given(pytestconfig, "--explore"), given(pytestconfig, "--explore-seed"), case.requirement.id, parts)


@pytest.fixture
def world(case: Case, target: Target, clients: dict[str, Admin], settable_state: str, asked: Asked) -> World:
    """The target to walk through, by the requirements that are as strict as that of the case."""
    levels = vocabulary("level")[: vocabulary("level").index(case.requirement.level) + 1]

    def in_range(name: str) -> bool:
        return not catalogue()[name].out_of_range(target.version)

    return World(
        clients=clients,
        kept_out=kept_out(target),
        state=settable_state,
        binds=lambda name: catalogue()[name].level in levels and in_range(name),
        in_range=in_range,
        recorder=case.recorder,
        budget=Budget(asked.amount),
    )


@pytest.fixture
def holds(case: Case, world: World, asked: Asked, put_back: None, pytestconfig: pytest.Config) -> Callable[[], None]:
    """Explores; raises AssertionError where the target and the model come to differ."""

    def exploring() -> None:
        __tracebackhide__ = True
        from conformance.explore.exploring import explore  # noqa: PLC0415 - Hypothesis is loaded only in need

        if found := explore(world, asked.key):
            case.script = found.script
            raise AssertionError(f"{found.words} ({asked.again(found.steps)})")
        if world.budget.steps < STEPS:
            raise NotTested(f"{world.budget.steps} steps show nothing: explore more, such as --explore={USUAL.steps}")
        if told := exploration(pytestconfig):
            case.seen(f"{world.budget.steps} steps of {told}")

    return exploring


@requirement("explore.documented-promises-hold-in-any-order")
def test_documented_promises_hold_in_any_order(holds: Callable[[], None]) -> None:
    holds()


@requirement("explore.customs-hold-in-any-order")
def test_customs_hold_in_any_order(holds: Callable[[], None]) -> None:
    holds()
