"""Options that are not on the command line: from the environment, from conformance.toml, from pyproject.toml."""

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from conformance.data import Json
from conformance.exchange import printable
from conformance.options import OF_TARGETS, OPTIONS, destination, given
from conformance.spelling import did_you_mean, nearest

FILE: Final = "conformance.toml"
"""The file of settings in the folder where pytest is run."""

PROJECT: Final = "pyproject.toml"

TABLE: Final = ("tool", "nodered-conformance")
"""The table of the project's own file."""

PREFIX: Final = "CONFORMANCE_"
"""How the names of the environment variables begin."""

SECRETS: Final = ("TOKEN", "READER_TOKEN", "WRITER_TOKEN", "ADMIN_PASSWORD", "READER_PASSWORD")
"""What is given in the environment alone, without the prefix."""

COMMAND_LINE: Final = frozenset({"--restore", "--show-config"})
"""The options that somebody has to write for each run."""

NO_FILE: Final = COMMAND_LINE | {"--allow-writes", "--no-settings"}
"""The options that no file sets: it may lie there for another purpose, or from another day."""

TRUTHS: Final = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}
"""What the environment says for an option that is given or not."""


@dataclass(frozen=True)
class Setting:
    """The value of an option, and where it comes from."""

    value: Any
    origin: str


ORIGINS = pytest.StashKey[dict[str, str]]()
"""Where the values of options come from that are not on the command line."""


def take(config: pytest.Config) -> None:
    """Let what is set elsewhere be the options that are not on the command line; raises pytest.UsageError."""
    config.stash[ORIGINS] = {}
    folder = config.invocation_params.dir
    found = dict(of_environment(os.environ))
    if "--no-settings" in found and not given(config, "--no-settings"):
        take_one(config, "--no-settings", found["--no-settings"])
    if not given(config, "--no-settings"):
        found = {**of_project(folder), **of_file(folder), **found}
    for option, setting in found.items():
        if option in OF_TARGETS and config.getoption(destination("--replay")):
            continue  # a recording has no target, wherever one is set
        take_one(config, option, setting)


def take_one(config: pytest.Config, option: str, setting: Setting) -> None:
    """Let this be the value of an option, unless it is on the command line."""
    if config.getoption(destination(option)) is None:
        setattr(config.option, destination(option), setting.value)
        config.stash[ORIGINS][option] = setting.origin


def dumps(config: pytest.Config) -> str:
    """The options that were taken, as text, for the workers of a parallel run; empty where none was."""
    taken = {option: config.getoption(destination(option)) for option in config.stash.get(ORIGINS, {})}
    return json.dumps(taken, default=str) if taken else ""


def loads(config: pytest.Config, text: str) -> None:
    """Let the options be those that `dumps` made text of."""
    for option, value in json.loads(text).items():
        of_path = OPTIONS[option].get("type") is Path
        setattr(config.option, destination(option), Path(value) if of_path else value)


def of_environment(variables: Mapping[str, str]) -> Iterator[tuple[str, Setting]]:
    """The options that environment variables set; raises pytest.UsageError."""
    known = {variable(option): option for option in OPTIONS}
    for name, text in sorted(variables.items()):
        if not name.startswith(PREFIX) or name.removeprefix(PREFIX) in SECRETS or not text.strip():
            continue
        if (option := known.get(name)) is None:
            refuse_unknown(name, [*known, *(PREFIX + secret for secret in SECRETS)])
        elif option in COMMAND_LINE:
            raise pytest.UsageError(f"{name}: {option} is for the command line alone. Write it there.")
        else:
            yield option, Setting(of_text(option, name, text.strip()), f"environment: {name}")


def refuse_unknown(name: str, known: list[str]) -> None:
    """Refuse a variable that is nearly one of the suite's; other programs may have some that begin so, too."""
    word = name.removeprefix(PREFIX)
    near = nearest(word, [one.removeprefix(PREFIX) for one in known])
    if near or is_secret(word):
        raise pytest.UsageError(f"{name}: there is no such setting. {did_you_mean(PREFIX + (near or word), known)}")


def is_secret(word: str) -> bool:
    """Whether a name sounds like that of a secret."""
    return any(secret in word for secret in ("PASSWORD", "TOKEN", "SECRET"))


def variable(option: str) -> str:
    """The environment variable that sets an option."""
    return PREFIX + option.removeprefix("--").replace("-", "_").upper()


def of_text(option: str, name: str, text: str) -> Any:
    """The value of an option that is written as text; raises pytest.UsageError."""
    declaration = OPTIONS[option]
    if declaration.get("action") == "store_true":
        if text.lower() not in TRUTHS:
            raise pytest.UsageError(f"{name}={printable(text)}: write 1 or 0.")
        return TRUTHS[text.lower()]
    if declaration.get("action") == "append":
        return [word.strip() for word in text.split(",") if word.strip()]
    if declaration.get("type") is float:
        try:
            return float(text)
        except ValueError:
            raise pytest.UsageError(f"{name}={printable(text)}: write a number.") from None
    return declaration.get("type", str)(text)


def of_file(folder: Path) -> dict[str, Setting]:
    """The options that `conformance.toml` sets in a folder; raises pytest.UsageError."""
    path = folder / FILE
    return of_table(content(path), path, folder, FILE) if path.is_file() else {}


def of_project(folder: Path) -> dict[str, Setting]:
    """The options that the nearest `pyproject.toml` sets, in a folder or above it; raises pytest.UsageError."""
    path = next((one / PROJECT for one in (folder, *folder.parents) if (one / PROJECT).is_file()), None)
    if path is None:
        return {}
    table = content(path)
    for name in TABLE:
        table = table.get(name, {}) if isinstance(table, dict) else {}
    named = PROJECT if path.parent == folder else path
    return of_table(table, path, folder, f"{named} [{'.'.join(TABLE)}]")


def content(path: Path) -> Json:
    """What a file of TOML holds; raises pytest.UsageError."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise pytest.UsageError(f"{path}: {error.strerror}. --no-settings reads no file.") from None
    except ValueError as error:
        raise pytest.UsageError(f"{path}: that is no TOML: {error}") from None


def of_table(table: Json, path: Path, folder: Path, shown: str) -> dict[str, Setting]:
    """The options that a table sets; paths are meant from its file on. Raises pytest.UsageError."""
    if not isinstance(table, dict):
        raise pytest.UsageError(f"{shown}: write it as a table of settings.")
    allowed = {option.removeprefix("--"): option for option in OPTIONS if option not in NO_FILE}
    found = {}
    for key, written in table.items():
        if key not in allowed:
            raise pytest.UsageError(f"{shown}: {refusal(key, allowed)}")
        value = of_toml(allowed[key], f"{shown}: {key}", written)
        elsewhere = isinstance(value, Path) and path.parent != folder
        found[allowed[key]] = Setting(path.parent / value if elsewhere else value, shown)
    return found


def refusal(key: str, allowed: Mapping[str, str]) -> str:
    """Why a file cannot set something."""
    name = key.upper().replace("-", "_").removeprefix(PREFIX)
    if is_secret(name):
        near = PREFIX + (nearest(name, SECRETS) or SECRETS[0])
        return f"{key}: a file is no place for a secret. Take it out, and put the secret into {near}."
    if f"--{key}" in NO_FILE:
        where = "on the command line" if f"--{key}" in COMMAND_LINE else f"on the command line or in {variable(key)}"
        return f"{key}: no file sets this, as it may lie there from another day. Write it {where}."
    return f"unknown key '{key}'. {did_you_mean(key, allowed)}"


def of_toml(option: str, place: str, value: Json) -> Any:
    """The value of an option that is written in TOML; raises pytest.UsageError."""
    declaration = OPTIONS[option]
    if declaration.get("action") == "store_true":
        right, wanted = isinstance(value, bool), "true or false"
    elif declaration.get("action") == "append":
        value = [value] if isinstance(value, str) else value
        right = isinstance(value, list) and bool(value) and all(isinstance(word, str) for word in value)
        wanted = "a text, or a list of texts"
    elif declaration.get("type") is float:
        right, wanted = isinstance(value, int | float) and not isinstance(value, bool), "a number"
    else:
        right, wanted = isinstance(value, str), "a text, in quotes"
    if not right:
        raise pytest.UsageError(f"{place}: write {wanted}.")
    return value if isinstance(value, bool | list) else declaration.get("type", str)(value)


def shown(config: pytest.Config) -> list[str]:
    """A line for each setting in force, with where it comes from; of a secret only that it is set."""
    lines = []
    for option in sorted(OPTIONS.keys() - {"--show-config"}):
        value = given(config, option)
        origin = config.stash[ORIGINS].get(option)
        if origin is None:
            origin = "default" if config.getoption(destination(option)) is None else "command line"
        if value is not None:
            lines.append(f"{option.removeprefix('--')} = {in_words(value)} ({origin})")
    names = [PREFIX + name for name in SECRETS if os.environ.get(PREFIX + name, "").strip()]
    return [printable(line) for line in lines] + [f"{name} is set (environment)" for name in names]


def in_words(value: Any) -> str:
    """A value as it would be written in a file of settings, more or less."""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, list) else str(value)
