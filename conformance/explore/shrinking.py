"""Making a walk that ended in a difference shorter: fewer steps, and less in each.

Hypothesis could do that too, but it would ask a server for it ten times as often.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from conformance.amount import Amount
from conformance.data import Json
from conformance.explore.adding import Add
from conformance.explore.budget import Budget, Stop
from conformance.explore.deployments import Deploy, of_promised_shape
from conformance.explore.model import Step
from conformance.explore.replacing import Put
from conformance.explore.strangers import InNameOf
from conformance.explore.walk import Difference, World, walked

SHRINKING: Final = Amount(steps=400, seconds=10)
"""How much may go into it."""

ATTEMPTS: Final = 3
"""How often a walk is repeated before its difference counts as one that was seen once."""


def shrunk(world: World, found: Difference) -> tuple[Difference, bool]:
    """The shortest walk that was found to end in a difference, and whether it did so again."""
    world.budget = Budget(SHRINKING)
    best, again = found, False
    with contextlib.suppress(Stop):
        for _ in range(ATTEMPTS):
            if repeated := walked(world, found.steps):
                best, again = repeated, True
                break
        shorter = again
        while shorter:
            shorter = False
            for steps in candidates(best.steps):
                if simpler := walked(world, steps):
                    best, shorter = simpler, True
                    break
    return best, again


def candidates(steps: list[Step]) -> Iterator[list[Step]]:
    """What could be in place of these steps, the shortest first."""
    size = len(steps)
    while size := size // 2:
        for start in range(0, len(steps), size):
            yield [*steps[:start], *steps[start + size :]]
    for place, step in enumerate(steps):
        for simpler in simplified(step):
            yield [*steps[:place], simpler, *steps[place + 1 :]]


def simplified(step: Step) -> Iterator[Step]:
    """What could be in place of a step, the simplest first."""
    if isinstance(step, InNameOf):
        yield from (replace(step, step=simpler) for simpler in simplified(step.step))
    elif isinstance(step, Deploy):
        promised = of_promised_shape(step.nodes)
        yield from (replace(step, nodes=nodes) for nodes in fewer(step.nodes) if of_promised_shape(nodes) is promised)
        if step.type not in ("", "reload"):
            yield replace(step, type="")
        if step.beside:
            yield replace(step, beside=False)
        if step.rev == "current":
            yield replace(step, rev="")
    elif isinstance(step, Add | Put):
        flow = step.flow
        yield from (replace(step, flow=replace(flow, nodes=nodes)) for nodes in fewer(flow.nodes))
        yield from (replace(step, flow=replace(flow, configs=configs)) for configs in fewer(flow.configs))
        if flow.about:
            yield replace(step, flow=replace(flow, about={}))


def fewer(nodes: list[Json]) -> Iterator[list[Json]]:
    """The nodes without all or one of them."""
    if len(nodes) > 1:
        yield []
    yield from ([*nodes[:place], *nodes[place + 1 :]] for place in range(len(nodes)))
