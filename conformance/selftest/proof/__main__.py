"""`make prove`: every fault must be caught, and nothing legal objected to; what was run and what came of it is told.

python -m conformance.selftest.proof [--whole] [--part faults|variants|blunt|real] [--publish FOLDER]
"""

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from conformance.catalogue import catalogue
from conformance.outcomes import Finding, Outcome
from conformance.selftest.proof import blunt, blunt_servers, faults, matrix, real, touching, variants
from conformance.selftest.proof.matrix import Proof
from conformance.selftest.proof.working import in_parallel, know_all_cases
from conformance.spelling import did_you_mean
from reference_server.faults import FAULTS

PARTS: Final = ("faults", "variants", "blunt", "real")

UNWITNESSED: Final = ("concurrency", "explore")
"""The areas whose cases ask something else every time; a fault meets them where it names them."""

WHOLE_SUITE: Final = 2
"""Faults that meet every requirement, so that what nothing seemed to touch is looked at as well."""

ONE_IN: Final = 4
"""Of the requirements that a group of variants is judged by, one in so many is, unless all are asked for."""

OFTEN: Final = 30
"""Seconds between two lines that say how far it is."""

Piece = tuple[str, Any]
"""What is to be done, by the part's name, and to what."""


def main() -> int:
    """0 where the suite has proved itself, 1 where it has not."""
    parser = argparse.ArgumentParser("python -m conformance.selftest.proof", description=__doc__.split(":")[1].strip())
    parser.add_argument(
        "--whole", action="store_true", help="all that each fault touches, and all faults before Node-RED"
    )
    parser.add_argument(
        "--each", action="store_true", help="every variant alone with the whole suite, which takes long"
    )
    parser.add_argument("--part", action="append", choices=PARTS, help="only this; may be given several times")
    parser.add_argument("--fault", action="append", metavar="NAME", help="only this fault; may be given several times")
    parser.add_argument("--variant", action="append", metavar="NAME[+NAME]", help="only this, or these on one server")
    parser.add_argument("--processes", type=int, default=2 * (os.cpu_count() or 1), help="how many at once")
    parser.add_argument("--publish", type=Path, metavar="FOLDER", help="write the kill matrix there")
    asked = parser.parse_args()
    check(parser, asked)
    begun = time.monotonic()
    proof = Proof(whole=asked.whole)
    for part, came in results(asked):
        getattr(proof, {"faults": "met"}.get(part, part)).extend(came)
    print(told(proof), flush=True)
    print(f"It took {time.monotonic() - begun:.0f} seconds, with {asked.processes} processes.")
    if asked.publish:
        matrix.publish(proof, asked.publish)
    return 0 if proof.sound else 1


def check(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> None:
    """End the program where a name is unknown, or a part would be published as if it were all."""
    known = {"fault": list(FAULTS), "variant": variants.names()}
    given = {"fault": asked.fault or [], "variant": [one for group in asked.variant or [] for one in group.split("+")]}
    for what, name in ((what, name) for what, names in given.items() for name in names):
        if name not in known[what]:
            near = did_you_mean(name, known[what])
            parser.error(f"there is no {what} '{name}'. {near}")
    if asked.publish and (asked.variant or not asked.whole):
        parser.error("--publish: write --whole beside it, and no --variant, as a part is not published.")


def results(asked: argparse.Namespace) -> Iterator[tuple[str, list[Any]]]:
    """What each piece of the work came to, by its part, as they come."""
    parts, names = asked.part or PARTS, asked.fault or list(FAULTS)
    know_all_cases()
    touched, refusals = learned(parts, asked.processes)
    pieces: list[Piece] = []
    if "real" in parts:
        standing = [name for name in (real.standing() if asked.whole else real.sample()) if name in names]
        pieces += [("real", (standing, real.VERSION))]
    if "variants" in parts:
        pieces += [("variants", group) for group in groups(asked)]
    if "blunt" in parts:
        pieces += [("blunt", (server, refusals)) for server in blunt_servers.BLUNT]
    if "faults" in parts:
        pieces += [("faults", group) for group in faults.together(wanted(names, touched, whole=asked.whole))]
    yield from counted(in_parallel(work, pieces, asked.processes), pieces)


def groups(asked: argparse.Namespace) -> list[variants.Group]:
    """The groups of variants to judge."""
    if asked.variant:
        return [variants.Group(tuple(name.split("+"))) for name in asked.variant]
    if asked.each:
        return variants.each()
    return variants.groups() if asked.whole else shortened(variants.groups())


def shortened(groups: Iterable[variants.Group]) -> list[variants.Group]:
    """The groups, each with a part of the requirements that it is judged by, every time another one."""
    return [
        replace(group, requirements=(group.requirements or variants.everything())[number % ONE_IN :: ONE_IN])
        for number, group in enumerate(groups)
    ]


def learned(parts: Collection[str], processes: int) -> tuple[Mapping[str, Collection[str]], Mapping[str, blunt.Body]]:
    """What honest runs tell: the requirements that each fault can touch, and the cases of refusals."""
    areas = sorted({entry.area for entry in catalogue().values()} - set(UNWITNESSED))
    pieces: list[Piece] = [("touches", area) for area in areas] if "faults" in parts else []
    pieces += [("refusals", None)] if "blunt" in parts else []
    touched: defaultdict[str, set[str]] = defaultdict(set)
    refusals: Mapping[str, blunt.Body] = {}
    for what, came in in_parallel(work, pieces, processes):
        if what == "refusals":
            refusals = came
        else:
            for name, requirements in came.items():
                touched[name] |= requirements
    return touched, refusals


def work(piece: Piece) -> tuple[str, Any]:
    """Do one piece."""
    part, what = piece
    doing: dict[str, Callable[[Any], Any]] = {
        "touches": touching.touches,
        "refusals": lambda _: blunt.refusals(),
        "faults": faults.meet,
        "variants": lambda group: [allowed(group)],
        "blunt": lambda given: [immune(*given)],
        "real": lambda given: before_real(*given),
    }
    return part, doing[part](what)


def wanted(names: Iterable[str], touched: Mapping[str, Collection[str]], *, whole: bool) -> dict[str, Collection[str]]:
    """The requirements that each fault meets."""
    wanted: dict[str, Collection[str]] = {
        name: faults.reached(FAULTS[name], touched[name], all_of_it=whole) for name in names
    }
    quick = [name for name in names if FAULTS[name].speaks_http and len(touched[name]) <= faults.FEW]
    for name in quick[:: max(1, len(quick) // WHOLE_SUITE)] if len(quick) > WHOLE_SUITE else []:
        wanted[name] = [one for one, entry in faults.scoring().items() if entry.area not in UNWITNESSED]
    return wanted


def allowed(group: variants.Group) -> dict[str, Any]:
    """What a group of variants came to."""
    judged = variants.judge(group)
    objections = {name: [str(one) for one in found] for name, found in judged.objections.items()}
    counts = {"ran": judged.ran, "not_applicable": judged.not_applicable, "not_tested": judged.not_tested}
    return {"names": list(group.names), **counts, "objections": objections}


def immune(server: str, refusals: Mapping[str, blunt.Body]) -> dict[str, Any]:
    """What the cases of refusals came to before a blunt server."""
    came = blunt.judge(server, refusals)
    counts = {part: sum(one.by == part for one in came) for part in ("refusal", "control")}
    return {"server": server, **counts, "passed": sorted(one.case for one in came if not one.by)}


def before_real(names: list[str], version: str) -> list[dict[str, Any]]:
    """What caught each fault before a real runtime, and what let it pass though it is named."""
    return [beside(name, version, findings) for name, findings in real.judge(names, version).items()]


def beside(name: str, version: str, findings: Mapping[str, Finding]) -> dict[str, Any]:
    """The same of one fault; where nobody lies, whatever fails is what is wrong."""
    failed = [one for one, found in findings.items() if found.outcome.fails or found.outcome is Outcome.DEVIATES]
    passed = [one for one, found in findings.items() if found.outcome is Outcome.CONFORMS]
    honest = name == matrix.HONEST
    return {
        "fault": name,
        "version": version,
        "caught": [] if honest else failed,
        "missed": failed if honest else passed,
    }


def counted(came: Iterable[tuple[str, list[Any]]], pieces: list[Piece]) -> Iterator[tuple[str, list[Any]]]:
    """The same, and now and then a line that says how far it is."""
    done: defaultdict[str, int] = defaultdict(int)
    last = time.monotonic()
    for part, results in came:
        done[part] += 1
        yield part, results
        if time.monotonic() - last > OFTEN:
            last = time.monotonic()
            total = {name: sum(name == piece[0] for piece in pieces) for name in PARTS}
            print("; ".join(f"{name}: {done[name]} of {total[name]}" for name in PARTS if total[name]), flush=True)


def told(proof: Proof) -> str:
    """What was run, and what is wrong, a line for each."""
    lines = [f"{len(proof.met)} faults met {sum(len(one.judged) for one in proof.met)} requirements in all"]
    lines[0] += "." if proof.whole else f": those that touch more than {faults.FEW} met a part of these."
    lines += [missing] if (missing := variants.missing()) and proof.variants else []
    lines += faults.uncaught(proof.met)
    lines += [
        f"{one.fault}: {name} came to an error of the suite: {why}"
        for one in proof.met
        for name, why in one.broken.items()
    ]
    lines += [
        f"the legal variant {name} is objected to by {found}"
        for group in proof.variants
        for name, objections in group["objections"].items()
        for found in objections
    ]
    lines += [f"{server['server']}: {case} passes" for server in proof.blunt for case in server["passed"]]
    lines += [
        f"{one['fault']} before Node-RED {one['version']}: {', '.join(one['missed'])} is wrong about it"
        for one in proof.real
        if one["missed"]
    ]
    return "\n".join([*lines, "", matrix.summary(matrix.as_value(proof))])


if __name__ == "__main__":
    sys.exit(main())
