"""A violation in words and as a timeline."""

from collections.abc import Iterable
from typing import Final

from conformance.concurrency.history import Operation
from conformance.concurrency.smallest import Violation

WIDTH: Final = 40
"""Characters of the timeline."""

SHORT: Final = 6
"""Characters of a rev, where they tell it from the others."""


def told(violation: Violation) -> str:
    """The violation: a sentence on one line, and the timeline below it."""
    operations = sorted(violation.operations, key=lambda operation: operation.start)
    names = short_names(operations)
    deeds = "; ".join(f"{operation.client} {deed(operation, names)}" for operation in operations)
    return "\n".join([f"{deeds}: {verdict(violation)}", "", *timeline(operations, names)])


def short_names(operations: Iterable[Operation]) -> dict[str, str]:
    """A beginning of each rev, as short as tells it from the others."""
    revs = {rev for operation in operations for rev in (operation.expected, operation.rev) if rev is not None}
    longest = max(map(len, revs), default=SHORT)
    length = next((n for n in range(SHORT, longest) if len({rev[:n] for rev in revs}) == len(revs)), longest)
    return {rev: rev[:length] for rev in revs}


def deed(operation: Operation, names: dict[str, str]) -> str:
    """What was done, and when."""
    at = f"at {operation.start:.0f} ms"
    gained = f"rev {names[operation.rev]}" if operation.rev else "no rev"
    if not operation.deploys:
        return f"read {gained} of {operation.content} {at}"
    carried = "without a rev" if operation.expected is None else f"with rev {names[operation.expected]}"
    return f"deployed {operation.content} {at} {carried} and {outcome(operation, gained)}"


def outcome(operation: Operation, gained: str) -> str:
    """What came of a deployment."""
    if not operation.answered:
        return "was given no reply"
    return f"was accepted as {gained}" if operation.accepted else "was refused"


def verdict(violation: Violation) -> str:
    """Why that cannot be."""
    if violation.why:
        return violation.why
    operations = sorted(violation.operations, key=lambda operation: (operation.start, operation.end))
    bases = [operation.expected for operation in operations if operation.changes and operation.expected is not None]
    if len(bases) > len(set(bases)):
        return "one of the deployments with the same rev must be refused"
    if any(not operation.accepted for operation in operations):
        return "that rev was active all the while, so the deployment must be accepted"
    last = operations[-1]
    if last.deploys and last.expected is not None:
        return f"the rev that {last.client} carried was outdated, so the deployment must be refused"
    if not last.deploys:
        return f"what {last.client} read last cannot have been active then"
    return "in no order can this have happened"


def timeline(operations: list[Operation], names: dict[str, str]) -> list[str]:
    """A line for each operation, from its request to its reply, all to one scale."""
    first = operations[0].start
    ends = [operation.end for operation in operations if operation.answered]
    last = max([*ends, *(operation.start for operation in operations)])
    scale = (WIDTH - 1) / ((last - first) or 1)
    widest = max(len(operation.client) for operation in operations)
    lines = []
    for operation in operations:
        start = round((operation.start - first) * scale)
        end = round((operation.end - first) * scale) if operation.answered else WIDTH
        bar = (" " * start + "[" + "=" * (end - start - 1) + ("]" if operation.answered else ">")).ljust(WIDTH + 2)
        lines.append(f"{operation.client:>{widest}} {bar} {deed(operation, names)}")
    ruler = f"{first:.0f} ms".ljust(WIDTH - 2) + f"{last:.0f} ms"
    return [*lines, f"{'':>{widest}} {ruler}"]
