"""Whether a run of pytest is meant for the suite, whose settings are no affair of other projects' tests."""

from pathlib import Path
from typing import Final

import pytest

from conformance.options import OPTIONS, destination

CASES: Final = Path(__file__).parent / "cases"
"""Where the suite's cases lie."""


def is_for_the_suite(config: pytest.Config) -> bool:
    """Whether this run of pytest is of the suite's cases, so that its settings mean it."""
    if any(config.getoption(destination(option)) is not None for option in OPTIONS):
        return True
    return any(has_cases(config, argument.partition("::")[0]) for argument in config.args)


def has_cases(config: pytest.Config, argument: str) -> bool:
    """Whether pytest finds cases of the suite where it is told to look for tests."""
    if config.option.pyargs and argument.partition("/")[0].split(".")[0] == "conformance":
        return argument.split(".")[:2] in (["conformance"], ["conformance", "cases"])
    path, cases = (config.invocation_params.dir / argument).resolve(), CASES.resolve()
    if path.is_relative_to(cases):
        return True
    # An environment lies inside many a project, and pytest does not look there.
    return cases.is_relative_to(path) and "site-packages" not in cases.relative_to(path).parts
