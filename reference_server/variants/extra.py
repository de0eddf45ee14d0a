"""Fields that nobody knows, in whatever the API words itself: not in nodes, texts and settings that users gave it."""

import re
from typing import Final

from reference_server.between import Json
from reference_server.variants.variant import COMMS, Tell, register, telling

EXTRA: Final = {"x-vendor": {"since": 2031, "notes": ["new", None, True]}, "": 0, "_links": {"self": "/"}}
"""The fields that are added to an object."""

PLACES: Final = (
    ("flows", r"/flows/?", 1),
    ("single-flows", r"/flow(/.*)?", 1),
    ("state", r"/flows/state/?", 1),
    ("palette", r"/nodes(?!/messages|/.*/.*/messages).*", 4),
    ("settings", r"/settings/?", 9),
    ("diagnostics", r"/diagnostics/?", 9),
    ("logins", r"/auth/.*", 9),
    ("comms", COMMS, 2),
)
"""Where there are objects that the API words: a name, the paths, and how deep they go there."""


MAPS: Final = ("modules", "contextStorage")
"""Objects whose keys are names and no fields."""


def with_extra(value: Json, depth: int) -> Json:
    """The value with the fields in its objects, down to this depth."""
    if isinstance(value, dict) and depth:
        told = {key: member if key in MAPS else with_extra(member, depth - 1) for key, member in value.items()}
        return told | EXTRA
    return [with_extra(one, depth) for one in value] if isinstance(value, list) and depth else value


def is_error(value: Json) -> bool:
    """Whether this is a refusal."""
    return isinstance(value, dict) and ("code" in value or "error" in value) and "message" in value


def adding(paths: str, depth: int) -> Tell:
    """Adds the fields on these paths; a bare array of nodes stays as it is."""

    def tell(path: str, value: Json) -> Json:
        of_nodes = isinstance(value, list) and path.startswith("/flow")
        return with_extra(value, depth) if re.fullmatch(paths, path, re.IGNORECASE) and not of_nodes else value

    return tell


for place, paths_there, deep in PLACES:
    register(
        f"extra-fields-in-{place}",
        f"The objects of {place.replace('-', ' ')} have fields that nobody knows.",
        says=telling(adding(paths_there, deep)),
    )

register(
    "extra-fields-in-errors",
    "Error objects have fields that nobody knows.",
    says=telling(lambda _, value: {**value, **EXTRA, "stack": ["at /srv"]} if is_error(value) else value),
)
