"""A Chromium without a window: the machine's own, or one from npm that needs nothing of the machine but glibc."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import filelock
import pytest
from playwright.sync_api import Browser, sync_playwright

from conformance.selftest.clients import installed, unpacked

PACKAGE: Final = "@sparticuz/chromium"

NO_BROWSER: Final = (
    "THE REAL EDITOR WAS NOT RUN: there is no browser on this machine. Install Chromium, so that `chromium` is found. "
    f"npm has one for Linux on x86-64 only ({PACKAGE})."
)

UNPACK: Final = f"import chromium from '{PACKAGE}'; await chromium.executablePath();"
"""Unpacks into the folder for temporary files."""

ALONE: Final = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""The browser reaches this machine and nothing else: the editor asks a catalogue in the Internet for news."""

FONTS: Final = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>{}</dir></fontconfig>'
"""Where fontconfig finds fonts: a machine without a screen may have none of its own."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, closed with the block. The test is skipped only where none can be had."""
    program, environment = own() or from_npm()
    with sync_playwright() as playwright:
        variables: dict[str, str | float | bool] = {**os.environ, **environment}
        browser = playwright.chromium.launch(executable_path=program, env=variables, args=[ALONE])
        try:
            yield browser
        finally:
            browser.close()


def own() -> tuple[str, dict[str, str]] | None:
    """The machine's own browser, which needs nothing of the environment; None where it has none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(((path, {}) for name in names if (path := shutil.which(name))), None)


def from_npm() -> tuple[str, dict[str, str]]:
    """The browser of the npm package, and the environment in which it finds its libraries and fonts."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip(NO_BROWSER)
    package, folder = installed(PACKAGE), unpacked(PACKAGE)
    with filelock.FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            unpack(package, folder)
    libraries = {"LD_LIBRARY_PATH": str(folder / "al2023" / "lib"), "FONTCONFIG_FILE": str(folder / "fonts.conf")}
    return str(folder / "chromium"), libraries


def unpack(package: Path, folder: Path) -> None:
    """Unpack the browser into `folder`, which comes into being only when all went well."""
    with tempfile.TemporaryDirectory(prefix="unpacking-", dir=folder.parent) as parent:
        place = Path(parent) / folder.name
        place.mkdir()
        # The package unpacks the libraries beside the browser only where this variable names such a platform.
        environment = {**os.environ, "TMPDIR": str(place), "AWS_LAMBDA_JS_RUNTIME": "nodejs22.x"}
        command = ["node", "--input-type=module", f"--eval={UNPACK}"]
        subprocess.run(command, cwd=package, env=environment, check=True)  # noqa: S603 - no words of a stranger
        (place / "fonts.conf").write_text(FONTS.format(folder / "fonts"), "utf-8")
        place.rename(folder)
