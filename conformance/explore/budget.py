"""How much is explored, and how much goes into making a difference shorter."""

import time
from dataclasses import dataclass, field
from typing import Final

from conformance.options import Amount

SHRINKING: Final = Amount(steps=300, seconds=10)
"""How much may go into making a walk shorter."""


class Enough(BaseException):
    """There were as many steps as were asked for. No Exception: Hypothesis would take that for a difference."""


@dataclass
class Budget:
    """Counts the steps, and ends the walks once there were enough of them."""

    amount: Amount
    shrinking: Amount = SHRINKING
    steps: int = 0
    started: float = field(default_factory=time.monotonic)
    found_after: int = 0
    """The steps until the difference was found, 0 where none was."""

    def spend(self, found: bool) -> None:
        """Count a step; raises Enough where there were enough, before a difference was found or after it."""
        if found and not self.found_after:
            self.found_after, self.steps, self.started, self.amount = self.steps, 0, time.monotonic(), self.shrinking
        spent = time.monotonic() - self.started
        if (self.amount.steps and self.steps >= self.amount.steps) or (
            self.amount.seconds and spent >= self.amount.seconds
        ):
            raise Enough
        self.steps += 1
