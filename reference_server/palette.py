"""The palette: which modules of nodes there are, which of their sets are enabled, and what the editor shows of them."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reference_server.editor import html_of_set
from reference_server.messages import ApiError, Json
from reference_server.settings import VERSION

CORE: Final = "node-red"
"""The module that Node-RED itself comes with."""

DATA: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


@dataclass
class NodeSet:
    """The types that one file of a module provides."""

    module: str
    name: str
    types: list[str]
    version: str
    html: str = field(repr=False)
    local: bool
    enabled: bool = True

    @property
    def id(self) -> str:
        """Its id, which is also its path below `/nodes/`."""
        return f"{self.module}/{self.name}"

    def as_json(self) -> dict[str, Json]:
        """The set as the API gives it."""
        return {
            "id": self.id,
            "name": self.name,
            "types": self.types,
            "enabled": self.enabled,
            "local": self.local,
            "user": False,
            "module": self.module,
            "version": self.version,
        }


@dataclass
class Module:
    """A module of nodes."""

    name: str
    version: str
    sets: list[NodeSet]
    pending_version: str = ""
    """The version that was installed over it, and runs after a restart."""

    @property
    def types(self) -> list[str]:
        """The types that all its sets provide."""
        return [node_type for node_set in self.sets for node_type in node_set.types]

    def as_json(self) -> dict[str, Json]:
        """The module as the API gives it."""
        module: dict[str, Json] = {"name": self.name, "version": self.version}
        if self.name != CORE:
            module |= {"local": True, "user": True}
        if self.pending_version:
            module["pending_version"] = self.pending_version
        return module | {"nodes": [node_set.as_json() for node_set in self.sets], "plugins": []}


class Palette:
    """The modules that are installed, in the order in which they came."""

    def __init__(self) -> None:
        core = described(CORE, VERSION, DATA["core"])
        self._modules = {CORE: core}

    def __iter__(self) -> Iterator[NodeSet]:
        """Every set of every module."""
        return (node_set for module in self._modules.values() for node_set in module.sets)

    @property
    def types(self) -> set[str]:
        """The types of every set that is enabled: those that nodes can be started of."""
        return {node_type for node_set in self if node_set.enabled for node_type in node_set.types}

    @property
    def html(self) -> str:
        """What the editor loads: the HTML of every set that is enabled."""
        return "".join(node_set.html for node_set in self if node_set.enabled)

    def module(self, name: str, missing: int = 404) -> Module:
        """The module of that name; raises ApiError with the status for a missing one."""
        if name not in self._modules:
            raise ApiError(missing, "not_found", "Module not found")
        return self._modules[name]

    def node_set(self, module: str, name: str, missing: int = 404) -> NodeSet:
        """The set of that name; raises ApiError with the status for a missing one."""
        for node_set in self:
            if (node_set.module, node_set.name) == (module, name):
                return node_set
        raise ApiError(missing, "not_found", "Node set not found")

    def check_not_loaded(self, name: str, version: str | None = None) -> None:
        """Refuse a module that is there already, in this version where one is given."""
        if name in self._modules and version in (None, self._modules[name].version):
            raise ApiError(400, "module_already_loaded", "Module already loaded")

    def add(self, module: Module) -> Module:
        """Install the module; another version of one that is there waits for a restart."""
        self.check_not_loaded(module.name, module.version)
        known = self._modules.setdefault(module.name, module)
        if known is not module:
            known.pending_version = module.version
        return known

    def remove(self, name: str, used: Iterable[str]) -> Module:
        """Take the module away, unless it is Node-RED's own or one of its types is used."""
        module = self.module(name)
        if name == CORE:
            raise ApiError(400, "unexpected_error", f"Unrecognised module: {name}")
        check_unused(module.types, used)
        return self._modules.pop(name)


def enable(node_set: NodeSet, enabled: bool, used: Iterable[str]) -> None:
    """Enable or disable the set; one of whose types is used is not disabled."""
    if not enabled:
        check_unused(node_set.types, used)
    node_set.enabled = enabled


def check_unused(types: Iterable[str], used: Iterable[str]) -> None:
    """Refuse where one of the types is used."""
    in_use = sorted(set(types).intersection(used))
    if in_use:
        raise ApiError(400, "type_in_use", f"Type in use: {in_use[0]}")


def in_registry(name: str) -> Module | None:
    """The module that can be installed by this name, None where there is none."""
    sets = DATA["registry"].get(name)
    return described(name, DATA["versions"][name], sets) if sets else None


def described(name: str, version: str, sets: Json) -> Module:
    """The module whose sets the data file describes."""
    return Module(
        name,
        version,
        [
            NodeSet(name, set_name, list(types), version, html_of_set(f"{name}/{set_name}", types), name != CORE)
            for set_name, types in sets.items()
        ],
    )
