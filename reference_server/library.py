"""What users saved in the library: texts by type and path, some of them with properties."""

from dataclasses import dataclass
from typing import Final

from reference_server.messages import ApiError, Json

TYPES: Final = ("flows", "functions", "templates")


@dataclass(frozen=True)
class Entry:
    """A text that was saved, and what else was said of it."""

    text: str
    properties: dict[str, Json]


class Library:
    """The entries in memory. A folder is there as soon as something is in it."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, Entry]] = {name: {} for name in TYPES}

    def entry(self, kind: str, path: str) -> Entry | None:
        """The entry of that path, None where it has none."""
        return self._of(kind).get(checked(path))

    def listing(self, kind: str, path: str) -> list[Json]:
        """The names of the folders in a folder, then its files; refuses a folder that is not there."""
        inside = f"{checked(path)}/" if checked(path) else ""
        found = {name.removeprefix(inside): entry for name, entry in self._of(kind).items() if name.startswith(inside)}
        if inside and not found:
            raise ApiError(400, "unexpected_error", f"The library has no {path}")
        folders = sorted({name.partition("/")[0] for name in found if "/" in name})
        return folders + [{**found[name].properties, "fn": name} for name in sorted(found) if "/" not in name]

    def save(self, kind: str, path: str, entry: Entry) -> None:
        """Keep the entry under that path, in place of an earlier one."""
        self._of(kind)[checked(path)] = entry

    def _of(self, kind: str) -> dict[str, Entry]:
        if kind not in self._entries:
            raise ApiError(400, "unexpected_error", f"There is no library type {kind}")
        return self._entries[kind]


def checked(path: str) -> str:
    """The path without slashes around it; refuses one that leads out of the library."""
    if ".." in path.split("/"):
        raise ApiError(403, "forbidden", "The path leads out of the library")
    return path.strip("/")
