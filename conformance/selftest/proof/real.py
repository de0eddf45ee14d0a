"""Faults in front of a real Node-RED, so that the suite knows more than the ways of its own reference server."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

import httpx
import pytest

from conformance import node_red, run
from conformance.client import ACCEPT_JSON
from conformance.outcomes import Finding
from conformance.passwords import password_variable
from conformance.selftest.liars import AS_BOTH
from conformance.selftest.proof.matrix import HONEST
from conformance.selftest.proof.session import Entry, session
from reference_server import serve
from reference_server.faults import FAULTS, Fault, Lying
from reference_server.faults.lying import truth
from reference_server.forwarding import Forwarding

VERSION: Final = "4.1.15"

EACH: Final = 4
"""Faults of an area that a quick run meets at least."""

ONE_IN: Final = 12
"""How many faults of a large area there are to one that it meets."""

SLOW: Final = ("comms", "concurrency", "deploy", "install")
"""The areas in whose cases more is waited for, or installed, of which it meets one."""

TOGETHER: Final = 15
"""Faults that one session of the suite meets, each as a target of its own."""

DEADLINE: Final = 2.0
"""Seconds in which what a real runtime does has come of it, also where the machine has other things to do."""

Wanted = Mapping[str, Sequence[str]]
"""Requirements by the name of whoever they are to catch."""


class SetBack:
    """A plugin that takes every target for one of the suite's own, and gives each the runtime as it was started."""

    def __init__(self, real: node_red.NodeRed) -> None:
        self.admin = httpx.Client(base_url=real.url, trust_env=False, timeout=60)
        form = {"client_id": "node-red-admin", "grant_type": "password", "scope": "*", "username": "admin"}
        token = self.admin.post("/auth/token", data={**form, "password": real.passwords["admin"]}).json()
        self.admin.headers["Authorization"] = f"Bearer {token['access_token']}"
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
        """Leave no flows, no module but the runtime's own, and every node enabled; raises httpx.HTTPError."""
        self.admin.post("/flows", json=[]).raise_for_status()
        self.admin.post("/flows/state", json={"state": "start"}).raise_for_status()
        for node_set in self.admin.get("/nodes", headers=ACCEPT_JSON).json():
            if node_set["module"] != "node-red":
                self.admin.delete(f"/nodes/{node_set['module']}")
            elif not node_set["enabled"]:
                self.admin.put(f"/nodes/{node_set['id']}", json={"enabled": True}).raise_for_status()


def standing() -> list[str]:
    """The names of the faults that can stand before a real runtime: all but those of what the flows run on."""
    return [name for name, fault in FAULTS.items() if fault.runtime is None]


def sample() -> list[str]:
    """The names of some of them, of every area that is judged without random sequences, for a quick run."""
    chosen: list[str] = []
    for area, alike in groupby(sorted(standing(), key=first_area), key=first_area):
        names = list(alike)
        number = 0 if area == "explore" else 1 if area in SLOW else max(EACH, len(names) // ONE_IN)
        chosen += [names[len(names) * place // number] for place in range(number)]
    return chosen


def judge(names: Iterable[str], version: str = VERSION) -> dict[str, dict[str, Finding]]:
    """What the requirements that a fault names come to, by the fault's name, before one Node-RED of this version.

    Under HONEST is what all of them come to where nobody lies, after all faults.
    """
    liars = {name: FAULTS[name] for name in names}
    wanted: dict[str, Sequence[str]] = {name: fault.requirements for name, fault in liars.items()}
    everything = sorted({requirement for requirements in wanted.values() for requirement in requirements})
    found: dict[str, dict[str, Finding]] = {}
    with node_red.started(version, lambda _: None) as real:
        for batch in batches(wanted):
            found |= met(real, {name: liars[name] for name in batch}, {name: wanted[name] for name in batch})
        found |= met(real, {HONEST: Fault(HONEST, "", (), truth)}, {HONEST: everything})
    return found


def met(real: node_red.NodeRed, liars: Mapping[str, Fault], wanted: Wanted) -> dict[str, dict[str, Finding]]:
    """What is wanted of each liar before this Node-RED, in one session."""
    passwords = {password_variable(role): word for role, word in real.passwords.items()}
    options = sorted({option for name in liars for option in options_for(name)})
    set_back = SetBack(real)
    set_back()
    with contextlib.ExitStack() as servers:
        servers.callback(set_back.admin.close)
        urls = {name: servers.enter_context(before(real, fault)) for name, fault in liars.items()}
        ended = session(urls, wanted, *options, plugins=[set_back], entry=Entry(AS_BOTH, passwords), deadline=DEADLINE)
    return {name: dict(findings) for name, findings in ended.findings.items()}


@contextlib.contextmanager
def before(real: node_red.NodeRed, fault: Fault) -> Iterator[str]:
    """The URL of a liar in front of this Node-RED."""
    with serve(Lying(Forwarding(real.url), fault), date_header=False, **fault.options) as server:
        yield server.url


def batches(names: Iterable[str]) -> Iterator[list[str]]:
    """The names of the liars, those of an area side by side, and no more than TOGETHER at once, of the same options."""
    for _, alike in groupby(sorted(names, key=lambda name: (options_for(name), first_area(name))), key=options_for):
        batch = list(alike)
        yield from (batch[start : start + TOGETHER] for start in range(0, len(batch), TOGETHER))


def options_for(name: str) -> list[str]:
    """The options with which the suite catches a liar soon, or at all."""
    if name == HONEST:
        return []
    if first_area(name) == "explore":
        return ["--explore-seed=1", "--explore=3000"]  # longer than in every run, in which not every sequence comes
    # What is never told on the websocket is waited for so long.
    return ["--timeout=2"] if FAULTS[name].line else []


def first_area(name: str) -> str:
    """The area of the first requirement that a fault names."""
    return FAULTS[name].requirements[0].partition(".")[0]
