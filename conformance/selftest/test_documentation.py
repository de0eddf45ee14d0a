"""Nothing that the official documentation states in a table is forgotten: each row has its requirement."""

import tomllib
from typing import Final

import pytest

from conformance.catalogue import Requirement, catalogue
from conformance.selftest.running import ROOT
from conformance.spelling import did_you_mean

PAGES: Final[dict[str, list[str]]] = tomllib.loads(
    (ROOT / "conformance" / "selftest" / "documentation.toml").read_text("utf-8")
)
"""The pages, and the rows of their tables."""

WITH_ROWS: Final = [entry for entry in catalogue().values() if entry.rows]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_and_row_has_a_requirement(page: str) -> None:
    about = [entry for entry in catalogue().values() if entry.documented == page]

    assert about
    assert sorted(set(PAGES[page]) - {row for entry in about for row in entry.rows}) == []


@pytest.mark.parametrize("entry", WITH_ROWS, ids=lambda entry: entry.id)
def test_row_that_a_requirement_names_exists(entry: Requirement) -> None:
    known = PAGES[entry.documented or ""]

    assert [f"{row}: {did_you_mean(row, known)}" for row in entry.rows if row not in known] == []
