"""The smallest part of a history that cannot have happened, so that a reader sees what is wrong."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from conformance.concurrency.history import NO_REPLY, History, Operation, contradiction, informed
from conformance.concurrency.linearizability import NOBODY_ELSE, linearizable

TRIED: Final = 6_000
"""Parts of one size that are tried before the size is given up."""


@dataclass(frozen=True)
class Violation:
    """Operations that cannot all have happened, whatever was done beside them until `others_until`."""

    operations: tuple[Operation, ...]
    others_until: float
    """Until when others may have deployed, in milliseconds: there is no explanation all the same."""
    why: str = ""
    """What is wrong with them in any order, empty where it is the order that is wrong."""


def violation(history: History) -> Violation | None:
    """The smallest part that cannot have happened, None where all of it can."""
    if found := contradiction(history):
        return Violation(found.operations, math.inf, found.why)
    if linearizable(history):
        return None
    whole = without_repeats(informed(history))
    if linearizable(whole):
        whole = informed(history)
    beginning = shortest_beginning(whole)
    part = min((smallest(base) for base in (beginning, whole)), key=lambda found: len(found.operations))
    shown = {(operation.client, operation.start): operation for operation in history}
    return replace(part, operations=tuple(shown[operation.client, operation.start] for operation in part.operations))


def without_repeats(history: History) -> History:
    """The history without the reads that each client made between two others that gave it the same.

    A client who does nothing but read makes thousands of them.
    """
    kept: list[Operation] = []
    for client in {operation.client for operation in history}:
        own = sorted((one for one in history if one.client == client), key=lambda one: one.start)
        for before, operation, after in zip([None, *own], own, [*own[1:], None], strict=False):
            among = (before, operation, after)
            same = {(one.changes, one.needed, one.rev) for one in among if one is not None}
            if operation.changes or None in among or len(same) > 1:
                kept.append(operation)
    return sorted(kept, key=lambda one: one.start)


def smallest(history: History) -> Violation:
    """The smallest part of a history that cannot have happened."""
    fewest = min((without_idle(order(history), history) for order in ORDERS), key=len)
    part = smaller(len(fewest), history) or fewest
    return Violation(tuple(part), others_until(part, history))


def shortest_beginning(history: History) -> History:
    """The history up to the first reply that nothing explains; what was on its way may have happened or not."""
    ends = sorted(operation.end for operation in history if operation.answered)
    low, high = 0, len(ends) - 1
    while low < high:  # the whole cannot have happened, and what follows upon a part that cannot neither
        middle = (low + high) // 2
        low, high = (middle + 1, high) if linearizable(until(history, ends[middle])) else (low, middle)
    return until(history, ends[low])


def until(history: History, moment: float) -> History:
    """What had begun by then; a deployment that had no reply yet is one without a reply."""
    begun = [operation for operation in history if operation.start <= moment]
    return [
        operation if operation.end <= moment else replace(operation, end=NO_REPLY)
        for operation in begun
        if operation.end <= moment or operation.changes
    ]


def others_until(part: Iterable[Operation], history: History) -> float:
    """Until when those deploy who are in the history and not in the part."""
    kept = set(part)
    left_out = (operation.end for operation in history if operation.changes and operation not in kept)
    return max(left_out, default=NOBODY_ELSE)


def impossible(part: History, history: History) -> bool:
    """Whether the part cannot have happened, whoever did the rest of the history and whatever that was."""
    return not linearizable(part, others_until(part, history))


def without_idle(order: History, history: History) -> list[Operation]:
    """The history without what takes no part in the contradiction, left out in this order."""
    part = list(history)
    for operation in order:
        fewer = [other for other in part if other != operation]
        if impossible(fewer, history):
            part = fewer
    return part


def smaller(size: int, history: History) -> list[Operation] | None:
    """The smallest part of fewer operations that cannot have happened either, as far as that is quickly said."""
    for fewer in range(1, size):
        if math.comb(len(history), fewer) > TRIED:
            return None
        for part in combinations(history, fewer):
            if impossible(part, history):
                return list(part)
    return None


ORDERS: Final[tuple[Callable[[History], History], ...]] = (
    lambda history: sorted(history, key=lambda operation: operation.end),
    lambda history: sorted(history, key=lambda operation: -operation.end),
    lambda history: sorted(history, key=lambda operation: (operation.changes, operation.end)),
)
"""In which operations are left out: what is found small in one order may not be in another."""
