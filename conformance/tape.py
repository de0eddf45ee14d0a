"""The tape of a case: what time, chance and threads decided, so that the same case can be had again without them.

Whatever a case makes dependent on a clock goes through `decide`. While a run is recorded, what was decided is noted;
while a recording is judged again, what was noted is decided once more, and nobody waits.
"""

import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from functools import partial
from typing import Any, Final, TypeVar

from conformance.data import Json
from conformance.outcomes import NotTested

T = TypeVar("T")

Decisions = dict[str, dict[str, list[Json]]]
"""What was decided, in its order, by the strand and by the kind of the question."""

STRAND: Final[ContextVar[str | None]] = ContextVar("STRAND", default="")
"""Which of the things that a case does at once this thread does; None within a decision."""

Place = tuple[str, int]
"""A strand, and a place among its requests."""


class Unanswerable(NotTested):
    """The recording does not hold what a case asks."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the recording cannot answer: {what}")


class Tape:
    """A tape that keeps nothing: whatever is asked is decided now."""

    def __init__(self) -> None:
        self.turns: Counter[str] = Counter()
        self.forks: Counter[str] = Counter()

    def decide(self, kind: str, asking: Callable[[], Json]) -> Json:  # noqa: ARG002 - others look at the kind
        """What was decided."""
        return asking()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)

    def place(self) -> Place | None:
        """The place of the request that is sent next, None where a decision asks it."""
        if (strand := STRAND.get()) is None:
            return None
        self.turns[strand] += 1
        return strand, self.turns[strand]


class Recording(Tape):
    """A tape on which is noted what is decided."""

    def __init__(self) -> None:
        super().__init__()
        self.decisions: Decisions = defaultdict(lambda: defaultdict(list))

    def decide(self, kind: str, asking: Callable[[], Json]) -> Json:
        """What was decided, which is noted."""
        if (strand := STRAND.get()) is None:
            return asking()
        with aside():
            decided = asking()
        self.decisions[strand][kind].append(decided)
        return decided


class Playing(Tape):
    """A tape that is played: what was noted is decided again."""

    def __init__(self, decisions: Decisions) -> None:
        super().__init__()
        self._left = {
            (strand, kind): iter(noted) for strand, kinds in decisions.items() for kind, noted in kinds.items()
        }

    def decide(self, kind: str, asking: Callable[[], Json]) -> Json:  # noqa: ARG002 - nobody is asked
        """What was decided at this place; raises Unanswerable."""
        for decided in self._left.get((STRAND.get() or "", kind), ()):
            return decided
        raise Unanswerable(f"it does not tell what '{kind}' came to at this place")

    def sleep(self, seconds: float) -> None:
        """Take no time."""


class Held:
    """Holds the tape of the case that runs."""

    tape = Tape()


def play(tape: Tape) -> None:
    """Let this be the tape from now on."""
    Held.tape = tape


def current() -> Tape:
    """The tape of the case that runs."""
    return Held.tape


def replays() -> bool:
    """Whether a recording is judged again, so that there is nobody to speak to."""
    return isinstance(Held.tape, Playing)


def decide(kind: str, asking: Callable[[], Any]) -> Any:  # noqa: ANN401 - as JSON
    """What `asking` gives, or gave when this was recorded: a value that JSON has, in no tuple."""
    return Held.tape.decide(kind, asking)


def sleep(seconds: float) -> None:
    """Let time pass, unless nothing is waited for."""
    Held.tape.sleep(seconds)


def now() -> float:
    """The seconds of a clock that goes on and on."""
    moment: float = decide("now", time.monotonic)
    return moment


@contextlib.contextmanager
def aside() -> Iterator[None]:
    """Note nothing of what this thread decides meanwhile."""
    before = STRAND.set(None)
    try:
        yield
    finally:
        STRAND.reset(before)


def apart(deeds: Iterable[Callable[[], T]]) -> list[Callable[[], T]]:
    """The same deeds, each to be done in a thread of its own, in a strand that is known again."""
    parent = STRAND.get()
    if parent is None:
        return list(deeds)
    Held.tape.forks[parent] += 1
    fork = f"{parent}/{Held.tape.forks[parent]}"
    return [partial(_within, f"{fork}.{number}", deed) for number, deed in enumerate(deeds, 1)]


def _within(strand: str, deed: Callable[[], T]) -> T:
    before = STRAND.set(strand)
    try:
        return deed()
    finally:
        STRAND.reset(before)
