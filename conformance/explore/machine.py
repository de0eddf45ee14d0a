"""The walk: Hypothesis draws steps, each is sent, and what comes back is held against the model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import httpx
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from conformance.client import Admin
from conformance.exchange import Exchange
from conformance.explore import requests
from conformance.explore.budget import Budget
from conformance.explore.deployments import Deploy, Read
from conformance.explore.model import Broken, Model, Step
from conformance.explore.states import SetState
from conformance.recorder import NoReply, Recorder


@dataclass
class World:
    """What a walk goes through: the target, and what is known of it before."""

    clients: Mapping[str, Admin]
    """Who asks: `admin`, and those of `nobody`, `wrong` and `reader` that the target keeps out."""
    kept_out: Mapping[str, frozenset[str]]
    """Who may not `read`, and who may not `write`."""
    state: str
    """Whether the flows run, empty where that cannot be set."""
    binds: Callable[[str], bool]
    """Whether a requirement is to be judged."""
    recorder: Recorder
    budget: Budget
    """How much is explored."""
    found: list["Walk"] = field(default_factory=list)
    """The walks that ended in a difference."""


@dataclass(frozen=True)
class Walk:
    """A walk that ended in a difference: the requirement, how it is broken, and what went over the wire."""

    requirement: str
    why: str
    exchanges: list[Exchange]
    asides: list[int]
    """The places of the requests that only look."""


class Difference(Exception):
    """What tells Hypothesis that a walk ended in a difference."""


class Walking(RuleBasedStateMachine):
    """One walk; a subclass has the world."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.model = Model(self.world.binds, self.world.kept_out, self.world.state)
        self.asides: list[int] = []
        self.over = False
        self.world.recorder.forget()

    @initialize()
    def begin(self) -> None:
        """Every walk begins with no flows."""
        self.go(Deploy([]))

    @rule(step=requests.deployments)
    def deploy(self, step: Step) -> None:
        """Deploy."""
        self.go(step)

    @rule(step=requests.deployments)
    def deploy_again(self, step: Step) -> None:
        """Deploy: what all else depends on comes twice as often."""
        self.go(step)

    @rule(step=requests.reads)
    def read(self, step: Step) -> None:
        """Read the flows."""
        self.go(step)

    @rule(step=requests.outdated)
    def deploy_outdated(self, step: Step) -> None:
        """Deploy with a rev that is not the active one."""
        self.go(step)

    @rule(step=requests.reloads)
    def reload(self, step: Step) -> None:
        """Reload."""
        self.go(step)

    @rule(step=requests.bad_deployments)
    def deploy_badly(self, step: Step) -> None:
        """Deploy what is refused."""
        self.go(step)

    @rule(step=requests.additions)
    def add(self, step: Step) -> None:
        """Add a flow."""
        self.go(step)

    @rule(step=requests.replacements)
    def replace(self, step: Step) -> None:
        """Replace a flow."""
        self.go(step)

    @rule(step=requests.deletions)
    def delete(self, step: Step) -> None:
        """Delete a flow."""
        self.go(step)

    @rule(step=requests.flow_reads)
    def read_flow(self, step: Step) -> None:
        """Read a flow."""
        self.go(step)

    @rule(step=requests.bad_additions | requests.bad_replacements | requests.bad_deletions)
    def change_badly(self, step: Step) -> None:
        """Add, replace or delete what is refused."""
        self.go(step)

    @rule(step=requests.states)
    def start_and_stop(self, step: Step) -> None:
        """Start and stop the flows."""
        self.go(step)

    @rule(step=requests.strangers)
    def intrude(self, step: Step) -> None:
        """Ask in the name of who may not."""
        self.go(step)

    @rule(step=requests.unpromised)
    def deploy_oddly(self, step: Step) -> None:
        """Deploy what nothing is promised of."""
        self.go(step)

    def teardown(self) -> None:
        """A walk ends with a look at the flows, which run then."""
        if not self.over:
            self.take(Read(), aside=True)
        if self.model.state == "stop" and self.world.state == "start" and not self.world.recorder.gone:
            self.send(SetState("start"))

    def go(self, step: Step) -> None:
        """Take a step, and look at the flows first or afterwards where that is needed."""
        self.over = True  # until the step was taken: whatever ends the walk here leaves nothing to look at
        self.world.budget.spend(bool(self.world.found))
        if step.wants_rev and self.model.rev is None:
            self.take(Read(), aside=True)
        self.take(step)
        if self.model.flows is None:
            self.take(Read(), aside=True)
        self.over = False

    def take(self, step: Step, *, aside: bool = False) -> None:
        """Send a request and judge the reply; raises Difference."""
        place = len(self.world.recorder.exchanges)
        problem: tuple[str, str] | None = None
        try:
            reply = self.send(step)
            if reply is None:
                return
            step.judge(self.model, reply)
        except Broken as broken:
            problem = broken.requirement, broken.why
        except NoReply as silence:
            if self.world.recorder.gone:
                self.keep("", str(silence))
                raise Gone(str(silence)) from silence
            problem = "", str(silence)
        if aside and problem is None:
            self.asides.append(place)
        if problem:
            self.keep(*problem)
            raise Difference

    def send(self, step: Step) -> httpx.Response | None:
        """The reply to a step, None where there is nothing to send."""
        asked = step.request(self.model)
        if asked is None:
            return None
        client = self.world.clients[asked.who]
        return client.request(asked.method, asked.path, headers=dict(asked.headers), content=asked.content or None)

    def keep(self, requirement: str, why: str) -> None:
        """Keep the walk, which ended in a difference."""
        self.over = True
        self.world.found.append(Walk(requirement, why, list(self.world.recorder.exchanges), self.asides))


class Gone(BaseException):
    """The target went away, which ends everything at once."""
