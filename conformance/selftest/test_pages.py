"""The pages that are made of published results, from results that are made up."""

import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest

from conformance.catalogue import Requirement
from conformance.data import Json
from conformance.node_red import pinned
from conformance.outcomes import UNLIKE
from conformance.report import conflicts, matrix, requirements
from conformance.report.results import Mark, Results, spans

VERSIONS: Final = tuple(pinned()["node_js"])
FIRST, LAST = VERSIONS[0], VERSIONS[-1]
ODD: Final = "A | <b>bold</b> & `odd` promise."


def stated(name: str, **keys: Json) -> Requirement:
    """A requirement that is otherwise like many."""
    common = {"level": "MUST", "text": ODD, "authority": "agree", "since": "0.15.0", "profile": "read"}
    return Requirement(id=name, **{**common, "documented": "GET /flows", **keys})


CONFLICT: Final = stated("flow.answer", level="OBSERVE", authority="conflict", runtime="The text Unauthorized.")
LATER: Final = stated("flow.later", since="1.0.0", until="3.0.2", clients=("editor", "mcp"), breaks="The editor stops.")
MANY: Final = [stated(f"area{number // 50}.promise-{number}") for number in range(500)]

Publish = Callable[[str, str, dict[str, str]], Results]
"""Publishes results in which one requirement came to an outcome, for a reason by version, and gives them all."""


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """Publishes results."""

    def published(requirement: str, outcome: str, reasons: dict[str, str]) -> Results:
        for version, reason in reasons.items():
            found = {"requirement": requirement, "outcome": outcome, "reason": reason}
            (tmp_path / f"node-red-{version}").mkdir()
            (tmp_path / f"node-red-{version}" / "verdict.json").write_text(json.dumps({"findings": [found]}), "utf-8")
        return Results.published(tmp_path)

    return published


@pytest.mark.parametrize(
    ("some", "words"),
    [
        ("", ""),
        ("a", "a"),
        ("abc", "a to c"),
        ("ace", "a, c, e"),
        ("abde", "a to b, d to e"),
        ("ca", "a, c"),
    ],
)
def test_versions_that_follow_each_other_are_a_span(some: str, words: str) -> None:
    assert spans(some, "abcde") == words


@pytest.mark.parametrize(
    ("outcome", "reason", "mark", "said"),
    [
        ("conforms", "", Mark.CONFORMS, ""),
        ("observed", "a weak ETag", Mark.OBSERVED, "a weak ETag"),
        ("observed", f"{UNLIKE}assert 404 == 200", Mark.OTHERWISE, "otherwise: assert 404 == 200"),
        ("violates", "assert 204 == 409", Mark.VIOLATES, "assert 204 == 409"),
        ("deviates", "assert 204 == 409", Mark.DEVIATES, "assert 204 == 409"),
        ("not-tested", "its case did not run", Mark.NOT_TESTED, "its case did not run"),
        ("not-applicable", "the target offers no state", Mark.NOT_APPLICABLE, "the target offers no state"),
        ("suite-error", "KeyError", Mark.SUITE_ERROR, "KeyError"),
    ],
)
def test_answer_is_what_the_finding_says(publish: Publish, outcome: str, reason: str, mark: Mark, said: str) -> None:
    results = publish(CONFLICT.id, outcome, {FIRST: reason})

    answer = results.answer(CONFLICT, FIRST)

    assert (answer.mark, answer.said) == (mark, said)
    assert results.answer(CONFLICT, LAST).mark is Mark.NOT_JUDGED


def test_conflict_tells_what_each_version_did(publish: Publish) -> None:
    reasons = dict.fromkeys(VERSIONS[:4], "no body") | dict.fromkeys(VERSIONS[4:], "a body")
    results = publish(CONFLICT.id, "observed", reasons | {LAST: "no body"})

    page = conflicts.markdown([CONFLICT, LATER], results)

    assert "[GET /flows](https://nodered.org/docs/api/admin/methods/get/flows/) says: " + ODD in page
    assert "do: The text Unauthorized." in page
    assert f"- {FIRST} to {VERSIONS[3]}, {LAST}: no body\n" in page
    assert f"- {VERSIONS[4]} to {VERSIONS[-2]}: a body\n" in page
    assert "flow.later" not in page


def test_version_that_a_requirement_does_not_bind_is_told_with_the_others(publish: Publish) -> None:
    results = publish(LATER.id, "not-applicable", {version: f"the target says it is {version}" for version in VERSIONS})

    grouped = results.grouped(LATER)

    assert ("not bound by it, which holds from 1.0.0 to 3.0.2") in [said for _, said in grouped]
    assert grouped[0][0] == "0.15.3 to 0.20.8, 3.1.15 to 5.0.7"


def test_tables_of_markdown_have_as_many_cells_as_their_heads(publish: Publish) -> None:
    results = publish(CONFLICT.id, "observed", {FIRST: "a | b"})

    for page in (requirements.markdown([CONFLICT, LATER]), matrix.published_markdown([CONFLICT, LATER], results)):
        widths = [line.replace(r"\|", "").count("|") for line in page.splitlines() if line.startswith("|")]
        heads = [line for line in page.splitlines() if line.startswith("| ---")]
        assert sorted(set(widths)) == sorted({head.count("|") for head in heads})


def test_list_of_requirements_says_who_breaks_and_which_rows() -> None:
    page = requirements.markdown([stated("flow.rows", rows=("status 200", "argument id")), LATER])

    assert "/get/flows/): status 200, argument id |" in page
    assert "| 1.0.0 to 3.0.2 | editor, mcp: The editor stops. |" in page


class Page(HTMLParser):
    """What a page consists of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag."""
        self.tags.append((tag, dict(attrs)))

    def values(self, name: str) -> list[str | None]:
        """The values of an attribute, wherever it is."""
        return [attributes[name] for _, attributes in self.tags if name in attributes]


@pytest.fixture
def html(publish: Publish) -> str:
    """A table of 500 requirements."""
    return matrix.published_html(MANY, publish(MANY[0].id, "violates", {FIRST: "<script>"}))


def test_every_requirement_is_in_the_table_once_with_a_cell_for_each_version(html: str) -> None:
    page = Page(html)

    marks = [name for name in page.values("class") if name and name.startswith("mark ")]
    assert [name for name in page.values("id") if name and "." in name] == [entry.id for entry in MANY]
    assert marks.count("mark violates") == 1
    assert len(marks) == len(MANY) * len(VERSIONS)


def test_table_needs_nothing_but_itself(html: str) -> None:
    page = Page(html)

    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "b"} == set()
    assert page.values("src") == []
    assert "url(" not in html
    assert "@import" not in html


def test_links_inside_the_table_lead_somewhere(html: str) -> None:
    page = Page(html)

    inside = {link[1:] for link in page.values("href") if link and link.startswith("#")}
    assert inside == set(page.values("id"))


def test_whatever_the_catalogue_says_is_text(html: str) -> None:
    assert "A | &lt;b&gt;bold&lt;/b&gt; &amp; <code>odd</code> promise." in html
    assert "&lt;script&gt;" in html
