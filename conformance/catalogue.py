"""The catalogue: every requirement, read from `requirements/AREA.toml` and refused where it is not well-formed."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import fastjsonschema
import jsonschema
import tomli

from conformance.data import PACKAGE, Json, schema
from conformance.spelling import did_you_mean

DOCUMENTATION = "https://nodered.org/docs"


class CatalogueError(Exception):
    """A catalogue file that breaks its format; the message names the file, the place and the mend."""


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One promise of the API. The keys are those of `schemas/catalogue.json`, which explains each."""

    id: str
    level: str
    text: str
    authority: str
    since: str
    profile: str
    observed: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    breaks: str | None = None
    documented: str | None = None
    runtime: str | None = None
    until: str | None = None
    excluded: str | None = None

    @property
    def area(self) -> str:
        """The part of the API that the promise is about."""
        return self.id.partition(".")[0]

    @property
    def scores(self) -> bool:
        """Whether a miss counts: MUST and SHOULD do, MAY and OBSERVE do not."""
        return self.level in ("MUST", "SHOULD")

    @property
    def source(self) -> str:
        """Where the promise comes from, for a reader: the page's address, or the versions it was seen on."""
        if self.documented:
            return documentation_url(self.documented)
        if not self.observed:
            return "undocumented, and not judged"
        return f"undocumented; seen on {len(self.observed)} versions, {self.observed[0]} to {self.observed[-1]}"

    @property
    def harm(self) -> str:
        """The clients that break where the promise is broken, and what they can no longer do; empty where none does."""
        clients = ", ".join(self.clients)
        return f"{clients}: {self.breaks}" if self.breaks else clients

    @property
    def span(self) -> str:
        """The versions that it binds: the first, and the last where there is one."""
        return f"{self.since} to {self.until}" if self.until else self.since

    def out_of_range(self, version: str | None) -> str:
        """Why the promise does not bind a target of this version; empty where it does, or where none is known."""
        if version is None:
            return ""
        if release(version) < release(self.since):
            return f"it holds since Node-RED {self.since}, and the target says it is {version}"
        if self.until and release(version) > release(self.until):
            return f"it held until Node-RED {self.until}, and the target says it is {version}"
        return ""


def documentation_url(page: str) -> str:
    """The address of a page of the official documentation, `POST /flows` or a path such as `api/admin/errors`."""
    method, _, path = page.partition(" /")
    return f"{DOCUMENTATION}/api/admin/methods/{method.lower()}/{path}/" if path else f"{DOCUMENTATION}/{page}"


def release(version: str) -> tuple[int, ...]:
    """The numbers of a version, to compare by; a pre-release counts as its release."""
    return tuple(int(part) for part in version.partition("-")[0].split(".") if part.isdigit())


def read_area(path: Path) -> list[Requirement]:
    """The requirements of one file; raises CatalogueError."""
    try:
        tables = tomli.loads(path.read_text("utf-8"))
    except tomli.TOMLDecodeError as error:
        raise CatalogueError(f"{path.name}: {error}") from error
    if not well_formed(tables):
        problem = next(jsonschema.Draft202012Validator(schema("catalogue")).iter_errors(tables))
        raise CatalogueError(f"{path.name}: {explain(problem, tables)}")
    return [requirement(f"{path.stem}.{name}", table) for name, table in tables.items()]


def well_formed(tables: Mapping[str, Json]) -> bool:
    """Whether the tables keep the format. Every process of a run asks, so a compiled check answers."""
    try:
        compiled()(tables)
    except fastjsonschema.JsonSchemaException:
        return False
    return True


@functools.cache
def compiled() -> Callable[[Json], Json]:
    """The check of `schemas/catalogue.json`, as code: a tenth of the time, and no words for what is wrong."""
    check: Callable[[Json], Json] = fastjsonschema.compile(schema("catalogue"))
    return check


def requirement(requirement_id: str, table: Mapping[str, Json]) -> Requirement:
    """The requirement that a table of the catalogue states."""
    lists = {key: tuple(table.get(key, ())) for key in ("observed", "clients", "rows")}
    return Requirement(id=requirement_id, **{**table, **lists})


def explain(error: jsonschema.ValidationError, tables: Mapping[str, Json]) -> str:
    """A breach of the format in words; an unknown key or word with the nearest right one."""
    place = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties" and len(error.absolute_path) == 1:
        known = schema("catalogue")["$defs"]["requirement"]["properties"]
        unknown = next(key for key in tables[str(error.absolute_path[0])] if key not in known)
        return f"[{place}]: unknown key '{unknown}'. {did_you_mean(unknown, known)}"
    if isinstance(error.validator_value, list) and error.validator == "enum":
        return f"{place}: '{error.instance}' is unknown. {did_you_mean(str(error.instance), error.validator_value)}"
    return f"{place}: {error.message}"


@functools.cache
def catalogue() -> Mapping[str, Requirement]:
    """Every requirement by its id, area by area, in the order of the files; raises CatalogueError."""
    areas = sorted((PACKAGE / "requirements").glob("*.toml"))
    if not areas:
        raise CatalogueError(f"{PACKAGE / 'requirements'}: no requirement is there. Install the suite again.")
    return {entry.id: entry for path in areas for entry in read_area(path)}


def vocabulary(key: str) -> tuple[str, ...]:
    """The closed list of words that a key of the catalogue takes: `level`, `profile`, `authority`."""
    words: list[str] = schema("catalogue")["$defs"][key]["enum"]
    return tuple(words)


def profiles() -> tuple[str, ...]:
    """What `--profile` takes: the parts of the API, and the clients that depend on parts of it."""
    return vocabulary("profile") + vocabulary("client")
