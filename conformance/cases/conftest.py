"""The fixtures that cases use: the target, who speaks to it, and what is deployed there."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformance import optional, run
from conformance.cases.experiments import experiment, laboratory, run_state, sight, state  # noqa: F401 - fixtures
from conformance.client import Admin, Deployment
from conformance.comms import Comms, Listener
from conformance.context import Context, Value
from conformance.data import flows
from conformance.exchange import Secrets
from conformance.judging import CASE, Case, label
from conformance.live.beside import Beside, alone
from conformance.live.journal import Notes
from conformance.logins import LogIn, User, token_in, user_of
from conformance.look import may_deploy
from conformance.options import given, password_variable
from conformance.outcomes import NotApplicable, NotTested
from conformance.recorder import Recorder, silence, terminable
from conformance.routes import Reading, Routes
from conformance.targets import Target
from conformance.waiting import Patience


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
    if current.targets:
        yield current.targets[getattr(request, "param", current.names[0])]
    else:
        with run.reference(request.config) as server:
            yield server


@pytest.fixture(scope="session")
def recorder(target: Target, pytestconfig: pytest.Config) -> Iterator[Recorder]:
    """The one way to the target."""
    tokens = {token: run.TOKENS[role] for role, token in target.tokens.items()}
    passwords = {word: password_variable(role) for role, word in target.passwords.items() if word}
    silence()
    transport = run.connection(pytestconfig).transport()
    with (
        terminable(),
        Recorder(transport, Secrets(passwords | tokens), pause=target.pause) as recording,
        contextlib.ExitStack() as journal,
    ):
        if target.journal:
            notes = journal.enter_context(contextlib.closing(Notes(Path(target.journal))))
            recording.beside = Beside(notes, target.root, recording.ask)
        yield recording


@pytest.fixture(autouse=True)
def case(request: pytest.FixtureRequest, target: Target, recorder: Recorder) -> Case:
    """The case that now begins, unless its requirement does not bind the target or the target has gone away."""
    requirement = run.requirement_of(request.node)
    assert requirement is not None, f"{request.node.nodeid} names no requirement"
    label(request.node, requirement)
    recorder.begin(requirement.id)
    request.node.stash[CASE] = begun = Case(requirement, target.name, recorder)
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


@pytest.fixture(scope="session")
def client_of(target: Target, recorder: Recorder, pytestconfig: pytest.Config) -> Callable[[str | None], Admin]:
    """Makes the client that speaks with a token, or with none."""
    return lambda token: Admin(target.url, recorder, given(pytestconfig, "--timeout"), token)


@pytest.fixture
def admin(target: Target, client_of: Callable[[str | None], Admin]) -> Admin:
    """A client that may do everything."""
    return client_of(target.tokens.get("admin"))


@pytest.fixture
def reader(target: Target, client_of: Callable[[str | None], Admin]) -> Admin:
    """A client that may only read."""
    return client_of(token_of(target, "reader", "no user was given who may only read: give one with --reader USER"))


@pytest.fixture
def writer(target: Target, client_of: Callable[[str | None], Admin]) -> Admin:
    """A client whose token lets it set flows and not read them."""
    return client_of(
        token_of(target, "writer", "no token may deploy and not read: give one in CONFORMANCE_WRITER_TOKEN")
    )


def token_of(target: Target, role: str, missing: str) -> str:
    """The token of a role."""
    if not target.protected:
        raise NotApplicable("the target asks for no token")
    if role in target.untold:
        raise NotApplicable(target.untold[role])
    if role not in target.tokens:
        raise NotTested(missing)
    return target.tokens[role]


@pytest.fixture
def anonymous(target: Target, client_of: Callable[[str | None], Admin]) -> Admin:
    """A client without a token, where that does not let it deploy."""
    if not target.protected:
        raise NotApplicable("the target asks for no token")
    if may_deploy(target.anonymous):
        raise NotApplicable(f"the target gives {', '.join(target.anonymous)} to whoever has no token")
    return client_of(None)


@pytest.fixture
def stranger(target: Target, anonymous: Admin) -> Admin:
    """A client without a token, where that does not let it read either."""
    if target.anonymous_reads and target.anonymous:
        raise NotApplicable(f"the target gives {', '.join(target.anonymous)} to whoever has no token")
    if target.anonymous_reads:
        raise NotTested("the target lets anybody read, and GET /settings does not say that it means to")
    return anonymous


@pytest.fixture
def outsider(target: Target, stranger: Admin) -> Admin:
    """A client without a token, where that lets it do nothing at all."""
    if target.anonymous:
        raise NotApplicable(f"the target gives {', '.join(target.anonymous)} to whoever has no token")
    return stranger


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


@pytest.fixture
def whole_reader(target: Target, reader: Admin) -> Admin:
    """A client that may read all there is, and do no more."""
    if why := target.untold.get("whole reader"):
        raise NotTested(why)
    return reader


@pytest.fixture
def nobody(client_of: Callable[[str | None], Admin]) -> Admin:
    """A client without a token, whatever that may do."""
    return client_of(None)


@pytest.fixture
def user(target: Target) -> User:
    """A user who can log in: whoever may do the least."""
    return user_of(target, "reader", "admin")


@pytest.fixture
def administrator(target: Target) -> User:
    """The user who may do everything, to log in as."""
    return user_of(target, "admin")


@pytest.fixture
def only_reader(target: Target) -> User:
    """The user who may only read, to log in as."""
    return user_of(target, "reader")


@pytest.fixture
def log_in(target: Target, nobody: Admin) -> Iterator[LogIn]:
    """Logs in for tokens of the case's own, which are revoked after it."""
    yield (logging_in := LogIn(nobody))
    logging_in.log_out(target)


@pytest.fixture(scope="session")
def shared_login(target: Target, client_of: Callable[[str | None], Admin]) -> Iterator[LogIn]:
    """Logs in for the token that cases share, which is revoked in the end."""
    yield (logging_in := LogIn(client_of(None)))
    logging_in.log_out(target)


@pytest.fixture
def guest(user: User, shared_login: LogIn, client_of: Callable[[str | None], Admin]) -> Admin:
    """A client with a token that was got for the cases to play with."""
    return client_of(token_in(shared_login.replies[0] if shared_login.replies else shared_login(user)))


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
    return Comms(target, recorder, run.connection(pytestconfig))


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
