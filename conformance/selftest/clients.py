"""Real clients, from npm: installed into the cache folder on first use, in the versions of `clients.toml`."""

import sys
import tomllib
from pathlib import Path
from typing import Final

from conformance.node_red import cache_folder, install

VERSIONS: Final[dict[str, str]] = tomllib.loads(Path(__file__).with_name("clients.toml").read_text("utf-8"))


def installed(package: str) -> Path:
    """The folder of a package of `clients.toml`."""
    return install(package, VERSIONS[package], tell) / package


def unpacked(package: str) -> Path:
    """A folder that is kept beside the package, for what comes of it."""
    return cache_folder() / f"{package}-{VERSIONS[package]}-unpacked"


def tell(line: str) -> None:
    """Show how far npm is: pytest keeps it for the report of a failure."""
    print(line, file=sys.stderr)  # noqa: T201 - said to whoever reads that report
