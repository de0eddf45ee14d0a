"""The look before any case: a target that cannot be judged is one line and one verdict."""

import json
from typing import Final

import pytest
from starlette.requests import Request

from conformance.look import Credentials
from conformance.node_red import free_port
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import (
    ADMIN_PASSWORD,
    STEER,
    Answer,
    Liar,
    Lie,
    never,
    other_site,
    protected,
)
from conformance.selftest.running import Ended, Suite, found
from conformance.verdict import CannotJudge, Verdict
from reference_server import Api

SECRET: Final = "sesame-open"  # noqa: S105 - of nobody


def assert_told(ended: Ended, exit_code: int, verdict: str) -> None:
    """The run ended with one line, and verdict.json says the same."""
    assert ended.exit_code == exit_code
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    assert ended.stderr.startswith(f"{verdict}: ")
    assert ended.verdict["verdict"] == verdict
    assert ended.verdict["exit_code"] == exit_code
    assert ended.verdict["reason"] in ended.stderr
    assert ended.verdict["findings"] == []


@pytest.mark.parametrize("parallel", [(), ("-n", "2")], ids=["alone", "parallel"])
def test_nothing_on_the_port_is_unreachable(suite: Suite, parallel: tuple[str, ...]) -> None:
    url = f"http://127.0.0.1:{free_port()}"

    ended = suite(f"--target={url}", *parallel)

    assert_told(ended, 13, "UNREACHABLE")
    assert url in ended.stderr


@pytest.mark.reaches(12)
def test_other_web_server_is_not_node_red(suite: Suite, served: Serve) -> None:
    ended = suite(f"--target={served(other_site)}")

    assert_told(ended, 12, "NOT NODE-RED")
    assert "httpAdminRoot" in ended.stderr


@pytest.mark.parametrize(
    ("credentials", "words"),
    [
        (Credentials(), "--admin USER"),
        (Credentials(users={"admin": "admin"}, passwords={"admin": SECRET}), "'admin'"),
        (Credentials(users={"admin": "nobody"}, passwords={"admin": SECRET}), "'nobody'"),
        (Credentials(tokens={"admin": SECRET}), "token"),
        (
            Credentials(
                users={"admin": "admin", "reader": "reader"}, passwords={"admin": ADMIN_PASSWORD, "reader": SECRET}
            ),
            "'reader'",
        ),
    ],
    ids=["none", "wrong-password", "unknown-user", "wrong-token", "wrong-reader"],
)
def test_without_valid_credentials_nobody_is_let_in(served: Serve, credentials: Credentials, words: str) -> None:
    with pytest.raises(CannotJudge) as end:
        found(served(protected().app()), credentials)

    assert end.value.verdict is Verdict.NEEDS_CREDENTIALS
    assert words in str(end.value)
    assert SECRET not in f"{end.value} {credentials}"


@pytest.mark.reaches(11)
@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        ((), {}),
        (("--admin=admin",), {"CONFORMANCE_ADMIN_PASSWORD": SECRET}),
        ((), {"CONFORMANCE_TOKEN": SECRET}),
    ],
    ids=["none", "wrong-password", "wrong-token"],
)
def test_who_is_not_let_in_is_told(
    suite: Suite, served: Serve, arguments: tuple[str, ...], variables: dict[str, str]
) -> None:
    ended = suite(f"--target={served(protected().app())}", *arguments, **variables)

    assert_told(ended, 11, "NEEDS CREDENTIALS")
    assert SECRET not in ended.said + json.dumps(ended.verdict)


@pytest.mark.parametrize("token", [f"{SECRET}\nx", f"{SECRET}-é"], ids=["newline", "non-ascii"])
def test_token_that_no_header_carries_is_refused_and_not_repeated(suite: Suite, served: Serve, token: str) -> None:
    ended = suite(f"--target={served(protected().app())}", CONFORMANCE_TOKEN=token)

    assert SECRET not in ended.said
    assert "Traceback" not in ended.said
    assert ended.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "CONFORMANCE_TOKEN" in ended.stderr


def test_ready_token_is_enough(suite: Suite, served: Serve) -> None:
    api = protected()
    token = api.users.log_in("admin", ADMIN_PASSWORD, "*") or ""

    ended = suite(f"--target={served(api.app())}", "conformance/cases/test_flows_auth.py", CONFORMANCE_TOKEN=token)

    outcomes = ended.outcomes()
    assert outcomes["flows.get-without-token-refused"] == "conforms"
    assert outcomes["flows.post-without-permission-refused"] == "not-tested"
    assert "--reader" in ended.reason("flows.post-without-permission-refused")
    assert token not in ended.said


@pytest.mark.parametrize("name", ["reference", "mine"])
def test_verdict_names_the_target_that_was_given(suite: Suite, name: str) -> None:
    url = f"http://127.0.0.1:{free_port()}"

    ended = suite(f"--target={name}={url}")

    asked = {"name": name, "url": url, "version": None, "version_from": None, "bundled": False}
    assert ended.verdict["target"] == asked


def saying(version: object) -> Lie:
    """The truth, but for the version."""

    def lie(request: Request, true: Answer) -> Answer:
        return true.with_json({**true.json, "version": version}) if request.url.path == "/settings" else true

    return lie


@pytest.mark.parametrize("version", ["5.0.7", "0.15.3", "5.0.0-beta.1"])
def test_version_is_found(served: Serve, version: str) -> None:
    assert found(served(Liar(Api().app(), saying(version)))).version == version


@pytest.mark.parametrize(
    "version",
    ["5.0.7\x1b[2J", "5.0.7\nCONFORMANT", "5.0.²", "5.0.7\ud800", "9" * 5000, "banana", 5, None],
    ids=["escape", "newline", "digit", "surrogate", "long", "word", "number", "null"],
)
def test_version_that_is_none_is_unknown(served: Serve, version: str | int | None) -> None:
    assert found(served(Liar(Api().app(), saying(version)))).version is None


def test_version_steers_no_terminal(suite: Suite, served: Serve) -> None:
    ended = suite(f"--target={served(Liar(Api().app(), saying('5.0.7' + STEER)))}", "-k", "get_v1_gives_array")

    assert ended.exit_code == 10
    assert STEER not in ended.said


def test_slow_answer_is_unreachable_within_the_time_given(suite: Suite, served: Serve) -> None:
    ended = suite(f"--target={served(never)}", "--timeout=0.3")

    assert_told(ended, 13, "UNREACHABLE")
    assert "no answer in 0.3 s" in ended.stderr
