"""What a person asks of a run on the command line."""

import pytest

from conformance import targets
from conformance.catalogue import Requirement, vocabulary
from conformance.connection import Connection
from conformance.look import Writes
from conformance.options import argument_list, given
from conformance.targets import REFERENCE, TargetSpec

EXPLORE = "explore"
"""The area of the requirements that random sequences of requests judge."""


def specs(config: pytest.Config) -> list[TargetSpec]:
    """What the `--target` options ask for; raises pytest.UsageError."""
    try:
        return targets.parse_targets(given(config, "--target") or []) or [TargetSpec(REFERENCE)]
    except targets.BadTarget as error:
        raise pytest.UsageError(str(error)) from None


def in_scope(config: pytest.Config, requirement: Requirement) -> bool:
    """Whether `--profile`, `--level` and `--explore` ask for the requirement."""
    if given(config, "--explore") and requirement.area != EXPLORE:
        return False
    profiles = {profile.lower() for profile in argument_list(given(config, "--profile"))}
    levels = vocabulary("level")
    weakest = levels.index((given(config, "--level") or levels[-1]).upper())
    asked = not profiles or not profiles.isdisjoint({requirement.profile, *requirement.clients})
    return asked and levels.index(requirement.level) <= weakest


def connection(config: pytest.Config) -> Connection:
    """How the targets are reached; raises pytest.UsageError where the CA bundle is none."""
    asked = Connection(
        timeout=given(config, "--timeout"),
        insecure=given(config, "--insecure"),
        ca_bundle=given(config, "--ca-bundle"),
    )
    try:
        asked.transport().close()
    except OSError as error:
        raise pytest.UsageError(f"--ca-bundle {asked.ca_bundle}: {error.strerror or error}") from None
    return asked


def writes(config: pytest.Config) -> Writes:
    """When the run writes to a target."""
    if given(config, "--read-only"):
        return Writes.NEVER
    return Writes.BESIDE if given(config, "--allow-writes") else Writes.IF_EMPTY
