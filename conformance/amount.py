"""How much is explored, as `--explore` says it."""

import re
from dataclasses import dataclass
from typing import Final

UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0}
"""The units of time that `--explore` takes, in seconds."""


@dataclass(frozen=True)
class Amount:
    """How much is explored: a number of steps, or a number of seconds; 0 where the other one counts."""

    steps: int = 0
    seconds: float = 0.0

    def share(self, number: int) -> "Amount":
        """One of so many equal parts."""
        return Amount(-(-self.steps // number), self.seconds / number)


def parse_amount(text: str) -> Amount | None:
    """The amount that a text such as `90s`, `10m` or `500` means, None where it means none."""
    found = re.fullmatch(r"([0-9]+)(?:(\.[0-9]+)?([smh]))?", text)
    if not found:
        return None
    if not found[3]:
        return Amount(steps=int(found[1])) if int(found[1]) else None
    seconds = float(found[1] + (found[2] or "")) * UNITS[found[3]]
    return Amount(seconds=seconds) if seconds else None
