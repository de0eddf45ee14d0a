"""The result of a run for programs: `verdict.json`, under `schemas/verdict.json`."""

from collections import Counter
from typing import Final

from conformance import __version__
from conformance.data import Json
from conformance.evidence.lines import united
from conformance.options import exploration, given, kept_options, run_seed
from conformance.outcomes import Finding, Outcome
from conformance.run import Run

FORMAT: Final = 2
"""The version of the format; it changes when a reader of an older one would misread it."""


def document(run: Run, name: str, *, complete: bool = True) -> Json:
    """The whole result on one target, or what is known of it while the run goes on."""
    verdict = run.verdict(name)
    findings = [] if name in run.unjudged else run.findings(name)
    target = run.targets.get(name)
    unjudged, proof = run.unjudged.get(name), run.kept.proofs.get(name)
    return {
        "format": FORMAT,
        "suite": {"name": "nodered-conformance", "version": __version__},
        "target": {
            "name": name,
            "url": target.url if target else next(spec.url for spec in run.specs if spec.name == name) or None,
            "version": target.version if target else None,
            "version_from": "GET /settings" if target and target.version else None,
            "bundled": run.bundled,
        },
        "seed": run_seed(run.config),
        "options": {
            **kept_options(run.config),
            "explore": exploration(run.config) or None,
            "fail_on": run.gate.fail_on,
        },
        "requirement_set": given(run.config, "--require-set"),
        "verdict": verdict.words,
        "exit_code": verdict.exit_code,
        "reason": str(unjudged) if unjudged else run.lost.get(name, ""),
        "put_back": {"proved": proof.same, "told": list(proof.lines)} if proof else None,
        "counts": counts(findings),
        "requests": sum(finding.requests for finding in findings),
        "seconds": round(sum(finding.seconds for finding in findings), 3),
        "findings": [entry(run, name, finding) for finding in findings],
        "excluded": [{"requirement": entry.id, "reason": entry.excluded} for entry in run.excluded],
        "complete": complete,
    }


def counts(findings: list[Finding]) -> dict[str, int]:
    """How many requirements came to each outcome."""
    counted = Counter(finding.outcome for finding in findings)
    return {str(outcome): counted[outcome] for outcome in Outcome}


def entry(run: Run, target: str, finding: Finding) -> Json:
    """One finding on a target."""
    waiver = run.gate.known(finding, target)
    requirement = run.requirements[finding.requirement]
    return {
        "requirement": finding.requirement,
        "outcome": str(finding.outcome),
        "level": requirement.level,
        "scored": run.gate.scores(finding.requirement),
        "waived": {key: run.hiding.masked(word) for key, word in waiver.told.items()} if waiver else None,
        "reason": finding.reason,
        "clients": list(requirement.clients),
        "breaks": requirement.breaks,
        "requests": finding.requests,
        "seconds": round(finding.seconds, 3),
        "exchanges": united(list(finding.exchanges)),
    }
