"""An exploration: walks that Hypothesis draws, until there were enough of them or one ended in a difference."""

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from unittest import mock

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from conformance.explore.asked import STEPS
from conformance.explore.budget import Stop
from conformance.explore.model import Step
from conformance.explore.requests import steps
from conformance.explore.script import script
from conformance.explore.shrinking import shrunk
from conformance.explore.walk import Difference, World, walked

SETTINGS: Final = settings(
    max_examples=2,  # the first one is always the simplest that there is
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    deadline=None,
    database=None,
)


@dataclass(frozen=True)
class Found:
    """A difference between the target and the model, for a reader."""

    words: str
    """What does not hold, on a line."""
    script: str
    """What shows it: lines of a shell."""
    steps: int
    """The steps of the exploration until it was found."""


def explore(world: World, key: str) -> Found | None:
    """What was found on walks where the key says, None after enough of them; the recorder then has its exchanges."""
    try:
        for number in itertools.count():
            if difference := walked(world, drawn(f"{key} {number}")):
                return told(world, difference)
    except Stop:
        return None
    return None


def drawn(key: str) -> list[Step]:
    """The steps of a walk, the same for the same key."""
    examples: list[list[Step]] = []

    @seed(key)
    @SETTINGS
    @given(st.lists(steps, min_size=STEPS, max_size=STEPS))
    def draw(example: list[Step]) -> None:
        examples.append(example)

    with without_local_constants():
        draw()
    return examples[-1]


def told(world: World, first: Difference) -> Found:
    """The difference as it is told, from the shortest walk that ends in it."""
    difference, count, again = first, world.budget.steps, True
    if not world.recorder.gone:
        difference, again = shrunk(world, first)
    world.recorder.exchanges = difference.exchanges
    requests = len(difference.exchanges) - len(difference.asides)
    broken = f"{difference.requirement} does not hold: " if difference.requirement else ""
    once = "" if again else "; seen once, and not again when the same was sent again"
    lines = script(difference.exchanges, difference.asides)
    return Found(f"after {requests} requests {broken}{difference.why}{once}", lines, count)


@contextlib.contextmanager
def without_local_constants() -> Iterator[None]:
    """Keep Hypothesis from looking for constants in whatever is imported.

    It would draw them, so that a seed meant something else in another environment, and keep them in the user's folder.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(ImportError, AttributeError):  # they are internals, which another version may not have
            from hypothesis.internal.conjecture import providers
            from hypothesis.internal.constants_ast import Constants

            stack.enter_context(mock.patch.object(providers, "_get_local_constants", Constants))
        yield
