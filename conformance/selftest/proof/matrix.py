"""The kill matrix: what the proof came to, as JSON, as a page, and in a few lines for the README."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from conformance import __version__
from conformance.data import Json
from conformance.report.markdown import table
from conformance.report.page import rendered
from conformance.selftest.proof.faults import Met, kind, scoring
from reference_server.faults import FAULTS

NAME: Final = "kill-matrix"
"""How the files are called, but for their endings."""

HONEST: Final = "honest"
"""Who stands before a real Node-RED last, and tells the truth."""

MANY: Final = 20
"""Unrelated requirements that a fault trips of which it is said that the cases lean on each other."""


@dataclass
class Proof:
    """What everything came to that was run."""

    met: list[Met] = field(default_factory=list)
    """The faults of the reference server."""
    variants: list[dict[str, Json]] = field(default_factory=list)
    """The groups of variants: their `names`, how many requirements were looked at, and the `objections`."""
    blunt: list[dict[str, Json]] = field(default_factory=list)
    """The blunt servers: the `server`, how many cases failed by `refusal` and by `control`, and what `passed`."""
    real: list[dict[str, Json]] = field(default_factory=list)
    """The faults before a real Node-RED: the `fault`, the `version`, and what `caught` it and `missed` it."""
    whole: bool = False
    """Whether all was run that can be, and not a part of it."""

    @property
    def sound(self) -> bool:
        """Whether every fault was caught, nothing legal was objected to, and no case passed for the wrong reason."""
        faults = all(not one.escapes and not one.broken for one in self.met)
        legal = not any(group["objections"] for group in self.variants)
        immune = not any(server["passed"] for server in self.blunt)
        return faults and legal and immune and not any(one["missed"] for one in self.real)


def as_value(proof: Proof) -> dict[str, Json]:
    """The matrix: requirements by their numbers in the list of those that score."""
    names = list(scoring())
    numbers = {name: number for number, name in enumerate(names)}
    return {
        "suite": __version__,
        "whole": proof.whole,
        "requirements": names,
        "faults": [row(one, numbers) for one in sorted(proof.met, key=lambda one: one.fault)],
        "variants": sorted(proof.variants, key=lambda group: group["names"]),
        "blunt": sorted(proof.blunt, key=lambda server: server["server"]),
        "real": sorted(proof.real, key=lambda one: (one["version"], one["fault"])),
    }


def as_json(matrix: Mapping[str, Json]) -> str:
    """The matrix as it is written."""
    return "{\n" + ",\n".join(f'  "{key}": {written(value)}' for key, value in matrix.items()) + "\n}\n"


def row(met: Met, numbers: Mapping[str, int]) -> dict[str, Json]:
    """A fault in plain values."""
    fault = FAULTS[met.fault]
    return {
        "fault": fault.name,
        "lies": fault.text,
        "kind": kind(fault),
        "names": list(fault.requirements),
        "caught": dict(sorted(met.caught.items())),
        "tripped": dict(sorted(met.tripped.items())),
        "judged": sorted(numbers[name] for name in met.judged if name in numbers),
    }


def written(value: Json) -> str:
    """A list with a line for each element, so that what has changed can be seen."""
    if not isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return "[\n" + ",\n".join(f"    {json.dumps(element, ensure_ascii=False)}" for element in value) + "\n  ]"


def read(folder: Path) -> Json:
    """The matrix that was published in the folder."""
    return json.loads((folder / f"{NAME}.json").read_text("utf-8"))


def killers(matrix: Json) -> dict[str, int]:
    """How many faults each requirement catches, whether they name it or not."""
    caught = Counter(name for fault in matrix["faults"] for name in {**fault["caught"], **fault["tripped"]})
    return {name: caught[name] for name in matrix["requirements"]}


def summary(matrix: Json) -> str:
    """What it came to, as a table for the README."""
    faults, blunt = matrix["faults"], matrix["blunt"]
    real = [one for one in matrix["real"] if one["fault"] != HONEST]
    caught = sum(not set(fault["names"]) - fault["caught"].keys() for fault in faults)
    catching, several = (sum(count >= least for count in killers(matrix).values()) for least in (1, 2))
    variants = sorted({name for group in matrix["variants"] for name in group["names"]})
    objections = sum(len(found) for group in matrix["variants"] for found in group["objections"].values())
    failed = {part: sum(server[part] for server in blunt) for part in ("refusal", "control")}
    passed = sum(len(server["passed"]) for server in blunt)
    cases = sum(failed.values()) + passed
    missed = sum(bool(one["missed"]) for one in real)
    versions = " and ".join(sorted({one["version"] for one in real}))
    rows = [
        ["faults of the reference server", f"{len(faults)}", f"{caught} caught by every requirement that they name"],
        ["requirements that score", f"{len(matrix['requirements'])}", f"{catching} catch a fault, {several} several"],
        [f"faults before a real Node-RED {versions}", f"{len(real)}", f"{len(real) - missed} caught"],
        ["legal variants", f"{len(variants)}", f"{objections} objections"],
        [
            f"cases of refusals before {len(blunt)} blunt servers",
            f"{cases}",
            f"{failed['refusal']} fail by the refusal, {failed['control']} by its control, {passed} pass",
        ],
    ]
    return table(["", "number", "outcome"], rows)


def html(matrix: Json) -> str:
    """The matrix as one file of HTML that needs nothing else, and can be read without JavaScript."""
    return rendered(
        Path(__file__).with_name(f"{NAME}.html.jinja"),
        matrix=matrix,
        title="What the conformance suite catches, and what it allows",
        killers=killers(matrix),
        namers=Counter(name for fault in matrix["faults"] for name in fault["names"]),
        leaning=leaning(matrix["faults"]),
        many=MANY,
        honest=HONEST,
        met_by=Counter(number for fault in matrix["faults"] for number in fault["judged"]),
    )


def leaning(faults: Iterable[Mapping[str, Any]]) -> Sequence[str]:
    """The faults that trip many requirements of areas other than those of what they name."""
    return [fault["fault"] for fault in faults if len(elsewhere(fault)) > MANY]


def elsewhere(fault: Mapping[str, Any]) -> list[str]:
    """What a fault trips in areas other than those of what it names."""
    areas = {name.partition(".")[0] for name in fault["names"]}
    return [name for name in fault["tripped"] if name.partition(".")[0] not in areas]


def publish(proof: Proof, folder: Path) -> None:
    """Write both files into the folder; what was not run again stays as it is there."""
    there = folder / f"{NAME}.json"
    matrix = as_value(proof)
    if there.exists():
        matrix = joined(read(folder), matrix)
    there.write_text(as_json(matrix), "utf-8")
    (folder / f"{NAME}.html").write_text(html(matrix), "utf-8")


def joined(old: Json, new: Json) -> Json:
    """The new matrix, with what the old one tells of faults that are still there and of parts that were not run."""
    numbers = {name: number for number, name in enumerate(new["requirements"])}
    still = [numbers.get(name) for name in old["requirements"]]
    for row in old["faults"]:
        row["judged"] = sorted(number for place in row["judged"] if (number := still[place]) is not None)
    faults = {row["fault"]: row for row in [*old["faults"], *new["faults"]]}
    real = {(row["version"], row["fault"]): row for row in [*old["real"], *new["real"]]}
    return {
        **new,
        "faults": [row for name, row in sorted(faults.items()) if name in FAULTS],
        "variants": new["variants"] or old["variants"],
        "blunt": new["blunt"] or old["blunt"],
        "real": [row for (_, name), row in sorted(real.items()) if name in (*FAULTS, HONEST)],
    }
