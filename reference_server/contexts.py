"""The values that nodes keep: by store, by owner, by key."""

import json
import re
from collections.abc import Collection
from typing import Final

from reference_server.messages import Json

GLOBAL: Final = "global"
"""The owner of the global context; every other owner is a flow or a node, by id."""

LENGTH: Final = 1_000
"""Characters of a text that are told: Node-RED's `debugMaxLength`."""

STORED_KEY: Final = re.compile(r"#:\((\w+)\)::(.*)", re.DOTALL)
"""A key of a store that is not the default one, as nodes write it."""

UNDEFINED: Final = object()
"""The value of a key that has none."""


class Contexts:
    """The contexts in memory."""

    def __init__(self, stores: Collection[str]) -> None:
        self.default = next(iter(stores))
        self._stores: dict[str, dict[str, dict[str, Json]]] = {store: {} for store in stores}

    @property
    def stores(self) -> list[str]:
        """The names of the stores."""
        return list(self._stores)

    def values(self, owner: str, store: str) -> dict[str, Json]:
        """What an owner keeps in a store, by key."""
        return self._stores[store].get(owner, {})

    def get(self, owner: str, store: str, key: str) -> Json:
        """The value at a key, which may reach into objects and arrays as `a.b[0]`; UNDEFINED where there is none."""
        value: Json = self.values(owner, store)
        for part in parts_of(key):
            value = member(value, part)
        return value

    def set(self, owner: str, store: str, key: str, value: Json) -> None:
        """Keep a value at a key; UNDEFINED removes what is there."""
        put(self._stores[store].setdefault(owner, {}), key, value)

    def stored(self, key: str) -> tuple[str, str]:
        """The store and the key that a node means by `#:(store)::key`; an empty store where it is not there."""
        named = STORED_KEY.fullmatch(key)
        if named is None:
            return self.default, key
        return (named[1] if named[1] in self._stores else "", named[2])

    def keep(self, ids: Collection[str]) -> None:
        """Drop what belongs to flows and nodes that are no more."""
        for store, owners in self._stores.items():
            self._stores[store] = {owner: kept for owner, kept in owners.items() if owner in {GLOBAL, *ids}}


def parts_of(key: str) -> list[str]:
    """The parts of a key: `a.b[0]["c"]` has four."""
    return [part.strip("[]\"'") for part in re.findall(r"\[[^\]]*\]|[^.\[\]]+", key)] or [key]


def put(place: Json, key: str, value: Json) -> None:
    """Put a value at a key inside an object; UNDEFINED removes what is there."""
    *outer, last = parts_of(key)
    for part in outer:
        if not isinstance(member(place, part), dict | list):
            if value is UNDEFINED or not isinstance(place, dict):
                return
            place[part] = {}
        place = member(place, part)
    if value is UNDEFINED and member(place, last) is not UNDEFINED:
        del place[last if isinstance(place, dict) else int(last)]
    elif value is not UNDEFINED and isinstance(place, dict):
        place[last] = value


def member(value: Json, part: str) -> Json:
    """One member of an object or an array, UNDEFINED where there is none."""
    if isinstance(value, dict):
        return value.get(part, UNDEFINED)
    if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
        return value[int(part)]
    return UNDEFINED


def told(value: Json) -> Json:
    """A value as the API tells it: its text, and what it is."""
    msg, kind = text_of(value)
    return {"msg": msg if len(msg) <= LENGTH else f"{msg[:LENGTH]}...", "format": kind}


def text_of(value: Json) -> tuple[str, str]:
    """A value's text, and what it is."""
    if value is UNDEFINED or value is None:
        return "(undefined)", "null" if value is None else "undefined"
    if isinstance(value, str):
        return value, f"string[{len(value)}]"
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, bool):
        return text, "boolean"
    if isinstance(value, int | float):
        return text, "number"
    return text, f"array[{len(value)}]" if isinstance(value, list) else "Object"
