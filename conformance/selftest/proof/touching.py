"""Which cases a fault can touch: what every case asks an honest server is put before each fault, without a network."""

import functools
import json
import warnings
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import pytest

from conformance.catalogue import catalogue
from conformance.selftest.liars import protected
from conformance.selftest.proof.session import session
from reference_server import serve
from reference_server.faults import FAULTS, Fault, Lying
from reference_server.faults.lying import Answer, Ask, Honest

HONEST: Final = "honest"

VERSIONS: Final = ("v1", "v2")

ONCE_MORE: Final = 1
"""How often an exchange is tried again that a fault has spared: it may lie the second time."""

LARGE: Final = 100_000
"""Bytes of a body that takes too long to be put before every fault; few cases send such a one, and nothing else."""

Snapshot = Mapping[str, Answer]
"""What GET /flows answers to one user, by the version of the API."""


@dataclass(frozen=True)
class Exchanged:
    """One exchange in the case of a requirement, and what the same user read of the flows before and after it."""

    requirement: str
    ask: Ask
    answer: Answer
    before: Snapshot
    after: Snapshot

    @functools.cached_property
    def key(self) -> Hashable:
        """What is the same in exchanges of which a fault changes all or none."""
        ask, answer = self.ask, self.answer
        headers = (frozenset(ask.headers.items()), frozenset(answer.headers.items()))
        return ask.method, ask.path, ask.query, ask.raw_path, headers, ask.body, answer.status, answer.body


class Witness:
    """A plugin that knows which case is running, while a server that is honest tells it of every exchange."""

    def __init__(self) -> None:
        self.exchanges: list[Exchanged] = []
        self.requirement = ""
        self.snapshots: dict[str, Snapshot] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """A case begins."""
        marker = item.get_closest_marker("requirement")
        self.requirement = marker.args[0] if marker else ""

    async def truth(self, ask: Ask, honest: Honest) -> Answer:
        """The honest answer, which is kept."""
        before = await self.flows(ask, honest)
        answer = await honest(ask)
        if ask.method not in ("GET", "HEAD", "OPTIONS"):
            self.snapshots.clear()
        if max(len(ask.body), len(answer.body)) < LARGE:
            self.exchanges.append(Exchanged(self.requirement, ask, answer, before, await self.flows(ask, honest)))
        return answer

    @contextmanager
    def experiments(self) -> Iterator[None]:
        """What was asked in an experiment was asked by every case that looks at it."""
        from conformance.experiment import Experiment

        play, played = Experiment.after, dict[Hashable, slice]()

        def after(experiment: Experiment, scenario: Callable[..., Any], *words: str) -> Any:
            begun = len(self.exchanges)
            seen = play(experiment, scenario, *words)
            asked = played.setdefault((experiment, scenario, words), slice(begun, len(self.exchanges)))
            if asked.start < begun:
                self.exchanges += [replace(one, requirement=self.requirement) for one in self.exchanges[asked]]
            return seen

        Experiment.after = after  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            Experiment.after = play  # type: ignore[method-assign]

    async def flows(self, ask: Ask, honest: Honest) -> Snapshot:
        """What who asks reads of the flows."""
        user = ask.headers.get("authorization", "")
        if user not in self.snapshots:
            self.snapshots[user] = {version: await honest(ask.reading(version)) for version in VERSIONS}
        return self.snapshots[user]


def touches(area: str) -> dict[str, set[str]]:
    """The requirements of an area that a fault can touch, by the name of each fault that lies at the level of HTTP."""
    witness = Witness()
    watched = Lying(protected().app(), Fault("witness", "", (), witness.truth))
    wanted = {name for name, entry in catalogue().items() if entry.area == area}
    with serve(watched) as server, witness.experiments():
        session({HONEST: server.url}, {HONEST: wanted}, plugins=[witness])
    faults = [fault for fault in FAULTS.values() if fault.speaks_http]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # what a lie meant to do later is never done
        return {fault.name: touched(fault, witness.exchanges) & wanted for fault in faults}


def touched(fault: Fault, exchanges: Iterable[Exchanged]) -> set[str]:
    """The requirements in whose cases a fault asks or answers anything otherwise than an honest server would."""
    memory: dict[str, Any] = {}
    found: set[str] = set()
    spared: Counter[Hashable] = Counter()
    for exchange in exchanges:
        if exchange.requirement in found or spared[exchange.key] > ONCE_MORE:
            continue
        if transparent(fault, exchange, replace(exchange.ask, memory=memory)):
            spared[exchange.key] += 1
        else:
            found.add(exchange.requirement)
    return found


def transparent(fault: Fault, exchange: Exchanged, asked: Ask) -> bool:
    """Whether a fault hands on once what is asked, and gives its answer back, with the meaning that they have."""
    handed = 0

    async def honest(ask: Ask) -> Answer:
        nonlocal handed
        if alike(ask, asked):
            handed += 1
            return exchange.answer
        version = ask.version if ask.version in VERSIONS else VERSIONS[0]
        if not alike(ask, asked.reading(version)):
            raise Touched
        return (exchange.after if handed else exchange.before)[version]

    given = at_once(fault.lie(asked, honest))
    return given is not None and handed == 1 and same(given, exchange.answer)


class Touched(Exception):
    """A fault asked an honest server for what the case had not asked for."""


def at_once(lying: Awaitable[Answer]) -> Answer | None:
    """What a lie answers, None where it waits for something or cannot do without the server."""
    steps = cast("Coroutine[Any, Any, Answer]", lying)
    try:
        steps.send(None)
    except StopIteration as end:
        return cast("Answer", end.value)
    except Exception:  # noqa: BLE001 - whatever a lie does here, it is not what an honest server does
        return None
    finally:
        steps.close()
    return None


def alike(one: Ask, other: Ask) -> bool:
    """Whether two requests say the same."""
    if one is other:
        return True
    target = (one.method, one.path, one.query, one.raw_path) == (other.method, other.path, other.query, other.raw_path)
    return target and same_headers(one.headers, other.headers) and same_body(one.body, other.body)


def same(one: Answer, other: Answer) -> bool:
    """Whether two answers say the same."""
    if one is other:
        return True
    return one.status == other.status and same_headers(one.headers, other.headers) and same_body(one.body, other.body)


def same_headers(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether the headers are the same, but for a length that depends on how a body is written."""
    return one == other or without_length(one) == without_length(other)


def without_length(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that say something of the content; JSON is in UTF-8 whether that is said or not."""
    kept = {name: value for name, value in headers.items() if name != "content-length"}
    if kept.get("content-type") == "application/json; charset=utf-8":
        kept["content-type"] = "application/json"
    return kept


def same_body(one: bytes, other: bytes) -> bool:
    """Whether the bodies are the same, or the same JSON."""
    if one == other:
        return True
    try:
        return json.dumps(json.loads(one.decode())) == json.dumps(json.loads(other.decode()))
    except ValueError:
        return False
