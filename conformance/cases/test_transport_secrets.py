"""Tokens and passwords, which no reply repeats."""

from collections.abc import Callable

import httpx
import pytest

from conformance import requirement
from conformance.client import V2, Admin, Deployment, flow_path
from conformance.logins import LogIn, User, token_in
from conformance.outcomes import NotApplicable
from conformance.recorder import Recorder
from conformance.routes import Routes
from conformance.secrets import spellings_of, telling
from conformance.targets import Target


@pytest.fixture
def secrets(target: Target) -> dict[str, str]:
    """What nobody may be told, by what it is."""
    tokens = {f"the token of {role}": token for role, token in target.tokens.items()}
    passwords = {f"the password of {role}": word for role, word in target.passwords.items() if telling(word)}
    if not tokens:
        raise NotApplicable("the target asks for no token")
    return tokens | passwords


def told(reply: httpx.Response, secrets: dict[str, str]) -> list[str]:
    """Which secrets the reply tells, in its body or its headers."""
    text = reply.text + "\n".join(f"{name}: {value}" for name, value in reply.headers.multi_items())
    return [name for name, secret in secrets.items() if any(spelling in text for spelling in spellings_of(secret))]


@requirement("transport.secrets-in-no-reply")
def test_secrets_in_no_reply(routes: Routes, secrets: dict[str, str]) -> None:
    for reading in routes.offered():
        assert told(reading.reply, secrets) == [], reading.path


@requirement("transport.secrets-in-no-reply-to-a-reader")
@pytest.mark.usefixtures("routes")
def test_secrets_in_no_reply_to_a_reader(
    reader: Admin, target: Target, seen: Callable[[str], None], secrets: dict[str, str]
) -> None:
    for reading in Routes(reader, target.seed, seen).offered():
        assert told(reading.reply, secrets) == [], reading.path


@requirement("transport.secrets-in-no-refusal")
@pytest.mark.usefixtures("stranger")
def test_secrets_in_no_refusal(admin: Admin, client_of: Callable[[str | None], Admin], secrets: dict[str, str]) -> None:
    nobody, token = client_of(None), admin.token
    refusals = [
        admin.get("/flows", headers={"Node-RED-API-Version": "v3"}),
        admin.get("/conformance-no-such-route"),
        admin.get("/flow/conformance-no-such-flow"),
        admin.get("/nodes/conformance-no-such-module"),
        nobody.get("/flows", headers={"Authorization": f"Conformance {token}"}),
        nobody.get("/flows", headers={"Authorization": f"Bearer {token}x"}),
        nobody.get("/flows", headers={"Authorization": f"Bearer {token} {token}"}),
        nobody.get("/flows", headers={"Authorization": f"{token}"}),
    ]

    assert admin.get("/flows").status_code == 200
    for reply in refusals:
        assert not reply.is_success
        assert told(reply, secrets) == []


@requirement("transport.password-in-no-refused-login")
@pytest.mark.usefixtures("may_write")
def test_password_in_no_refused_login(
    target: Target, nobody: Admin, secrets: dict[str, str], log_in: LogIn, administrator: User
) -> None:
    password = target.passwords.get("admin", "")
    if not telling(password):
        raise NotApplicable("no password was given that is more than a word")
    login = {"client_id": "node-red-admin", "grant_type": "password", "scope": "*", "username": target.seed}
    refused = [{"username": target.seed}, {"client_id": target.seed}, {"grant_type": target.seed}]

    for wrong in refused:
        reply = nobody.post("/auth/token", data=login | {"password": password} | wrong)

        assert not reply.is_success
        assert told(reply, secrets) == []
    assert token_in(log_in(administrator, as_form=True))


@requirement("transport.secrets-in-nothing-received")
@pytest.mark.usefixtures("secrets")
def test_secrets_in_nothing_received(admin: Admin, deployed: Deployment, recorder: Recorder) -> None:
    """What the replies to all other cases tell is noticed, too: the run adds it to what comes of this one."""
    own = {"label": "of its own", "nodes": []}
    added = flow_path(admin.add(own))

    for method, path, body in (
        ("POST", "/flows", V2.body(deployed.flows)),
        ("POST", "/flows", "no flows"),
        ("POST", "/flow", own),
        ("POST", "/flow", "no flow"),
        ("PUT", added, own),
        ("DELETE", added, None),
    ):
        admin.request(method, path, headers=V2.headers, json=body)

        assert not recorder.leaks, next(iter(recorder.leaks.values()))
