"""How much is explored, and how much goes into making a difference shorter."""

import time
from dataclasses import dataclass, field

from conformance import tape
from conformance.amount import Amount


class Stop(Exception):
    """There was enough of it."""


@dataclass
class Budget:
    """Counts steps, and stops where there were enough of them."""

    amount: Amount
    steps: int = 0
    started: float = field(default_factory=time.monotonic)

    def spend(self) -> None:
        """Count a step; raises Stop in place of the one that would be too much."""
        steps, seconds = self.amount.steps, self.amount.seconds
        enough = steps and self.steps >= steps
        late = seconds and tape.decide("late", lambda: time.monotonic() - self.started >= seconds)
        if enough or late:
            raise Stop
        self.steps += 1
