"""POST /auth/revoke, which ends a token."""

from collections.abc import Iterator

import pytest

from conformance import requirement
from conformance.client import MADE_UP, Admin
from conformance.data import Json
from conformance.logins import LogIn, User, bearer, token_in, user_of
from conformance.outcomes import NotTested
from conformance.targets import Target


@pytest.fixture(autouse=True)
def run_stays_logged_in(target: Target, nobody: Admin) -> Iterator[None]:
    """Logs the run in again where a target that ends too many tokens has ended the run's own."""
    yield
    for role in ("admin", "reader"):
        if role in target.users and role in target.tokens and not alive(nobody, target.tokens[role]):
            target.tokens[role] = token_in(nobody.post("/auth/token", json=user_of(target, role).fields()))


def alive(nobody: Admin, token: str) -> bool:
    """Whether the token still lets its holder in."""
    return nobody.get("/flows", headers=bearer(token)).status_code == 200


def two_tokens(log_in: LogIn, user: User) -> tuple[str, str]:
    """Tokens of two logins, which a server need not tell apart."""
    token, other = token_in(log_in(user)), token_in(log_in(user))
    if token == other:
        raise NotTested("the target gives the same token at every login")
    return token, other


@requirement("auth.revoke-ends-the-token")
def test_revoke_ends_the_token(log_in: LogIn, user: User, stranger: Admin) -> None:
    token, other = two_tokens(log_in, user)
    assert alive(stranger, token)

    reply = stranger.post("/auth/revoke", headers=bearer(other), json={"token": token})

    assert reply.status_code == 200
    assert stranger.get("/flows", headers=bearer(token)).status_code == 401


@requirement("auth.revoke-as-a-form-ends-the-token")
def test_revoke_as_a_form_ends_the_token(log_in: LogIn, user: User, stranger: Admin) -> None:
    token = token_in(log_in(user))
    assert alive(stranger, token)

    reply = stranger.post("/auth/revoke", headers=bearer(token), data={"token": token})

    assert reply.status_code == 200
    assert stranger.get("/flows", headers=bearer(token)).status_code == 401


@requirement("auth.revoke-leaves-other-tokens")
def test_revoke_leaves_other_tokens(log_in: LogIn, user: User, nobody: Admin) -> None:
    token, other = two_tokens(log_in, user)

    reply = nobody.post("/auth/revoke", headers=bearer(token), json={"token": token})

    assert reply.status_code == 200
    assert alive(nobody, other)


@requirement("auth.reader-may-revoke")
def test_reader_may_revoke(log_in: LogIn, only_reader: User, stranger: Admin) -> None:
    token = token_in(log_in(only_reader))
    assert alive(stranger, token)

    reply = stranger.post("/auth/revoke", headers=bearer(token), json={"token": token})

    assert reply.status_code == 200
    assert not alive(stranger, token)


@requirement("auth.revoke-without-token-refused")
@pytest.mark.parametrize("headers", [{}, bearer(MADE_UP)], ids=["none", "made-up"])
def test_revoke_without_token_refused(log_in: LogIn, user: User, outsider: Admin, headers: dict[str, str]) -> None:
    token = token_in(log_in(user))

    refused = outsider.post("/auth/revoke", headers=headers, json={"token": token})

    assert refused.status_code == 401
    assert alive(outsider, token)
    control = outsider.post("/auth/revoke", headers=bearer(token), json={"token": token})
    assert control.status_code == 200


@requirement("auth.revoke-of-no-known-token-ends-none")
@pytest.mark.parametrize("body", [{}, {"token": None}, {"token": MADE_UP}], ids=["missing", "null", "made-up"])
def test_revoke_of_no_known_token_ends_none(log_in: LogIn, user: User, nobody: Admin, body: Json) -> None:
    token = token_in(log_in(user))

    reply = nobody.post("/auth/revoke", headers=bearer(token), json=body)

    assert reply.status_code == 200
    assert alive(nobody, token)


@requirement("auth.reader-revokes-anybodys-token")
def test_reader_revokes_anybodys_token(log_in: LogIn, only_reader: User, administrator: User, stranger: Admin) -> None:
    own, token = token_in(log_in(only_reader)), token_in(log_in(administrator))
    assert alive(stranger, token)

    reply = stranger.post("/auth/revoke", headers=bearer(own), json={"token": token})

    assert reply.status_code == 200
    assert not alive(stranger, token)
