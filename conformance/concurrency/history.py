"""A history: what each of several clients did to the flows, and between which moments."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

NO_REPLY: Final = math.inf
"""When an operation ended to which no reply came: it may take effect at any later time, or never."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A read or a deployment, which took effect at one moment between its request and its reply.

    What a deployment deploys is in no other one, so each content is active once, for one stretch of time.
    """

    client: str
    start: float
    """When the request was sent, in milliseconds since the history began."""
    end: float
    """When its reply was there."""
    content: str
    """The name of the flows that were read or deployed."""
    deploys: bool = False
    expected: str | None = None
    """The rev that a deployment carries, None where it carries none and so forces its way."""
    rev: str | None = None
    """The rev that was read, or of what was deployed; None where it was refused, or where nobody was told."""
    accepted: bool = True
    """Whether a deployment was accepted, as far as anybody knows."""

    @property
    def answered(self) -> bool:
        """Whether a reply came."""
        return self.end < NO_REPLY

    @property
    def changes(self) -> bool:
        """Whether it made other flows active, or may have."""
        return self.deploys and self.accepted

    @property
    def needed(self) -> str | None:
        """The rev that must have been active when it took effect; None where any may have been."""
        return self.expected if self.changes else self.rev

    @property
    def excluded(self) -> str | None:
        """The rev that cannot have been active: a deployment was refused that carried it."""
        return None if self.accepted else self.expected


History = Sequence[Operation]
"""What was done, in any order. Whoever deploys without being in it makes it meaningless."""


def informed(history: History) -> list[Operation]:
    """The history in which an unanswered deployment has the rev under which its content was read, if it was."""
    revs = {operation.content: operation.rev for operation in history if operation.rev is not None}
    return [
        replace(operation, rev=revs.get(operation.content)) if operation.changes else operation for operation in history
    ]


@dataclass(frozen=True)
class Contradiction:
    """Operations that contradict each other in whatever order they took effect, and what is wrong with them."""

    operations: tuple[Operation, ...]
    why: str


def contradiction(history: History) -> Contradiction | None:
    """What nobody deployed, a rev of two contents, or a content of two revs.

    What was active before is what the first operation read.
    """
    first = min(history, key=lambda operation: operation.start)
    contents = {first.content} | {operation.content for operation in history if operation.deploys}
    by_rev: dict[str, Operation] = {}
    by_content: dict[str, Operation] = {}
    for operation in history:
        if operation.content not in contents:
            return Contradiction((operation,), "nobody deployed these flows")
        if operation.rev is None:
            continue
        same_rev = by_rev.setdefault(operation.rev, operation)
        if same_rev.content != operation.content:
            return Contradiction((same_rev, operation), "one rev belongs to two different flows")
        same_content = by_content.setdefault(operation.content, operation)
        if same_content.rev != operation.rev:
            return Contradiction((same_content, operation), "the same flows have two revs")
    return None
