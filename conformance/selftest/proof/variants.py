"""Which requirements object to variants of the reference server, though these are legal.

`python -m conformance.selftest.proof.variants` runs the suite against groups of variants that together hold all there
are; where anything objects to a group, each of its variants is judged alone, to name the one. With `each` it runs the
whole suite against every variant alone, which takes long, and with NAME+NAME against one server that differs in both.
"""

import argparse
import contextlib
import functools
import json
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import combinations, permutations
from pathlib import Path
from typing import Any, Final

from conformance.catalogue import catalogue
from conformance.selftest.liars import BOTH
from conformance.selftest.proof import nginx
from conformance.selftest.running import Ended, Suite
from reference_server import serve
from reference_server.variants import VARIANTS, Varied, varied

PROXY: Final = "behind-nginx"
"""The variant that is none of the server's own: nginx before it, with TLS and a path."""

WHOLE: Final = 4
"""Groups that the whole suite is run against, with all the areas: their variants hide nothing of each other."""

WIDTH: Final = 2
"""Groups that are judged at once."""

PATIENCE: Final = 3_600
"""Seconds in which a run of the whole suite ends, also against a slow server on a busy machine."""

OBJECTIONS: Final = ("violates", "deviates", "suite-error")
"""The outcomes that say that the target is wrong, or the suite."""

UNDONE: Final = "undo it"
"""What is in the reason of a requirement that is looked at only on servers which the suite itself started."""

PLAN: Final[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("variants.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Group:
    """Variants that one server has at once, and what is judged there."""

    names: tuple[str, ...]
    requirements: tuple[str, ...] = ()
    """The sample of the requirements, by their ids; empty for all of them."""

    @property
    def name(self) -> str:
        """All the names."""
        return "+".join(self.names)

    @property
    def own(self) -> tuple[str, ...]:
        """The names of the variants that are the server's own."""
        return tuple(name for name in self.names if name != PROXY)

    @property
    def takes_away(self) -> bool:
        """Whether requirements lack here what they need to be looked at."""
        return any(VARIANTS[name].premise for name in self.own)


@dataclass(frozen=True)
class Objection:
    """What says that a legal server is wrong."""

    requirement: str
    outcome: str
    reason: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.requirement} {self.outcome}: {self.reason}"


@dataclass(frozen=True)
class Judged:
    """What a group came to."""

    objections: dict[str, list[Objection]] = field(default_factory=dict)
    """Those to each variant by its name, or to several by the name of their group; none where nothing objects."""
    ran: int = 0
    """Requirements that were looked at."""
    not_applicable: int = 0
    not_tested: int = 0
    seconds: float = 0.0


def names() -> list[str]:
    """All that can be judged here: nginx only where it is installed."""
    return [*VARIANTS, *([PROXY] if nginx.program() else [])]


def missing() -> str:
    """What cannot be judged on this machine, and what to do about it; empty where all can."""
    return "" if nginx.program() else f"{PROXY} is left out: {nginx.MISSING}"


@functools.cache
def pairs_apart() -> frozenset[tuple[str, str]]:
    """Any two, in both orders, that no server has at once."""
    known = [*VARIANTS, PROXY]
    fitting = ([name for name in known if any(fnmatchcase(name, one) for one in apart)] for apart in PLAN["apart"])
    return frozenset(pair for names in fitting for pair in permutations(names, 2))


def excluding(name: str, other: str) -> bool:
    """Whether no server has both at once."""
    return (name, other) in pairs_apart()


def clashes(group: Iterable[str]) -> list[tuple[str, str]]:
    """Those of a group that no server has at once."""
    return [pair for pair in combinations(group, 2) if excluding(*pair)]


def groups() -> list[Group]:
    """Groups that together hold every variant: those that the whole suite is run against, and those of the plan."""
    planned = [Group(tuple(entry["names"]), sample(number, entry)) for number, entry in enumerate(PLAN["group"])]
    held = {name for group in planned for name in group.names}
    whole: list[list[str]] = [[] for _ in range(WHOLE)]
    free = [name for name in names() if name not in held]
    for name in sorted(free, key=lambda name: sum(excluding(name, other) for other in free), reverse=True):
        fitting = [group for group in whole if not any(excluding(name, other) for other in group)]
        if not fitting:
            fitting = [[]]
            whole += fitting
        min(fitting, key=lambda group: (alike(name, group), len(group))).append(name)
    return [*(Group(tuple(group)) for group in whole), *planned]


def alike(name: str, group: Iterable[str]) -> int:
    """How many of a group take turns with this one."""
    return sum(name.endswith("-revs") and other.endswith("-revs") for other in group)


def each() -> list[Group]:
    """Every variant alone, and the whole suite."""
    return [Group((name,)) for name in names()]


def sample(number: int, entry: dict[str, Any]) -> tuple[str, ...]:
    """The requirements that a group of the plan is judged by, empty for all of them."""
    if "every" not in entry:
        return ()
    judged = [one.id for one in catalogue().values() if not one.excluded]
    chosen = set(judged[number % entry["every"] :: entry["every"]])
    return tuple(one for one in judged if one in chosen or one.partition(".")[0] in entry.get("areas", ()))


def judge(group: Group) -> Judged:
    """What the suite says of a server with these variants, and where anything objects, to which of them."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        ended = run(group, Path(folder))
        objecting, counts = objections(ended, group), outcomes(ended, group)
    judged = Judged(
        {group.name: objecting} if objecting else {},
        sum(counts.values()) - counts["not-applicable"] - counts["not-tested"],
        counts["not-applicable"],
        counts["not-tested"],
        time.monotonic() - started,
    )
    return split(group, judged) if objecting and len(group.names) > 1 else judged


def split(group: Group, judged: Judged) -> Judged:
    """The same, with the objections to each variant that meets them alone; to the group stay those that none meets."""
    known = catalogue()
    (objecting,) = judged.objections.values()
    again = tuple(sorted({one.requirement for one in objecting} & known.keys()))
    alone = {name: judge(Group((name,), again or group.requirements)).objections.get(name, []) for name in group.names}
    explained = {one.requirement for found in alone.values() for one in found}
    alone[group.name] = [one for one in objecting if one.requirement not in explained]
    found = {name: objections for name, objections in alone.items() if objections}
    return replace(judged, objections=found)


def run(group: Group, folder: Path, *arguments: str) -> Ended:
    """The suite against a server with these variants, with its files in the folder."""
    server = varied([VARIANTS[name] for name in group.own], BOTH)
    who, secrets = as_users(server)
    only = {"ONLY": json.dumps({"here": group.requirements}), "DEADLINE": "5"} if group.requirements else {}
    plugins = ["-p", "no:xdist", *(["-p", "conformance.selftest.only"] if only else [])]
    with serve(server.app, **server.options) as running, contextlib.ExitStack() as proxies:
        url, trust = f"{running.url}{server.root}", []
        if PROXY in group.names:
            proxy = proxies.enter_context(nginx.before(url, folder))
            url, trust = proxy.url, [f"--ca-bundle={proxy.authority}"]
        suite = Suite(folder, PATIENCE)
        return suite(f"--target=here={url}", *plugins, *trust, *who, *arguments, **secrets, **only)


def as_users(server: Varied) -> tuple[list[str], dict[str, str]]:
    """The options and the environment with which the suite gets in."""
    if server.tokens:
        return [], dict(zip(("CONFORMANCE_TOKEN", "CONFORMANCE_READER_TOKEN"), server.tokens, strict=True))
    admin, reader = server.users[:2]
    secrets = {"CONFORMANCE_ADMIN_PASSWORD": admin.password, "CONFORMANCE_READER_PASSWORD": reader.password}
    return [f"--admin={admin.name}", f"--reader={reader.name}"], secrets


def findings(ended: Ended, group: Group) -> Iterator[dict[str, str]]:
    """What was found of the requirements that were to be judged."""
    for finding in ended.verdict["findings"]:
        if not group.requirements or finding["requirement"] in group.requirements:
            yield finding


def outcomes(ended: Ended, group: Group) -> Counter[str]:
    """How many requirements came to what."""
    there = (ended.reports / "verdict.json").exists()
    return Counter(finding["outcome"] for finding in findings(ended, group)) if there else Counter()


def objections(ended: Ended, group: Group) -> list[Objection]:
    """What objects to the group."""
    if not (ended.reports / "verdict.json").exists():
        return [Objection("the run", "suite-error", f"no verdict: {ended.said[-2_000:]}")]
    found = list(findings(ended, group))
    if not found:
        return [Objection("the run", "suite-error", f"nothing was judged: {ended.said[-500:]}")]
    return [
        Objection(one["requirement"], one["outcome"], one["reason"])
        for one in found
        if one["outcome"] in OBJECTIONS or (one["outcome"] == "not-tested" and not excused(one["reason"], group))
    ]


def excused(reason: str, group: Group) -> bool:
    """Whether a requirement cannot be looked at on this server, or on none that the suite did not start."""
    return group.takes_away or UNDONE in reason


def chosen(words: list[str]) -> list[Group]:
    """The groups that the words of the command line mean; raises ValueError at an unknown one."""
    if words in ([], ["each"]):
        return each() if words else groups()
    for name in "+".join(words).split("+"):
        if name not in names():
            raise ValueError(f"there is no variant '{name}'; see python -m reference_server --list-variants")
    return [Group(tuple(word.split("+"))) for word in words]


def main() -> int:
    """Say what objects; 1 where anything does."""
    parser = argparse.ArgumentParser("python -m conformance.selftest.proof.variants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="`each`, or variants; the groups where none is given")
    try:
        judging = chosen(parser.parse_args().names)
    except ValueError as error:
        parser.error(str(error))
    print(missing() or f"{len(names())} variants", flush=True)
    wrong = 0
    with ProcessPoolExecutor(WIDTH) as pool:
        for group, judged in zip(judging, pool.map(judge, judging), strict=True):
            wrong += bool(judged.objections)
            print(in_words(group, judged), flush=True)
    print(f"{wrong} of {len(judging)} groups are objected to")
    return bool(wrong)


def in_words(group: Group, judged: Judged) -> str:
    """What a group came to."""
    of = f"a sample of {len(group.requirements)}" if group.requirements else "all"
    counts = f"{judged.ran} looked at, {judged.not_applicable} not applicable, {judged.not_tested} not tested"
    lines = [f"{group.name}: {of}: {counts}, {judged.seconds:.0f} s"]
    for name, objecting in judged.objections.items():
        lines += [f"    {name}: {one}" for one in objecting]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
