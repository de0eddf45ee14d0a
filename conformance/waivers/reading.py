"""The file of waivers: read, and refused where it says less or more than which failures are known."""

import datetime as dt
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jsonschema

from conformance.catalogue import Requirement
from conformance.data import Json, schema
from conformance.spelling import did_you_mean

LONGEST: Final = 366
"""Days that a waiver may last."""

PLACEHOLDER: Final = "FILL IN"
"""How a value begins that somebody has still to write."""


class BadWaivers(Exception):
    """A file of waivers that cannot be meant; each argument is a line that names the file and the place."""


@dataclass(frozen=True)
class Waiver:
    """One violation that its owner knows of. The keys are those of `schemas/waivers.json`, which explains each."""

    requirement: str
    fails: str
    owner: str
    reason: str
    link: str
    expires: str
    target: str | None = None
    place: str = ""
    """The file and the line, for whoever is to change it."""

    @property
    def told(self) -> dict[str, str]:
        """What a report says of it."""
        return {"owner": self.owner, "reason": self.reason, "link": self.link, "expires": self.expires}

    def expired(self, today: dt.date) -> bool:
        """Whether its last day is over."""
        return dt.date.fromisoformat(self.expires) < today


def read(path: Path, shown: Path, requirements: Mapping[str, Requirement], today: dt.date) -> tuple[Waiver, ...]:
    """The waivers of a file, shown as its user wrote it; raises BadWaivers with a line for each thing that is wrong."""
    try:
        text = path.read_text("utf-8")
        tables = tomllib.loads(text)
    except OSError as error:
        raise BadWaivers(f"--waivers {shown}: {error.strerror}. Name a file of waivers.") from None
    except ValueError as error:
        raise BadWaivers(f"{shown}: that is no TOML: {error}") from None
    return parsed(tables, Places(shown, text), requirements, today)


def parsed(
    tables: Json, places: "Places", requirements: Mapping[str, Requirement], today: dt.date
) -> tuple[Waiver, ...]:
    """The waivers of a file that is TOML; raises BadWaivers with a line for each thing that is wrong."""
    plain = in_json(tables)
    wrong = [
        places.line(number, keys[0], f"{' and '.join(keys)}: to be filled in. {' '.join(HOW[key] for key in keys)}")
        for number, keys in unfilled(plain).items()
    ]
    if not wrong:
        validator = jsonschema.Draft202012Validator(
            schema("waivers"), format_checker=jsonschema.FormatChecker(("date",))
        )
        # A word that is written wrongly is missing, too.
        problems = sorted(validator.iter_errors(plain), key=lambda one: one.validator != "additionalProperties")
        wrong = [explained(problem, places) for problem in problems]
    if wrong:
        raise BadWaivers(*wrong)
    waivers = [Waiver(**table, place=places.of(number)) for number, table in enumerate(plain.get("waiver", []))]
    wrong = [
        places.line(number, key, words)
        for number, waiver in enumerate(waivers)
        for key, words in (*too_broad(waiver, requirements, today), *twice(waiver, waivers[:number]))
    ]
    if wrong:
        raise BadWaivers(*wrong)
    return tuple(waivers)


HOW: Final = {
    "owner": "Write who answers for the waiver.",
    "reason": "Write why the failure is known and stays.",
    "link": "Write where it is followed up, such as the address of a ticket.",
    "expires": "Write the last day, at most a year ahead, as YYYY-MM-DD without quotes.",
    "fails": "Write how it fails, such as 'violates: assert 200 == 409', or let --write-waivers=FILE do it.",
    "requirement": "Write one id, such as 'flows.stale-rev-refused'.",
    "target": "Write the name of a target, or leave the key out.",
}
"""What each key is for."""


def unfilled(tables: Json) -> dict[int, list[str]]:
    """The keys that nobody has filled in, by the number of their waiver."""
    found = tables.get("waiver")
    numbered = enumerate(found if isinstance(found, list) else [])
    keys = {number: [key for key in HOW if is_unfilled(table, key)] for number, table in numbered}
    return {number: missing for number, missing in keys.items() if missing}


def is_unfilled(table: Json, key: str) -> bool:
    """Whether a waiver has a key without what only a person can write."""
    value = table.get(key) if isinstance(table, dict) else None
    return isinstance(value, str) and (value.startswith(PLACEHOLDER) or not value.strip())


def too_broad(waiver: Waiver, requirements: Mapping[str, Requirement], today: dt.date) -> Iterator[tuple[str, str]]:
    """What is waived beyond one failure for a time, by the key that says so."""
    entry = requirements.get(waiver.requirement)
    areas = {one.area for one in requirements.values()}
    if entry is None and (re.search(r"[*?\[\]]", waiver.requirement) or waiver.requirement.strip(".") in areas):
        yield (
            "requirement",
            f"'{waiver.requirement}' is too broad: a waiver is for one requirement. Write its whole id.",
        )
    elif entry is None:
        near = did_you_mean(waiver.requirement, requirements)
        yield "requirement", f"there is no requirement '{waiver.requirement}'. {near}"
    elif not entry.scores:
        yield "requirement", f"{entry.id} is {entry.level}, which never fails a run. Take the waiver out."
    if dt.date.fromisoformat(waiver.expires) > today + dt.timedelta(LONGEST):
        yield "expires", f"{waiver.expires} is too far off: a waiver lasts a year at most. Write an earlier day."


def twice(waiver: Waiver, before: Sequence[Waiver]) -> Iterator[tuple[str, str]]:
    """What an earlier waiver is already for."""
    for other in before:
        if (other.requirement, other.target) == (waiver.requirement, waiver.target):
            yield "requirement", f"{waiver.requirement} is waived twice; first in {other.place}. Take one out."


def explained(error: jsonschema.ValidationError, places: "Places") -> str:
    """A breach of the format in words; an unknown key with the nearest right one."""
    path = list(error.absolute_path)
    instance: Json = error.instance
    number = path[1] if len(path) > 1 and isinstance(path[1], int) else None
    key = str(path[2]) if len(path) > 2 else ""  # noqa: PLR2004 - waiver, its number, its key
    whole = schema("waivers")
    if error.validator == "additionalProperties":
        known = whole["properties"] if number is None else whole["properties"]["waiver"]["items"]["properties"]
        unknown = next(name for name in instance if name not in known)
        return places.line(number, unknown, f"unknown key '{unknown}'. {did_you_mean(unknown, known)}")
    if error.validator == "required":
        missing = next(name for name in HOW if f"'{name}'" in error.message)
        return places.line(number, "", f"{missing} is missing. {HOW[missing]}")
    if key in HOW:
        return places.line(number, key, f"{key} = {instance!r} cannot be meant. {HOW[key]}")
    return places.line(number, key, "each waiver is a table of its own. Write [[waiver]] above it.")


def in_json(value: Json) -> Json:
    """A value of TOML as one of JSON: days become text, and so does what is no day."""
    if isinstance(value, dict):
        return {key: in_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [in_json(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


@dataclass(frozen=True)
class Places:
    """Where in a file its waivers are."""

    path: Path
    text: str

    def line(self, number: int | None, key: str, words: str) -> str:
        """The words with the file and the line that they are about."""
        return f"{self.of(number, key)}: {words}"

    def of(self, number: int | None, key: str = "") -> str:
        """The file and the line of a waiver, by its number, or of one of its keys, as far as they can be told."""
        lines = self.text.splitlines()
        heads = [index for index, line in enumerate(lines) if re.match(r"\s*\[\[\s*waiver\s*\]\]", line)]
        if number is None:
            first, last = 0, len(lines)
        elif number < len(heads):
            first, last = heads[number], [*heads, len(lines)][number + 1]
        else:
            return f"{self.path}"
        keyed = (index for index in range(first, last) if re.match(rf"\s*{re.escape(key)}\s*=", lines[index]))
        line = next(keyed, None) if key else None
        if line is None and number is None:
            return f"{self.path}"
        return f"{self.path}:{(first if line is None else line) + 1}"
