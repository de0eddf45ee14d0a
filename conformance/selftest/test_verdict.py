"""The order of outcomes and verdicts: what goes wrong never makes a verdict better."""

import itertools
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.catalogue import Requirement
from conformance.outcomes import Finding, Outcome, kept, merged, missed
from conformance.selftest.running import OF_PYTEST
from conformance.verdict import Verdict, judge, worst

LEVELS = ("MUST", "SHOULD", "MAY", "OBSERVE")

REQUIREMENTS = {
    f"area.{level.lower()}": Requirement(
        id=f"area.{level.lower()}", level=level, text="T.", authority="agree", since="0.15.0", profile="read"
    )
    for level in LEVELS
}

FINDINGS = [Finding(entry, outcome) for entry in REQUIREMENTS for outcome in Outcome]

LISTS = [list(some) for length in range(3) for some in itertools.product(FINDINGS, repeat=length)]


def gravity(findings: Sequence[Finding]) -> int:
    """How bad the verdict on the findings is."""
    return judge(findings, REQUIREMENTS).gravity


@pytest.mark.parametrize("outcome", [Outcome.VIOLATES, Outcome.SUITE_ERROR, Outcome.NOT_TESTED])
@pytest.mark.parametrize("level", ["MUST", "SHOULD"])
def test_failure_never_makes_a_verdict_better(outcome: Outcome, level: str) -> None:
    failure = Finding(f"area.{level.lower()}", outcome)

    for findings in LISTS:
        if findings or outcome is not Outcome.NOT_TESTED:
            assert gravity([*findings, failure]) >= gravity(findings), findings


def test_order_of_the_findings_does_not_matter() -> None:
    for findings in LISTS:
        assert gravity(findings) == gravity(findings[::-1]), findings


def test_what_was_left_out_is_never_conformant() -> None:
    for findings in LISTS:
        whole = [*findings, Finding("area.must", Outcome.NOT_TESTED)]
        assert judge(whole, REQUIREMENTS) is not Verdict.CONFORMANT, whole
    assert judge([], REQUIREMENTS) is Verdict.INCOMPLETE


def test_violation_is_never_hidden() -> None:
    for findings in LISTS:
        assert judge([*findings, Finding("area.must", Outcome.VIOLATES)], REQUIREMENTS) is Verdict.NON_CONFORMANT


@pytest.mark.parametrize(
    ("outcome", "level", "verdict"),
    [
        (Outcome.CONFORMS, "MUST", Verdict.CONFORMANT),
        (Outcome.OBSERVED, "OBSERVE", Verdict.CONFORMANT),
        (Outcome.DEVIATES, "SHOULD", Verdict.CONFORMANT),
        (Outcome.NOT_TESTED, "MUST", Verdict.INCOMPLETE),
        (Outcome.NOT_TESTED, "SHOULD", Verdict.INCOMPLETE),
        (Outcome.NOT_TESTED, "MAY", Verdict.CONFORMANT),
        (Outcome.NOT_TESTED, "OBSERVE", Verdict.CONFORMANT),
        (Outcome.SUITE_ERROR, "OBSERVE", Verdict.SUITE_ERROR),
        (Outcome.VIOLATES, "MUST", Verdict.NON_CONFORMANT),
    ],
)
def test_one_more_finding_beside_a_kept_must(outcome: Outcome, level: str, verdict: Verdict) -> None:
    findings = [Finding("area.must", Outcome.CONFORMS), Finding(f"area.{level.lower()}", outcome)]

    assert judge(findings, REQUIREMENTS) is verdict


def test_worst_of_several_targets_counts() -> None:
    assert worst([Verdict.CONFORMANT, Verdict.UNREACHABLE, Verdict.INCOMPLETE]) is Verdict.UNREACHABLE
    assert worst([Verdict.NON_CONFORMANT, Verdict.SUITE_ERROR]) is Verdict.NON_CONFORMANT


def test_exit_codes_are_each_verdicts_own_and_leave_pytest_its_own() -> None:
    codes = [verdict.exit_code for verdict in Verdict]

    assert len(set(codes)) == len(codes)
    assert not OF_PYTEST & set(codes)
    assert [verdict for verdict in Verdict if verdict.exit_code == 0] == [Verdict.CONFORMANT]


def test_every_exit_code_is_reached_by_a_run_of_the_suite() -> None:
    sources = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    reached = {int(code) for code in re.findall(r"mark\.reaches\((\d+)\)", sources)}

    missing = OF_PYTEST.union(verdict.exit_code for verdict in Verdict) - reached
    assert sorted(missing) == [], "mark a test of a run that ends so with @pytest.mark.reaches(CODE)"


@pytest.mark.parametrize("one", Outcome)
@pytest.mark.parametrize("other", Outcome)
def test_gravest_row_of_a_requirement_counts(one: Outcome, other: Outcome) -> None:
    rows = [Finding("area.must", one, "one", 1, 0.5), Finding("area.must", other, "other", 2, 0.5)]

    both = merged(rows)

    assert both.outcome is max(one, other, key=lambda outcome: outcome.gravity)
    assert merged(rows[::-1]).outcome is both.outcome
    assert (both.requests, both.seconds) == (3, 1.0)


@pytest.mark.parametrize("outcome", Outcome)
def test_finding_survives_the_way_between_processes(outcome: Outcome) -> None:
    finding = Finding("area.must", outcome, "why", 3, 0.25)

    assert Finding.from_row(finding.as_row()) == finding


@pytest.mark.parametrize(
    ("level", "is_kept", "is_missed"),
    [
        ("MUST", Outcome.CONFORMS, Outcome.VIOLATES),
        ("SHOULD", Outcome.CONFORMS, Outcome.DEVIATES),
        ("MAY", Outcome.CONFORMS, Outcome.OBSERVED),
        ("OBSERVE", Outcome.OBSERVED, Outcome.OBSERVED),
    ],
)
def test_level_decides_what_a_miss_is_called(level: str, is_kept: Outcome, is_missed: Outcome) -> None:
    entry = REQUIREMENTS[f"area.{level.lower()}"]

    assert (kept(entry), missed(entry)) == (is_kept, is_missed)
