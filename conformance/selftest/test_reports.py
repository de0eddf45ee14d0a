"""The reports for people, made of what a run came to: nothing that a target says does more in them than be read."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Browser, Page

from conformance.catalogue import Requirement
from conformance.outcomes import Outcome
from conformance.report import badge, html, summary
from conformance.report.judged import ADVICE, MEANING, ORDER, Judged, Told
from conformance.selftest.browser import chromium
from conformance.selftest.running import Suite
from conformance.selftest.test_pages import Page as Tags
from conformance.verdict import Verdict

HOSTILE: Final = (
    "</script></pre><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> "
    "@everyone [click](javascript:alert(1)) http://evil.example www.evil.example | `x` **b** \u202e \x1b[2J "
    + "a"
    * 3_000
)
MANY: Final = 2_000
WAIVED: Final = {"owner": HOSTILE, "reason": HOSTILE, "link": "javascript:alert(1)", "expires": "2027-01-01"}

DOCUMENT: Final[dict[str, Any]] = {
    "suite": {"name": "nodered-conformance", "version": "0.1.0"},
    "target": {"name": "mine", "url": "http://target", "version": "5.0.7<", "bundled": False},
    "options": {"profile": ["read"], "level": None, "explore": None},
    "verdict": "NON-CONFORMANT",
    "exit_code": 1,
    "reason": "",
    "put_back": {"proved": False, "told": [HOSTILE[:200]]},
    "requests": 10,
    "seconds": 1.5,
    "requirement_set": "2026.1",
    "findings": [],
    "excluded": [{"requirement": "flows.none", "reason": "Nobody can."}],
}


def stated(number: int) -> Requirement:
    """A requirement that is made up."""
    level = "MUST" if number % 7 == 0 else "SHOULD"
    return Requirement(
        id=f"area{number % 20}.promise-{number}",
        level=level,
        text="A `promise`, kept.",
        authority="agree",
        since="0.15.0",
        profile="read",
        documented="GET /flows",
        clients=("editor",),
        breaks="It stops.",
    )


@pytest.fixture(scope="module")
def judged() -> Judged:
    """What a hostile target came to."""
    came = Judged(DOCUMENT)
    came.findings = [
        Told(stated(number), ORDER[number % len(ORDER)], HOSTILE if number % 3 else "assert 200 == 409", 3, 0.1, WAIVED)
        for number in range(MANY)
    ]
    return came


def test_summary_is_short_also_where_each_reason_takes_much_room() -> None:
    came = Judged(DOCUMENT)
    came.findings = [
        Told(stated(number), ORDER[number % len(ORDER)], f"{number}" + "\u202e\U000e0001" * 400, 3, 0.1)
        for number in range(MANY)
    ]

    text = summary.markdown(came)

    assert len(text.encode()) < 60_000
    found = len(came.of(Outcome.VIOLATES))
    listed = text.partition("### violates")[2].partition("###")[0].count("| `")
    assert 0 < listed < summary.LISTED
    assert f"and {found - listed} more" in text


def test_summary_names_nobody_and_no_issue() -> None:
    assert summary.text("#1 a/b#2 GH-3 @x") == "#\u200b1 a/b#\u200b2 GH-\u200b3 @\u200bx"


def explained(requirement: str) -> dict[str, str]:
    """Something to see for one finding in ten."""
    return {"exchanges": f"> GET /{HOSTILE}" * 3, "send it again": "curl"} if requirement.endswith("0") else {}


@pytest.fixture(scope="module")
def page(judged: Judged) -> str:
    """report.html of it."""
    return html.html(judged, explained, "2026-01-01 00:00 UTC")


def test_every_verdict_and_every_outcome_has_its_words() -> None:
    assert {verdict.words for verdict in Verdict} <= ADVICE.keys()
    assert set(ORDER) == set(MEANING) == set(Outcome)


def test_summary_is_short_and_says_no_more_than_it_means(judged: Judged) -> None:
    text = summary.markdown(judged)

    assert len(text.encode()) < 60_000
    assert text.startswith("## ❌ NON-CONFORMANT")
    told = text.replace("<br>", "")
    assert not re.search(r"<|@\w|\]\(|https?://(?!nodered)|www\.|\x1b|\u202e", told)
    widths = [line.count("|") for line in text.splitlines() if line.startswith("| ")]
    heads = [line.count("|") for line in text.splitlines() if line.startswith("| ---")]
    assert set(widths) == set(heads)
    assert text.count(" more, in `report.html`") == 3


@pytest.mark.parametrize("verdict", list(Verdict), ids=lambda verdict: verdict.words)
def test_badge_is_well_formed_and_says_the_verdict(verdict: Verdict) -> None:
    picture = badge.svg(Judged({**DOCUMENT, "verdict": verdict.words}))

    root = ET.fromstring(picture.strip())  # noqa: S314 - our own
    assert verdict.words.lower() in root.attrib["aria-label"]
    assert "5.0.7<" in root.attrib["aria-label"]


def test_badge_hides_no_waiver() -> None:
    came = Judged({**DOCUMENT, "verdict": "CONFORMANT"})
    came.findings = [Told(stated(7), Outcome.VIOLATES, "", 1, 0.1, WAIVED)]

    assert ">conformant, 1 waived (5.0.7&lt;)</text>" in badge.svg(came)


def test_page_allows_its_own_script_and_nothing_else(page: str) -> None:
    inline = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert inline == [html.SCRIPT.read_text("utf-8")]
    assert f"script-src {html.digest(inline[0])};" in page.replace("&#39;", "'")
    tags = Tags(page)
    assert tags.values("src") == []
    links = [link or "" for link in tags.values("href")]
    assert [link for link in links if not link.startswith(("#", "https://nodered.org/docs/"))] == []


def test_every_finding_is_in_the_page_once(page: str) -> None:
    ids = re.findall(r'<details class="finding" id="([^"]+)"', page)

    assert sorted(ids) == sorted(stated(number).id for number in range(MANY))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser."""
    with chromium() as started:
        yield started


@pytest.fixture
def opened(browser: Browser, page: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page in a browser, with the options that the test gives."""
    (tmp_path / "report.html").write_text(page, "utf-8")
    with browser.new_context(**getattr(request, "param", {})) as context:
        shown = context.new_page()
        shown.goto((tmp_path / "report.html").as_uri())
        yield shown


PHONE: Final = {"viewport": {"width": 360, "height": 740}}


@pytest.mark.parametrize("opened", [{}, PHONE, {"java_script_enabled": False}], indirect=True)
def test_page_shows_what_is_hostile_and_does_nothing_of_it(opened: Page) -> None:
    assert opened.title().startswith("NON-CONFORMANT: ")
    assert opened.locator("img").count() == 0
    assert opened.locator(".finding").count() == MANY


@pytest.mark.parametrize("opened", [PHONE], indirect=True)
def test_phone_scrolls_the_page_in_one_direction(opened: Page) -> None:
    assert opened.evaluate("document.documentElement.scrollWidth") == PHONE["viewport"]["width"]


def shown(opened: Page) -> int:
    """How many findings are shown."""
    return opened.locator(".finding:not([hidden])").count()


def test_filter_leaves_what_was_asked_for(opened: Page, judged: Judged) -> None:
    opened.locator("select[name=level]").select_option("MUST")
    opened.locator("select[name=area]").select_option("area7")
    wanted = [one for one in judged.findings if one.entry.level == "MUST" and one.entry.area == "area7"]
    assert shown(opened) == len(wanted)
    assert opened.locator("#shown").inner_text() == f"{len(wanted)} of {MANY}"

    opened.locator("input[value=violates]").uncheck()
    wanted = [one for one in wanted if one.outcome is not Outcome.VIOLATES]
    opened.get_by_label("words").fill("promise-7")
    assert shown(opened) == sum("promise-7" in one.entry.id for one in wanted)


def test_requirement_is_linked_to_also_where_the_filter_hides_it(opened: Page) -> None:
    opened.get_by_label("words").fill("no such words")
    assert shown(opened) == 0

    opened.evaluate("location.hash = '#area9.promise-1009'")

    finding = opened.locator("[id='area9.promise-1009']")
    finding.locator(".facts").wait_for(state="visible")
    assert shown(opened) == MANY


def test_reason_of_what_is_broken_is_seen_without_opening_it(opened: Page, judged: Judged) -> None:
    first = judged.of(Outcome.VIOLATES)[0]
    finding = opened.locator(f"[id='{first.entry.id}']")

    assert finding.get_attribute("open") is None
    assert finding.locator(".reason").is_visible()
    assert finding.locator(".reason").inner_text() == first.reason


def test_page_works_from_the_keyboard(opened: Page) -> None:
    summary_line = opened.locator(".finding:not([open]) summary").first
    finding = summary_line.locator("..")
    finding_id = finding.get_attribute("id")

    summary_line.focus()
    opened.keyboard.press("Enter")

    assert opened.locator(f"[id='{finding_id}']").get_attribute("open") is not None


@pytest.mark.parametrize("opened", [{}, {"java_script_enabled": False}], indirect=True, ids=["script", "no-script"])
def test_print_shows_what_is_closed(opened: Page) -> None:
    closed = opened.locator(".finding:not([open]) .facts").first

    opened.emulate_media(media="print")

    assert closed.is_visible()


@pytest.mark.parametrize("opened", [{"java_script_enabled": False}], indirect=True)
def test_without_script_there_is_no_filter_and_all_can_be_opened(opened: Page) -> None:
    assert not opened.locator("#filter").is_visible()
    opened.locator(".finding:not([open]) summary .says").first.click()
    assert opened.locator(".finding[open] .facts").last.is_visible()


@pytest.mark.parametrize(
    ("asked", "files"),
    [
        ("", {"verdict.json", "evidence.jsonl", "report.html", "summary.md", "badge.svg"}),
        ("--reports=badge", {"verdict.json", "badge.svg"}),
        ("--reports=none", {"verdict.json"}),
    ],
)
def test_reports_are_those_that_were_asked_for_and_of_this_run_alone(suite: Suite, asked: str, files: set[str]) -> None:
    (suite.folder / "reports-1").mkdir()
    for left in ("report.html", "summary.md.part"):
        (suite.folder / "reports-1" / left).write_text("of an earlier run", "utf-8")

    ended = suite("conformance/cases/test_settings.py", *([asked] if asked else []))

    assert {path.name for path in ended.reports.iterdir()} == files
    assert "of an earlier run" not in "".join(path.read_text("utf-8") for path in ended.reports.iterdir())


def test_report_that_nobody_knows_is_refused_with_the_nearest(suite: Suite) -> None:
    ended = suite("--reports=html,sumary")

    assert ended.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "--reports html,sumary: there is no report 'sumary'. Did you mean 'summary'?" in ended.said
