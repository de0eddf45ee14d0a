"""Keeps a target: takes it for a run, and gives it back as it was."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from conformance.client import V1, V2, Admin
from conformance.data import Json
from conformance.exchange import printable
from conformance.live import snapshot
from conformance.live.beside import SIGN
from conformance.live.journal import Entries, Held, Journal
from conformance.live.snapshot import Snapshot
from conformance.targets import Target
from conformance.waiting import comes_true

INSTALLED: Final = ("node-red-node-random",)
"""The modules that the suite installs, besides those that it makes."""

AGAIN: Final = 3
"""How often it is tried to put a target back that somebody else deploys to meanwhile."""


ENDED: Final = "If that was killed, --restore it from its machine, or delete the tabs whose ids begin with c0f0."

FOREIGN: Final = "somebody else has deployed: what the suite put there was taken out, and all else stays"


@dataclass(frozen=True)
class Proof:
    """How a target was left."""

    same: bool | None
    """Whether it is what it was, but for what others did; None where nobody knows."""
    lines: tuple[str, ...]
    """What is otherwise, and what others did."""


class Keeping:
    """One target, for as long as a run writes to it.

    `speak` makes a client of an administrator whose requests may write.
    """

    def __init__(self, target: Target, speak: Callable[[], Admin]) -> None:
        """Take the target; raises Held and JournalError."""
        self.target, self.speak = target, speak
        self.journal = Journal(target.url)

    def unfinished(self) -> Proof | None:
        """Put back what an earlier run has left, if any did."""
        entries = self.journal.entries()
        return self.put_back(entries) if entries else None

    def begin(self) -> None:
        """Write down what the target is; raises Held, JournalError, NoReply and Unreadable."""
        with self.speak() as admin:
            found = snapshot.take(admin)
        if signs := [node.get("label") for node in found.flows if node["id"] == SIGN]:
            raise Held(printable(f"the tab '{signs[0]}' is there, which a run from elsewhere has put there. {ENDED}"))
        self.journal.begin(self.target.seed, found.as_value())

    def end(self) -> Proof | None:
        """Put the target back, and prove it; None where there was nothing to put back."""
        entries = self.journal.entries()
        return self.put_back(entries) if entries else None

    def close(self) -> None:
        """Let others have the target."""
        self.journal.close()

    def put_back(self, entries: Entries) -> Proof:
        """Put back what the journal says, and forget the journal where that is proved; raises NoReply."""
        before = Snapshot.from_value(entries.found)
        with self.speak() as admin:
            others = flows_back(admin, before, entries)
            after = snapshot.take(admin)
            if any(before.differences(after)):
                rest_back(admin, before, after)
                after = snapshot.take(admin)
        differences = tuple(before.differences(after))
        own = entries.own.of(after.flows, (node["id"] for node in before.flows))
        same = not differences or (bool(others) and not own)
        if same:
            self.journal.end()
        return Proof(same, (*others, *differences))


def flows_back(admin: Admin, before: Snapshot, entries: Entries) -> tuple[str, ...]:
    """Put the flows back where they are otherwise; says so where somebody else has deployed, whose work stays."""
    found = {node["id"]: node for node in before.flows}
    others: tuple[str, ...] = ()
    for _ in range(AGAIN):
        now, rev = snapshot.flows_of(admin)
        own = entries.own.of(now, found)
        left = [node for node in now if node["id"] not in own]
        if rev in entries.own.revs or {node["id"]: node for node in left} == found:
            left = before.flows
        else:
            others = (FOREIGN,)
        if left == now:
            break
        deploy(admin, left, rev)
    return others


def rest_back(admin: Admin, before: Snapshot, now: Snapshot) -> None:
    """Put back what is no flow; palette and run state stay as they are where somebody uses the target."""
    context_back(admin, before, now)
    if not before.flows:
        palette_back(admin, before, now)
        state_back(admin, before)


def deploy(admin: Admin, nodes: list[Json], rev: str | None) -> None:
    """Deploy these nodes, of which those that are there already go on running, unless somebody else was faster."""
    headers = {"Node-RED-Deployment-Type": "flows"}
    if rev is None:
        admin.post("/flows", headers=V1.headers | headers, json=nodes)
    else:
        admin.post("/flows", headers=V2.headers | headers, json={"flows": nodes, "rev": rev})


def palette_back(admin: Admin, before: Snapshot, now: Snapshot) -> None:
    """Enable and disable what was enabled and disabled, and remove what the suite has installed."""
    for module in (now.modules or {}).keys() - (before.modules or now.modules or {}).keys():
        if module in INSTALLED or snapshot.OURS in module:
            admin.delete(f"/nodes/{module}")
    for name, enabled in (before.palette or {}).items():
        if (now.palette or before.palette or {}).get(name) is not enabled:
            admin.put(f"/nodes/{name}", json={"enabled": enabled})


def context_back(admin: Admin, before: Snapshot, now: Snapshot) -> None:
    """Take the suite's values out of the global context."""
    for store, keys in (now.keys or {}).items():
        for key in set(keys) - set((before.keys or {}).get(store, ())):
            admin.delete(f"/context/global/{key}", params={"store": store})


def state_back(admin: Admin, before: Snapshot) -> None:
    """Start or stop the flows, as they were."""
    if before.state and snapshot.state(admin) != before.state:
        admin.post("/flows/state", data={"state": before.state})
        comes_true(lambda: snapshot.state(admin) == before.state)
