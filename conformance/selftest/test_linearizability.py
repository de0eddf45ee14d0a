"""The search for an order: it takes what can have happened, refuses what cannot, and shows the part that cannot."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.concurrency.history import NO_REPLY, Operation, contradiction, informed
from conformance.concurrency.linearizability import linearizable
from conformance.concurrency.smallest import others_until, violation
from conformance.concurrency.telling import told
from conformance.selftest.histories import legal, legal_by_trial

SHORT = settings(deadline=None, max_examples=300, database=None)


def read(client: str, start: float, end: float, number: int) -> Operation:
    return Operation(client=client, start=start, end=end, content=f"c{number}", rev=f"r{number}")


def forced(client: str, start: float, end: float, number: int) -> Operation:
    return Operation(client=client, start=start, end=end, content=f"c{number}", deploys=True, rev=f"r{number}")


def accepted(client: str, start: float, end: float, base: int, number: int) -> Operation:
    return replace(forced(client, start, end, number), expected=f"r{base}")


def refused(client: str, start: float, end: float, base: int, number: int) -> Operation:
    return replace(accepted(client, start, end, base, number), accepted=False, rev=None)


def unanswered(client: str, start: float, base: int, number: int) -> Operation:
    return replace(accepted(client, start, NO_REPLY, base, number), rev=None)


@SHORT
@given(legal())
def test_what_can_have_happened_is_taken(history: list[Operation]) -> None:
    assert violation(history) is None


@SHORT
@given(legal(), st.data())
def test_part_of_what_can_have_happened_is_taken(history: list[Operation], data: st.DataObject) -> None:
    part = [operation for operation in informed(history) if data.draw(st.booleans())]

    assert linearizable(part, others_until(part, informed(history)))


@st.composite
def spoiled(draw: st.DrawFn, most: int) -> list[Operation]:
    """A history in which a few operations were told otherwise than they happened."""
    history = draw(legal(most))
    revs = [operation.rev for operation in history if operation.rev]
    for _ in range(draw(st.integers(1, 2))):
        index = draw(st.integers(0, len(history) - 1))
        told = history[index]
        if not told.deploys:
            rev = draw(st.sampled_from(revs))
            history[index] = replace(told, rev=rev, content=f"c{rev[1:]}")
        elif told.accepted and told.expected and told.answered:
            history[index] = replace(told, accepted=False, rev=None)
        elif told.expected and told.answered:
            history[index] = replace(told, accepted=True, rev=f"r{told.content[1:]}")
    return history


@SHORT
@given(spoiled(most=5))
def test_search_agrees_with_the_trial_of_all_orders(history: list[Operation]) -> None:
    history = informed(history)

    if contradiction(history) is None:
        assert linearizable(history) == legal_by_trial(history)


@SHORT
@given(spoiled(most=12))
def test_part_that_is_shown_cannot_have_happened(history: list[Operation]) -> None:
    found = violation(history)

    assert (found is None) == (contradiction(history) is None and linearizable(history))
    if found and not found.why:
        assert told(found)
        assert not linearizable(found.operations, found.others_until)


BEFORE = [
    *(forced("host", 0, 1, 0), read("D", 2, 90, 0), read("E", 3, 4, 0), accepted("F", 5, 6, 0, 80)),
    *(read("E", 7, 8, 80), refused("D", 9, 10, 0, 90), accepted("F", 11, 12, 80, 1)),
]
"""What can have happened, before something happens that cannot; D's first read takes all the time."""


KINDS = {
    "a lost update": (
        [accepted("A", 20, 30, 1, 2), accepted("B", 21, 31, 1, 3)],
        "one of the deployments with the same rev must be refused",
    ),
    "an outdated rev that is accepted": (
        [forced("A", 20, 30, 2), accepted("B", 31, 40, 1, 3)],
        "the rev that B carried was outdated, so the deployment must be refused",
    ),
    "a stale read": (
        [accepted("A", 20, 30, 1, 2), read("B", 31, 40, 1)],
        "what B read last cannot have been active then",
    ),
    "flows that come back": (
        [read("A", 20, 22, 1), read("B", 23, 25, 2), read("A", 26, 27, 1), forced("C", 21, 28, 2)],
        "what A read last cannot have been active then",
    ),
    "a conflict without a reason": (
        [read("A", 13, 14, 1), refused("A", 20, 30, 1, 2)],
        "that rev was active all the while, so the deployment must be accepted",
    ),
    "flows that nobody deployed": (
        [replace(read("A", 20, 30, 9), content="half of c1")],
        "nobody deployed these flows",
    ),
    "a rev that belongs to other flows": (
        [accepted("A", 20, 30, 1, 2), replace(read("B", 31, 40, 2), content="c1")],
        "one rev belongs to two different flows",
    ),
    "a reply with another rev": (
        [replace(accepted("A", 20, 30, 1, 2), rev="r7"), read("B", 31, 40, 2)],
        "the same flows have two revs",
    ),
}
"""Each kind of what cannot have happened, and how it is told."""


@pytest.mark.parametrize("kind", KINDS)
def test_kind_of_violation_is_refused_and_shown(kind: str) -> None:
    wrong, words = KINDS[kind]

    found = violation([*BEFORE, *wrong, forced("D", 120, 130, 9), read("D", 131, 140, 9)])

    assert found is not None
    assert {operation.start for operation in found.operations} <= {operation.start for operation in wrong}
    assert len(found.operations) <= 3
    assert told(found).splitlines()[0].endswith(f": {words}")
