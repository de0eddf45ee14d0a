"""Reads `evidence.jsonl`: holds every byte against the digests, and finds what there is of each case."""

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from conformance.data import Json
from conformance.evidence.lines import EXCHANGE, FORMAT, is_sealed, new_digest
from conformance.evidence.texts import HELD, whole

KNOWN = frozenset({"header", "begin", "text", "exchange", "end", "footer"})


class BadEvidence(Exception):
    """The file is none that a run has written, or it was changed; the message says what is wrong with it."""


@dataclass(frozen=True)
class Kept:
    """A case that has ended, as it was kept."""

    key: str
    requirement: str
    section: int
    place: int
    """Where its exchanges begin in the file."""
    size: int
    """The bytes of its exchanges."""
    end: Json
    """The line at its end, without what was decided."""


@dataclass
class Recorded:
    """What a file holds; the exchanges are read when they are needed."""

    path: Path
    headers: list[Json] = field(default_factory=list)
    """The header of each section."""
    cases: list[Kept] = field(default_factory=list)
    begun: str = ""
    """The case that was begun and did not end, where the run was killed during one."""
    footer: Json = None
    """The last line, None where the run was killed."""
    texts: dict[str, int] = field(default_factory=dict)
    """Where in the file the line of each text begins, by their names."""

    @property
    def whole(self) -> bool:
        """Whether the run came to its end."""
        return self.footer is not None

    def lines(self, case: Kept) -> Iterator[Json]:
        """The exchanges of a case with their bodies, and the line at its end."""
        with self.path.open("rb") as file:
            file.seek(case.place)
            while file.tell() <= case.place + case.size:
                line = json.loads(file.readline())
                if line["type"] != "text":
                    yield whole(line, self._text)

    def exchanges(self) -> Iterator[Json]:
        """Those of all cases."""
        return (line for case in self.cases for line in self.lines(case) if line["type"] == "exchange")

    def __post_init__(self) -> None:
        """Keep in mind the texts that were needed last."""
        self._text = functools.lru_cache(HELD)(self._text_at)

    def _text_at(self, name: str) -> str:
        """The text of this name."""
        with self.path.open("rb") as file:
            file.seek(self.texts[name])
            text: str = json.loads(file.readline())["text"]
            return text


def read(path: Path) -> Recorded:
    """What the file holds, after every byte was held against its digests; raises BadEvidence."""
    try:
        with path.open("rb") as file:
            return Reader(path, file).read()
    except OSError as error:
        raise BadEvidence(f"{path}: {error.strerror or error}.") from None


class Reader:
    """Reads a file from its beginning to its end."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.file = file
        self.recorded = Recorded(path)
        self.digest = new_digest()
        self.number = 0
        self._open: tuple[Json, int] | None = None

    def read(self) -> Recorded:
        """What the file holds; raises BadEvidence."""
        place = 0
        for line in self.file:
            self.number += 1
            if self.recorded.footer is not None:
                raise self.changed("something comes after its last line")
            if not line.endswith(b"\n"):
                break  # the run was killed while it wrote
            if not line.startswith(EXCHANGE):
                self.take(self.known(line), line, place)
            self.digest.update(line)
            place += len(line)
        if not self.recorded.headers:
            raise BadEvidence(f"{self.recorded.path}: it is not what a run has written as evidence.jsonl.")
        if self._open:
            self.recorded.begun = self._open[0]["case"]
        return self.recorded

    def known(self, line: bytes) -> Json:
        """The value of a line that carries a digest; raises BadEvidence."""
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise self.changed("it is no JSON") from None
        if not isinstance(value, dict) or value.get("type") not in KNOWN:
            raise self.changed("it is of no known kind")
        if self.number == 1 and value["type"] == "header" and value.get("format") != FORMAT:
            wrong = f"it has the format {value.get('format')!r}, and this suite reads {FORMAT}"
            raise BadEvidence(f"{self.recorded.path}: {wrong}. Replay it with the version that wrote it.")
        if not is_sealed(line, self.digest):
            raise self.changed("its digest is another one")
        return value

    def take(self, value: Json, line: bytes, place: int) -> None:
        """Take in a line; raises BadEvidence."""
        recorded = self.recorded
        kind = value["type"]
        if kind != "header" and not recorded.headers:
            raise self.changed("no header comes before it")
        if kind == "header":
            recorded.headers.append(value)
        elif kind == "footer":
            recorded.footer = value
        elif kind == "text":
            recorded.texts[value["name"]] = place
        elif kind == "begin":
            self._open = value, place + len(line)
        elif kind == "end" and self._open and self._open[0]["case"] == value["case"]:
            begun, start = self._open
            end = {name: told for name, told in value.items() if name != "decisions"}
            section = len(recorded.headers) - 1
            recorded.cases.append(Kept(value["case"], begun["requirement"], section, start, place - start, end))
            self._open = None
        else:
            raise self.changed("it is not in its place")

    def changed(self, what: str) -> BadEvidence:
        """The end of the reading of a file that is not as it was written."""
        where = f"line {self.number}"
        if not self.recorded.headers:
            return BadEvidence(f"{self.recorded.path}: it is not what a run has written as evidence.jsonl: {what}.")
        return BadEvidence(
            f"{self.recorded.path}: it was changed after it was written, as {where} or one before it shows: {what}. "
            "Nothing of it is judged."
        )
