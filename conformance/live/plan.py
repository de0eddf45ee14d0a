"""What a run would do to a target: rehearsed on the bundled server, which holds what the target holds."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.connection import Connection
from conformance.data import Json
from conformance.options import argument_list, given
from conformance.passwords import password_variable
from conformance.recorder import READING, SESSIONS
from conformance.targets import BROWSER, Target
from reference_server import Api, Settings, User, Users, serve

ROLES: Final = {"admin": "*", "reader": "read"}

SAMPLE: Final = 5
"""Replies that tell how long one takes."""

BARE: Final = ("-o", "addopts=", "-p", "conformance.plugin", "-p", "no:cacheprovider", "--no-settings")
"""Words that keep the rehearsal from what a configuration adds, such as another target."""

DEPLOYS: Final = {
    "full": "restart every flow",
    "reload": "restart every flow",
    "flows": "restart only flows of the suite",
    "nodes": "restart only nodes of the suite",
}
"""What each type of deployment does to what the target held."""


@dataclass
class Counting:
    """An application that counts what it is asked, by what that does."""

    app: ASGIApp
    counts: Counter[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request, and answer it."""
        if scope["type"] == "http":
            self.counts[kind(scope)] += 1
        await self.app(scope, receive, send)


def kind(scope: Scope) -> str:
    """What a request does."""
    method, path = scope["method"], scope["path"]
    if method in READING:
        return "reads"
    if path.endswith(SESSIONS):
        return "logins and logouts"
    if path == "/flows":
        types = [value.decode("latin-1") for name, value in scope["headers"] if name == b"node-red-deployment-type"]
        return f"deploys of type {types[0] if types and types[0] in DEPLOYS else 'full'}"
    return {"flow": "changes of single flows", "nodes": "changes of the palette", "flows": "starts and stops"}.get(
        path.split("/")[1], "other changes"
    )


def lines(config: pytest.Config, target: Target, connection: Connection) -> Iterator[str]:
    """What a run would do to this target, a line for each kind of request."""
    held, seconds = asked(target, connection)
    counts, verdict = rehearsed(config, target, held)
    requests, restarts = sum(counts.values()), counts["deploys of type full"] + counts["deploys of type reload"]
    yield f"plan for {target.name}: {target.url} holds {len(held)} nodes; a reply takes {1000 * seconds:.0f} ms"
    yield f"  {requests} requests in about {verdict['seconds'] + requests * seconds:.0f} seconds"
    for what, number in counts.most_common():
        does = DEPLOYS.get(what.rpartition(" ")[2], "") if what.startswith("deploys") else ""
        yield f"  {number} {what}" + (f", which {does}" if does and held else "")
    if held:
        yield f"  flows that are in use restart {restarts} times" if restarts else "  no flow that is in use restarts"
    untested = Counter(one["reason"] for one in verdict["findings"] if one["outcome"] == "not-tested")
    yield f"  {len(verdict['findings']) - untested.total()} requirements are judged, {untested.total()} are not"
    yield from (f"    {number}: {why}" for why, number in untested.most_common())


def asked(target: Target, connection: Connection) -> tuple[list[Json], float]:
    """The nodes that the target holds, and how many seconds a reply takes."""
    headers = {"Authorization": f"Bearer {target.tokens['admin']}"} if "admin" in target.tokens else {}
    with httpx.Client(transport=connection.transport(), timeout=connection.timeout, headers=headers) as client:
        begun = time.monotonic()
        replies = [client.get(f"{target.url}/flows") for _ in range(SAMPLE)]
        seconds = (time.monotonic() - begun) / SAMPLE
    nodes = replies[-1].json() if replies[-1].is_success else []
    return nodes if isinstance(nodes, list) else [], seconds


def rehearsed(config: pytest.Config, target: Target, held: list[Json]) -> tuple[Counter[str], Json]:
    """What a run asks a server that holds these nodes, by what that does, and its verdict."""
    users = [User(role, f"rehearsal-of-{role}", scope) for role, scope in ROLES.items()] if target.protected else []
    api = Api(Users(users), Settings(cors_origin=BROWSER))
    if held:
        api.flows.deploy(held)
    counts: Counter[str] = Counter()
    named = [f"--{user.name}={user.name}" for user in users]
    passwords = {password_variable(user.name): user.password for user in users}
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("CONFORMANCE_", "PYTEST_"))
    }
    with serve(Counting(api.app(), counts)) as server, tempfile.TemporaryDirectory() as folder:
        words = [f"--target=rehearsal={server.url}", f"--report-dir={folder}", *named, *selection(config)]
        subprocess.run(  # noqa: S603 - the words of this run
            [sys.executable, "-m", "pytest", *BARE, *words],
            cwd=config.invocation_params.dir,
            env={**environment, **passwords, "XDG_STATE_HOME": folder},
            capture_output=True,
            check=False,
        )
        return counts, json.loads((Path(folder) / "verdict.json").read_text("utf-8"))


def selection(config: pytest.Config) -> Sequence[str]:
    """The words that select what this run would judge."""
    words: list[Any] = [word for word in config.invocation_params.args if given_alone(str(word))]
    several = [f"--profile={name}" for name in argument_list(given(config, "--profile"))]
    one = [f"{option}={given(config, option)}" for option in ("--level", "--timeout", "--explore", "--explore-seed")]
    flags = [option for option in ("--allow-writes", "--read-only") if given(config, option)]
    picked = [f"-k={config.option.keyword}"] if config.option.keyword else []
    return [*map(str, words), *several, *(word for word in one if not word.endswith("=None")), *flags, *picked]


def given_alone(word: str) -> bool:
    """Whether a word of the command line names cases."""
    return not word.startswith("-") and Path(word.partition("::")[0]).exists()
