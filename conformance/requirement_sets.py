"""Requirement sets: what a release of the suite asked of a target, frozen in `requirements/sets/RELEASE.txt`.

`python -m conformance.requirement_sets > conformance/requirements/sets/RELEASE.txt` freezes those of today.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from conformance.catalogue import Requirement, catalogue
from conformance.data import PACKAGE

FOLDER: Final = PACKAGE / "requirements" / "sets"

GONE: Final = "the requirement set has it, and the suite no longer does"
"""Why a requirement is not tested that is in a set and not in the catalogue."""


def names() -> list[str]:
    """The releases whose requirements are known."""
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def read(name: str) -> dict[str, Requirement]:
    """The requirements of a release by their ids, as far as a set tells of them: level, profile and clients."""
    return parsed((FOLDER / f"{name}.txt").read_text("utf-8"))


def parsed(text: str) -> dict[str, Requirement]:
    """The requirements that the lines of a set name."""
    entries = (of_line(*line.split()) for line in text.splitlines())
    return {entry.id: entry for entry in entries}


def of_line(name: str, level: str, profile: str, *clients: str) -> Requirement:
    """The requirement that a line of a set names."""
    text = "It is in a requirement set alone."
    return Requirement(
        id=name, level=level, text=text, authority="agree", since="0.15.0", profile=profile, clients=clients
    )


def held_to(of_set: Mapping[str, Requirement], today: Mapping[str, Requirement]) -> dict[str, Requirement]:
    """The requirements of today with the levels that the set has, and what is in the set alone after them."""
    pinned = {
        name: replace(entry, level=of_set[name].level, excluded=None) if name in of_set else entry
        for name, entry in today.items()
    }
    return pinned | {name: entry for name, entry in of_set.items() if name not in pinned}


def lost(of_set: Mapping[str, Requirement], today: Mapping[str, Requirement]) -> dict[str, str]:
    """Why the suite cannot judge what the set has, by the requirements' ids."""
    gone = {name: GONE for name in of_set if name not in today}
    excluded = {name: entry.excluded for name, entry in today.items() if name in of_set and entry.excluded}
    return gone | excluded


def lines() -> list[str]:
    """The set of today: each requirement that can be judged, with its level, its profile and its clients."""
    judged = (entry for entry in catalogue().values() if not entry.excluded)
    return sorted(" ".join([entry.id, entry.level, entry.profile, *entry.clients]) for entry in judged)


if __name__ == "__main__":
    sys.stdout.write("\n".join([*lines(), ""]))
