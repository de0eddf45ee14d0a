"""What a person asks of a run on the command line."""

from collections.abc import Mapping

import pytest

from conformance import requirement_sets, targets
from conformance.catalogue import Requirement, vocabulary
from conformance.connection import Connection
from conformance.ending import is_worker
from conformance.gate import Gate, loads, today
from conformance.look import Writes
from conformance.options import argument_list, given
from conformance.targets import REFERENCE, TargetSpec
from conformance.waivers import reading
from conformance.waivers.reading import Waiver

WAIVERS = "conformance_waivers"
"""The key under which a parallel run hands the waivers to its workers."""

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


def gate(config: pytest.Config, known: Mapping[str, Requirement]) -> Gate:
    """What the catalogue's requirements and the options hold the run to; raises pytest.UsageError."""
    fail_on, asked = given(config, "--fail-on").lower(), given(config, "--require-set")
    of_set = requirement_sets.read(asked) if asked else known
    requirements = requirement_sets.held_to(of_set, known) if asked else known
    lost = requirement_sets.lost(of_set, known) if asked else {}
    return Gate(fail_on, waivers(config, requirements), requirements, frozenset(known.keys() - of_set.keys()), lost)


def waivers(config: pytest.Config, requirements: Mapping[str, Requirement]) -> tuple[Waiver, ...]:
    """The waivers of `--waivers`, which a worker of a parallel run is handed; raises pytest.UsageError."""
    path = given(config, "--waivers")
    if not path:
        return ()
    if is_worker(config):
        return loads(config.workerinput[WAIVERS])  # type: ignore[attr-defined]
    try:
        return reading.read(config.invocation_params.dir / path, path, requirements, today())
    except reading.BadWaivers as wrong:
        raise pytest.UsageError("\nERROR: ".join(wrong.args)) from None


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
