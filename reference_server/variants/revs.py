"""Other revs: what a rev looks like is the server's own affair."""

import base64
import json
import uuid
from collections.abc import Callable
from typing import Final

from reference_server.app import Api
from reference_server.between import Json
from reference_server.flows import Flows
from reference_server.variants.variant import register

Name = Callable[[int, str], str]
"""The rev after so many deployments, of flows with this digest."""

LONG: Final = 2_000
"""Characters of a long rev."""

REVS: Final[tuple[tuple[str, str, Name], ...]] = (
    ("numeric-revs", "A rev is the number of deployments so far.", lambda number, _: str(number)),
    ("short-revs", "A rev is a single letter, or two once they run out.", lambda number, _: letters(number)),
    ("long-revs", "A rev has two thousand characters.", lambda _, digest: (digest * LONG)[:LONG]),
    (
        "unicode-revs",
        "A rev has letters of several scripts and an emoji.",
        lambda number, _: f"правка-ü-改訂-{number}-😀",
    ),
    ("upper-case-revs", "A rev is a digest in upper case.", lambda _, digest: digest.upper()),
    (
        "base64-revs",
        "A rev is in base64, padding and all.",
        lambda _, digest: base64.b64encode(digest[:31].encode()).decode(),
    ),
    (
        "uuid-revs",
        "A rev is a UUID, another one after every deployment.",
        lambda number, _: str(uuid.UUID(int=number * 7**40)),
    ),
    ("etag-like-revs", "A rev looks like an ETag, quotation marks and all.", lambda number, _: f'W/"{number}-\\"'),
    ("padded-revs", "A rev begins and ends with blanks.", lambda number, _: f"  {number}  "),
    (
        "json-like-revs",
        "A rev is text that could be taken for JSON.",
        lambda number, _: json.dumps({"rev": number, "ok": None}),
    ),
    ("float-like-revs", "A rev is text that could be taken for a number.", lambda number, _: f"{number}e0"),
    ("time-stamp-revs", "A rev is the time at which it became active.", lambda number, _: time_stamp(number)),
)
"""Each variant with its sentence and its revs."""


def letters(number: int) -> str:
    """A letter for each of the first numbers, and more of them for the next."""
    first, last = divmod(number, 26)
    return (letters(first - 1) if first else "") + chr(ord("a") + last)


def time_stamp(number: int) -> str:
    """A time, a millisecond later for each deployment."""
    minutes, milliseconds = divmod(number, 60_000)
    return f"2031-01-31T{minutes // 60:02}:{minutes % 60:02}:{milliseconds / 1000:06.3f}Z"


class Renamed(Flows):
    """Flows whose revs have other names: of several kinds each takes its turn, deployment by deployment."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[Name] = []
        self._deployments = 0

    @property
    def rev(self) -> str:
        """The revision."""
        return self.names[self._deployments % len(self.names)](self._deployments, super().rev)

    def deploy(self, nodes: Json) -> None:
        """Make `nodes` the active flows, or refuse them whole."""
        super().deploy(nodes)
        self._deployments += 1


def renaming(name: Name) -> Callable[[Api], None]:
    """Lets a server have such revs, too."""

    def prepare(api: Api) -> None:
        flows = api.flows if isinstance(api.flows, Renamed) else Renamed()
        flows.names.append(name)
        api.keep_in(flows)

    return prepare


for variant, text, rev in REVS:
    register(variant, text, prepare=renaming(rev))
