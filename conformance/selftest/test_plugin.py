"""What a failure says, and where: the terminal, JUnit and Allure, and never with a secret in it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest
from starlette.requests import Request

from conformance.catalogue import catalogue
from conformance.outcomes import Outcome
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import (
    ADMIN_PASSWORD,
    AS_BOTH,
    PASSWORDS,
    READER_PASSWORD,
    STEER,
    Answer,
    AnyScheme,
    Liar,
    forgets_the_last_node,
    protected,
    wants_a_body_to_reload,
)
from conformance.selftest.proof.session import session
from conformance.selftest.running import Ended, Suite
from reference_server import Api, serve
from reference_server.faults import FAULTS, Lying

BROKEN: Final = "flows.v1-round-trip"
ROWS: Final = 2
"""How many rows the case of BROKEN has."""
MISSED: Final = "flows.reload-needs-no-body"


def forgets_and_wants(request: Request, true: Answer) -> Answer:
    """A violation and a deviation."""
    return wants_a_body_to_reload(request, forgets_the_last_node(request, true))


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, Path]:
    """A run with a violation and a deviation, and the folder with all that it wrote."""
    folder = tmp_path_factory.mktemp("failing")
    with serve(Liar(protected().app(), forgets_and_wants)) as server:
        ended = Suite(folder)(
            f"--target={server.url}",
            *AS_BOTH,
            "-k",
            "v1_round_trip or reload_needs_no_body",
            f"--junitxml={folder}/junit.xml",
            f"--alluredir={folder}/allure",
            **PASSWORDS,
        )
    return ended, folder


def assert_explained(text: str) -> None:
    """The text of the failure holds all that a reader needs."""
    entry = catalogue()[BROKEN]
    expected = [
        "is gone",
        entry.text,
        f"({entry.level})",
        "https://nodered.org/docs/api/admin/methods/post/flows/",
        f"Breaks {entry.harm}",
        "> POST http://127.0.0.1:",
        "> Authorization: Bearer $CONFORMANCE_TOKEN",
        "< 204 No Content",
        "< 200 OK",
        "curl -sS -i -X POST http://127.0.0.1:",
        '-H "Authorization: Bearer $CONFORMANCE_TOKEN"',
    ]
    places = [text.find(words) for words in expected]
    assert -1 not in places, expected[places.index(-1)]
    assert places[0] < places[1] < places[4] < places[5] < places[9]


def test_violation_is_explained_in_the_terminal(failing: tuple[Ended, Path]) -> None:
    ended, _ = failing

    assert ended.exit_code == 1
    assert_explained(ended.stdout)
    assert f"violates: {BROKEN} (MUST): " in ended.stdout
    assert "NON-CONFORMANT: 1 of the requirements are violated" in ended.stdout
    assert ended.outcomes()[BROKEN] == "violates"
    assert "is gone" in ended.reason(BROKEN)


def test_violation_is_explained_in_junit(failing: tuple[Ended, Path]) -> None:
    _, folder = failing

    failures = list(ET.parse(folder / "junit.xml").iter("failure"))  # noqa: S314 - the run's own file

    assert len(failures) == ROWS
    assert_explained(failures[0].text or "")


def about(requirement: str) -> dict[str, set[str]]:
    """What JUnit and Allure say a case of the requirement is about."""
    entry = catalogue()[requirement]
    return {"requirement": {entry.id}, "level": {entry.level}, "clients": set(entry.clients)}


def test_every_case_carries_its_requirement_in_junit(failing: tuple[Ended, Path]) -> None:
    _, folder = failing

    for case in ET.parse(folder / "junit.xml").iter("testcase"):  # noqa: S314 - the run's own file
        said = {each.get("name"): set((each.get("value") or "").split(", ")) for each in case.iter("property")}
        assert said.items() >= about(BROKEN if "round_trip" in case.get("name", "") else MISSED).items()


def test_every_case_carries_its_requirement_in_allure(failing: tuple[Ended, Path]) -> None:
    _, folder = failing

    results = [json.loads(path.read_text("utf-8")) for path in (folder / "allure").glob("*-result.json")]

    assert len(results) > ROWS
    for result in results:
        said: dict[str, set[str]] = {}
        for label in result["labels"]:
            said.setdefault(label["name"], set()).add(label["value"])
        assert said.items() >= about(BROKEN if result["name"].startswith(BROKEN) else MISSED).items()


def test_violation_is_explained_in_allure(failing: tuple[Ended, Path]) -> None:
    _, folder = failing

    results = [json.loads(path.read_text("utf-8")) for path in (folder / "allure").glob("*-result.json")]

    failed = [result for result in results if result["status"] == "failed"]
    assert len(failed) == ROWS
    for result in failed:
        assert_explained(result["statusDetails"]["trace"])


def test_clients_that_break_are_told_in_the_terminal(failing: tuple[Ended, Path]) -> None:
    ended, _ = failing
    entry = catalogue()[BROKEN]

    lines = ended.stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"violates: {BROKEN} "))
    assert entry.breaks
    assert lines[at + 1] == f"  breaks {', '.join(entry.clients)}: {entry.breaks}"
    assert "clients that break: deploy-script (2), editor (1), mcp (1), backup (1)" in lines


def test_clients_that_break_are_in_the_verdict(failing: tuple[Ended, Path]) -> None:
    ended, _ = failing

    for finding in ended.verdict["findings"]:
        entry = catalogue()[finding["requirement"]]
        assert (finding["clients"], finding["breaks"]) == (list(entry.clients), entry.breaks)


def test_no_client_breaks_where_nothing_does(suite: Suite) -> None:
    ended = suite("-k", "get_v1_gives_array")

    assert ended.outcomes()["flows.get-v1-gives-array"] == "conforms"
    assert "breaks " not in ended.stdout
    assert "clients that break" not in ended.stdout


def test_deviation_is_listed_and_no_violation(failing: tuple[Ended, Path]) -> None:
    ended, _ = failing

    assert ended.outcomes()[MISSED] == "deviates"
    assert f"deviates: {MISSED} (SHOULD): " in ended.stdout
    assert f"{ROWS} failed" in ended.stdout


def test_no_secret_is_in_anything_that_a_run_writes(failing: tuple[Ended, Path]) -> None:
    ended, folder = failing
    written = [path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()]

    assert len(written) > 3
    for text in (ended.said, *written):
        assert ADMIN_PASSWORD not in text
        assert READER_PASSWORD not in text


@pytest.mark.parametrize("shown", [(), ("--showlocals", "--tb=long")], ids=["short", "long"])
def test_token_is_not_in_the_words_of_an_assertion(
    suite: Suite, served: Serve, tmp_path: Path, shown: tuple[str, ...]
) -> None:
    users = AnyScheme()

    ended = suite(
        f"--target={served(protected(users).app())}",
        *AS_BOTH,
        *shown,
        "-k",
        "under_other_scheme or bearer_in_other_case",
        f"--junitxml={tmp_path}/junit.xml",
        f"--alluredir={tmp_path}/allure",
        **PASSWORDS,
    )

    assert ended.outcomes()["flows.get-under-other-scheme-refused"] == "deviates"
    assert users.tokens
    for text in (ended.said, *(path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file())):
        assert [token for token in users.tokens if token in text] == []


def test_reply_steers_no_terminal(suite: Suite, served: Serve) -> None:
    def lie(request: Request, true: Answer) -> Answer:
        return forgets_the_last_node(request, true.with_header(b"x-odd", STEER.encode()))

    ended = suite(f"--target={served(Liar(Api().app(), lie))}", "-k", "v1_round_trip")

    assert ended.outcomes()[BROKEN] == "violates"
    assert STEER not in ended.said


def no_html(request: Request, true: Answer) -> Answer:
    """GET /flows without a version gives no JSON once something is deployed."""
    plain = request.method == "GET" and "node-red-api-version" not in request.headers
    read = plain and request.url.path == "/flows" and true.status == 200 and true.body != b"[]"
    return replace(true, body=b"<html>") if read else true


def odd_etag(_: Request, true: Answer) -> Answer:
    """Each ETag is a word that ASCII lacks."""
    others = tuple(header for header in true.headers if header[0] != b"etag")
    return replace(true, headers=(*others, (b"etag", b'"\xe9"')))


@pytest.mark.parametrize("lie", [no_html, odd_etag])
def test_lie_of_a_server_is_no_error_of_the_suite(
    suite: Suite, served: Serve, lie: Callable[[Request, Answer], Answer]
) -> None:
    ended = suite(f"--target={served(Liar(Api().app(), lie))}", "conformance/cases/test_transport.py")

    assert ended.verdict["counts"]["suite-error"] == 0, [
        finding for finding in ended.verdict["findings"] if finding["outcome"] == "suite-error"
    ]


@pytest.mark.reaches(14)
def test_error_of_the_suite_is_told_from_a_violation(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "breaks_the_suite.py").write_text(
        "from conformance.client import Admin\n\ndef read(self):\n    raise KeyError('broken')\n\nAdmin.read = read\n",
        "utf-8",
    )

    ended = suite("-p", "breaks_the_suite", "conformance/cases/test_flows_get.py", PYTHONPATH=str(tmp_path))

    assert ended.exit_code == 14
    assert ended.verdict["verdict"] == "SUITE ERROR"
    assert ended.outcomes()["flows.versions-give-the-same-flows"] == "suite-error"
    assert ended.outcomes()["flows.get-v2-gives-flows-and-rev"] == "conforms"
    assert "KeyError: 'broken'" in ended.reason("flows.versions-give-the-same-flows")
    assert "violates" not in ended.outcomes().values()


def test_fixtures_that_cannot_put_back_are_no_error_of_the_suite(served: Serve) -> None:
    fault = FAULTS["keeps-the-version-that-was-asked-for-last"]

    found = session({"lying": served(Lying(protected().app(), fault))}, {"lying": ["nodes.set-disabled"]}).findings

    finding = found["lying"]["nodes.set-disabled"]
    assert finding.outcome is not Outcome.SUITE_ERROR
    assert "could not be put back" in finding.reason


def test_deploy_that_answers_200_for_204_violates_what_it_breaks_and_no_more(suite: Suite, served: Serve) -> None:
    def lie(_: Request, true: Answer) -> Answer:
        return replace(true, status=200) if true.status == 204 else true

    ended = suite(f"--target={served(Liar(Api().app(), lie))}", "conformance/cases/test_flows_post.py")

    assert ended.outcomes()["flows.v1-deploy-answers-204"] == "violates"
    assert ended.outcomes()["flows.v2-round-trip"] == "conforms"


def test_target_that_cannot_be_put_back_is_told(suite: Suite, served: Serve) -> None:
    def lie(request: Request, true: Answer) -> Answer:
        put_back = request.method == "POST" and request.headers.get("content-length") in ("2", "12")
        return replace(true, status=500) if put_back else true

    ended = suite(f"--target={served(Liar(Api().app(), lie))}", "conformance/cases/test_flows_post.py")

    assert ended.exit_code != 0
    assert ended.outcomes()["flows.v1-round-trip"] == "not-tested"
    assert "the target could not be put back" in ended.reason("flows.v1-round-trip")
