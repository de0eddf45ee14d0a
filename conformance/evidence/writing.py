"""Writes `evidence.jsonl` as the run goes: what is written of a case is on the disk when it ends."""

import contextlib
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from conformance import tape
from conformance.data import Json
from conformance.evidence.lines import extended, new_digest, pieces, sealed, unsealed
from conformance.evidence.texts import Texts
from conformance.outcomes import Finding


class Record(Protocol):
    """Where a recorder tells of the cases and of what goes over the wire."""

    def begin(self, case: str, requirement: str) -> None:
        """A case begins."""
        ...

    def exchange(self, line: dict[str, Json]) -> int:
        """Something went over the wire; its number."""
        ...

    def end(self, finding: Finding, spans: list[list[int]], **about: Json) -> Finding:
        """The case has come to this; as it is told."""
        ...


class Nowhere:
    """Keeps nothing."""

    def begin(self, case: str, requirement: str) -> None:  # noqa: ARG002 - nobody is told
        """A case begins."""
        tape.play(tape.Tape())

    def exchange(self, line: dict[str, Json]) -> int:  # noqa: ARG002 - the same
        """Something went over the wire."""
        return 0

    def end(self, finding: Finding, spans: list[list[int]], **about: Json) -> Finding:  # noqa: ARG002 - the same
        """The case has come to this."""
        return finding


class Lines:
    """A file of lines, and the digest of all that was written. What cannot be written is told once, and no more is."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trouble = ""
        """Why it is written no further, empty while it is."""
        self.digest = new_digest()
        self._file: BinaryIO | None = None

    def open(self) -> None:
        """Begin the file, in place of an earlier one."""
        with self.troubled():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("wb")

    def add(self, *parts: bytes) -> None:
        """Write the parts of a line."""
        with self.troubled():
            for part in parts if self._file else ():
                self.digest.update(part)
                self._file.write(part)  # type: ignore[union-attr]

    def seal(self, line: dict[str, Json]) -> None:
        """Write a line with its digest, and let all until now be on the disk."""
        self.add(sealed(unsealed(line), self.digest))
        with self.troubled():
            if self._file:
                self._file.flush()

    def close(self) -> None:
        """Write no more."""
        with self.troubled():
            if self._file:
                self._file.close()
        self._file = None

    @contextlib.contextmanager
    def troubled(self) -> Any:  # noqa: ANN401 - a generator
        """Remember why the file can be written no further."""
        try:
            yield
        except OSError as error:
            self.trouble = self.trouble or f"{error}"
            file, self._file = self._file, None
            if file:
                with contextlib.suppress(OSError):
                    file.close()


class Section:
    """What one process writes of one target: the header, and its cases."""

    def __init__(self, path: Path, header: dict[str, Json], masked: Any) -> None:  # noqa: ANN401 - takes a text
        """`masked` gives a text in which each secret has a name of its own."""
        self.lines = Lines(path)
        self._masked = masked
        self._lock = threading.Lock()
        self._number = 0
        self._case = ""
        self._tape: tape.Recording | None = None
        self._texts = Texts()
        self.lines.open()
        self.lines.seal({"type": "header", **masked_in(header, masked)})

    def begin(self, case: str, requirement: str) -> None:
        """A case begins."""
        self._case, self._tape = case, tape.Recording()
        tape.play(self._tape)
        self.lines.seal({"type": "begin", "case": case, "requirement": requirement})

    def exchange(self, line: dict[str, Json]) -> int:
        """Something went over the wire; its number."""
        with self._lock:
            self._number += 1
            whole = {"type": "exchange", "number": self._number, "case": self._case, **line}
            for told in self._texts.lines(whole):
                if told["type"] == "text":
                    self.lines.seal(told)
                else:
                    self.lines.add(*pieces(told))
            return self._number

    def end(self, finding: Finding, spans: list[list[int]], **about: Json) -> Finding:
        """The case has come to this."""
        decisions = self._tape.decisions if self._tape else {}
        told = {name: value for name, value in asdict(finding).items() if name not in ("exchanges", "section")}
        line = {"type": "end", "case": self._case, **told, "outcome": str(finding.outcome), "exchanges": spans}
        self.lines.seal(masked_in({**line, **about, "decisions": decisions}, self._masked))
        self._case, self._tape = "", None
        tape.play(tape.Tape())
        return finding

    def close(self) -> None:
        """Write no more."""
        self.lines.close()


def masked_in(value: Json, masked: Any) -> Json:  # noqa: ANN401 - takes a text
    """The value, in whose texts nothing is secret; the names in its objects are the suite's own."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {name: masked_in(inside, masked) for name, inside in value.items()}
    return [masked_in(inside, masked) for inside in value] if isinstance(value, list | tuple) else value


def add_number(spans: list[list[int]], number: int) -> None:
    """Add the number of an exchange, where it has one."""
    if number:
        extended(spans, number)
