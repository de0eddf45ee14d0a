"""What one of several cases is to explore."""

from dataclasses import dataclass
from typing import Final

from conformance.amount import Amount, parse_amount

USUAL: Final = Amount(steps=150)
"""How much is explored in every run."""

USUAL_SEED: Final = "0"
"""Where every run explores."""

STEPS: Final = 20
"""Steps of one walk."""


@dataclass(frozen=True)
class Asked:
    """What one of several cases is to explore."""

    whole: str | None
    """How much all of them explore, None for the usual."""
    seed: str | None
    """The number under which it is explored, None for the usual."""
    case: str
    """The requirement of this one."""
    cases: list[str]
    """The requirements of all of them."""

    @property
    def amount(self) -> Amount:
        """How much is explored by this one."""
        return (parse_amount(self.whole or "") or USUAL).share(len(self.cases))

    @property
    def key(self) -> str:
        """What the walks depend on, and nothing else."""
        return f"{self.seed or USUAL_SEED} {self.case}"

    def again(self, steps: int) -> str:
        """The options that explore so many steps again."""
        return f"--explore={steps * len(self.cases)} --explore-seed={self.seed or USUAL_SEED}"
