"""Requirement sets: what a release asked for stays what it was, and what came later does not count."""

import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from conformance import requirement_sets
from conformance.catalogue import catalogue, vocabulary
from conformance.selftest import older_set
from conformance.selftest.conftest import Serve
from conformance.selftest.running import ROOT, Suite, run
from conformance.selftest.test_waivers import KEPT, MUST, SHOULD, filled_in, lying

DIGESTS: Final = {"2026.1": "44e51522a46b0c910832372793bf321fae6ab21d689a2250e0186acb29b4f474"}
"""What each set was when it was released. A set never changes; a new release has a new one."""


def test_sets_are_what_they_were() -> None:
    assert {
        name: hashlib.sha256((requirement_sets.FOLDER / f"{name}.txt").read_bytes()).hexdigest()
        for name in requirement_sets.names()
    } == DIGESTS


@pytest.mark.parametrize("name", requirement_sets.names())
def test_set_has_the_words_of_the_catalogue(name: str) -> None:
    of_set = requirement_sets.read(name)

    text = (requirement_sets.FOLDER / f"{name}.txt").read_text("utf-8")
    assert len(of_set) == len(text.splitlines()) > 0
    for entry in of_set.values():
        assert entry.level in vocabulary("level")
        assert entry.profile in vocabulary("profile")
        assert set(entry.clients) <= set(vocabulary("client"))


def test_set_of_today_is_made_of_the_catalogue() -> None:
    of_set = requirement_sets.parsed("\n".join(requirement_sets.lines()))

    assert of_set.keys() == {entry.id for entry in catalogue().values() if not entry.excluded}
    assert requirement_sets.held_to(of_set, catalogue()) == catalogue()
    assert requirement_sets.lost(of_set, catalogue()) == {}


def test_level_is_that_of_the_set() -> None:
    today = catalogue()[MUST]
    of_set = {MUST: replace(today, level="SHOULD")}

    assert requirement_sets.held_to(of_set, catalogue())[MUST] == replace(today, level="SHOULD")
    assert requirement_sets.held_to(of_set, catalogue())[KEPT] == catalogue()[KEPT]


def test_requirement_of_a_set_that_is_gone_or_excluded_is_lost() -> None:
    excluded = next(entry for entry in catalogue().values() if entry.excluded)
    of_set = requirement_sets.parsed(f"flows.gone MUST read\n{excluded.id} MUST {excluded.profile}\n{KEPT} MUST read")

    assert requirement_sets.lost(of_set, catalogue()) == {
        "flows.gone": requirement_sets.GONE,
        excluded.id: excluded.excluded,
    }
    assert requirement_sets.held_to(of_set, catalogue())[excluded.id].excluded is None


@pytest.mark.thorough
def test_run_is_held_to_an_older_set(suite: Suite, served: Serve, tmp_path: Path) -> None:
    sets = tmp_path / "sets"
    sets.mkdir()
    older = [line for line in requirement_sets.lines() if not line.startswith(MUST)]
    (sets / "2025.4.txt").write_text("\n".join([*older, "flows.of-another-time MUST read editor"]), "utf-8")

    ended = suite(
        f"--target={lying(served)}",
        "--profile=read",
        "--require-set=2025.4",
        "-n2",
        "-p",
        older_set.__name__,
        **{older_set.VARIABLE: str(sets)},
    )

    assert ended.exit_code == 10, ended.said
    assert ended.verdict["requirement_set"] == "2025.4"
    assert f"violates: {MUST} (MUST, newer than the set): " in ended.stdout
    found = {finding["requirement"]: finding for finding in ended.verdict["findings"]}
    assert (found[MUST]["outcome"], found[MUST]["scored"]) == ("violates", False)
    assert (found[SHOULD]["outcome"], found[SHOULD]["scored"]) == ("deviates", True)
    assert found["flows.of-another-time"]["outcome"] == "not-tested"
    assert found["flows.of-another-time"]["reason"] == requirement_sets.GONE
    assert found["flows.of-another-time"]["scored"] is True


@pytest.mark.thorough
def test_all_that_selects_and_judges_works_together(served: Serve, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    asked = [
        *(f"--target={name}={lying(served)}" for name in ("one", "two")),
        *("--profile=read", "--level=SHOULD", "--require-set=2026.1", "--fail-on=should", "-n2"),
        *(
            "-k",
            "(unknown and version) or (id and node)",
            f"--report-dir={tmp_path}",
            "-o",
            f"cache_dir={tmp_path}/cache",
        ),
    ]
    command = [sys.executable, "-m", "pytest", *asked]

    written = run([*command, f"--write-waivers={known}"], ROOT, tmp_path, {})
    text = known.read_text("utf-8")
    assert written.exit_code == 1
    assert text.count('target = "one"') == text.count('target = "two"') == 2

    failed = run([*command, "--last-failed"], ROOT, tmp_path, {})
    assert failed.exit_code == 1
    assert {failed.verdict_on(name)["counts"]["violates"] for name in ("one", "two")} == {1}

    known.write_text(filled_in(text), "utf-8")
    waived = run([*command, "--last-failed", f"--waivers={known}"], ROOT, tmp_path, {})
    assert waived.exit_code == 10, waived.said
    assert {tuple(nonzero(waived.verdict_on(name)["counts"])) for name in ("one", "two")} == {
        ("deviates", "not-tested", "violates")
    }

    nothing = run([*command, "--last-failed", "--last-failed-no-failures=none"], ROOT, tmp_path, {})
    assert nothing.exit_code == pytest.ExitCode.NO_TESTS_COLLECTED


def nonzero(counts: dict[str, int]) -> list[str]:
    """The outcomes that something came to."""
    return sorted(outcome for outcome, number in counts.items() if number)
