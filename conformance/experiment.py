"""Deployments whose effect is watched: which nodes each of them starts."""

import contextlib
import functools
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import httpx

from conformance import tape
from conformance.client import V2, Admin, deployment_type
from conformance.comms import Comms, value_of
from conformance.context import Context, Value
from conformance.data import Json, flows
from conformance.exchange import Exchange
from conformance.outcomes import NotApplicable, NotTested
from conformance.parts import anew, functions, part
from conformance.starts import STATUSES, Counts, Marks, Starts, Statuses, Way, union
from conformance.waiting import Patience, comes_true

SILENCE: Final = 0.08
"""Seconds of silence in which a start would still be seen, once others have started or are known to take no time."""

CONTEXT: Final = "the context"
"""The way to see starts by GET /context."""

TELLING: Final = 1.0
"""Seconds in which a target that tells of its deployments tells of one."""

Seen = TypeVar("Seen")
"""What comes of a scenario: the starts that it caused, or those of each of its steps."""


@dataclass
class Sight:
    """What can be seen of the starts of nodes on one target, which all experiments there learn together."""

    patience: Patience
    ways: tuple[str, ...] = ()
    """The ways that show them, by name."""
    blind: str = ""
    """Why none does."""
    reader: tuple[str, ...] = ("reader",)
    """The part that shows them over HTTP In, none where it keeps all others from starting."""
    hidden: frozenset[str] = frozenset()
    """The starts that none of them shows: those of function nodes, where these run no code at their start."""
    missing: dict[tuple[str, ...], str] = field(default_factory=dict)
    """Why parts cannot be used which did not start."""
    tells: bool = True
    """Whether the target tells of its deployments on `/comms`, as far as is known."""
    lag: float = 0.0
    """Seconds that the last flows took to start, once they were deployed and told."""
    number: int = 0
    """How many times flows were deployed to be watched, each time others."""


class Experiment:
    """One target, what was deployed there to be watched, and what was seen of it."""

    def __init__(self, admin: Admin, nobody: Admin, comms: Comms, seed: str, sight: Sight) -> None:
        self.admin = admin
        self.nobody = nobody
        self._comms = comms
        self._seed = seed
        self._sight = sight
        self._context = Context(admin, flows("set-context"), seed, sight.patience)
        self._played: dict[object, tuple[Any, list[Exchange]]] = {}
        self._open = contextlib.ExitStack()
        self._statuses: Statuses | None = None
        self._ways: list[Way] = []

    def after(self, scenario: Callable[..., Seen], *words: str) -> Seen:
        """What was seen in a scenario, which is played once however many cases ask about it."""
        recorder, key = self.admin.recorder, (scenario, words)
        if key in self._played:
            recorder.share(self._played[key][1])
        else:
            begun = len(recorder.exchanges)
            seen = scenario(self, *words)
            self._played[key] = seen, recorder.exchanges[begun:]
        seen_before: Seen = self._played[key][0]
        return seen_before

    def running(self, *names: str) -> list[Json]:
        """The nodes of these parts, which are all that runs now; raises NotTested where they do not start."""
        if not self._ways:
            self._open_eyes()
        if why := self._sight.missing.get(names):
            raise NotTested(why)
        expected, nodes = self.visible(*names), self._premise(*names)
        begun = time.monotonic()
        # Each way tells in its own time, and what one tells too late would be taken for a start to come.
        comes_true(lambda: all(expected <= starts for starts in self._read()))
        self._sight.lag = time.monotonic() - begun
        if missing := expected - self.so_far():
            why = f"the flows that would show it do not start: nothing is seen of {', '.join(missing)}"
            self._sight.missing[names] = why
            raise NotTested(why)
        return nodes

    def nodes(self, *names: str) -> list[Json]:
        """The nodes of these parts, which leave marks when they start."""
        return anew([self._marks.on(node) for name in names for node in part(name).nodes], self._sight.number)

    def visible(self, *names: str) -> Starts:
        """What can be seen of the start of these parts."""
        return self.only_visible(sum((part(name).starts for name in names), Starts()))

    def sees(self, name: str) -> bool:
        """Whether this start can be seen."""
        return name not in self._sight.hidden and any(isinstance(way, Counts) for way in self._ways)

    def must_see(self, *names: str) -> None:
        """Raise NotApplicable where these starts cannot be seen."""
        if not self._sight.hidden.isdisjoint(names):
            raise NotApplicable("function nodes of the target run no code at their start, which would show it")

    def deploy(self, kind: str, nodes: list[Json], *awaited: str) -> Starts:
        """What a deployment of this type starts: what is awaited, and whatever else until all is quiet."""
        return self.send(V2.body(nodes), deployment_type(kind), awaited)

    def send(self, body: Json, headers: dict[str, str], awaited: Iterable[str] = ()) -> Starts:
        """What POST /flows starts, with this body and these headers besides the version's."""
        return self.watch(lambda: self.admin.post("/flows", headers=V2.headers | headers, json=body), awaited)

    def watch(self, act: Callable[[], httpx.Response], awaited: Iterable[str] = (), *, tells: bool = True) -> Starts:
        """What a request starts: what is awaited, and whatever else until all is quiet.

        `tells` says whether it is a deployment, of which the target may tell. Raises AssertionError where the request
        is refused.
        """
        before, expected = self._read(), self.only_visible(Starts(awaited))
        self._acted(act, tells=tells)
        came = bool(expected) and self._comes(before, expected)
        # What is told of a deployment is told once its nodes were started; without that, more time is theirs.
        tape.sleep(SILENCE if came else SILENCE + (1 if tells and self._sight.tells else 3) * self._sight.lag)
        return union(self._since(before))

    def meanwhile(self, *awaited: str) -> Starts:
        """What starts, or ticks, while nothing is done: what is awaited, and whatever else in a quiet moment."""
        before = self._read()
        if awaited:
            self._comes(before, Starts(awaited))
        tape.sleep(SILENCE)
        return union(self._since(before))

    def so_far(self) -> Starts:
        """How often each node was seen to start so far."""
        return union(self._read())

    def stops(self) -> Starts:
        """How often each function node has run the code for its end; raises NotApplicable where nothing shows that."""
        counts = [way for way in self._ways if isinstance(way, Counts)]
        if not counts:
            raise NotApplicable("neither the context nor HTTP In shows what nodes of the target do at their end")
        self._read()
        return union(way.stops for way in counts)

    def http_in(self) -> list[str]:
        """Where the HTTP In node of the reader may answer."""
        return [f"{root}/{self._marks.key}" for root in self._roots]

    def end(self) -> None:
        """Leave nothing behind of all that was deployed."""
        with self._open:
            if self._context.put_there and self.admin.recorder.is_there():
                self.admin.empty()
                self._forget()
                self.admin.empty()

    def _forget(self) -> None:
        """Take the marks out of the context, also where it cannot be read."""
        if any(way.name == CONTEXT for way in self._ways):
            self._context.forget()
        else:
            self._context.forget_through_nodes(self._context.put_there)
            tape.sleep(SILENCE + 3 * self._sight.lag)

    @property
    def _marks(self) -> Marks:
        """The marks of the flows that are watched now."""
        return Marks(f"conformance_{self._seed}_starts_{self._sight.number}")

    @functools.cached_property
    def _roots(self) -> list[str]:
        """Below what HTTP In nodes may answer: where GET /settings says, on the host or below the admin root."""
        settings, admin = value_of(self.admin.get("/settings").text), self.admin.base_url
        root = settings.get("httpNodeRoot") if isinstance(settings, dict) else None
        if not isinstance(root, str) or not root.startswith("/"):
            return []
        urls = (f"{admin.copy_with(path=root)}", f"{admin}".rstrip("/") + root)
        return list(dict.fromkeys(url.rstrip("/") for url in urls))

    def _open_eyes(self) -> None:
        """Get ready to see starts; raises NotTested where nothing shows any."""
        if not self._sight.blind:
            with contextlib.suppress(NotApplicable, AssertionError):
                listener = self._open.enter_context(self._comms.listening(self.admin))
                listener.say(STATUSES)
                self._statuses = Statuses("/comms", listener)
            self._sight.tells = self._sight.tells and self._statuses is not None
            self._ways = list(self._known_ways())
            if not self._sight.ways:
                self._find_ways()
            self._ways = [way for way in self._ways if way.name in self._sight.ways]
        if self._sight.blind:
            raise NotTested(self._sight.blind)

    def _find_ways(self) -> None:
        """Let flows start once, to learn what shows that; without the reader where nothing does."""
        for self._sight.reader in (("reader",), ()):
            self._sight.hidden = functions()
            self._premise("wired")
            self._sight.patience(lambda: self.visible("wired") <= self.so_far())
            tape.sleep(SILENCE)
            shown = self._read()
            self._sight.ways = tuple(way.name for way, starts in zip(self._ways, shown, strict=True) if starts)
            if any(self._sight.hidden & starts.keys() for starts in shown):
                self._sight.hidden = frozenset()
            if self._sight.ways:
                return
        names = ", ".join(way.name for way in self._ways)
        self._sight.blind = f"no start of a node can be seen from outside: it is shown neither by {names}"

    def _known_ways(self) -> Iterator[Way]:
        yield Counts(CONTEXT, self.admin, ["/context/global"])
        yield Counts("HTTP In", self.nobody, self._roots)
        if self._statuses:
            yield self._statuses

    def only_visible(self, starts: Starts) -> Starts:
        """Those of these starts that can be seen."""
        return Starts({name: number for name, number in starts.items() if name not in self._sight.hidden})

    def _premise(self, *names: str) -> list[Json]:
        """Deploy the nodes of these parts, none of which was ever there; raises NotTested where that is refused."""
        self._sight.number += 1
        self._context.put_there.append(Value("global", self._marks.key, {}))
        nodes = self.nodes(*self._sight.reader, *names)
        try:
            self._acted(lambda: self.admin.post("/flows", headers=V2.headers, json=V2.body(nodes)), tells=True)
        except AssertionError as error:
            raise NotTested(f"the flows that would show it could not be deployed: {error}") from None
        return nodes

    def _acted(self, act: Callable[[], httpx.Response], *, tells: bool) -> None:
        """Do this, and wait until it is told, where it is; raises AssertionError where it is refused."""
        told, reply = self._told(), act()
        if not reply.is_success:
            raise AssertionError(f"what starts or stops nodes was refused with {reply.status_code}")
        if tells and self._sight.tells:
            self._sight.tells = comes_true(lambda: self._told() > told, TELLING)

    def _read(self) -> list[Starts]:
        return [way.read(self._marks.key) for way in self._ways]

    def _since(self, before: list[Starts]) -> Iterator[Starts]:
        """What each way shows of the time since then."""
        return (later - earlier for earlier, later in zip(before, self._read(), strict=True))

    def _comes(self, before: list[Starts], expected: Starts) -> bool:
        """Whether this starts in time; who was slow at first is given longer."""
        return self._sight.patience(lambda: expected <= union(self._since(before)), 3 * self._sight.lag)

    def _told(self) -> int:
        """How many deployments were told so far."""
        if not self._statuses:
            return 0
        self._statuses.read(self._marks.key)
        return self._statuses.deployments
