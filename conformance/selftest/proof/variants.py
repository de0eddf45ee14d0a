"""Which requirements object to variants of the reference server, though these are legal.

The suite is run against groups of variants that together hold all there are; where anything objects to a group, each of
its variants is judged alone, to name the one.
"""

import contextlib
import functools
import tempfile
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import combinations, permutations
from pathlib import Path
from typing import Any, Final

from conformance.catalogue import catalogue
from conformance.outcomes import Finding, Outcome
from conformance.selftest.liars import BOTH
from conformance.selftest.proof import nginx
from conformance.selftest.proof.session import Entry, Session, session
from conformance.waiting import DEADLINE
from reference_server import serve
from reference_server.variants import VARIANTS, Varied, varied

PROXY: Final = "behind-nginx"
"""The variant that is none of the server's own: nginx before it, with TLS and a path."""

WHOLE: Final = 4
"""Groups that the whole suite is run against, with all the areas: their variants hide nothing of each other."""

HERE: Final = "here"
"""The name of the target in a session."""

OBJECTIONS: Final = (Outcome.VIOLATES, Outcome.DEVIATES, Outcome.SUITE_ERROR)
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
    outcome: Outcome
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
    chosen = set(everything()[number % entry["every"] :: entry["every"]])
    return tuple(one for one in everything() if one in chosen or one.partition(".")[0] in entry.get("areas", ()))


def judge(group: Group) -> Judged:
    """What the suite says of a server with these variants, and where anything objects, to which of them."""
    ended = run(group)
    objecting = objections(ended, group)
    counts = Counter(found.outcome for found in findings(ended))
    judged = Judged(
        {group.name: objecting} if objecting else {},
        sum(counts.values()) - counts[Outcome.NOT_APPLICABLE] - counts[Outcome.NOT_TESTED],
        counts[Outcome.NOT_APPLICABLE],
        counts[Outcome.NOT_TESTED],
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


def run(group: Group) -> Session:
    """The suite against a server with these variants."""
    server = varied([VARIANTS[name] for name in group.own], BOTH)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as servers:
        url, trust = f"{servers.enter_context(serve(server.app, **server.options)).url}{server.root}", []
        if PROXY in group.names:
            proxy = servers.enter_context(nginx.before(url, Path(folder)))
            url, trust = proxy.url, [f"--ca-bundle={proxy.authority}"]
        wanted = group.requirements or everything()
        return session({HERE: url}, {HERE: wanted}, *trust, entry=entry(server), deadline=DEADLINE)


def everything() -> tuple[str, ...]:
    """All requirements that something outside can judge."""
    return tuple(entry.id for entry in catalogue().values() if not entry.excluded)


def entry(server: Varied) -> Entry:
    """How the suite gets in."""
    if server.tokens:
        return Entry((), dict(zip(("CONFORMANCE_TOKEN", "CONFORMANCE_READER_TOKEN"), server.tokens, strict=True)))
    admin, reader = server.users[:2]
    secrets = {"CONFORMANCE_ADMIN_PASSWORD": admin.password, "CONFORMANCE_READER_PASSWORD": reader.password}
    return Entry((f"--admin={admin.name}", f"--reader={reader.name}"), secrets)


def findings(ended: Session) -> Collection[Finding]:
    """What was found."""
    return ended.findings.get(HERE, {}).values()


def objections(ended: Session, group: Group) -> list[Objection]:
    """What objects to the group."""
    found = findings(ended)
    if not found:
        return [Objection("the run", Outcome.SUITE_ERROR, f"nothing was judged: {ended.said[-500:]}")]
    return [
        Objection(one.requirement, one.outcome, one.reason)
        for one in found
        if one.outcome in OBJECTIONS or (one.outcome is Outcome.NOT_TESTED and not excused(one.reason, group))
    ]


def excused(reason: str, group: Group) -> bool:
    """Whether a requirement cannot be looked at on this server, or on none that the suite did not start."""
    return group.takes_away or UNDONE in reason
