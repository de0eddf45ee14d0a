"""Whatever is waived, pinned or made to fail: no waiver hides anything but what it names, and counts add up."""

import datetime as dt
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from conformance.gate import Gate
from conformance.outcomes import BROKEN, Finding, Outcome
from conformance.report import verdict_json
from conformance.selftest.test_verdict_properties import (
    FAILING,
    SOME,
    TARGET,
    findings,
    requirements,
    rows,
    run_of,
    scoring,
    steady,
)
from conformance.verdict import Verdict, judge
from conformance.waivers.reading import Waiver

DAY: Final = dt.date(2026, 5, 1)

waivers = st.lists(
    st.builds(
        Waiver,
        scoring,
        st.builds("{}: {}".format, st.sampled_from(BROKEN), findings.map(lambda finding: finding.reason)),
        st.just("team"),
        st.just("known"),
        st.just("https://tickets.example/7"),
        st.sampled_from(["2026-04-30", "2026-05-01"]),
        st.sampled_from([None, TARGET, "another"]),
    ),
    unique_by=lambda waiver: (waiver.requirement, waiver.target),
    max_size=6,
).map(tuple)
gates = st.builds(
    Gate, st.sampled_from(["must", "should"]), waivers, newer=st.frozensets(requirements, max_size=3), day=st.just(DAY)
)
"""What runs are held to."""


def waived(gate: Gate, requirement: str) -> bool:
    """Whether the target has a waiver for the requirement, of whatever worth."""
    return gate.waiver(requirement, TARGET) is not None


@steady
@given(rows, gates)
def test_failure_without_a_waiver_is_never_hidden(found: list[Finding], gate: Gate) -> None:
    run = run_of(found, gate=gate)

    failing = [finding for finding in run.findings(TARGET) if gate.fails(finding)]
    if any(not waived(gate, finding.requirement) for finding in failing):
        assert run.verdict(TARGET) is Verdict.NON_CONFORMANT
    if any(not gate.known(finding, TARGET) for finding in failing):
        assert run.verdict(TARGET) in (Verdict.WAIVERS_OUTDATED, Verdict.NON_CONFORMANT)


@steady
@given(rows, gates)
def test_waiver_hides_nothing_but_the_failure_that_it_names(found: list[Finding], gate: Gate) -> None:
    run = run_of(found, gate=gate)
    came = run.findings(TARGET)

    for finding in came:
        waiver = gate.known(finding, TARGET)
        assert waiver is None or (waiver.requirement == finding.requirement and finding.outcome in BROKEN)
    rest = [finding for finding in came if not gate.known(finding, TARGET)]
    without = run_of(found, gate=Gate(gate.fail_on, newer=gate.newer))
    others = judge(rest, SOME, without.gate.terms(TARGET, {TARGET: rest}))
    outdated = run.outdated(TARGET)
    assert run.verdict(TARGET) is others or outdated
    if outdated:
        assert run.verdict(TARGET).gravity >= Verdict.WAIVERS_OUTDATED.gravity


@steady
@given(rows, gates, requirements, st.sampled_from([*FAILING, Outcome.DEVIATES]))
def test_failure_without_a_waiver_improves_nothing(
    found: list[Finding], gate: Gate, requirement: str, outcome: Outcome
) -> None:
    gate = Gate(
        gate.fail_on, tuple(one for one in gate.waivers if one.requirement != requirement), newer=gate.newer, day=DAY
    )
    before, after = run_of(found, gate=gate), run_of([*found, Finding(requirement, outcome)], gate=gate)

    # Where a row deviates and another breaks, the suite is to be mended before the target is called non-conformant.
    alone = all(finding.requirement != requirement for finding in found)
    if outcome is Outcome.VIOLATES or (outcome in FAILING and alone):
        assert after.verdict(TARGET).gravity >= before.verdict(TARGET).gravity
    assert not gate.fails(Finding(requirement, outcome)) or after.exit_code != 0


@steady
@given(rows, gates)
def test_what_was_not_looked_at_or_broke_is_never_waived(found: list[Finding], gate: Gate) -> None:
    run = run_of(found, gate=gate)
    came = run.findings(TARGET)

    if any(finding.outcome is Outcome.SUITE_ERROR for finding in came):
        assert run.verdict(TARGET).gravity >= Verdict.SUITE_ERROR.gravity
    if any(finding.outcome is Outcome.NOT_TESTED and gate.scores(finding.requirement) for finding in came):
        assert run.verdict(TARGET) is not Verdict.CONFORMANT


@steady
@given(rows, gates)
def test_counts_add_up_whatever_is_waived(found: list[Finding], gate: Gate) -> None:
    plain, gated = run_of(found), run_of(found, gate=gate)

    assert verdict_json.counts(gated.findings(TARGET)) == verdict_json.counts(plain.findings(TARGET))


@steady
@given(rows)
def test_stricter_level_is_no_better(found: list[Finding]) -> None:
    must, should = (run_of(found, gate=Gate(level)).verdict(TARGET) for level in ("must", "should"))

    assert should.gravity >= must.gravity
    deviates = any(finding.outcome is Outcome.DEVIATES for finding in run_of(found).findings(TARGET))
    assert not deviates or should is Verdict.NON_CONFORMANT


@steady
@given(rows, st.frozensets(requirements))
def test_newer_requirements_do_not_count(found: list[Finding], newer: frozenset[str]) -> None:
    run = run_of(found, gate=Gate(newer=newer))
    older = [finding for finding in run.findings(TARGET) if finding.requirement not in newer]
    broken = [finding for finding in run.findings(TARGET) if finding.outcome is Outcome.SUITE_ERROR]

    assert run.verdict(TARGET) is judge([*older, *broken], SOME)
