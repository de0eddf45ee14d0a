"""Histories that are known to be legal, because they were made by a store that does one thing after the other."""

from dataclasses import replace
from itertools import permutations
from typing import Final

from hypothesis import strategies as st

from conformance.concurrency.history import NO_REPLY, History, Operation

CLIENTS: Final = "ABC"


@st.composite
def legal(draw: st.DrawFn, most: int = 14) -> list[Operation]:
    """A history of up to so many operations, which took effect at 10, 20, 30 ms and so on, in this order."""
    history = [Operation(client="host", start=0, end=1, content="c0", deploys=True, rev="r0")]
    busy_until = dict.fromkeys(CLIENTS, 2.0)
    active, known = 0, ["r0"]
    for number in range(1, draw(st.integers(1, most)) + 1):
        moment = number * 10.0
        idle = [client for client in CLIENTS if busy_until[client] < moment - 0.5]
        if not idle:
            continue
        client = draw(st.sampled_from(idle))
        start = draw(st.floats(busy_until[client], moment - 0.5))
        end = draw(st.floats(moment + 0.5, moment + 60))
        kind = draw(st.sampled_from(["read", "with rev", "with rev", "forced", "lost", "never"]))
        expected = None if kind in ("read", "forced") else draw(st.sampled_from(known[-3:]))
        done = Operation(client=client, start=start, end=end, content=f"c{active}", rev=f"r{active}")
        if kind != "read":
            goes = kind != "never" and expected in (None, f"r{active}")
            gained = f"r{number}" if goes else None
            done = replace(done, content=f"c{number}", deploys=True, expected=expected, accepted=goes, rev=gained)
            active = number if goes else active
        if kind in ("lost", "never"):
            done = replace(done, end=NO_REPLY, accepted=True, rev=None)
        known += [done.rev] if done.rev else []
        busy_until[client] = done.end + 0.5
        history.append(done)
    return history


def legal_by_trial(history: History) -> bool:
    """Whether some order of the operations is legal: all orders are tried, with and without what had no reply."""
    return any(in_this_order(order) for order in permutations(history) if keeps_to_the_times(order))


def keeps_to_the_times(order: History) -> bool:
    """Whether no operation comes after one that began only when it had ended."""
    return all(later.end >= order[i].start for i in range(len(order)) for later in order[i + 1 :])


def in_this_order(order: History) -> bool:
    """Whether a store that does these one after the other, beginning with the unknown, gives these replies."""
    starts = {rev for operation in order for rev in (operation.rev, operation.expected)} | {None}
    return any(replayed(list(order), start) for start in starts)


def replayed(order: list[Operation], active: str | None) -> bool:
    """Whether the rest of the order is legal where this rev is active."""
    if not order:
        return True
    now, rest = order[0], order[1:]
    if not now.answered and replayed(rest, active):
        return True
    if not now.deploys:
        return now.rev == active and replayed(rest, active)
    matches = now.expected is None or now.expected == active
    if not now.accepted:
        return now.expected != active and replayed(rest, active)
    return matches and replayed(rest, now.rev or f"of {now.content}")
