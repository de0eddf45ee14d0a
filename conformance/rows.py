"""What cases came to, row by row, before it is made one finding for each requirement."""

import json
import zlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from conformance.catalogue import Requirement
from conformance.outcomes import Finding, Outcome, merged, missed

LEAKED: Final = "transport.secrets-in-nothing-received"
"""The requirement that every case can find broken."""

LEAKS: Final = 10
"""Replies that broke it of which a run tells."""


@dataclass
class Rows:
    """The rows of one requirement on one target."""

    number: int = 0
    """How many there are, whatever was selected of them."""
    findings: list[Finding] = field(default_factory=list)
    """What those that ran came to."""
    packed: bytes = b""
    """What explains the gravest of them, packed, as of hundreds of requirements it is much; empty where all is well."""

    def pack(self, explained: Mapping[str, str], repro: Mapping[str, str]) -> None:
        """Keep what went over the wire and how to send it again, and the script that shows it."""
        self.packed = zlib.compress(json.dumps([explained, repro]).encode())

    @property
    def explained(self) -> Mapping[str, str]:
        """What went over the wire, and how to send it again: texts under their names; empty where all is well."""
        return self.unpacked[0]

    @property
    def repro(self) -> Mapping[str, str]:
        """The `script` that shows a violation, or `why` there is none; empty where nothing is violated."""
        return self.unpacked[1]

    @property
    def unpacked(self) -> list[dict[str, str]]:
        """Both of what was packed."""
        return cast("list[dict[str, str]]", json.loads(zlib.decompress(self.packed))) if self.packed else [{}, {}]

    def finding(self) -> Finding:
        """What they came to together, those that did not run included; at least one ran."""
        if (missing := self.number - len(self.findings)) > 0:
            left = Finding(self.findings[0].requirement, Outcome.NOT_TESTED, f"{missing} of its rows did not run")
            return merged([*self.findings, left])
        return merged(self.findings)


class Gathered(defaultdict[tuple[str, str], Rows]):
    """All rows of a run, by their target and their requirement."""

    def __init__(self) -> None:
        super().__init__(Rows)

    def add(self, row: Mapping[str, Any]) -> None:
        """Take in what a case came to, as a process of a parallel run sends it."""
        finding = Finding.from_row(row["finding"])
        rows = self[row["target"], finding.requirement]
        rows.number = row["rows"]
        gravest = all(finding.outcome.gravity > other.outcome.gravity for other in rows.findings)
        if row["explained"] and gravest:
            rows.pack(row["explained"], row["repro"])
        rows.findings.append(replace(finding, section=row["evidence"]["section"] or ""))

    def add_leaks(self, target: str, leaks: Mapping[str, str], entry: Requirement) -> None:
        """Take in which replies to a case told a secret, whatever that case was about; each of them once."""
        found = self[target, entry.id].findings
        for leak, words in leaks.items():
            new = not any(one.reason.startswith(leak) for one in found)
            if new and len(found) < LEAKS:
                found.append(Finding(entry.id, missed(entry), words))

    def explained(self, target: str, requirement: str) -> Mapping[str, str]:
        """What went over the wire where a target broke a requirement, and how to send it again."""
        return self[target, requirement].explained if (target, requirement) in self else {}

    def repros(self, target: str) -> dict[str, Mapping[str, str]]:
        """By the requirement that is violated, the `script` that shows it or `why` there is none."""
        return {name: rows.repro for (of, name), rows in self.items() if of == target and rows.repro}

    def shift(self, target: str, section: str, offset: int) -> None:
        """So many exchanges come before those of a part of the evidence."""
        for (of, _), rows in self.items():
            if of == target:
                rows.findings = [one.shifted(offset) if one.section == section else one for one in rows.findings]

    def findings(self, target: str) -> dict[str, Finding]:
        """What the rows of each requirement came to together on a target, of those of which any ran."""
        return {name: rows.finding() for (of, name), rows in self.items() if of == target and rows.findings}
