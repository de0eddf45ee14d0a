"""Other ids of the flows that are added."""

import itertools
import secrets
import uuid
from collections.abc import Callable, Iterator
from typing import Final

from reference_server.app import Api
from reference_server.variants.variant import register

IDS: Final[tuple[tuple[str, str, Callable[[], Iterator[str]]], ...]] = (
    (
        "dotted-ids",
        "The id of a flow that is added has a dot in it, as those of Node-RED before 2.0.",
        lambda: (f"{secrets.token_hex(4)}.{secrets.token_hex(3)}" for _ in itertools.count()),
    ),
    (
        "uuid-ids",
        "The id of a flow that is added is a UUID in upper case.",
        lambda: (str(uuid.uuid4()).upper() for _ in itertools.count()),
    ),
    ("numeric-ids", "The id of a flow that is added is a number.", lambda: map(str, itertools.count(1))),
    (
        "unicode-ids",
        "The id of a flow that is added has letters beyond ASCII, and a blank.",
        lambda: (f"flux été {number}" for number in itertools.count(1)),
    ),
    (
        "ids-that-need-escaping",
        "The id of a flow that is added means something in a URL, unless it is escaped.",
        lambda: (f"flow/{number}?a=b&c#d%20+e" for number in itertools.count(1)),
    ),
    (
        "long-ids",
        "The id of a flow that is added has three hundred characters.",
        lambda: (f"{number:0300}" for number in itertools.count(1)),
    ),
)
"""Each variant with its sentence and its ids."""


def numbering(ids: Callable[[], Iterator[str]]) -> Callable[[Api], None]:
    """Lets a server give such ids."""

    def prepare(api: Api) -> None:
        api.new_id = ids().__next__

    return prepare


for name, text, given in IDS:
    register(name, text, prepare=numbering(given))
