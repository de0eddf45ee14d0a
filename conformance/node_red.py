"""A real Node-RED of one version: installed from npm on first use, started on loopback, stopped at the end."""

import contextlib
import os
import platform
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import filelock
import platformdirs

from conformance.catalogue import release
from conformance.data import data_dir

Report = Callable[[str], None]
"""Takes a line that tells a waiting person what happens."""

START_SECONDS: Final = 60
INSTALL_SECONDS: Final = 600
TELL_EVERY: Final = 5
"""Seconds between two lines that say that something still goes on."""


class NodeRedError(Exception):
    """Node-RED could not be installed or started; the message says what to do."""


@dataclass(frozen=True)
class NodeRed:
    """A Node-RED that was started, and the passwords of its users `admin` and `reader`."""

    url: str
    passwords: dict[str, str] = field(repr=False)


def pinned() -> dict[str, Any]:
    """The pinned versions, as `fixtures/node-red/versions.toml` has them."""
    return tomllib.loads((data_dir("fixtures") / "node-red" / "versions.toml").read_text("utf-8"))


def resolve(version: str) -> str:
    """The whole version that `4.1` or `4.1.15` means: the newest pinned one, or itself where it is whole."""
    known = list(pinned()["node_js"])
    matching = [pin for pin in known if f"{pin}.".startswith(f"{version}.")]
    if matching:
        return str(max(matching, key=release))
    if re.fullmatch(r"\d+\.\d+\.\d+", version):
        return version
    raise NodeRedError(f"node-red:{version}: no such version is known. {nearest(version)}")


def nearest(version: str) -> str:
    """A sentence that names the pinned version nearest to this one."""

    def distance(pin: str) -> tuple[int, ...]:
        return tuple(abs(one - other) for one, other in zip(release(pin), (*release(version), 0, 0), strict=False))

    return f"The nearest known is {min(pinned()['node_js'], key=distance)}."


def cache_folder() -> Path:
    """Where installations are kept."""
    return platformdirs.user_cache_path("nodered-conformance")


def install(package: str, version: str, tell: Report) -> Path:
    """The folder `node_modules` that holds an npm package, installed on first use; raises NodeRedError."""
    home = cache_folder() / f"{package}-{version}"
    home.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(f"{home}.lock", timeout=INSTALL_SECONDS):
        if not (home / "node_modules" / package).is_dir():
            npm_install(package, version, home, tell)
    return home / "node_modules"


def npm_install(package: str, version: str, home: Path, tell: Report) -> None:
    """Install into `home`, which comes into being only when npm succeeded."""
    npm = shutil.which("npm")
    if npm is None:
        raise NodeRedError("npm was not found, and installing Node-RED needs it. Install Node.js, which brings npm.")
    with tempfile.TemporaryDirectory(prefix="installing-", dir=home.parent) as folder:
        prefix, log = Path(folder) / "installed", Path(folder) / "npm.log"
        prefix.mkdir()
        options = ["--no-audit", "--no-fund", "--omit=dev", "--ignore-scripts", "--loglevel=error"]
        command = [npm, "install", *options, f"--prefix={prefix}", f"{package}@{version}"]
        with log.open("wb") as output, running(command, cwd=prefix, stdout=output) as npm_run:
            wait(npm_run, f"installing {package} {version} from npm", tell)
        if npm_run.returncode != 0:
            raise NodeRedError(npm_failure(package, version, log.read_text("utf-8", "replace")))
        shutil.rmtree(home, ignore_errors=True)
        prefix.rename(home)


def npm_failure(package: str, version: str, log: str) -> str:
    """Why npm failed, and what to do."""
    if "ETARGET" in log or "E404" in log:
        return f"npm has no {package} {version}. {nearest(version)}"
    last = [line for line in log.splitlines() if line.strip()][-3:]
    return f"npm could not install {package} {version}: {' '.join(last) or 'it said nothing'}"


def wait(process: subprocess.Popen[bytes], what: str, tell: Report) -> None:
    """Wait for a process to end, and say every few seconds that it still runs."""
    started = time.monotonic()
    while True:
        elapsed = time.monotonic() - started
        tell(f"{what}: {elapsed:.0f} s")
        try:
            process.wait(TELL_EVERY)
        except subprocess.TimeoutExpired:
            if elapsed > INSTALL_SECONDS:
                raise NodeRedError(f"{what} took longer than {INSTALL_SECONDS} s.") from None
        else:
            return


@contextlib.contextmanager
def running(command: list[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own, ended with the block; `options` are those of Popen."""
    quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "env": without_ours()}
    process = subprocess.Popen(command, start_new_session=True, **quiet | options)
    try:
        yield process
    finally:
        for ending in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                process.send_signal(ending)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)


def without_ours() -> dict[str, str]:
    """The environment that other programs are given: without what is meant for the suite, passwords above all."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("CONFORMANCE_", "NODE_RED_"))}


def node_js(version: str, tell: Report) -> str:
    """A Node.js that runs this Node-RED: the machine's own, or one from npm where that is too old."""
    facts = pinned()
    needed = facts["node_js"].get(version, 22 if release(version) >= (5,) else 18)
    own = shutil.which("node")
    if own is None:
        raise NodeRedError("node was not found, and Node-RED runs on it. Install Node.js 20 or newer.")
    said = subprocess.run([own, "--version"], capture_output=True, text=True, check=False, env=without_ours()).stdout
    if release(said.strip().removeprefix("v"))[:1] >= (needed,):
        return own
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine())
    package = f"node-{platform.system().lower()}-{machine}"
    return str(install(package, facts["node_package_version"], tell) / package / "bin" / "node")


@contextlib.contextmanager
def started(version: str, tell: Report, settings: tuple[str, ...] = ()) -> Iterator[NodeRed]:
    """Run that version of Node-RED on a free port of loopback, in a fresh user directory; raises NodeRedError.

    `settings` are keys of `targets.SETTINGS`.
    """
    modules = install("node-red", version, tell)
    node = node_js(version, tell)
    passwords = {role: secrets.token_urlsafe(16) for role in ("admin", "reader")}
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="node-red-") as folder:
        user_dir = Path(folder)
        shutil.copy(data_dir("fixtures") / "node-red" / "settings.js", user_dir)
        environment = without_ours() | {
            "CONFORMANCE_PORT": str(port),
            "CONFORMANCE_ADMIN_PASSWORD": passwords["admin"],
            "CONFORMANCE_READER_PASSWORD": passwords["reader"],
            "CONFORMANCE_SETTINGS": " ".join(settings),
            "LANG": "en_US.UTF-8",
            "LC_ALL": "en_US.UTF-8",
        }
        command = [node, str(modules / "node-red" / "red.js"), "-u", folder, "-s", str(user_dir / "settings.js")]
        log = user_dir / "node-red.log"
        with log.open("wb") as output, running(command, cwd=folder, env=environment, stdout=output) as process:
            tell(" ".join([f"starting Node-RED {version}", *settings]))
            wait_until_started(process, log, version)
            root = "/admin" if "admin-root" in settings else ""
            yield NodeRed(f"http://127.0.0.1:{port}{root}", passwords)


def wait_until_started(process: subprocess.Popen[bytes], log: Path, version: str) -> None:
    """Wait for the line that says that the flows run: old versions answer before that."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        said = log.read_text("utf-8", "replace")
        if "Started flows" in said:
            return
        if process.poll() is not None:
            raise NodeRedError(f"Node-RED {version} ended while it started: {' '.join(said.split()[-60:])}")
        time.sleep(0.05)
    raise NodeRedError(f"Node-RED {version} did not start within {START_SECONDS} s.")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
