"""The end of a run in the terminal: what deviates, what was not looked at, the table of areas, the verdict."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import pytest

from conformance.catalogue import vocabulary
from conformance.exchange import printable
from conformance.look import NOT_EMPTY
from conformance.outcomes import BROKEN, Finding, Outcome
from conformance.run import Run
from conformance.verdict import Verdict

COLUMNS: Final[Mapping[str, Outcome]] = {
    "conforms": Outcome.CONFORMS,
    "violates": Outcome.VIOLATES,
    "deviates": Outcome.DEVIATES,
    "observed": Outcome.OBSERVED,
    "not applicable": Outcome.NOT_APPLICABLE,
    "not tested": Outcome.NOT_TESTED,
    "suite error": Outcome.SUITE_ERROR,
}

LISTED: Final = 5
"""Requirements that a line about several of them names."""


def summarise(run: Run, terminal: pytest.TerminalReporter) -> None:
    """Write the summary of every target."""
    for name in run.names:
        terminal.section(f"conformance of {title(run, name)}")
        if name not in run.unjudged:
            findings = run.findings(name)
            excluded = [f"excluded: {entry.id} ({entry.level}): {entry.excluded}" for entry in run.excluded]
            for line in [*details(run, name, findings), *excluded, "", *table(findings), "", *clients(run, findings)]:
                terminal.line(line)
            for line in waivers(run, name, findings):
                terminal.line(line)
        proof = run.kept.proofs.get(name)
        for line in proof.lines if proof else ():
            terminal.line(f"target: {line}")
        verdict = run.verdict(name)
        colour = {Verdict.CONFORMANT: "green", Verdict.INCOMPLETE: "yellow"}.get(verdict, "red")
        terminal.line(f"{verdict.words}{reason(run, name, verdict)}", bold=True, **{colour: True})


def title(run: Run, name: str) -> str:
    """The target's name, address and version, as far as they are known."""
    target = run.targets.get(name)
    if target is None:
        return "the bundled reference server" if name not in run.unjudged else name
    return f"{name}: {target.url}, Node-RED {target.version or 'of unknown version'}"


def waivers(run: Run, name: str, findings: Iterable[Finding]) -> list[str]:
    """A line for each waiver that was used, and for each that is outdated."""
    used = [(finding, waiver) for finding in findings if (waiver := run.gate.known(finding, name))]
    lines = [
        f"waived: {label(run, finding)}: until {waiver.expires} by {waiver.owner}: {waiver.reason} ({waiver.link})"
        for finding, waiver in used
    ]
    lines += [f"outdated waiver: {outdated.line}" for outdated in run.outdated(name)]
    return [*(printable(run.hiding.masked(line)) for line in lines), ""] if lines else []


def details(run: Run, name: str, findings: Iterable[Finding]) -> list[str]:
    """The findings that someone should read, gravest first; what was not tested by the reason why."""
    told = (Outcome.VIOLATES, Outcome.SUITE_ERROR, Outcome.DEVIATES)
    ordered = sorted(findings, key=lambda finding: -finding.outcome.gravity)
    lines = [line for finding in ordered if finding.outcome in told for line in telling(run, name, finding)]
    untested: dict[str, list[str]] = {}
    for finding in ordered:
        if finding.outcome is Outcome.NOT_TESTED:
            untested.setdefault(finding.reason, []).append(finding.requirement)
    return lines + [f"not-tested: {why} ({listed(names)})" for why, names in untested.items()]


def telling(run: Run, name: str, finding: Finding) -> list[str]:
    """A finding on a line, and under a broken promise what else breaks with it."""
    notes = f"{finding.outcome}{', waived' if run.gate.known(finding, name) else ''}"
    harm = run.requirements[finding.requirement].harm if finding.outcome in BROKEN else ""
    return [f"{notes}: {label(run, finding)}: {finding.reason}"] + ([f"  breaks {harm}"] if harm else [])


def label(run: Run, finding: Finding) -> str:
    """A finding's requirement and its level."""
    newer = ", newer than the set" if finding.requirement in run.gate.newer else ""
    return f"{finding.requirement} ({run.requirements[finding.requirement].level}{newer})"


def listed(names: list[str]) -> str:
    """The first of the names, and how many more there are."""
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {more} more" if more > 0 else "")


def table(findings: Iterable[Finding]) -> list[str]:
    """A line for each area and one for all: how many came to what, the requests they took, and the time."""
    rows = [["area", *COLUMNS, "requests", "seconds"]]
    by_area: dict[str, list[Finding]] = {}
    for finding in findings:
        by_area.setdefault(finding.requirement.partition(".")[0], []).append(finding)
    everything = [finding for area in by_area.values() for finding in area]
    for area, found in [*by_area.items(), ("all", everything)]:
        counts = Counter(finding.outcome for finding in found)
        numbers = [str(counts[outcome] or "-") for outcome in COLUMNS.values()]
        requests = sum(finding.requests for finding in found)
        seconds = sum(finding.seconds for finding in found)
        rows.append([area, *numbers, str(requests), f"{seconds:.1f}"])
    return aligned(without_empty_columns(rows))


def clients(run: Run, findings: Iterable[Finding]) -> list[str]:
    """A line with the clients that break and by how many broken promises each, the most harmed first, if any does."""
    broken = [run.requirements[finding.requirement] for finding in findings if finding.outcome in BROKEN]
    harmed = Counter(client for client in vocabulary("client") for entry in broken if client in entry.clients)
    told = ", ".join(f"{client} ({times})" for client, times in harmed.most_common())
    return [f"clients that break: {told}", ""] if told else []


def without_empty_columns(rows: list[list[str]]) -> list[list[str]]:
    """The rows without the rare outcomes that no requirement came to."""
    rare = {"not applicable", "suite error"}
    shown = [index for index, head in enumerate(rows[0]) if head not in rare or rows[-1][index] != "-"]
    return [[row[index] for index in shown] for row in rows]


def aligned(rows: list[list[str]]) -> list[str]:
    """The rows in columns: the first to the left, numbers to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(cells))
        for cells in (list(zip(row, widths, strict=True)) for row in rows)
    ]


def reason(run: Run, name: str, verdict: Verdict) -> str:
    """What the verdict rests on, or how to go on."""
    if name in run.unjudged:
        return f": {run.unjudged[name]}"
    findings = run.findings(name)
    counts = Counter(finding.outcome for finding in findings if run.gate.scores(finding.requirement))
    lost = run.lost.get(name, "")
    reasons = {
        Verdict.NON_CONFORMANT: failures(run, name, findings) + (lost and f"; then {lost}"),
        Verdict.WAIVERS_OUTDATED: f"{len(run.outdated(name))}; the lines above say what to do",
        Verdict.CONFORMANT: waived_away(run, name, findings),
        Verdict.TARGET_CHANGED: "it is not what it was; the lines above say what is otherwise",
        Verdict.UNREACHABLE: lost or "it could not be put back; the line above says how to go on",
        Verdict.INCOMPLETE: missing(run, name, counts[Outcome.NOT_TESTED]),
    }
    return f": {said}" if (said := reasons.get(verdict, lost)) else ""


def failures(run: Run, name: str, findings: Iterable[Finding]) -> str:
    """How many requirements fail the run, and how many are known to."""
    failing = [finding for finding in findings if run.gate.fails(finding)]
    known = sum(1 for finding in failing if run.gate.known(finding, name))
    counts = Counter(finding.outcome for finding in failing if not run.gate.known(finding, name))
    violated, missed = counts[Outcome.VIOLATES], counts[Outcome.DEVIATES]
    told = [f"{violated} of the requirements are violated"] if violated or not missed else []
    told += [f"{missed} are deviated from, which --fail-on should counts"] if missed else []
    told += [f"{known} more are waived"] if known else []
    return "; ".join(told)


def waived_away(run: Run, name: str, findings: Iterable[Finding]) -> str:
    """How many requirements are waived, empty where none is."""
    known = sum(1 for finding in findings if run.gate.known(finding, name))
    return f"{known} of the requirements are not kept, and waived" if known else ""


def missing(run: Run, name: str, number: int) -> str:
    """How many requirements could not be looked at, and what can be done about that."""
    if not number:
        return "there was nothing to judge"
    target = run.targets.get(name)
    more = "to go on, --allow-writes" if target and target.no_writes == NOT_EMPTY else "the lines above say why"
    return f"{number} of the requirements could not be looked at; {more}"
