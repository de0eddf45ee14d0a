"""Using a token: where it goes, what an altered one is worth, and how a refusal is worded."""

from collections.abc import Callable
from urllib.parse import quote

import pytest

from conformance import requirement
from conformance.client import MADE_UP, Admin
from conformance.logins import bearer
from conformance.recorder import Recorder
from conformance.targets import Target


@requirement("auth.altered-token-is-worth-nothing")
def test_altered_token_is_worth_nothing(guest: Admin, stranger: Admin, recorder: Recorder) -> None:
    token = guest.token or ""

    for altered in {token[:-1], token[1:], f"{token}x", f"x{token}", token.swapcase()} - {token, ""}:
        recorder.hide(altered)
        reply = stranger.get("/flows", headers=bearer(altered))
        assert reply.status_code == 401
    assert guest.get("/flows").status_code == 200


@requirement("auth.token-in-query")
def test_token_in_query(guest: Admin, stranger: Admin) -> None:
    accepted = stranger.get(f"/flows?access_token={quote(guest.token or '', safe='')}")
    refused = stranger.get(f"/flows?access_token={MADE_UP}")

    assert accepted.status_code == 200
    assert refused.status_code == 401


@requirement("auth.token-in-body")
def test_token_in_body(guest: Admin, stranger: Admin) -> None:
    right, wrong = {"access_token": guest.token}, {"access_token": MADE_UP}

    assert stranger.post("/auth/revoke", json=right).status_code == 200
    assert stranger.post("/auth/revoke", data=right).status_code == 200
    assert stranger.post("/auth/revoke", json=wrong).status_code == 401
    assert stranger.post("/auth/revoke", data=wrong).status_code == 401


@requirement("auth.two-tokens-at-once")
@pytest.mark.usefixtures("stranger")
def test_two_tokens_at_once(guest: Admin) -> None:
    twice = guest.get(f"/flows?access_token={quote(guest.token or '', safe='')}")

    assert twice.status_code == 400
    assert guest.get("/flows").status_code == 200


@requirement("auth.refusal-has-no-body")
def test_refusal_has_no_body(stranger: Admin, seen: Callable[[str], None]) -> None:
    without = stranger.post("/auth/revoke")
    wrong = stranger.post("/auth/revoke", headers=bearer(MADE_UP))

    assert without.status_code == 401
    assert wrong.status_code == 401
    seen("a body, as runtimes give it" if without.content and wrong.content else "no body, as documented")


@requirement("auth.wrong-token-challenge")
def test_wrong_token_challenge(stranger: Admin) -> None:
    without = stranger.get("/flows").headers.get("www-authenticate", "")
    wrong = stranger.get("/flows", headers=bearer(MADE_UP)).headers.get("www-authenticate", "")

    assert without.startswith("Bearer ")
    assert wrong.startswith("Bearer ")
    assert 'error="invalid_token"' in wrong
    assert "error" not in without


@requirement("auth.route-judged-before-token")
def test_route_judged_before_token(stranger: Admin, target: Target) -> None:
    assert stranger.get(f"/conformance-{target.seed}").status_code == 404
    assert stranger.get(f"/flow/conformance-{target.seed}").status_code == 401
