"""Faults in front of a real Node-RED, so that the suite knows more than the ways of its own reference server."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

import httpx
import pytest

from conformance import node_red, run
from conformance.client import JSON
from conformance.options import password_variable
from conformance.outcomes import Finding
from conformance.selftest.proof.session import session
from reference_server import serve
from reference_server.faults import FAULTS, Fault, Lying
from reference_server.forwarding import Forwarding

TOGETHER: Final = 40
"""Faults that one session of the suite meets, each as a target of its own."""

DEADLINE: Final = 2.0
"""Seconds in which what a real runtime does has come of it, also where the machine has other things to do."""


class SetBack:
    """A plugin that takes every target for one of the suite's own, and gives each the runtime as it was started."""

    def __init__(self, real: node_red.NodeRed) -> None:
        self.admin = httpx.Client(base_url=real.url, trust_env=False, timeout=30)
        form = {"client_id": "node-red-admin", "grant_type": "password", "scope": "*", "username": "admin"}
        token = self.admin.post("/auth/token", data={**form, "password": real.passwords["admin"]}).json()
        self.admin.headers = httpx.Headers({"Authorization": f"Bearer {token['access_token']}", **JSON})
        self.target = ""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Let the cases do all that they do to a server that the suite started."""
        current = run.current(config)
        current.targets = {name: replace(target, own=True) for name, target in current.targets.items()}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Before the first case of a target, undo what the one before has left."""
        name = run.target_of(item, run.current(item.config))
        if name != self.target:
            self.target = name
            self()

    def __call__(self) -> None:
        """Leave no flows, no module but the runtime's own, and every node enabled."""
        self.admin.post("/flows", json=[]).raise_for_status()
        self.admin.post("/flows/state", json={"state": "start"}).raise_for_status()
        for node_set in self.admin.get("/nodes", headers={"Accept": "application/json"}).json():
            if node_set["module"] != "node-red":
                self.admin.delete(f"/nodes/{node_set['module']}")
            elif not node_set["enabled"]:
                self.admin.put(f"/nodes/{node_set['id']}", json={"enabled": True}).raise_for_status()


def judge(names: Sequence[str], version: str = "4.1.15") -> dict[str, dict[str, Finding]]:
    """What each requirement that a fault names comes to, by the fault's name, before one Node-RED of this version."""
    wanted = {name: FAULTS[name].requirements for name in names}
    liars = {name: FAULTS[name] for name in names}
    return judged(liars, wanted, version)


def judged(
    liars: Mapping[str, Fault], wanted: Mapping[str, Sequence[str]], version: str
) -> dict[str, dict[str, Finding]]:
    """What is wanted of each liar before one Node-RED of this version."""
    found: dict[str, dict[str, Finding]] = {}
    with node_red.started(version, lambda _: None) as real:
        for batch in batches(liars, wanted):
            found |= met(real, {name: liars[name] for name in batch}, {name: wanted[name] for name in batch})
    return found


def met(
    real: node_red.NodeRed, liars: Mapping[str, Fault], wanted: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, Finding]]:
    """What is wanted of each liar before this Node-RED, in one session."""
    passwords = {password_variable(role): word for role, word in real.passwords.items()}
    options = ["--timeout=5"]
    if any(requirement.startswith("explore.") for name in liars for requirement in wanted[name]):
        options += ["--explore=1000", "--explore-seed=1"]
    with contextlib.ExitStack() as servers:
        urls = {name: servers.enter_context(before(real, fault)) for name, fault in liars.items()}
        plugins = [SetBack(real)]
        ended = session(urls, wanted, *options, plugins=plugins, passwords=passwords, deadline=DEADLINE)
    return {name: dict(findings) for name, findings in ended.findings.items()}


@contextlib.contextmanager
def before(real: node_red.NodeRed, fault: Fault) -> Iterator[str]:
    """The URL of a liar in front of this Node-RED."""
    with serve(Lying(Forwarding(real.url), fault), date_header=False, **fault.options) as server:
        yield server.url


def batches(liars: Mapping[str, Fault], wanted: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """The names of the liars, those of the same areas together and no more than TOGETHER at once."""

    def areas(name: str) -> list[str]:
        return sorted({requirement.partition(".")[0] for requirement in wanted[name]})

    for _, alike in groupby(sorted(liars, key=areas), key=areas):
        names = list(alike)
        yield from (names[start : start + TOGETHER] for start in range(0, len(names), TOGETHER))
