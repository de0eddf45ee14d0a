"""What changed between two results: by requirement and, where nothing is promised, by what was seen."""

from collections.abc import Iterator, Mapping
from typing import Final

from conformance.data import Json
from conformance.exchange import printable
from conformance.outcomes import Outcome
from conformance.waivers.signature import parts

FORMAT: Final = 1
"""The version of the format of a difference in JSON."""

BAD: Final = (Outcome.DEVIATES, Outcome.NOT_TESTED, Outcome.SUITE_ERROR, Outcome.VIOLATES)
"""The outcomes to which something gets worse."""

ABSENT: Final = "absent"
"""What stands for the outcome of a requirement that one of both does not have."""


def difference(before: Json, after: Json) -> Json:
    """What changed, under `schemas/diff.json`."""
    old, new = by_requirement(before), by_requirement(after)
    names = [*old, *(name for name in new if name not in old)]
    changes = [change for name in names if (change := changed(name, old.get(name), new.get(name)))]
    return {
        "format": FORMAT,
        "before": side(before),
        "after": side(after),
        "worse": sum(change["worse"] for change in changes),
        "changes": changes,
    }


def by_requirement(document: Json) -> dict[str, Json]:
    """The findings under their requirements."""
    return {found["requirement"]: found for found in document["findings"]}


def side(document: Json) -> Json:
    """What one of both is of."""
    return {
        "name": document["target"]["name"],
        "url": document["target"]["url"],
        "version": document["target"]["version"],
        "suite": document["suite"]["version"],
        "verdict": document["verdict"],
        "complete": document.get("complete", True),
    }


def changed(name: str, old: Json, new: Json) -> Json:
    """How a requirement changed, None where it did not."""
    before, after = (found["outcome"] if found else ABSENT for found in (old, new))
    said = [found["reason"] if found else "" for found in (old, new)]
    if before == after and parts(said[0]) == parts(said[1]):
        return None
    return {
        "requirement": name,
        "level": (new or old)["level"],
        "before": {"outcome": before, "reason": said[0]},
        "after": {"outcome": after, "reason": said[1]},
        "worse": is_worse(before, after),
    }


def is_worse(before: str, after: str) -> bool:
    """Whether a requirement came to something worse than it had."""
    if after in (before, ABSENT) or Outcome(after) not in BAD:
        return False
    return before == ABSENT or Outcome(after).gravity > Outcome(before).gravity


def text(found: Mapping[str, Json]) -> str:
    """The difference for a person."""
    return "\n".join(lines(found))


def lines(found: Mapping[str, Json]) -> Iterator[str]:
    """Its lines: what got worse, then what else came to something else, then what was seen otherwise."""
    for sign, one in (("-", found["before"]), ("+", found["after"])):
        so_far = "" if one["complete"] else ", as far as its run got, which was killed"
        version = one["version"] or "of unknown version"
        yield printable(f"{sign} {one['name']}, Node-RED {version}, suite {one['suite']}: {one['verdict']}{so_far}")
    changes = found["changes"]
    other = [one for one in changes if not one["worse"] and one["before"]["outcome"] != one["after"]["outcome"]]
    seen = [one for one in changes if one["before"]["outcome"] == one["after"]["outcome"]]
    worse = [one for one in changes if one["worse"]]
    for head, of_kind in (("worse", worse), ("otherwise, and not worse", other), ("seen otherwise", seen)):
        if of_kind:
            yield f"\n{head}: {len(of_kind)}"
        for one in of_kind:
            outcomes = [one["before"]["outcome"], one["after"]["outcome"]]
            yield f"{one['requirement']} ({one['level']}): {' -> '.join(dict.fromkeys(outcomes))}"
            for sign, word in (("-", one["before"]), ("+", one["after"])):
                if word["reason"]:
                    yield printable(f"  {sign} {word['reason']}")
    if not changes:
        yield "\nNothing changed."
