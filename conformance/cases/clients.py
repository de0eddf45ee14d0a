"""The fixtures that say in whose name a case speaks to the target."""

from collections.abc import Callable, Iterator

import pytest

from conformance.client import Admin
from conformance.logins import LogIn, User, token_in, user_of
from conformance.look import may_deploy
from conformance.options import given
from conformance.outcomes import NotApplicable, NotTested
from conformance.recorder import Recorder
from conformance.targets import Target


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
