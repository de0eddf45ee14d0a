"""An exploration: walks until there was enough of them or one ended in a difference, which is then shrunk."""

import contextlib
import itertools
from collections.abc import Iterator
from typing import Final, NoReturn
from unittest import mock

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.errors import Flaky
from hypothesis.internal.conjecture import providers
from hypothesis.stateful import run_state_machine_as_test

from conformance.explore.budget import Budget, Enough
from conformance.explore.machine import Difference, Gone, Walk, Walking, World
from conformance.explore.script import script
from conformance.options import Amount

STEPS: Final = 20
"""Steps of one walk."""

WALKS: Final = 100
"""Walks of which Hypothesis remembers where they led: with all of a long exploration it would fill the memory."""

USUAL: Final = Amount(steps=160)
"""How much is explored in every run."""

SETTINGS: Final = settings(
    max_examples=WALKS,
    stateful_step_count=STEPS,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    print_blob=False,
    verbosity=Verbosity.quiet,
)


class Differs(AssertionError):
    """A difference between the target and the model: in words, and as a script that shows it."""

    def __init__(self, words: str, script: str) -> None:
        super().__init__(words)
        self.script = script


def explore(world: World, key: str) -> None:
    """Walk until there was enough of it; the key says where. Raises Differs."""
    for number in itertools.count():
        machine = type("Walks", (Walking,), {"world": world})
        seed(f"{key} {number}")(machine)
        try:
            with without_local_constants():
                run_state_machine_as_test(machine, settings=SETTINGS)
        except Enough:
            break
        except (Difference, Flaky):
            if not world.found:
                raise
        except Gone:
            break
        if world.found:
            break
    if world.found:
        tell(world)


def tell(world: World) -> NoReturn:
    """Raise Differs for the shortest walk that ended in a difference, or for the only one."""
    walk = min(world.found, key=lambda found: len(found.exchanges))
    world.recorder.exchanges = walk.exchanges
    count = len(walk.exchanges) - len(walk.asides)
    broken = f"{walk.requirement} does not hold: " if walk.requirement else ""
    words = f"after {count} requests {broken}{walk.why}"
    if len(world.found) == 1 and not world.recorder.gone:
        words += "; seen once, and not again when the same requests were repeated"
    raise Differs(words, script(walk.exchanges, walk.asides))


@contextlib.contextmanager
def without_local_constants() -> Iterator[None]:
    """Keep Hypothesis from looking for constants in whatever is imported.

    It draws them into its examples, which then depend on what else is installed, and keeps them in the user's folder.
    """
    with contextlib.ExitStack() as stack:
        if hasattr(providers, "_get_local_constants"):
            stack.enter_context(mock.patch.object(providers, "_get_local_constants", providers.Constants))
        yield
