"""The journal: what a target held before the first write, and what the suite has put there since.

A file of JSON lines that only its owner may read. The first line is `{"format": 1, "target": URL, "run": SEED, "pid":
…, "host": …, "begun": …, "found": …}`, each later one `{"ids": […], "labels": […]}`, written before it is sent, or
`{"revs": [REV]}`, written when it came. A journal without a line says that nothing is left to put back. Whoever holds
the file's lock runs; the lock ends with its process, however that ends.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Final

import httpx
import platformdirs

from conformance.data import Json
from conformance.live.own import Own

FORMAT: Final = 1


class Held(Exception):
    """Another run holds the target; the message names it."""


class JournalError(Exception):
    """The journal cannot be written or read; the message says why."""


def place(url: str) -> Path:
    """Where the journal of a target lies on this machine."""
    name = hashlib.sha256(f"{httpx.URL(url)}".rstrip("/").encode()).hexdigest()[:20]
    return platformdirs.user_state_path("nodered-conformance") / "journals" / f"{name}.jsonl"


@dataclass(frozen=True)
class Entries:
    """What a journal says."""

    header: Json
    own: Own

    @property
    def found(self) -> Json:
        """What the target held, as `Snapshot.as_value` tells it."""
        return self.header["found"]


class Journal:
    """The journal of one target, locked for as long as it is open."""

    def __init__(self, url: str) -> None:
        """Open and lock the journal; raises Held and JournalError."""
        self.url = url
        self.path = place(url)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            while not is_at(self.path, file := locked(self.path)):  # a run that ended has just removed it
                file.close()
        except BlockingIOError:
            raise Held(holder(self.path)) from None
        except OSError as error:
            raise JournalError(f"{self.path}: {error.strerror}. Nothing is written to a target without it.") from None
        self._file = file

    def entries(self) -> Entries | None:
        """What an earlier run has left there, None where it left nothing."""
        return read(self.path)

    def begin(self, run: str, found: Json) -> None:
        """Write what the target holds; raises JournalError."""
        begun = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        header = {"format": FORMAT, "target": self.url, "run": run, "pid": os.getpid(), "host": platform.node()}
        self._file.truncate(0)
        append(self._file, {**header, "begun": begun, "found": found}, self.path)

    def set_aside(self) -> Path:
        """Keep what the journal says where no run looks for it, for a person; raises JournalError."""
        aside = self.path.with_suffix(f".{time.time():.0f}.kept")
        try:
            with opened(aside) as file:
                file.write(self.path.read_text("utf-8"))
        except OSError as error:
            raise JournalError(f"{aside}: {error.strerror}.") from None
        self.end()
        return aside

    def end(self) -> None:
        """Nothing is left to put back."""
        self._file.truncate(0)

    def close(self) -> None:
        """Let others have the target."""
        if not left(self.url):
            self.path.unlink(missing_ok=True)
        self._file.close()


class Notes:
    """Writes into the journal what is about to be sent; a process of a parallel run has one of its own."""

    def __init__(self, path: Path) -> None:
        entries = read(path)
        if entries is None:
            raise JournalError(f"{path}: the journal of this run has gone. Nothing is written without it.")
        self.found, self.own, self._path = entries.found, entries.own, path
        self.run: str = entries.header["run"]
        self._file = opened(path)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Write no more."""
        self._file.close()

    def note(self, *, ids: Collection[str] = (), label: str | None = None, rev: str | None = None) -> None:
        """What the suite is about to send: nodes with these ids, or a flow with this label; raises JournalError.

        What is active under a revision is what was found and what the suite deployed.
        """
        told = Own(set(ids), {label} if label else set(), {rev} if rev else set())
        with self._lock:
            new = told.without(self.own)
            if new != Own():
                append(self._file, {name: sorted(value) for name, value in vars(new).items() if value}, self._path)
                self.own.add(new)


def left(url: str) -> bool:
    """Whether a run may have left something on a target."""
    with contextlib.suppress(OSError):
        return place(url).stat().st_size > 0
    return False


def unfinished() -> list[str]:
    """The URLs of the targets on which runs may have left something, as they were given; raises JournalError."""
    entries = [read(path) for path in sorted(place("").parent.glob("*.jsonl"))]
    return [one.header["target"] for one in entries if one]


def opened(path: Path) -> TextIOWrapper:
    """The file, to append to, which its owner alone may read."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8")


def locked(path: Path) -> TextIOWrapper:
    """The file, locked; raises BlockingIOError where another process has locked it."""
    file = opened(path)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        file.close()
        raise
    return file


def is_at(path: Path, file: TextIOWrapper) -> bool:
    """Whether this file still lies there."""
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    return False


def append(file: TextIOWrapper, line: Json, path: Path) -> None:
    """Write a line, which is on the disk afterwards."""
    try:
        file.write("\n" + json.dumps(line) + "\n")  # whatever came of the line before
        file.flush()
        os.fsync(file.fileno())
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror}. Nothing is written to a target without it.") from None


def read(path: Path) -> Entries | None:
    """What the journal says, None where it says nothing; raises JournalError where it cannot be understood."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror}.") from None
    whole: list[Json] = []
    for line in lines:
        with contextlib.suppress(ValueError):  # cut off, in which case nothing of it was sent
            whole.append(json.loads(line))
    if not whole:
        return None
    header, *notes = whole
    if header.get("format") != FORMAT:
        raise JournalError(f"{path}: another version of the suite wrote this journal. Restore with that one.")
    own = Own()
    for note in notes:
        own.ids.update(note.get("ids", ()))
        own.labels.update(note.get("labels", ()))
        own.revs.update(note.get("revs", ()))
    return Entries(header, own)


def holder(path: Path) -> str:
    """Which run holds the target."""
    entries = read(path)
    if entries is None:
        return "another run has just begun there"
    header = entries.header
    return f"run {header['run']} is there, process {header['pid']} on {header['host']} since {header['begun']}"
