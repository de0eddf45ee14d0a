"""The fixtures that cases use: the target, who speaks to it, and what is deployed there."""

from collections.abc import Callable, Iterator

import pytest

from conformance import run
from conformance.client import V1, V2, Admin, Deployment, Recorder
from conformance.data import flows
from conformance.exchange import Secrets
from conformance.judging import CASE, Case
from conformance.options import given
from conformance.outcomes import NotApplicable, NotTested
from conformance.targets import Target

TOKEN_VARIABLES = {
    "admin": "CONFORMANCE_TOKEN",
    "reader": "CONFORMANCE_READER_TOKEN",
    "writer": "CONFORMANCE_WRITER_TOKEN",
}
"""What a transcript and a curl line call the tokens."""


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
    secrets = Secrets({token: TOKEN_VARIABLES[role] for role, token in target.tokens.items()})
    transport = run.connection(pytestconfig).transport()
    with Recorder(transport, secrets, pause=target.pause) as recording:
        yield recording


@pytest.fixture(autouse=True)
def case(request: pytest.FixtureRequest, target: Target, recorder: Recorder) -> Case:
    """The case that now begins, unless its requirement does not bind the target or the target has gone away."""
    requirement = run.requirement_of(request.node)
    assert requirement is not None, f"{request.node.nodeid} names no requirement"
    request.node.user_properties += [("requirement", requirement.id), ("level", requirement.level)]
    recorder.begin(requirement.id)
    request.node.stash[CASE] = begun = Case(requirement, target.name, recorder)
    if why := requirement.out_of_range(target.version):
        raise NotApplicable(why)
    if recorder.gone:
        raise NotTested(recorder.gone)
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
    if not target.protected:
        raise NotApplicable("the target asks for no token")
    if "reader" not in target.tokens:
        raise NotTested("no user was given who may only read: give one with --reader USER")
    return client_of(target.tokens["reader"])


@pytest.fixture
def writer(target: Target, client_of: Callable[[str | None], Admin]) -> Admin:
    """A client whose token lets it set flows and not read them."""
    if not target.protected:
        raise NotApplicable("the target asks for no token")
    if "writer" not in target.tokens:
        raise NotTested("the target gave --admin no token of the scope flows.write")
    return client_of(target.tokens["writer"])


@pytest.fixture
def anonymous(target: Target, client_of: Callable[[str | None], Admin]) -> Admin:
    """A client without a token, where that says nothing about what it may do."""
    if not target.protected:
        raise NotApplicable("the target asks for no token")
    if target.anonymous:
        raise NotApplicable(f"the target gives {', '.join(target.anonymous)} to whoever has no token")
    return client_of(None)


@pytest.fixture
def put_back(admin: Admin, target: Target, recorder: Recorder) -> Iterator[None]:
    """Lets the case write, and puts back what was deployed before it."""
    if target.no_writes:
        raise NotTested(target.no_writes)
    with recorder.writing():
        yield
        if not recorder.gone:
            replies = (
                admin.post("/flows", headers=version.headers, json=version.body(target.found)) for version in (V1, V2)
            )
            assert any(reply.is_success for reply in replies)


@pytest.fixture
def deployed(admin: Admin, put_back: None) -> Deployment:
    """Two tabs with a few nodes, deployed, as the target gives them back."""
    return admin.deploy(flows("two-tabs"))


@pytest.fixture
def something_to_read(request: pytest.FixtureRequest, target: Target) -> None:
    """Active flows: those that the target holds, or where it holds none, two tabs with a few nodes."""
    if not target.found:
        request.getfixturevalue("deployed")
