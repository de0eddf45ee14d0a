"""Whether a history can have happened: a search for an order in which each operation saw what it says it saw.

The search is that of Wing and Gong, with Lowe's memory of the configurations that led nowhere. It stands and falls with
revs that are active once, for one stretch of time.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from conformance.concurrency.history import History, Operation, informed

NOBODY_ELSE: Final = -math.inf
"""Until when others deploy where there are none."""

UNKNOWN: Final = None
"""The rev of flows that nobody in the history has seen."""

Rev = str | None

Configuration = tuple[int, Rev]
"""The operations that were done, and the rev that is active then."""


def linearizable(history: History, others_until: float = NOBODY_ELSE) -> bool:
    """Whether some order that keeps to the times explains every operation.

    What was active before the first one may be anything. Up to the moment `others_until`, in milliseconds, others may
    have deployed as well: flows of which the history says only what it read of them.
    """
    return Search(history, others_until).succeeds()


class Search:
    """A search among the orders of one history; sets of operations are bits of an integer."""

    def __init__(self, history: History, others_until: float) -> None:
        self._operations = sorted(informed(history), key=lambda operation: operation.start)
        self._others_until = others_until
        self._answered = 0
        self._needing: defaultdict[str, int] = defaultdict(int)
        """The operations that need each rev."""
        for index, operation in enumerate(self._operations):
            self._answered |= operation.answered << index
            if operation.needed is not None:
                self._needing[operation.needed] |= 1 << index
        made = {operation.rev for operation in self._operations if operation.changes}
        self._of_others = [rev for rev in self._needing if rev not in made]
        """The revs that no deployment of the history made."""

    def succeeds(self) -> bool:
        """Whether an order was found."""
        waiting: list[Configuration] = [(0, rev) for rev in (UNKNOWN, *self._of_others)]
        seen = set(waiting)
        while waiting:
            done, active = waiting.pop()
            if done & self._answered == self._answered:
                return True
            new = [after for after in self._following(done, active) if after not in seen]
            seen.update(new)
            waiting += new
        return False

    def _following(self, done: int, active: Rev) -> list[Configuration]:
        """What can come next."""
        latest = max((operation.start for _, operation in self._chosen(done)), default=-math.inf)
        others = latest < self._others_until
        following: list[Configuration] = []
        for index, operation in self._possible(done):
            if not fits(operation, active):
                continue
            after = done | 1 << index
            if not operation.changes and (not others or operation.start < self._others_until):
                return [(after, active)]  # it changes nothing, so no order is lost by letting it be now
            if not operation.changes:
                following.append((after, active))
            elif self._may_leave(after, active):
                following.append((after, operation.rev))
        if others and self._may_leave(done, active):
            following += [(done, UNKNOWN), *((done, rev) for rev in self._of_others if not self._needing[rev] & done)]
        return following

    def _chosen(self, chosen: int) -> Iterator[tuple[int, Operation]]:
        """The operations of a set, in the order of their starts."""
        return ((index, operation) for index, operation in enumerate(self._operations) if chosen >> index & 1)

    def _possible(self, done: int) -> Iterator[tuple[int, Operation]]:
        """The operations that may be next: none that is still to come ended before they began."""
        first_end = math.inf
        for index, operation in self._chosen(~done):
            if operation.start > first_end:
                return
            first_end = min(first_end, operation.end)
            yield index, operation

    def _may_leave(self, done: int, active: Rev) -> bool:
        """Whether nobody who was answered still needs the rev that is active, which will not be again."""
        return active is UNKNOWN or not self._needing.get(active, 0) & self._answered & ~done


def fits(operation: Operation, active: Rev) -> bool:
    """Whether the operation can take effect while this rev is active."""
    if operation.excluded is not None and operation.excluded == active:
        return False
    return operation.needed is None or operation.needed == active
