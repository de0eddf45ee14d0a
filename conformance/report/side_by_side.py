"""Several targets side by side: requirement by target, as HTML, Markdown and JSON."""

from collections.abc import Mapping
from typing import Final

from conformance.catalogue import Requirement, catalogue
from conformance.data import Json
from conformance.report import matrix
from conformance.report.results import Results

TITLE: Final = "The Node-RED admin API of several targets"

FORMAT: Final = 1
"""The version of the format of `matrix.json`."""


def html(documents: Mapping[str, Json]) -> str:
    """The matrix as one page."""
    return matrix.html(TITLE, about(documents), judged(documents), results(documents))


def markdown(documents: Mapping[str, Json]) -> str:
    """The matrix in Markdown."""
    return matrix.markdown(TITLE, f"{about(documents)}\n", judged(documents), results(documents), lambda one: one.id)


def as_json(documents: Mapping[str, Json]) -> Json:
    """The matrix under `schemas/matrix.json`."""
    told = results(documents)
    return {
        "format": FORMAT,
        "targets": [
            {
                "name": name,
                "url": document["target"]["url"],
                "version": document["target"]["version"],
                "suite": document["suite"]["version"],
                "verdict": document["verdict"],
                "complete": document.get("complete", True),
            }
            for name, document in documents.items()
        ],
        "requirements": [
            {
                "requirement": entry.id,
                "level": entry.level,
                "came_to": {name: outcome(told.findings[name].get(entry.id)) for name in told.names},
            }
            for entry in judged(documents)
        ],
    }


def outcome(found: Json) -> Json:
    """What a requirement came to, None where it was not judged."""
    return {"outcome": found["outcome"], "reason": found["reason"]} if found else None


def about(documents: Mapping[str, Json]) -> str:
    """What was judged, in a sentence."""
    told = [
        f"{name}: {document['verdict']}{'' if document.get('complete', True) else ' so far, as its run was killed'}"
        for name, document in documents.items()
    ]
    return f"{'; '.join(told)}."


def judged(documents: Mapping[str, Json]) -> list[Requirement]:
    """The requirements of which anything is known, in the order of the catalogue."""
    known = {found["requirement"] for document in documents.values() for found in document["findings"]}
    return [entry for entry in catalogue().values() if entry.id in known]


def results(documents: Mapping[str, Json]) -> Results:
    """What the targets came to."""
    return Results(
        {name: {found["requirement"]: found for found in document["findings"]} for name, document in documents.items()},
        {name: document["target"]["version"] for name, document in documents.items()},
    )
