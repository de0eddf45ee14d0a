"""The packages that the suite brings, and what the reference server makes of packages that it does not upload."""

import io
import json
import tarfile
from collections.abc import Iterator

import httpx
import pytest

from conformance.data import data_dir
from conformance.uploads import NAMES, PLAIN, tarball
from reference_server import Api, Settings, serve
from reference_server.editor import html_of_type, in_script
from reference_server.palette import DATA


@pytest.fixture
def server() -> Iterator[httpx.Client]:
    """A client of a reference server that asks for no token."""
    with serve(Api().app()) as running, httpx.Client(base_url=running.url, trust_env=False) as client:
        yield client


def packed(**package: object) -> bytes:
    """A tarball with this package.json and nothing else."""
    content, written = json.dumps(package).encode(), io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        member = tarfile.TarInfo("package/package.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return written.getvalue()


def test_every_package_is_named_as_it_says() -> None:
    folders = {folder.name: folder for folder in (data_dir("fixtures") / "palette").iterdir()}

    assert {
        name: json.loads((folder / "package.json").read_text("utf-8"))["name"] for name, folder in folders.items()
    } == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_tarball_is_the_same_each_time(name: str) -> None:
    assert tarball(name) == tarball(name)
    with tarfile.open(fileobj=io.BytesIO(tarball(name))) as archive:
        assert "package/package.json" in archive.getnames()


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"files": {"tarball": b""}}, 400, "TAR_BAD_ARCHIVE"),
        ({"files": {"tarball": packed()}}, 400, 404),
        ({"files": {"tarball": packed(name="n", version="1", **{"node-red": {"nodes": {"a": "a.js"}}})}}, 400, 404),
        ({"files": {"tarball": tarball(PLAIN)}, "data": {"module": "n"}}, 400, "invalid_request"),
        ({"files": {"other": tarball(PLAIN)}}, 400, None),
        ({"files": [("tarball", tarball(PLAIN)), ("tarball", tarball(PLAIN))]}, 400, None),
        ({"data": {"tarball": "text"}, "files": {}}, 400, "invalid_request"),
        ({"content": b"no form", "headers": {"Content-Type": "multipart/form-data"}}, 400, None),
        ({"json": {"module": ["node-red-node-random"]}}, 400, "invalid_module_name"),
        ({"json": {"module": "node-red"}}, 400, "module_already_loaded"),
        ({"json": ["node-red-node-random"]}, 400, "invalid_request"),
    ],
)
def test_reference_server_refuses(server: httpx.Client, form: dict[str, object], status: int, code: object) -> None:
    refused = server.post("/nodes", **form)  # type: ignore[arg-type]  # httpx's own options, by name

    assert (refused.status_code, refused.json().get("code")) == (status, code)
    assert server.get("/nodes/node-red-contrib-conformance").status_code == 404


def test_reference_server_keeps_another_version_pending(server: httpx.Client) -> None:
    assert server.post("/nodes", json={"module": "node-red-node-random"}).status_code == 200
    newer = packed(name="node-red-node-random", version="2.0.0", **{"node-red": {"nodes": {}}})

    module = server.post("/nodes", files={"tarball": newer}).json()

    assert (module["version"], module["pending_version"]) == (DATA["versions"]["node-red-node-random"], "2.0.0")


def test_reference_server_takes_no_tarball_where_it_is_set_so() -> None:
    with serve(Api(settings=Settings(upload=False)).app()) as running:
        refused = httpx.post(f"{running.url}/nodes", files={"tarball": tarball(PLAIN)}, trust_env=False)

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")


def test_html_of_a_type_ends_no_script_early() -> None:
    html = html_of_type("a<b", {"category": "config", "defaults": {"text": "</script>", "list": [], "on": True}})

    assert html.count("</script>") == 2
    assert 'type="checkbox" id="node-config-input-on"' in html
    assert "node-config-input-list" not in html
    assert json.loads(in_script("</script>")) == "</script>"
