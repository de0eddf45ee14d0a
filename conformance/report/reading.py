"""Reads any `verdict.json`, of this or of an earlier suite."""

import json
from collections.abc import Iterable
from pathlib import Path

import jsonschema
from jsonschema.exceptions import best_match

from conformance.data import Json, schema
from conformance.exchange import printable
from conformance.values import read_json


class NoVerdict(Exception):
    """The file is no `verdict.json`; the message says what is wrong with it, and what to do."""


def read(path: Path) -> Json:
    """The result in this file, or in the `verdict.json` of this folder; raises NoVerdict."""
    file = path / "verdict.json" if path.is_dir() else path
    try:
        document = read_json(file.read_bytes())
    except OSError as error:
        raise NoVerdict(
            f"{file}: {error.strerror or error}. Name a verdict.json, or the folder that holds it."
        ) from None
    except (ValueError, json.JSONDecodeError):
        raise NoVerdict(f"{file}: it is no JSON. Name a verdict.json, or the folder that holds it.") from None
    problem = best_match(jsonschema.Draft202012Validator(schema("verdict")).iter_errors(document))
    if problem is not None:
        where = printable(f"{problem.json_path}: {problem.message}"[:200])
        raise NoVerdict(f"{file}: it is no verdict.json that this suite knows: {where}.")
    return document


def named(documents: Iterable[Json]) -> dict[str, Json]:
    """The results under the names of their targets; a name that comes again is numbered."""
    under: dict[str, Json] = {}
    for document in documents:
        name = first = document["target"]["name"]
        number = 1
        while name in under:
            number += 1
            name = f"{first} ({number})"
        under[name] = document
    return under
