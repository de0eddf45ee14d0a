"""Targets that do anything but answer: each run ends by itself, in bounded memory, with a verdict and a line."""

import contextlib
import functools
import json
import re
import ssl
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
import trustme

from conformance.checks import parsed
from conformance.client import Admin
from conformance.connection import Connection
from conformance.recorder import NoReply, Recorder
from conformance.report.page import rendered
from conformance.secrets import Secrets
from conformance.selftest.hostile import EVERY, HOSTILE, LATER, SCRIPT, Behaviour, Rows, reply, says, serving
from conformance.selftest.liars import STEER
from conformance.selftest.running import MEASURED, ROOT, Ended, run
from conformance.values import DEPTH, TooMuchToRead, read_json
from conformance.verdict import Verdict

MEMORY: Final = 300
"""Megabytes that no process of the suite may take more of, at any time."""

SECONDS: Final = 420
"""Seconds in which all the targets of a run are through."""

CASES: Final = (
    "get_v1_gives or get_v2_gives_flows or same_until or http_1_0 or v2_deploy_gives or root_and_version",
    "conformance/cases/test_flows_get.py",
    "conformance/cases/test_flows_post.py",
    "conformance/cases/test_settings.py",
    "conformance/cases/test_transport_replies.py",
)
"""A few cases of every kind, and where they are."""

GROUPS: Final = ((*LATER, *list(HOSTILE)[::3]), tuple(HOSTILE)[1::3], tuple(HOSTILE)[2::3])
"""Behaviours that are met in one run; the runs after the first are thorough."""

UNTOLD: Final = ("silent", "closes-in-the-body", "endless-body", "404", "deep", "nan", "steers-in-errors")
"""Behaviours of a server that does not tell what it holds."""

TOKEN: Final = "a-token-of-mine"  # noqa: S105 - of nobody

GONE: Final = r"the target went away during [\w.-]+, and 3 cases in a row could not reach it"


@dataclass(frozen=True)
class Measured:
    """A run that has ended, and what it took."""

    ended: Ended
    megabytes: int
    seconds: float


def suite(folder: Path, *arguments: str, **variables: str) -> Measured:
    """Run a few cases, as a user does, and measure that; whatever the target does, some things are never said."""
    reports, peak = folder / "reports", folder / "peak"
    command = [sys.executable, "-c", MEASURED, str(peak), sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    options = [
        f"--report-dir={reports}",
        "--reports=html,summary,badge",
        f"--junitxml={folder / 'junit.xml'}",
        "-rs",
        "--timeout=0.5",
    ]
    started = time.monotonic()
    in_ci = variables | {"CI": "true"}  # where pytest cuts nothing that it tells
    ended = run([*command, *options, *arguments, "-k", *CASES], ROOT, reports, in_ci, SECONDS)
    measured = Measured(ended, int(peak.read_text()), time.monotonic() - started)
    for never in ("Traceback", "INTERNALERROR", "suite-error", STEER):
        assert never not in ended.said, ended.said
    assert measured.megabytes < MEMORY
    assert measured.seconds < SECONDS
    return measured


def against(rows: Rows, folder: Path, begins: int, *arguments: str) -> Measured:
    """Run a few cases against all of these servers, which are hostile from that request of the cases on."""

    def meeting(behaviour: Behaviour) -> Callable[[int], Behaviour | None]:
        return lambda asked: behaviour if asked >= begins else None

    with contextlib.ExitStack() as servers:
        urls = {name: servers.enter_context(serving(meeting(row.behaviour)))[0] for name, row in rows.items()}
        return suite(folder, *[f"--target={name}={url}" for name, url in urls.items()], *arguments)


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A run against servers that are hostile from the first request on."""
    return against(HOSTILE, tmp_path_factory.mktemp("looked"), 0).ended


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ended]:
    """The run in which a server is met that is honest until the first case asks, among others of its group."""

    @functools.cache
    def of_group(number: int) -> Ended:
        rows = {name: EVERY[name] for name in GROUPS[number]}
        return against(rows, tmp_path_factory.mktemp("met"), 1, "-n", "2").ended

    return lambda name: of_group(next(number for number, group in enumerate(GROUPS) if name in group))


@pytest.mark.long
@pytest.mark.parametrize("name", HOSTILE)
def test_look_ends_with_a_verdict_and_a_line(looked: Ended, name: str) -> None:
    row = HOSTILE[name]

    verdict = looked.verdict_on(name)

    assert verdict["verdict"] == row.looked.words, verdict["reason"]
    assert row.line in verdict["reason"]
    assert len(verdict["reason"]) < 600
    lines = [line for line in looked.stderr.splitlines() if f"{verdict['target']['url']} " in line]
    assert lines == [f"{row.looked.words}: {verdict['reason']}"]
    assert verdict["findings"] == []


def test_looks_at_all_of_them_end_with_the_worst(looked: Ended) -> None:
    assert looked.exit_code == 13
    assert looked.stdout == ""
    assert len(looked.stderr.splitlines()) == len(HOSTILE)


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.thorough] if number else [])
        for number, group in enumerate(GROUPS)
        for name in group
    ],
)
def test_cases_that_meet_it_end_with_a_verdict_and_a_line(met: Callable[[str], Ended], name: str) -> None:
    row, ended = EVERY[name], met(name)

    verdict = ended.verdict_on(name)

    assert verdict["verdict"] == row.judged.words
    assert verdict["counts"]["suite-error"] == 0
    section = ended.stdout.partition(f"conformance of {name}: ")[2].partition("conformance of ")[0]
    (line,) = [line for line in section.splitlines() if line.startswith(f"{row.judged.words}: ")]
    if row.judged.words == "UNREACHABLE":
        assert re.fullmatch(GONE, verdict["reason"])
        assert line.endswith(verdict["reason"])
        assert verdict["counts"]["violates"] == 0
        assert verdict["counts"]["not-tested"] > verdict["counts"]["conforms"]


@pytest.mark.parametrize("name", UNTOLD)
def test_nothing_is_written_to_a_target_whose_state_nobody_can_tell(tmp_path: Path, name: str) -> None:
    with serving(lambda asked: EVERY[name].behaviour if asked else None) as (url, server):
        server.journal = True
        ended = suite(tmp_path, f"--target={url}").ended

    verdict = ended.verdict["verdict"]
    assert verdict in ("UNREACHABLE", "REFUSED")
    assert ended.exit_code == Verdict[verdict].exit_code
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"{verdict}: {url}: ")
    assert not any(head.startswith((b"POST", b"PUT", b"DELETE")) for head in server.heads)


def test_nothing_that_a_hostile_target_says_steers_or_is_run(met: Callable[[str], Ended]) -> None:
    ended = met(next(iter(LATER)))
    told = [ended.verdict_on(name) for name in LATER]

    assert ended.exit_code == 16
    assert "\x1b" not in ended.said
    assert "\x1b" not in json.dumps(told, ensure_ascii=False)
    assert "\x1b" not in (ended.reports.parent / "junit.xml").read_text("utf-8")
    assert max(len(finding["reason"]) for verdict in told for finding in verdict["findings"]) < 3000


def test_what_a_target_says_is_text_on_a_page(tmp_path: Path) -> None:
    (tmp_path / "page.html.jinja").write_text("<p title='{{ said }}'>{{ said }}</p>")

    page = rendered(tmp_path / "page.html.jinja", said=f"'{SCRIPT}")

    assert "<script" not in page
    assert "<img" not in page
    assert page.count("'") == 2


def test_target_that_dies_ends_the_run_and_what_was_judged_stays(tmp_path: Path) -> None:
    with serving(lambda asked: None if asked < 12 else says()) as (url, server):
        ended = suite(tmp_path, f"--target={url}").ended

    assert ended.exit_code == 13
    assert ended.verdict["exit_code"] == 13
    outcomes = ended.outcomes()
    assert outcomes["flows.get-v1-gives-array"] == "conforms"
    assert set(outcomes.values()) == {"conforms", "not-tested"}
    assert re.fullmatch(GONE, ended.verdict["reason"])
    assert re.search(rf"^UNREACHABLE: {GONE}$", ended.stdout, re.MULTILINE)
    assert server.asked > 12


def test_target_that_comes_back_is_judged_further(tmp_path: Path) -> None:
    away: list[float] = []

    def hostile(asked: int) -> Behaviour | None:
        away[:] = away or ([time.monotonic() + 0.7] if asked == 3 else [])
        return says() if away and time.monotonic() < away[0] else None

    with serving(hostile) as (url, _):
        ended = suite(tmp_path, f"--target={url}").ended

    assert ended.exit_code == 10, ended.said
    lost = [finding for finding in ended.verdict["findings"] if "the target went away" in finding["reason"]]
    assert 1 <= len(lost) <= 2
    assert {finding["outcome"] for finding in lost} == {"not-tested"}
    assert ended.outcomes()["settings.get-gives-root-and-version"] == "conforms"
    assert ended.verdict["counts"]["violates"] == 0


def test_target_that_loses_one_reply_violates(tmp_path: Path) -> None:
    with serving(lambda asked: says() if asked == 3 else None) as (url, _):
        ended = suite(tmp_path, f"--target={url}").ended

    assert ended.exit_code in (1, 10), ended.said
    lost = [finding for finding in ended.verdict["findings"] if "no reply to " in finding["reason"]]
    assert len(lost) == 1
    assert "went away" not in ended.said


def test_target_that_slows_down_a_hundredfold_is_waited_for(tmp_path: Path) -> None:
    def hostile(asked: int) -> Behaviour | None:
        time.sleep(0.2 if asked > 3 else 0.0)
        return None

    with serving(hostile) as (url, _):
        ended = suite(tmp_path, f"--target={url}").ended

    assert ended.exit_code == 10
    assert ended.verdict["counts"]["violates"] == 0
    assert ended.verdict["counts"]["conforms"] >= 5


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_is_not_followed(tmp_path: Path, status: int) -> None:
    with serving(lambda _: says(reply(b"{}"))) as (elsewhere, other):
        leads = says(reply(b"", f"Location: {elsewhere}/flows", status=status))
        with serving(lambda _: leads) as (first, _), serving(lambda asked: leads if asked else None) as (later, _):
            ended = suite(tmp_path, f"--target=first={first}", f"--target=later={later}", CONFORMANCE_TOKEN=TOKEN).ended

    assert other.heads == []
    assert ended.verdict_on("first")["verdict"] == "NOT NODE-RED"
    assert ended.verdict_on("later")["verdict"] == "NON-CONFORMANT"
    assert TOKEN not in ended.said


def test_certificate_that_nobody_vouches_for_is_one_line(tmp_path: Path) -> None:
    ours, theirs, now = trustme.CA(), trustme.CA(), datetime.now(UTC)
    certificates = {
        "expired": ours.issue_cert("127.0.0.1", not_before=now - timedelta(days=9), not_after=now - timedelta(days=1)),
        "mismatch": ours.issue_cert("plant.example"),
        "certificate": theirs.issue_cert("127.0.0.1"),
    }
    ours.cert_pem.write_to_path(tmp_path / "ours.pem")
    with contextlib.ExitStack() as servers:
        targets = []
        for name, certificate in certificates.items():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            url, _ = servers.enter_context(serving(lambda _: None, context))
            targets.append(f"--target={name}={url}")
        ended = suite(tmp_path, f"--ca-bundle={tmp_path / 'ours.pem'}", *targets).ended

    assert ended.exit_code == 13
    assert len(ended.stderr.splitlines()) == len(certificates)
    for name in certificates:
        assert ended.verdict_on(name)["verdict"] == "UNREACHABLE"
        assert name in ended.verdict_on(name)["reason"]


def asking(url: str) -> Admin:
    """A client of a server."""
    return Admin(url, Recorder(Connection().transport(), Secrets({})), timeout=5)


def test_large_reply_of_an_honest_target_is_read() -> None:
    node = {"type": "function", "z": "a0", "name": "n" * 40, "func": "return msg;\n" * 25, "wires": [["a", "b"]]}
    nodes = [{"id": f"{number:016x}", **node, "x": number, "y": number} for number in range(20_000)]
    body = json.dumps(nodes).encode()
    with serving(lambda _: says(reply(body))) as (url, _), asking(url) as admin:
        assert parsed(admin.get("/flows")) == nodes
        assert len(body) > 8_000_000
        (kept,) = admin.recorder.exchanges
        assert len(kept.reply_body) + kept.left_out[1] == len(body)


@pytest.mark.parametrize("name", ["gzip-bomb", "endless-body"])
def test_too_much_is_no_reply_and_says_so(name: str) -> None:
    row = HOSTILE[name]
    with serving(lambda _: row.behaviour) as (url, _), asking(url) as admin, pytest.raises(NoReply, match=row.line):
        admin.get("/flows")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[" * 200_000, "nested more deeply"),
        ('{"a":' * 900 + "1" + "}" * 900, "nested more deeply"),
        ("9" * 100_000, "number of more digits"),
        (f'{{"a": {"9" * 100_000}}}', "number of more digits"),
        ("[" + "[]," * 1_000_000 + "1]", "more values"),
        (b"[" + b"[]," * 1_000_000 + b"1]", "more values"),
    ],
    ids=["open", "deep", "digits", "digits-inside", "values", "values-in-bytes"],
)
def test_json_that_is_too_much_is_not_read(text: str | bytes, why: str) -> None:
    with pytest.raises(TooMuchToRead, match=why):
        read_json(text)


def test_json_within_the_bounds_is_read() -> None:
    deep = "[" * (DEPTH - 1) + "]" * (DEPTH - 1)

    assert json.dumps(read_json(deep)) == deep
    assert read_json('{"a": 1, "a": 2}') == {"a": 2}
    assert read_json("9" * 1000) == int("9" * 1000)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "-Infinity", "", b"\xff\xfe", "nul"])
def test_what_is_no_json_is_not_read(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r".?") as refused:
        read_json(text)
    assert not isinstance(refused.value, TooMuchToRead)


def test_tokens_that_a_target_makes_up_are_looked_for_in_bounded_time() -> None:
    secrets = Secrets({"a-secret-of-forty-characters-and-not-less": "CONFORMANCE_TOKEN"})
    started = time.monotonic()

    secrets.add_given('{"access_token":"' + "x" * 5_000_000)
    secrets.add_given(",".join(f'"access_token":"token-{number:06}"' for number in range(50_000)))
    masked = secrets.masked("x" * 5_000_000 + "characters-and-not-less")

    assert masked.endswith("x$CONFORMANCE_TOKEN")
    assert time.monotonic() - started < 5
