"""From pytest's report of a case to its finding: what the level makes of a miss, and what the reader is shown."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import allure
import pytest
from _pytest._code.code import ExceptionRepr

from conformance import run
from conformance.catalogue import Requirement
from conformance.evidence.keeping import following_of, trouble_of
from conformance.exchange import curl_lines, printable, transcripts
from conformance.gate import Gate
from conformance.hiding import mask
from conformance.live.beside import NotKept
from conformance.outcomes import BROKEN, UNLIKE, Finding, NotApplicable, Outcome, kept, missed
from conformance.recorder import Recorder
from conformance.report import allure as in_allure
from conformance.report.repro import NoScript, script

REASON_LENGTH = 300
"""Characters of an assertion that a finding repeats."""

TOLD = 2_000
"""Characters of a finding's reason, whatever it is made of."""

SHOWN_LENGTH = 20_000
"""Characters that a report shows of one part of a failure."""


@dataclass
class Case:
    """A case while it runs."""

    requirement: Requirement
    target: str
    url: str
    """The admin root of the target; empty where it held flows."""
    recorder: Recorder
    notes: list[str] = field(default_factory=list)
    outcome: Outcome = Outcome.SUITE_ERROR
    reason: str = ""
    script: str = ""
    """What sends the exchanges again, where a line for each of the last ones is not enough."""
    explained: dict[str, str] = field(default_factory=dict)
    """What went over the wire and how to send it again, where the case failed or deviates."""
    repro: dict[str, str] = field(default_factory=dict)
    """The `script` that shows the violation, or `why` there is none."""
    started: float = field(default_factory=time.monotonic)

    def seen(self, what: str) -> None:
        """Keep what the target did where more than one answer is right."""
        self.notes.append(what)

    def finding(self) -> Finding:
        """What the case came to."""
        return Finding(
            self.requirement.id,
            self.outcome,
            printable(shortened(self.recorder.masked(self.reason), TOLD)),
            self.recorder.requests,
            time.monotonic() - self.started,
        )


CASE = pytest.StashKey[Case]()

FINDING = "conformance_finding"
"""The attribute of a report that carries the finding, also from one process of a parallel run to another."""


def label(item: pytest.Item, requirement: Requirement) -> None:
    """Say in JUnit and in Allure what the case is about, and who depends on it."""
    said = {
        "requirement": (requirement.id,),
        "area": (requirement.area,),
        "level": (requirement.level,),
        "clients": requirement.clients,
    }
    item.user_properties += [(name, ", ".join(words)) for name, words in said.items() if words]
    for name, words in said.items():
        allure.dynamic.label(name, *words)
    in_allure.label(requirement)


def judge(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Give the report its outcome, and once the case has ended its finding."""
    case = item.stash.get(CASE, None)
    if case is None:
        if call.excinfo is not None and report.failed:
            judge_broken(item, call.excinfo, report)
        return
    if call.excinfo is not None:
        judge_exception(item, case, call.excinfo, report)
        if hasattr(report, "wasxfail"):  # which JUnit counts as skipped, and so tells no more of than this
            item.user_properties += list(explanation(case).items())
    elif report.when == "call":
        case.outcome, case.reason = kept(case.requirement), "; ".join(case.notes)
    if report.when == "teardown":
        case.recorder.end()
        finding = case.recorder.recorded(case.finding(), following_of(item))
        keep(item, report, case.target, finding, case)


def judge_broken(item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException], report: pytest.TestReport) -> None:
    """What it means that the suite broke before the case could begin."""
    current = run.current(item.config)
    if requirement := run.requirement_of(item):
        reason = printable(current.hiding.masked(in_words(excinfo)))
        keep(item, report, run.target_of(item, current), Finding(requirement.id, Outcome.SUITE_ERROR, reason))


def keep(item: pytest.Item, report: pytest.TestReport, target: str, finding: Finding, case: Case | None = None) -> None:
    """Let the report carry what a row of the requirement came to, and what else was noticed meanwhile."""
    current = run.current(item.config)
    row = {"target": target, "rows": current.rows[target, finding.requirement].number, "finding": finding.as_row()}
    noticed = {"lost": "", "leaks": {}, "explained": {}, "repro": {}}
    if case:
        noticed = {"lost": case.recorder.lost, "leaks": case.recorder.leaks_until_now()}
        noticed |= {"explained": case.explained, "repro": case.repro}
    setattr(report, FINDING, row | noticed | {"evidence": trouble_of(current)})


def judge_exception(
    item: pytest.Item, case: Case, excinfo: pytest.ExceptionInfo[BaseException], report: pytest.TestReport
) -> None:
    """What an exception that ended a phase of the case means."""
    error = excinfo.value
    if isinstance(error, BaseExceptionGroup):  # of several fixtures that could not put back what they had changed
        error = max(leaves(error), key=lambda one: not isinstance(one, AssertionError | pytest.skip.Exception))
        excinfo = pytest.ExceptionInfo.from_exception(error)
    if isinstance(error, pytest.skip.Exception) and report.when == "teardown":
        case.outcome = max(case.outcome, Outcome.NOT_TESTED, key=lambda outcome: outcome.gravity)
        case.reason = case.reason or str(error)
    elif isinstance(error, pytest.skip.Exception):
        case.outcome = Outcome.NOT_APPLICABLE if isinstance(error, NotApplicable) else Outcome.NOT_TESTED
        case.reason = str(error)
    elif is_miss(error) and (disturbed := case.recorder.disturbed()):
        case.outcome, case.reason = Outcome.NOT_TESTED, disturbed
        skip(report, case.reason)
    elif isinstance(error, AssertionError) and report.when == "setup":
        case.outcome, case.reason = Outcome.NOT_TESTED, f"its premise failed: {in_words(excinfo)}"
        skip(report, case.reason)
    elif isinstance(error, AssertionError) and report.when == "teardown":
        case.reason = f"{case.reason}; the target could not be put back: {in_words(excinfo)}".removeprefix("; ")
        case.outcome = max(case.outcome, Outcome.NOT_TESTED, key=lambda outcome: outcome.gravity)
    elif isinstance(error, AssertionError) and case.recorder.gone:
        case.outcome, case.reason = Outcome.NOT_TESTED, in_words(excinfo)
        skip(report, case.reason)
    elif isinstance(error, AssertionError):
        case.outcome, case.reason = missed(case.requirement), in_words(excinfo)
        soften(case, report, run.current(item.config).gate)
    else:
        case.outcome, case.reason = Outcome.SUITE_ERROR, in_words(excinfo)
    if report.outcome == "failed" or case.outcome in BROKEN:
        case.explained = {name: shown(case.recorder.masked(text)) for name, text in wire(case).items()}
        case.repro = repro_of(case, str(error))
        explain(case, report)
        in_allure.attach(case.explained)
    report.longrepr = mask(report.longrepr, lambda text: shown(case.recorder.masked(text)))


def is_miss(error: BaseException) -> bool:
    """Whether an assertion failed which somebody else can have made fail."""
    return isinstance(error, AssertionError) and not isinstance(error, NotKept)


def leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """The exceptions of a group, at whatever depth."""
    for error in group.exceptions:
        yield from leaves(error) if isinstance(error, BaseExceptionGroup) else [error]


def soften(case: Case, report: pytest.TestReport, gate: Gate) -> None:
    """A miss that does not fail the run is none to pytest either."""
    if gate.forgives(case.finding(), case.target):
        report.outcome = "skipped"
        report.wasxfail = shown(f"{case.requirement.id}: {case.reason}")
    elif case.outcome is Outcome.OBSERVED:
        case.reason = f"{UNLIKE}{case.reason}"
        report.outcome, report.longrepr = "passed", None


def skip(report: pytest.TestReport, reason: str) -> None:
    """Turn a failure into a skip that says why."""
    path, line, _ = report.location
    report.outcome, report.longrepr = "skipped", (path, line or 0, f"Skipped: {reason}")


def in_words(excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    """The exception on one line, cut where it is long; an assertion without its class's name."""
    said = str(excinfo.value) if isinstance(excinfo.value, AssertionError) else excinfo.exconly(tryshort=True)
    return shortened(said.partition("\n")[0] or type(excinfo.value).__name__, REASON_LENGTH)


def shortened(text: str, length: int) -> str:
    """The text, cut where it is longer than this."""
    return text if len(text) <= length else f"{text[:length]}…"


def shown(text: str) -> str:
    """The text of a report, which steers no terminal; cut where a target makes it long."""
    return "\n".join(printable(line) for line in shortened(text, SHOWN_LENGTH).split("\n"))


def explain(case: Case, report: pytest.TestReport) -> None:
    """Add the explanation to the failure."""
    if isinstance(report.longrepr, ExceptionRepr):
        for name, content in explanation(case).items():
            report.longrepr.addsection(name, content, "-")


def explanation(case: Case) -> dict[str, str]:
    """Which requirement it is about, what went over the wire, and how to send it again."""
    entry = case.requirement
    harm = f"\nBreaks {entry.harm}" if entry.harm else ""
    return {entry.id: f"{entry.text} ({entry.level})\n{entry.source}{harm}", **wire(case)}


def repro_of(case: Case, said: str) -> dict[str, str]:
    """A script that shows a violation, by what its assertion said, or why there is none."""
    if case.outcome is not Outcome.VIOLATES:
        return {}
    if not case.url:
        return {"why": "the target held flows, which a script would replace"}
    try:
        made = script(case.requirement, case.recorder.exchanges, said, case.url)
    except NoScript as none:
        return {"why": str(none)}
    return {"script": case.recorder.masked(made)}


def wire(case: Case) -> dict[str, str]:
    """What went over the wire, and how to send it again."""
    exchanges = case.recorder.exchanges
    return {"exchanges": transcripts(exchanges), "send it again": case.script or curl_lines(exchanges)}
