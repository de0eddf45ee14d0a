"""What the reference server promises and the suite does not reach."""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import httpx
import pytest

from conformance.data import flows
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import ADMIN_PASSWORD, READER_PASSWORD, protected
from conformance.selftest.proof.session import session
from conformance.selftest.running import ROOT, run
from conformance.waiting import QUIET, comes_true
from reference_server import Api, serve
from reference_server.messages import BODY_LIMIT
from reference_server.server import listen
from reference_server.settings import Settings
from reference_server.users import ATTEMPTS

JSON = {"Content-Type": "application/json"}
WRONG = {"password": "wrong"}
GZIP = JSON | {"Content-Encoding": "gzip"}


@contextmanager
def client(api: Api) -> Iterator[httpx.Client]:
    """A client of a server that serves this API."""
    with serve(api.app()) as server, httpx.Client(base_url=server.url, trust_env=False) as speaking:
        yield speaking


def logged_in(speaking: httpx.Client, **form: str) -> httpx.Response:
    """The reply to a login."""
    whole = {"client_id": "node-red-admin", "grant_type": "password", "scope": "*", "username": "admin"}
    return speaking.post("/auth/token", data={**whole, "password": ADMIN_PASSWORD, **form})


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (GZIP, gzip.compress(b"[" + b" " * BODY_LIMIT + b"]"), 413),
        (GZIP, gzip.compress(b"[" + b" " * 20 * BODY_LIMIT + b"]"), 413),
        (JSON, b"[" + b" " * BODY_LIMIT + b"]", 413),
        (JSON, b"[" + b" " * (BODY_LIMIT - 2) + b"]", 204),
        (GZIP, gzip.compress(b"[]"), 204),
        (GZIP, b"[]", 400),
        (GZIP, gzip.compress(b"[]")[:-4], 400),
        (GZIP, gzip.compress(b"[]")[:-9] + b"\xff" * 9, 400),
        (JSON, b'[{"id": "a", "type": "tab", "x": NaN}]', 400),
        (JSON, b'[{"id": "a", "type": "tab", "x": -Infinity}]', 400),
        (JSON, b"[" * 100_000, 400),
        (JSON, b'["\\ud800"]', 204),
        (JSON, b"\xff\xfe", 400),
    ],
    ids=[
        "gzip-too-large",
        "gzip-bomb",
        "too-large",
        "as-large-as-may-be",
        "gzip",
        "no-gzip",
        "cut-gzip",
        "broken-gzip",
        "nan",
        "infinity",
        "deep",
        "surrogate",
        "no-utf-8",
    ],
)
def test_body_is_taken_or_refused(headers: dict[str, str], body: bytes, status: int) -> None:
    api = Api()
    with client(api) as speaking:
        reply = speaking.post("/flows", headers=headers, content=body)
        after = speaking.get("/flows")

    assert reply.status_code == status
    assert after.status_code == 200
    assert status == 204 or api.flows.nodes == []


def test_login_gives_a_token_until_it_is_revoked() -> None:
    with client(protected()) as speaking:
        token = logged_in(speaking).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        assert speaking.get("/flows", headers=bearer).status_code == 200

        assert speaking.post("/auth/revoke", json={"token": token}).status_code == 401
        assert speaking.get("/flows", headers=bearer).status_code == 200

        assert speaking.post("/auth/revoke", headers=bearer, json={"token": token}).status_code == 200
        assert speaking.get("/flows", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "client_credentials"}, 501, "unsupported_grant_type"),
        ({"password": "wrong"}, 403, "invalid_grant"),
        ({"username": "nobody"}, 403, "invalid_grant"),
        ({"username": "reader", "password": "pass/word of the reader", "scope": "*"}, 403, "invalid_grant"),
        ({"username": ""}, 400, "invalid_request"),
    ],
)
def test_login_is_refused(form: dict[str, str], status: int, error: str) -> None:
    with client(protected()) as speaking:
        refused = logged_in(speaking, **form)

    assert (refused.status_code, refused.json()["error"]) == (status, error)


def test_login_of_an_unknown_client_is_refused() -> None:
    with client(protected()) as speaking:
        assert logged_in(speaking, client_id="other").status_code == 401
        assert logged_in(speaking).status_code == 200


def test_login_that_fails_too_often_is_not_heard_until_it_may_be_right_again() -> None:
    with client(protected()) as speaking:
        for _ in range(ATTEMPTS - 1):
            assert logged_in(speaking, **WRONG).status_code == 403
        assert logged_in(speaking).status_code == 200

        failures = [logged_in(speaking, **WRONG).status_code for _ in range(ATTEMPTS)]
        assert failures == [403] * ATTEMPTS
        assert logged_in(speaking).json()["error"] == "server_error"
        assert logged_in(speaking, username="reader", password=READER_PASSWORD, scope="read").status_code == 200


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({"Authorization": "Bearer {}"}, "", 200),
        ({}, "?access_token={}", 200),
        ({"Authorization": "Bearer {}"}, "?access_token={}", 400),
        ({"Authorization": "Bearer  {}"}, "", 400),
        ({"Authorization": "{}"}, "", 400),
        ({"Authorization": "Basic {}"}, "", 401),
        ({}, "", 401),
    ],
)
def test_token_is_looked_for_where_it_may_be(headers: dict[str, str], query: str, status: int) -> None:
    with client(protected()) as speaking:
        token = logged_in(speaking).json()["access_token"]

        sent = {name: value.format(token) for name, value in headers.items()}
        reply = speaking.get(f"/flows{query.format(quote(token, safe=''))}", headers=sent)

    assert reply.status_code == status


def test_open_server_asks_nobody() -> None:
    with client(Api()) as speaking:
        assert speaking.get("/auth/login").json() == {}
        assert speaking.post("/auth/token").status_code == 404
        assert "user" not in speaking.get("/settings").json()
        assert speaking.get("/flows").json() == []


def test_settings_tell_who_asks() -> None:
    with client(protected()) as speaking:
        token = logged_in(speaking, scope="flows.read").json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}

        assert speaking.get("/settings").status_code == 401
        assert speaking.get("/flows", headers=bearer).status_code == 200
        assert speaking.post("/flows", headers=bearer, json=[]).status_code == 401


def test_taken_port_is_one_line_and_exit_code_1() -> None:
    with listen() as taken:
        taken.listen()
        port = taken.getsockname()[1]
        ended = run([sys.executable, "-m", "reference_server", "--port", str(port)], ROOT, ROOT, {})

    assert ended.exit_code == 1
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert f"Port {port} cannot be had" in ended.stderr


@pytest.mark.parametrize("port", ["65536", "-1"])
def test_port_that_is_none_is_one_line_and_exit_code_1(port: str) -> None:
    ended = run([sys.executable, "-m", "reference_server", "--port", port], ROOT, ROOT, {})

    assert ended.exit_code == 1
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(("options", "status"), [([], 401), (["--open"], 200)])
def test_program_serves_until_it_is_interrupted(options: list[str], status: int) -> None:
    command = [sys.executable, "-m", "reference_server", "--port", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:  # noqa: S603 - our own
        try:
            assert program.stdout is not None
            url = program.stdout.readline().split()[-1]
            assert httpx.get(f"{url}/flows", trust_env=False).status_code == status
        finally:
            program.terminate()


CORS = ("transport.preflight-allows-what-replies-allow", "transport.refusals-allow-what-replies-allow")


@pytest.mark.parametrize(("origin", "outcome"), [("http://conformance.example", "conforms"), ("", "not-applicable")])
def test_browser_of_the_origin_that_is_set_may_call(served: Serve, origin: str, outcome: str) -> None:
    url = served(Api(settings=Settings(cors_origin=origin)).app())

    found = session({"mine": url}, {"mine": CORS}).findings["mine"]

    assert {name: finding.outcome for name, finding in found.items()} == dict.fromkeys(CORS, outcome)


def test_what_is_switched_off_is_refused() -> None:
    settings = Settings(run_state=False, diagnostics=False, stores=("default",))
    with client(Api(settings=settings)) as speaking:
        assert speaking.post("/flows/state", data={"state": "stop"}).status_code == 404
        assert speaking.get("/flows/state").json() == {"state": "start"}
        assert speaking.get("/diagnostics").status_code == 403
        assert speaking.get("/context/global").json() == {"default": {}}
        told = speaking.get("/settings").json()
        assert [told["runtimeState"]["enabled"], told["diagnostics"]["enabled"]] == [False, False]


def ran(speaking: httpx.Client) -> bool:
    """Whether a node has put a value there that says so."""
    return bool(speaking.get("/context/global/ran").json()["msg"] == "yes")


@pytest.mark.parametrize("switch", [{"disabled": True}, {}], ids=["tab", "node"])
def test_what_is_disabled_does_not_run(switch: dict[str, bool]) -> None:
    nodes = flows("set-context")
    nodes[2]["rules"] = [{"t": "set", "p": "ran", "pt": "global", "to": "yes", "tot": "str"}]
    with client(Api()) as speaking:
        nodes[0] |= switch
        nodes[2]["d"] = not switch
        speaking.post("/flows", json=nodes)
        assert not comes_true(lambda: ran(speaking), QUIET)

        nodes[0]["disabled"] = nodes[2]["d"] = False
        speaking.post("/flows", json=nodes)
        assert comes_true(lambda: ran(speaking))
