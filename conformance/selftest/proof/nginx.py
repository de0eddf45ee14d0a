"""nginx before a server, as people put one before Node-RED: TLS, a path, gzip, and the websocket."""

import contextlib
import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import trustme

from conformance.waiting import comes_true
from reference_server.server import listen

ROOT: Final = "/plant-a/red"
"""Below which the proxy has the server."""

MISSING: Final = "nginx is not installed: apt-get install nginx-light"
"""What is said where there is none."""


@dataclass(frozen=True)
class Proxy:
    """A proxy that answers."""

    url: str
    authority: Path
    """The file of the authority that its certificate is signed by."""


def program() -> str | None:
    """Where nginx is, None where it is not installed."""
    return shutil.which("nginx", path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin")


@contextlib.contextmanager
def before(url: str, folder: Path) -> Iterator[Proxy]:
    """Run nginx before the server, with its files in the folder; raises FileNotFoundError where it is not installed."""
    nginx = program()
    if nginx is None:
        raise FileNotFoundError(MISSING)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    with listen() as free:
        port = free.getsockname()[1]
    words = {"{FOLDER}": f"{folder}", "{PORT}": f"{port}", "{PATH}": ROOT, "{TARGET}": url}
    text = Path(__file__).with_name("nginx.conf").read_text("utf-8")
    for word, value in words.items():
        text = text.replace(word, value)
    (folder / "nginx.conf").write_text(text, "utf-8")
    command = [nginx, "-p", f"{folder}", "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"]
    if os.geteuid() == 0:
        command += ["-g", "user root;"]  # or it would be nobody, who may not write to the folder
    proxy = Proxy(f"https://127.0.0.1:{port}{ROOT}", folder / "authority.pem")
    with subprocess.Popen(command) as running:  # noqa: S603 - our own
        try:
            assert comes_true(lambda: answers(proxy)), "nginx does not answer"
            yield proxy
        finally:
            running.terminate()


def answers(proxy: Proxy) -> bool:
    """Whether the proxy answers."""
    trusting = ssl.create_default_context(cafile=proxy.authority)
    try:
        return httpx.get(proxy.url, verify=trusting, trust_env=False).status_code < 600
    except httpx.TransportError:
        return False
