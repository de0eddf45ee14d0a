"""A walk: steps that are taken one after the other, each sent and then held against the model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from conformance.client import Admin
from conformance.exchange import Exchange
from conformance.explore.budget import Budget
from conformance.explore.deployments import Deploy, Read
from conformance.explore.model import Broken, Model, Step
from conformance.explore.nodes import perhaps_unknown
from conformance.explore.states import SetState
from conformance.recorder import NoReply, Recorder


@dataclass(eq=False)
class Difference(Exception):
    """How a walk ended where the target and the model came to differ."""

    requirement: str
    """The requirement that does not hold, empty where no reply came at all."""
    why: str
    steps: list[Step]
    exchanges: list[Exchange]
    asides: list[int]
    """The places of the exchanges that only look at the flows."""


@dataclass(kw_only=True)
class World:
    """What is walked through: a target, and what is known of it before."""

    clients: Mapping[str, Admin]
    """Who asks: `admin`, and `nobody`, `wrong` and `reader` as far as there are such."""
    kept_out: Mapping[str, frozenset[str]]
    """Who may not `read`, and who may not `write`."""
    state: str
    """Whether the flows run, empty where that cannot be set."""
    binds: Callable[[str], bool]
    """Whether a requirement, by its id, is to be judged."""
    in_range: Callable[[str], bool]
    """Whether a requirement, by its id, is about the version of the target."""
    recorder: Recorder
    budget: Budget


def walked(world: World, steps: list[Step]) -> Difference | None:
    """How a walk with these steps ended, None where nothing differed; raises Stop where there was enough of it."""
    walk = Walk(world)
    try:
        for step in (Deploy([]), *steps):  # every walk begins with no flows
            walk.go(step)
        walk.take(Read(), aside=True)
    except Difference as difference:
        return difference
    finally:
        walk.end()
    return None


class Walk:
    """One walk, from no flows on."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.model = Model(world.binds, world.in_range, world.kept_out, world.state)
        self.steps: list[Step] = []
        self.asides: list[int] = []
        world.recorder.forget()

    def go(self, step: Step) -> None:
        """Take a step, and look at the flows before or after it where that is needed; raises Difference and Stop."""
        self.world.budget.spend()
        self.steps.append(step)
        if step.wants_rev and self.model.rev is None:
            self.take(Read(), aside=True)
        self.take(step)
        if self.model.flows is None:
            self.take(Read(), aside=True)
        self.model.waiting = self.model.waiting or perhaps_unknown(self.model.flows or [])

    def end(self) -> None:
        """Let the flows run again, if they did."""
        if self.model.state != self.world.state and not self.world.recorder.gone:
            self.send(SetState(self.world.state))

    def take(self, step: Step, *, aside: bool = False) -> None:
        """Send a request and judge the reply; raises Difference where it is not what the model says."""
        place, difference = len(self.world.recorder.exchanges), ("", "")
        try:
            if (reply := self.send(step)) is None:
                return
            step.judge(self.model, reply)
        except Broken as broken:
            difference = (broken.requirement, broken.why)
        except NoReply as silence:
            difference = ("", str(silence))
        if any(difference):
            raise Difference(*difference, self.steps[1:], list(self.world.recorder.exchanges), self.asides)
        if aside:
            self.asides.append(place)

    def send(self, step: Step) -> httpx.Response | None:
        """The reply to a step, None where the target holds nothing that it could be about."""
        model, asked = self.model, step.request(self.model)
        if asked is None:
            return None
        if asked.starts_a_part and model.waiting and not model.in_range("flows.unknown-types-taken-away"):
            return None  # Node-RED ended there before it could be done
        client = self.world.clients[asked.who]
        reply = client.request(asked.method, asked.path, headers=dict(asked.headers), content=asked.content or None)
        if reply.is_success:
            model.waiting = model.waiting and not asked.starts_everything
            model.settled = model.settled and not (asked.starts_everything or asked.starts_a_part)
        return reply
