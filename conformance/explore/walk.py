"""A walk: steps that are taken one after the other, each sent and then held against the model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from conformance.client import Admin
from conformance.exchange import Exchange
from conformance.explore.budget import Budget, Stop
from conformance.explore.deployments import Deploy, Read
from conformance.explore.model import Broken, Model, Step
from conformance.explore.states import SetState
from conformance.recorder import NoReply, Recorder


@dataclass(frozen=True)
class Difference:
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
    recorder: Recorder
    budget: Budget
    difference: Difference | None = None
    """How the last walk ended, None where the target and the model did not differ."""


class Walk:
    """One walk, from no flows on."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.model = Model(world.binds, world.kept_out, world.state)
        self.steps: list[Step] = []
        self.asides: list[int] = []
        self.whole = False
        world.recorder.forget()

    def begin(self) -> None:
        """Every walk begins with no flows."""
        self.go(Deploy([]))
        self.steps.clear()

    def go(self, step: Step) -> None:
        """Take a step, and look at the flows before or after it where that is needed; raises Stop."""
        self.whole = False
        self.world.budget.spend()
        self.steps.append(step)
        if step.wants_rev and self.model.rev is None:
            self.take(Read(), aside=True)
        self.take(step)
        if self.model.flows is None:
            self.take(Read(), aside=True)
        self.whole = True

    def end(self) -> None:
        """A walk that nothing has stopped ends with a look at the flows; raises Stop. They run again then."""
        try:
            if self.whole:
                self.take(Read(), aside=True)
        finally:
            if self.model.state != self.world.state and not self.world.recorder.gone:
                self.send(SetState(self.world.state))

    def take(self, step: Step, *, aside: bool = False) -> None:
        """Send a request and judge the reply; raises Stop where it differs from what the model says."""
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
            self.world.difference = Difference(
                *difference, list(self.steps), list(self.world.recorder.exchanges), self.asides
            )
            raise Stop
        if aside:
            self.asides.append(place)

    def send(self, step: Step) -> httpx.Response | None:
        """The reply to a step, None where the target holds nothing that it could be about."""
        if (asked := step.request(self.model)) is None:
            return None
        client = self.world.clients[asked.who]
        return client.request(asked.method, asked.path, headers=dict(asked.headers), content=asked.content or None)
