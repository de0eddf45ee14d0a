"""Waiting for what a target does in its own time: with a deadline, and by asking."""

import time
from collections.abc import Callable
from typing import Final

from conformance import tape

DEADLINE: Final = 5.0
"""Seconds in which flows that were deployed have started, also on a slow machine."""

QUIET: Final = 0.4
"""Seconds in which flows that started would have been seen to."""

PUT_OFF: Final = 1.2
"""Seconds in which something that was refused, and is done all the same, would have been done."""

PAUSE: Final = 0.02
"""Seconds between two questions."""


class Patience:
    """Waits for what comes of a deployment, half as long after each that was waited for in vain."""

    def __init__(self) -> None:
        self.seconds = DEADLINE

    def __call__(self, holds: Callable[[], bool], least: float = 0.0) -> bool:
        """Whether this holds, at once or in time; in at least so many seconds."""
        came = comes_true(holds, max(self.seconds, least))
        if not came:
            self.seconds = max(QUIET, self.seconds / 2)
        return came


def comes_true(holds: Callable[[], bool], seconds: float = DEADLINE) -> bool:
    """Whether this holds, at once, in the time that it is given, or at a last look after it."""
    deadline = time.monotonic() + seconds
    while not holds():
        if tape.decide("late", lambda: time.monotonic() > deadline):
            tape.sleep(PAUSE)  # on a machine under load that time can pass within one look
            return holds()
        tape.sleep(PAUSE)
    return True
