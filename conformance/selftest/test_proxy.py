"""A target behind a reverse proxy: nginx, with TLS and a path, which is as legal as the target itself."""

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest
import trustme

from conformance.selftest.liars import AS_BOTH, PASSWORDS, protected
from conformance.selftest.running import Suite
from conformance.selftest.variants import OBJECTIONS
from conformance.waiting import comes_true
from reference_server import serve
from reference_server.server import listen

PATH: Final = "/plant-a/red"
"""Below which the proxy has the target."""

PATIENCE: Final = 900
"""Seconds in which a run of the whole suite ends on a busy machine."""


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """The file that holds the authority which the proxy's certificate is signed by; that is beside it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    return tmp_path / "authority.pem"


@pytest.fixture
def url(tmp_path: Path, authority: Path) -> Iterator[str]:
    """The reference server behind nginx."""
    nginx = shutil.which("nginx", path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin")
    if nginx is None:
        pytest.skip("nginx is not installed: Debian has it in nginx-light")
    with listen() as free:
        port = free.getsockname()[1]
    with serve(protected().app()) as server:
        words = {"{FOLDER}": f"{tmp_path}", "{PORT}": f"{port}", "{PATH}": PATH, "{TARGET}": server.url}
        text = Path(__file__).with_name("nginx.conf").read_text("utf-8")
        for word, value in words.items():
            text = text.replace(word, value)
        (tmp_path / "nginx.conf").write_text(text, "utf-8")
        command = [nginx, "-p", f"{tmp_path}", "-c", f"{tmp_path}/nginx.conf", "-e", f"{tmp_path}/error.log"]
        if os.geteuid() == 0:
            command += ["-g", "user root;"]  # or it would be nobody, who may not write to the folder
        with subprocess.Popen(command) as proxy:  # noqa: S603 - our own
            try:
                assert comes_true(lambda: answers(f"https://127.0.0.1:{port}", authority)), "nginx does not answer"
                yield f"https://127.0.0.1:{port}{PATH}"
            finally:
                proxy.terminate()


def answers(url: str, authority: Path) -> bool:
    """Whether the proxy answers."""
    try:
        return httpx.get(url, verify=ssl.create_default_context(cafile=authority), trust_env=False).status_code < 600
    except httpx.TransportError:
        return False


def test_nothing_objects_to_a_proxy(tmp_path: Path, url: str, authority: Path) -> None:
    suite = Suite(tmp_path, PATIENCE)

    ended = suite(f"--target={url}", f"--ca-bundle={authority}", "-p", "no:xdist", *AS_BOTH, **PASSWORDS)

    findings = ended.verdict["findings"]
    objecting = [f"{one['requirement']}: {one['reason']}" for one in findings if one["outcome"] in OBJECTIONS]
    assert "\n".join(objecting) == ""
    assert ended.exit_code == 0
