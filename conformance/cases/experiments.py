"""The fixtures of cases that watch what runs: experiments, and the state of the flows."""

from collections.abc import Callable, Iterator

import pytest

from conformance.client import Admin
from conformance.comms import Comms
from conformance.experiment import Experiment, Sight
from conformance.optional import offered
from conformance.outcomes import NotApplicable, NotTested
from conformance.recorder import Recorder
from conformance.run_state import RunState
from conformance.targets import Target
from conformance.waiting import QUIET, Patience, comes_true

EVERY_TYPE = pytest.mark.parametrize("kind", ["full", "nodes", "flows"])
PARTIAL = pytest.mark.parametrize("kind", ["nodes", "flows"])


@pytest.fixture(scope="session")
def sight(patience: Patience) -> Sight:
    """What can be seen of the starts of nodes, which all experiments learn together."""
    return Sight(patience)


@pytest.fixture(scope="module")
def laboratory(
    target: Target, client_of: Callable[[str | None], Admin], comms: Comms, recorder: Recorder, sight: Sight
) -> Iterator[Experiment]:
    """The experiments of one module, which leave nothing behind in the end."""
    experiments = Experiment(client_of(target.tokens.get("admin")), client_of(None), comms, target.seed, sight)
    yield experiments
    with recorder.writing():
        experiments.end()


@pytest.fixture
def experiment(laboratory: Experiment, may_write: None) -> Experiment:
    """Deployments whose effect is watched: which nodes they start."""
    return laboratory


@pytest.fixture
def state(admin: Admin) -> RunState:
    """The state of a target that tells of it."""
    offered(admin, "/flows/state")
    return RunState(admin)


@pytest.fixture
def run_state(state: RunState, may_write: None, recorder: Recorder) -> Iterator[RunState]:
    """The state of a target that lets it be set, put back at the end.

    A case that deploys asks for this first, so that its flows are gone before the state is put back.
    """
    before = state.read()
    if before not in ("start", "stop"):
        raise NotTested(f"the flows are in the state '{before}', which nobody could put back")
    if state.post(before).status_code == 404:
        raise NotApplicable("the target does not let POST /flows/state start and stop the flows")
    yield state
    if recorder.is_there():
        state.post(before)
        assert comes_true(lambda: state.read() == before, QUIET)
