"""POST /auth/token where no token is given. Nobody's password is guessed at more than once: targets count that."""

import json
from collections.abc import Callable
from typing import NamedTuple

import pytest

from conformance import requirement
from conformance.checks import member
from conformance.client import MADE_UP, Admin
from conformance.data import Json
from conformance.logins import LogIn, User, gives_no_token, token_in
from conformance.targets import Target

ATTEMPTS = 5
"""Logins that fail before Node-RED hears no more of a user."""


@requirement("auth.wrong-password-refused")
def test_wrong_password_refused(log_in: LogIn, user: User, target: Target) -> None:
    refused = log_in(user, password=f"conformance-{target.seed}")
    control = log_in(user)  # which also makes the target forget the failure

    assert gives_no_token(refused)
    assert token_in(control)


@requirement("auth.unknown-user-refused")
def test_unknown_user_refused(log_in: LogIn, user: User, target: Target) -> None:
    refused = log_in(user, username=f"conformance-{target.seed}-unknown")

    assert gives_no_token(refused)
    assert token_in(log_in(user))


@requirement("auth.login-without-name-or-password-refused")
def test_login_without_name_or_password_refused(log_in: LogIn, user: User, target: Target) -> None:
    made_up = f"conformance-{target.seed}-nothing"

    for nothing in (None, ""):
        assert gives_no_token(log_in(user, username=nothing))
        assert gives_no_token(log_in(user, username=made_up, password=nothing))
    assert token_in(log_in(user))


@requirement("auth.unknown-client-refused")
def test_unknown_client_refused(log_in: LogIn, user: User, nobody: Admin) -> None:
    for client in (MADE_UP, "", None):
        refused = log_in(user, client_id=client)
        assert refused.status_code == 401
        assert gives_no_token(refused)
    assert nobody.post("/auth/token").status_code == 401

    assert token_in(log_in(user))


@requirement("auth.other-grant-type-refused")
def test_other_grant_type_refused(log_in: LogIn, user: User) -> None:
    for grant_type in ("client_credentials", "refresh_token", "", None):
        assert gives_no_token(log_in(user, grant_type=grant_type))

    assert token_in(log_in(user))


@requirement("auth.wrong-client-secret")
def test_wrong_client_secret(log_in: LogIn, user: User) -> None:
    refused = log_in(user, client_secret=MADE_UP)

    assert refused.status_code == 401
    assert token_in(log_in(user))


@requirement("auth.login-as-plain-text")
def test_login_as_plain_text(log_in: LogIn, user: User, nobody: Admin) -> None:
    body = json.dumps(user.fields()).encode()

    refused = nobody.post("/auth/token", headers={"Content-Type": "text/plain"}, content=body)

    assert refused.status_code == 401
    assert gives_no_token(refused)
    assert token_in(log_in(user))


class Refusal(NamedTuple):
    """How Node-RED refuses a login with these fields, where the documentation has 401 for all."""

    fields: dict[str, str | None]
    status: int
    error: str


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(
            Refusal({"username": "conformance-{}-status"}, 403, "invalid_grant"),
            marks=requirement("auth.unknown-user-status"),
            id="unknown-user",
        ),
        pytest.param(
            Refusal({"grant_type": "refresh_token"}, 501, "unsupported_grant_type"),
            marks=requirement("auth.other-grant-type-status"),
            id="other-grant-type",
        ),
        pytest.param(
            Refusal({"username": None}, 400, "invalid_request"),
            marks=requirement("auth.login-without-name-status"),
            id="no-name",
        ),
    ],
)
def test_status_of_a_refusal(
    log_in: LogIn, user: User, target: Target, seen: Callable[[str], None], refusal: Refusal
) -> None:
    fields: dict[str, Json] = {name: value and value.format(target.seed) for name, value in refusal.fields.items()}

    refused = log_in(user, **fields)

    if refused.status_code == 401:
        seen("401, as documented")
    else:
        assert refused.status_code == refusal.status
        assert member(refused, "error") == refusal.error
        seen(f"{refusal.status} and {refusal.error}")


@requirement("auth.sixth-failed-login-throttled")
def test_sixth_failed_login_throttled(log_in: LogIn, user: User, target: Target, only_ours: None) -> None:
    made_up = f"conformance-{target.seed}-often"
    for _ in range(ATTEMPTS):
        assert log_in(user, username=made_up).status_code == 403

    throttled = log_in(user, username=made_up)

    assert throttled.status_code == 500
    assert member(throttled, "error") == "server_error"
    assert log_in(user, username=f"{made_up}-other").status_code == 403
    assert token_in(log_in(user))
