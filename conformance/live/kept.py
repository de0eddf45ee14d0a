"""The targets of a run that must be what they were when it ends."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from conformance.client import Admin
from conformance.connection import Connection
from conformance.live.journal import Held, JournalError, left, unfinished
from conformance.live.keeping import Keeping, Proof
from conformance.live.snapshot import Unreadable
from conformance.look import Look, Writes
from conformance.recorder import NoReply, Recorder
from conformance.secrets import Secrets
from conformance.targets import Target
from conformance.verdict import CannotJudge, Verdict

TROUBLE: Final = (NoReply, Unreadable, AssertionError, JournalError)
"""What can come of an attempt to put a target back."""


class Kept:
    """Takes targets, and gives them back; `tell` says a line to a person."""

    def __init__(self, connection: Connection, tell: Callable[[str], None]) -> None:
        self.connection, self.tell = connection, tell
        self.keepings: dict[str, Keeping] = {}
        self.proofs: dict[str, Proof] = {}

    def take(self, look: Look) -> Target:
        """The target as the look finds it, once nothing is left there of an earlier run; raises CannotJudge."""
        target = look()
        if look.writes is Writes.NEVER or (target.no_writes and not left(target.url)):
            return target
        with self.troubled(target), contextlib.ExitStack() as held:
            keeping = Keeping(target, self.speaker(target))
            held.callback(keeping.close)
            if proof := keeping.give_back():
                self.finished(target, proof)
                target = look()
            if target.no_writes:
                return target
            keeping.target = target
            keeping.begin()
            held.pop_all()
        self.keepings[target.name] = keeping
        return replace(target, journal=str(keeping.journal.path))

    def restore(self, target: Target) -> None:
        """Put back what an earlier run has left; raises CannotJudge where that is not proved."""
        with self.troubled(target), contextlib.closing(Keeping(target, self.speaker(target))) as keeping:
            if proof := keeping.give_back():
                self.finished(target, proof)
            else:
                others = "".join(f" It knows of {url}." for url in unfinished())
                self.tell(f"{target.url}: no run has left anything there of which this machine knows.{others}")

    def give_back(self) -> None:
        """Put every target back, and keep the proof of it."""
        for name, keeping in self.keepings.items():
            url = keeping.target.url
            try:
                proof = keeping.give_back()
            except TROUBLE as error:
                why = str(error).partition("\n")[0]
                proof = Proof(None, (f"it may not be what it was: {why}. Run pytest --target={url} --restore",))
            keeping.close()
            self.proofs[name] = proof or Proof(same=True, lines=())
        self.keepings.clear()

    def finished(self, target: Target, proof: Proof) -> None:
        """Say that an earlier run was put back; raises CannotJudge where it could not be."""
        for line in proof.lines:
            self.tell(f"{target.url}: {line}")
        if not proof.same:
            raise CannotJudge(Verdict.TARGET_CHANGED, f"{target.url} could not be put back to what it was")
        self.tell(f"{target.url}: what an earlier run had left there was put back.")

    @contextlib.contextmanager
    def troubled(self, target: Target) -> Iterator[None]:
        """Say in a line why nothing is written to a target."""
        try:
            yield
        except Held as error:
            raise CannotJudge(Verdict.REFUSED, f"{target.url} is taken: {error}") from None
        except JournalError as error:
            raise CannotJudge(Verdict.REFUSED, str(error)) from None
        except NoReply as error:
            raise CannotJudge(Verdict.UNREACHABLE, f"{target.url}: {error}") from None
        except TROUBLE as error:
            why = str(error).partition("\n")[0]
            raise CannotJudge(Verdict.REFUSED, f"{target.url}: nobody can tell what it holds: {why}") from None

    def speaker(self, target: Target) -> Callable[[], Admin]:
        """Makes clients of the administrator that may write."""

        def speak() -> Admin:
            recorder = Recorder(self.connection.transport(), Secrets({}), pause=target.pause, may_write=True)
            recorder.begin("put back")
            return Admin(target.url, recorder, self.connection.timeout, target.tokens.get("admin"))

        return speak
