"""Whatever cases come to: a failure makes nothing better, nothing left out makes a target conformant, counts add up."""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.catalogue import catalogue, vocabulary
from conformance.connection import Connection
from conformance.gate import Gate
from conformance.live.kept import Kept
from conformance.outcomes import NOT_REACHED, Finding, Outcome, merged
from conformance.report import terminal, verdict_json
from conformance.rows import Gathered, Rows
from conformance.run import Run
from conformance.targets import TargetSpec
from conformance.verdict import CannotJudge, Verdict, judge, worst

steady = settings(deadline=None, database=None, derandomize=True)
"""The same examples in every run of the self-tests, which leave nothing behind."""

TARGET: Final = "mine"

SOME: Final = {
    entry.id: entry
    for level in vocabulary("level")
    for entry in itertools.islice((one for one in catalogue().values() if one.level == level and not one.excluded), 3)
}
"""A few requirements of each level that has any."""

FAILING: Final = [outcome for outcome in Outcome if outcome.fails]

requirements = st.sampled_from(sorted(SOME))
scoring = st.sampled_from(sorted(name for name, entry in SOME.items() if entry.scores))
outcomes = st.sampled_from(Outcome)
findings = st.builds(
    Finding,
    requirements,
    outcomes,
    st.text(max_size=5),
    st.integers(0, 9),
    st.floats(0, 9, allow_nan=False).map(lambda seconds: round(seconds, 2)),
)
rows = st.lists(findings, max_size=20)
"""What rows of cases came to, several of one requirement among them."""


def gravity(found: Sequence[Finding]) -> int:
    """How bad the verdict on these findings is."""
    return judge(found, SOME).gravity


def run_of(came: Sequence[Finding], left: Sequence[str] = (), gate: Gate | None = None) -> Run:
    """A run whose rows came to this; a row of each requirement in `left` did not run."""
    run = object.__new__(Run)  # without pytest
    run.specs, run.unjudged, run.targets, run.lost = [TargetSpec(TARGET)], {}, {}, {}
    run.kept = Kept(Connection(), lambda _: None)
    run.rows, run.parts, run.troubles, run.replay = Gathered(), defaultdict(dict), {}, None
    beside = {"lost": "", "explained": {}, "leaks": [], "evidence": {"section": "", "trouble": ""}}
    vars(run)["scope"], vars(run)["gate"] = SOME, gate or Gate()
    planned = [*(finding.requirement for finding in came), *left]
    for finding in came:
        number = planned.count(finding.requirement)
        run.add_row({"target": TARGET, "rows": number, "finding": finding.as_row(), **beside})
    return run


def verdict_on(came: Sequence[Finding], left: Sequence[str] = ()) -> Verdict:
    """The verdict of a run whose rows came to this."""
    return judge(run_of(came, left).findings(TARGET), SOME)


@steady
@given(rows, requirements, st.sampled_from(FAILING))
def test_failure_makes_no_verdict_better(found: list[Finding], requirement: str, outcome: Outcome) -> None:
    failure = Finding(requirement, outcome)

    assert gravity([*found, failure]) >= gravity(found)
    assert judge([*found, failure], SOME) in (Verdict.SUITE_ERROR, Verdict.NON_CONFORMANT)
    assert verdict_on([*found, failure]).gravity >= verdict_on(found).gravity


@steady
@given(rows, requirements, outcomes)
def test_failed_row_in_place_of_another_makes_no_verdict_better(
    found: list[Finding], requirement: str, outcome: Outcome
) -> None:
    worse = [one for one in Outcome if one.gravity >= outcome.gravity and one is not Outcome.OBSERVED]
    before = verdict_on([*found, Finding(requirement, outcome)])

    for one in worse:
        assert verdict_on([*found, Finding(requirement, one)]).gravity >= before.gravity


@steady
@given(rows, st.data())
def test_what_is_left_out_makes_no_target_conformant(found: list[Finding], data: st.DataObject) -> None:
    counting = [finding for finding in found if SOME[finding.requirement].scores]
    left = data.draw(st.lists(st.sampled_from(counting), min_size=1) if counting else st.just([]))
    ran = [finding for finding in found if not any(finding is one for one in left)]

    whole, part = verdict_on(found), verdict_on(ran, [finding.requirement for finding in left])

    assert part is not Verdict.CONFORMANT or (not left and whole is Verdict.CONFORMANT)


@steady
@given(rows, scoring)
def test_skipped_requirement_makes_no_target_conformant(found: list[Finding], requirement: str) -> None:
    others = [finding for finding in found if finding.requirement != requirement]

    assert verdict_on(others) is not Verdict.CONFORMANT
    assert verdict_on([*found, Finding(requirement, Outcome.NOT_TESTED)]) is not Verdict.CONFORMANT


@steady
@given(st.lists(st.builds(Finding, requirements, st.sampled_from([Outcome.NOT_APPLICABLE, Outcome.OBSERVED]))))
def test_target_that_keeps_no_promise_is_not_conformant(found: list[Finding]) -> None:
    assert judge(found, SOME) is Verdict.INCOMPLETE


@steady
@given(rows, st.randoms(use_true_random=False))
def test_order_in_which_rows_end_does_not_matter(found: list[Finding], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random, which is not what its name says it is
    one, other = (
        [(finding.requirement, finding.outcome, finding.requests) for finding in run_of(some).findings(TARGET)]
        for some in (found, shuffled)
    )

    assert one == other


@steady
@given(st.lists(outcomes, min_size=1), st.lists(outcomes, min_size=1))
def test_rows_are_merged_in_any_parts(some: list[Outcome], others: list[Outcome]) -> None:
    one, other = ([Finding("flows.x", outcome, "", 1) for outcome in part] for part in (some, others))

    at_once, in_parts = merged([*one, *other]), merged([merged(one), merged(other)])

    assert (at_once.outcome, at_once.requests) == (in_parts.outcome, in_parts.requests)
    assert at_once.outcome.gravity >= max(merged(one).outcome.gravity, merged(other).outcome.gravity)


@steady
@given(st.lists(outcomes, min_size=1), st.integers(-3, 3))
@example([Outcome.CONFORMS, Outcome.CONFORMS], -1)
def test_row_that_did_not_run_is_never_a_promise_kept(came: list[Outcome], missing: int) -> None:
    found = [Finding("flows.x", outcome) for outcome in came]

    together = Rows(len(found) + missing, found).finding()

    if missing > 0:
        assert together.outcome.gravity >= Outcome.NOT_TESTED.gravity
    else:  # the same row can run twice
        assert together.outcome is merged(found).outcome


@steady
@given(rows)
def test_counts_add_up(found: list[Finding]) -> None:
    came = run_of(found).findings(TARGET)

    assert [finding.requirement for finding in came] == [name for name in catalogue() if name in SOME]
    counted = verdict_json.counts(came)
    assert sum(counted.values()) == len(SOME)
    assert counted["not-tested"] >= len(SOME.keys() - {finding.requirement for finding in found})
    assert sum(finding.requests for finding in came) == sum(finding.requests for finding in found)


@steady
@given(rows)
def test_table_in_the_terminal_adds_up(found: list[Finding]) -> None:
    came = run_of(found).findings(TARGET)

    _, *areas, everything = [line.split()[1:] for line in terminal.table(came)]
    numbers = [[int(cell.replace("-", "0")) for cell in row[:-1]] for row in areas]
    assert [sum(column) for column in zip(*numbers, strict=True)] == [
        int(cell.replace("-", "0")) for cell in everything[:-1]
    ]
    assert sum(sum(row[:-1]) for row in numbers) == len(came)


@steady
@given(rows)
def test_finding_survives_the_way_between_processes(found: list[Finding]) -> None:
    assert [Finding.from_row(finding.as_row()) for finding in found] == found


@steady
@given(st.lists(st.sampled_from(Verdict), min_size=1), st.sampled_from(Verdict))
def test_one_more_target_makes_no_exit_code_better(verdicts: list[Verdict], other: Verdict) -> None:
    assert worst([*verdicts, other]).gravity >= worst(verdicts).gravity
    assert (worst(verdicts).exit_code == 0) is (set(verdicts) == {Verdict.CONFORMANT})


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.CONFORMANT])
def test_target_that_was_not_judged_is_no_success(verdict: Verdict) -> None:
    run = run_of([])
    run.unjudged[TARGET] = CannotJudge(verdict, "why")

    assert run.verdict(TARGET) is verdict
    assert run.exit_code == verdict.exit_code != 0


def test_requirement_that_was_not_reached_says_so() -> None:
    assert {finding.reason for finding in run_of([]).findings(TARGET)} == {NOT_REACHED}
