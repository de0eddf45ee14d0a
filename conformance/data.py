"""Where the data lies: `schemas` and `fixtures`, beside the package in a checkout, inside it once installed."""

import functools
import json
from pathlib import Path
from typing import Any

Json = Any
"""Whatever `json.loads` returns."""

PACKAGE = Path(__file__).parent


def data_dir(name: str) -> Path:
    """The folder `name`."""
    installed = PACKAGE / name
    return installed if installed.is_dir() else PACKAGE.parent / name


def flows(name: str) -> list[Json]:
    """The nodes of `fixtures/flows/NAME.json`, a fresh copy each time."""
    nodes: list[Json] = json.loads((data_dir("fixtures") / "flows" / f"{name}.json").read_text("utf-8"))
    return nodes


def flow(name: str) -> Json:
    """The flow of `fixtures/flow/NAME.json`, a fresh copy each time."""
    return json.loads((data_dir("fixtures") / "flow" / f"{name}.json").read_text("utf-8"))


@functools.cache
def schema(name: str) -> dict[str, Json]:
    """The JSON Schema `schemas/NAME.json`."""
    content: dict[str, Json] = json.loads((data_dir("schemas") / f"{name}.json").read_text("utf-8"))
    return content
