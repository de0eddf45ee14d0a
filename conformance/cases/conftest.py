"""The fixtures that cases use: the target, who speaks to it, and what is deployed there."""

import contextlib
import itertools
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from conformance import asked, comparing, optional, run
from conformance.cases.clients import (
    admin,
    administrator,
    anonymous,
    client_of,
    guest,
    log_in,
    nobody,
    only_reader,
    outsider,
    reader,
    shared_login,
    stranger,
    user,
    whole_reader,
    writer,
)
from conformance.cases.experiments import experiment, laboratory, run_state, sight, state
from conformance.client import V2, Admin, Deployment
from conformance.comms import Comms, Listener
from conformance.context import Context, Value
from conformance.data import flows
from conformance.ending import terminable
from conformance.evidence import keeping
from conformance.judging import CASE, Case, label
from conformance.live.beside import Beside, alone
from conformance.live.journal import Notes
from conformance.live.taped import Taped
from conformance.options import given
from conformance.outcomes import NotApplicable, NotTested
from conformance.recorder import Recorder, silence
from conformance.report import allure as in_allure
from conformance.routes import Reading, Routes
from conformance.targets import Target
from conformance.waiting import Patience


@pytest.hookimpl(tryfirst=True)
def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Tell of two large values where they differ, and no more."""
    return comparing.told(op, left, right)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Give the case a name in Allure, which is made there when the case has ended."""
    if case := item.stash.get(CASE, None):
        in_allure.name(item, case.requirement)
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every case on every target, where there are several."""
    names = run.current(metafunc.config).names
    if len(names) > 1:
        metafunc.parametrize("target", names, indirect=True, scope="session", ids=[f"@{name}" for name in names])


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The server under test."""
    current = run.current(request.config)
    if current.replay:
        yield current.replay.target
    elif current.targets:
        yield current.targets[getattr(request, "param", current.names[0])]
    else:
        from conformance import bundled  # noqa: PLC0415 - the reference server is loaded only in need

        with bundled.reference(request.config) as server:
            yield server


@pytest.fixture(scope="session")
def recorder(target: Target, pytestconfig: pytest.Config) -> Iterator[Recorder]:
    """The one way to the target."""
    current = run.current(pytestconfig)
    secrets = current.hiding.add(run.secrets_of(target.passwords, target.tokens))
    silence()
    home = f"{target.url}/auth/login"
    with (
        terminable(),
        keeping.record(current, target, secrets) as (transport, record),
        Recorder(transport, secrets, pause=target.pause, home=home, record=record) as recording,
        contextlib.ExitStack() as journal,
    ):
        if target.journal and current.replay:
            recording.beside = Taped(None)
        elif target.journal:
            notes = journal.enter_context(contextlib.closing(Notes(Path(target.journal))))
            asking = Admin(target.url, recording, given(pytestconfig, "--timeout"), target.tokens.get("admin"))
            whole = asking.build_request("GET", "/flows", headers=V2.headers)
            recording.beside = Taped(Beside(notes, target.root, lambda: recording.ask(whole)))
        yield recording


@pytest.fixture(autouse=True)
def case(request: pytest.FixtureRequest, target: Target, recorder: Recorder) -> Case:
    """The case that now begins, unless its requirement does not bind the target or the target has gone away."""
    requirement = run.requirement_of(request.node)
    assert requirement is not None, f"{request.node.nodeid} names no requirement"
    label(request.node, requirement)
    recorder.begin(requirement.id, keeping.key_of(request.node))
    request.node.stash[CASE] = begun = Case(requirement, target.name, "" if target.in_use else target.url, recorder)
    if why := requirement.out_of_range(target.version):
        raise NotApplicable(why)
    if recorder.gone:
        raise NotTested(recorder.gone)
    if target.in_use and (why := alone(requirement)):
        raise NotTested(why)
    return begun


@pytest.fixture
def seen(case: Case) -> Callable[[str], None]:
    """Says in the finding what the target did, where more than one answer is right."""
    return case.seen


@pytest.fixture
def may_write(target: Target, recorder: Recorder) -> Iterator[None]:
    """Lets the case write to a target that held no flows; whoever asks for it puts back what the case changed."""
    if target.no_writes:
        raise NotTested(target.no_writes)
    with recorder.writing():
        yield


@pytest.fixture
def only_ours(target: Target) -> None:
    """Keeps the case from a target that the suite did not start: what it does there cannot be undone over HTTP."""
    if not target.own:
        raise NotTested("nobody could undo it over HTTP, so the suite does it only to a server that it started itself")


@pytest.fixture
def put_back(admin: Admin, may_write: None, recorder: Recorder) -> Iterator[None]:
    """Lets the case deploy to a target that held no flows, and leaves it without any."""
    yield
    if recorder.is_there():
        admin.empty()


@pytest.fixture
def deployed(admin: Admin, put_back: None) -> Deployment:
    """Two tabs with a few nodes, deployed, as the target gives them back."""
    return admin.deploy(flows("two-tabs"))


@pytest.fixture
def something_to_read(request: pytest.FixtureRequest, target: Target) -> None:
    """Active flows: those that the target holds, or where it holds none, two tabs with a few nodes."""
    if not target.holds_flows:
        request.getfixturevalue("deployed")


@pytest.fixture
def perhaps_something_to_read(request: pytest.FixtureRequest, target: Target) -> None:
    """Active flows, except on an empty target to which nothing may be written."""
    if not target.no_writes:
        request.getfixturevalue("something_to_read")


@pytest.fixture(scope="session")
def patience(target: Target) -> Patience:
    """How long the target is waited for, which all cases learn together."""
    return Patience()


@pytest.fixture
def context(admin: Admin, target: Target, put_back: None, recorder: Recorder, patience: Patience) -> Iterator[Context]:
    """The context of the target, into which flows put values that are taken out again."""
    optional.offered(admin, "/context/global")
    held = Context(admin, flows("set-context"), target.seed, patience)
    yield held
    if recorder.is_there():
        held.forget()


@pytest.fixture
def values(context: Context) -> list[Value]:
    """A value in the context of a node, of its flow and of them all."""
    values = context.in_every_scope("there", "here")
    context.put(*values)
    return values


@pytest.fixture(scope="session")
def comms(target: Target, recorder: Recorder, pytestconfig: pytest.Config) -> Comms:
    """The websocket on which the target tells of changes."""
    return Comms(target, recorder, asked.connection(pytestconfig))


@pytest.fixture
def listen(
    comms: Comms, admin: Admin, case: Case, put_back: None
) -> Callable[[Admin], contextlib.AbstractContextManager[Listener]]:
    """Opens websockets in the name of a client; each listener has heard of all deployments up to now."""
    numbers = itertools.count(1)

    @contextlib.contextmanager
    def listening(client: Admin) -> Iterator[Listener]:
        with comms.listening(client) as listener:
            # Earlier deployments may still be told. Nobody has deployed this one, so nothing comes after it.
            label = f"{case.requirement.id} {next(numbers)}"
            now = admin.deploy([{"id": "c0f00000000000c0", "type": "tab", "label": label}])
            listener.deployments_until(now.rev)
            yield listener

    return listening


@pytest.fixture
def routes(perhaps_something_to_read: None, target: Target, admin: Admin, seen: Callable[[str], None]) -> Routes:
    """The routes of the API that are read, with flows to read there where that may be."""
    return Routes(admin, target.seed, seen)


@pytest.fixture
def offered(routes: Routes) -> list[Reading]:
    """The routes that the target offers to the administrator."""
    return list(routes.offered())
