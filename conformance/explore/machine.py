"""What Hypothesis draws a walk from: a rule for each kind of step."""

from typing import ClassVar

from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from conformance.explore import requests
from conformance.explore.model import Step
from conformance.explore.walk import Walk, World


class Walking(RuleBasedStateMachine):
    """One walk; a subclass has the world."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.walk = Walk(self.world)

    @initialize()
    def begin(self) -> None:
        """Begin with no flows."""
        self.walk.begin()

    @rule(step=requests.deployments)
    def deploy(self, step: Step) -> None:
        """Deploy."""
        self.walk.go(step)

    @rule(step=requests.deployments)
    def deploy_again(self, step: Step) -> None:
        """Deploy: what all else depends on comes twice as often."""
        self.walk.go(step)

    @rule(step=requests.outdated)
    def deploy_outdated(self, step: Step) -> None:
        """Deploy with a rev that is not the active one."""
        self.walk.go(step)

    @rule(step=requests.outdated)
    def deploy_outdated_again(self, step: Step) -> None:
        """Deploy with a rev that is not the active one: what is lost where that works cannot be had again."""
        self.walk.go(step)

    @rule(step=requests.reloads)
    def reload(self, step: Step) -> None:
        """Reload."""
        self.walk.go(step)

    @rule(step=requests.bad_deployments)
    def deploy_badly(self, step: Step) -> None:
        """Deploy what is refused."""
        self.walk.go(step)

    @rule(step=requests.reads)
    def read(self, step: Step) -> None:
        """Read the flows, or one of them."""
        self.walk.go(step)

    @rule(step=requests.additions)
    def add(self, step: Step) -> None:
        """Add a flow."""
        self.walk.go(step)

    @rule(step=requests.replacements)
    def replace(self, step: Step) -> None:
        """Replace a flow."""
        self.walk.go(step)

    @rule(step=requests.deletions)
    def delete(self, step: Step) -> None:
        """Delete a flow."""
        self.walk.go(step)

    @rule(step=requests.bad_changes)
    def change_badly(self, step: Step) -> None:
        """Add, replace or delete what is refused."""
        self.walk.go(step)

    @rule(step=requests.others)
    def do_something_else(self, step: Step) -> None:
        """Start or stop the flows, ask in the name of who may not, or deploy what nothing is promised of."""
        self.walk.go(step)

    def teardown(self) -> None:
        """End the walk."""
        self.walk.end()
