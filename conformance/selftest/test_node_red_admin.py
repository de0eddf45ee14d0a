"""node-red-admin, the real one, against the reference server: what it prints, and how it ends."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from conformance.data import flows
from conformance.selftest.liars import PASSWORDS, protected
from conformance.selftest.node_red_admin import NodeRedAdmin
from conformance.selftest.running import Ended
from reference_server import serve

MODULE = "node-red-node-random"
"""A module that the target can install; a real one gets it from npm."""

ADMIN = PASSWORDS["CONFORMANCE_ADMIN_PASSWORD"]
READER = PASSWORDS["CONFORMANCE_READER_PASSWORD"]


@pytest.fixture
def target() -> Iterator[str]:
    """The reference server, with users."""
    with serve(protected().app()) as server:
        yield server.url


@pytest.fixture
def stranger(target: str, tmp_path: Path) -> NodeRedAdmin:
    """The client, which knows the target and nobody there."""
    client = NodeRedAdmin(tmp_path)
    told = client("target", f"{target}/")
    assert (told.exit_code, told.stdout) == (0, f"Target: {target}\n")
    return client


@pytest.fixture
def client(stranger: NodeRedAdmin) -> NodeRedAdmin:
    """The client, logged in."""
    ended = stranger.login("admin", ADMIN)
    assert (ended.exit_code, ended.stdout.split()) == (0, ["Logged", "in"]), ended.said
    return stranger


def refused(ended: Ended, status: int) -> bool:
    """Whether the client failed, and printed the status and the server's reason."""
    return ended.exit_code == 1 and bool(re.fullmatch(rf"{status}: (?!undefined)\S.*\n", ended.stderr))


def states(ended: Ended) -> dict[str, str]:
    """What the client printed of the state of each set."""
    assert ended.exit_code == 0, ended.said
    return dict(re.findall(r"^(\S+/\S+) .* (enabled|disabled)\s*$", ended.stdout, re.MULTILINE))


def test_stranger_is_told_to_log_in(stranger: NodeRedAdmin) -> None:
    ended = stranger("list")

    assert ended.exit_code == 1
    assert ended.stderr == "Not logged in. Use 'login' to log in.\n"


@pytest.mark.parametrize(("name", "password"), [("admin", READER), ("reader", READER)], ids=["wrong", "may-only-read"])
def test_login_fails(stranger: NodeRedAdmin, name: str, password: str) -> None:
    ended = stranger.login(name, password)

    assert (ended.exit_code, ended.stderr) == (1, "Error: Login failed\n")
    assert stranger("list").exit_code == 1


def test_palette_is_listed_and_described(client: NodeRedAdmin) -> None:
    listed, as_json = client("list"), client("list", "--json")
    module, node_set, unknown = client("info", "node-red"), client("info", "node-red/inject"), client("info", "no-such")

    ids = {node_set["id"] for node_set in json.loads(as_json.stdout)}
    assert "node-red/inject" in ids
    assert states(listed).keys() == states(module).keys() == ids
    assert re.match(r"Module: +node-red\s+Version: +\d+\.\d+\.\d+\s", module.stdout)
    assert re.search(r"^Types: +inject\s+State: +enabled\s*$", node_set.stdout, re.MULTILINE)
    assert refused(unknown, 404)


def test_set_is_disabled_and_enabled(client: NodeRedAdmin, target: str) -> None:
    assert states(client("disable", "node-red/comment")) == {"node-red/comment": "disabled"}
    assert states(client("list"))["node-red/comment"] == "disabled"
    assert states(client("enable", "node-red/comment")) == {"node-red/comment": "enabled"}
    assert states(client("list"))["node-red/comment"] == "enabled"
    assert refused(client("disable", "node-red/no-such"), 400)

    deploy(client, target)

    assert refused(client("disable", "node-red/comment"), 400)
    assert refused(client("remove", "node-red"), 400)
    assert states(client("list"))["node-red/comment"] == "enabled"


def test_module_is_installed_and_removed(client: NodeRedAdmin) -> None:
    assert refused(client("install", "Not A Name!"), 400)
    assert refused(client("remove", MODULE), 404)

    installed = client("install", MODULE)

    assert states(installed) == {f"{MODULE}/random": "enabled"}
    assert re.match(rf"Module: +{MODULE}\s+Version: +\d+\.\d+\.\d+\s", installed.stdout)
    assert refused(client("install", MODULE), 400)
    assert states(client("list"))[f"{MODULE}/random"] == "enabled"

    removed = client("remove", MODULE)

    assert (removed.exit_code, removed.stdout) == (0, f"Uninstalled {MODULE}\n")
    assert MODULE not in client("list").stdout


def deploy(client: NodeRedAdmin, target: str) -> None:
    """Deploy a comment, under the client's own token."""
    config = json.loads((client.home / ".node-red" / ".cli-config.json").read_text("utf-8"))
    bearer = {"Authorization": f"Bearer {config['tokens']['access_token']}"}
    httpx.post(f"{target}/flows", headers=bearer, json=flows("one-comment"), trust_env=False).raise_for_status()
