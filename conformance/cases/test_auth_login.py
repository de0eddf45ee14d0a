"""GET /auth/login, which says how to log in, and POST /auth/token, where it is done."""

import re
from collections.abc import Callable

import pytest

from conformance import requirement
from conformance.checks import conforms
from conformance.client import MADE_UP, Admin
from conformance.data import Json
from conformance.logins import LogIn, User, bearer, token_in
from conformance.outcomes import NotApplicable
from conformance.targets import Target


def login_page(nobody: Admin, **headers: str) -> Json:
    """What GET /auth/login gives."""
    reply = nobody.get("/auth/login", headers=headers)
    assert reply.status_code == 200
    return conforms(reply, "auth-login")


@requirement("auth.login-tells-whether-a-token-is-needed")
def test_login_tells_whether_a_token_is_needed(target: Target, nobody: Admin) -> None:
    assert login_page(nobody).get("type", "") == target.login

    if not target.protected:
        assert nobody.get("/flows").status_code == 200
        assert nobody.get("/flows", headers=bearer(MADE_UP)).status_code == 200


@requirement("auth.login-asks-for-name-and-password")
@pytest.mark.usefixtures("user")
def test_login_asks_for_name_and_password(nobody: Admin) -> None:
    prompts = login_page(nobody).get("prompts", [])
    if [prompt["type"] for prompt in prompts] == ["button"]:
        raise NotApplicable("the target's theme puts a button in place of the prompts")

    assert sorted((prompt.get("id", ""), prompt["type"]) for prompt in prompts) == [
        ("password", "password"),
        ("username", "text"),
    ]


@requirement("auth.login-ignores-authorization")
@pytest.mark.parametrize("authorization", [f"Bearer {MADE_UP}", "Bearer", "Basic Y29uZm9ybWFuY2U6bWFkZS11cA=="])
def test_login_ignores_authorization(target: Target, nobody: Admin, authorization: str) -> None:
    if not target.protected:
        raise NotApplicable("the target asks for no token")

    assert login_page(nobody, Authorization=authorization) == login_page(nobody)


@requirement("auth.name-and-password-give-a-token")
def test_name_and_password_give_a_token(log_in: LogIn, administrator: User, nobody: Admin) -> None:
    token = token_in(log_in(administrator))

    assert nobody.get("/flows", headers=bearer(token)).status_code == 200


@requirement("auth.login-as-a-form")
def test_login_as_a_form(log_in: LogIn, administrator: User, nobody: Admin) -> None:
    token = token_in(log_in(administrator, as_form=True))

    assert nobody.get("/flows", headers=bearer(token)).status_code == 200


@requirement("auth.both-clients-are-known")
@pytest.mark.parametrize("client", ["node-red-admin", "node-red-editor"])
def test_both_clients_are_known(log_in: LogIn, user: User, nobody: Admin, client: str) -> None:
    token = token_in(log_in(user, client_id=client))

    assert nobody.get("/flows", headers=bearer(token)).status_code == 200


@requirement("auth.token-reply-tells-when-it-expires")
def test_token_reply_tells_when_it_expires(log_in: LogIn, user: User) -> None:
    reply = log_in(user)

    assert "expires_in" in conforms(reply, "auth-token")


@requirement("auth.token-reply-is-not-to-be-stored")
@pytest.mark.parametrize("as_form", [False, True], ids=["json", "form"])
def test_token_reply_is_not_to_be_stored(log_in: LogIn, user: User, as_form: bool) -> None:
    reply = log_in(user, as_form=as_form)

    assert token_in(reply)
    assert "no-store" in re.split(r"[\s,]+", reply.headers.get("cache-control", "").lower())


@requirement("auth.every-login-gives-a-token-of-its-own")
def test_every_login_gives_a_token_of_its_own(log_in: LogIn, user: User, nobody: Admin) -> None:
    first, second = token_in(log_in(user)), token_in(log_in(user))

    assert first != second
    assert nobody.get("/flows", headers=bearer(first)).status_code == 200
    assert nobody.get("/flows", headers=bearer(second)).status_code == 200


@requirement("auth.old-token-does-not-hinder-a-login")
def test_old_token_does_not_hinder_a_login(log_in: LogIn, user: User, nobody: Admin) -> None:
    token = token_in(log_in(user, token=MADE_UP))

    assert nobody.get("/flows", headers=bearer(token)).status_code == 200


@requirement("auth.login-needs-authorization")
def test_login_needs_authorization(log_in: LogIn, user: User, admin: Admin, seen: Callable[[str], None]) -> None:
    without = log_in(user)

    if without.is_success:
        seen("it needs none")
    else:
        assert token_in(log_in(user, token=admin.token))
        seen("it needs one, as documented")
