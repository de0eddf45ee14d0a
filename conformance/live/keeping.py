"""Keeps a target: takes it for a run, and gives it back as it was."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from conformance.client import V1, V2, Admin
from conformance.data import Json
from conformance.exchange import printable
from conformance.live import snapshot
from conformance.live.beside import OURS, SIGN, rev_of
from conformance.live.journal import Entries, Held, Journal
from conformance.live.own import name_of, names_of
from conformance.live.snapshot import Snapshot
from conformance.targets import Target
from conformance.values import json_of
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

    def begin(self) -> None:
        """Write down what the target is; raises Held, JournalError, NoReply and Unreadable."""
        with self.speak() as admin:
            found = snapshot.take(admin)
        if signs := [node.get("label") for node in found.flows if name_of(node) == SIGN]:
            raise Held(printable(f"the tab '{signs[0]}' is there, which a run from elsewhere has put there. {ENDED}"))
        if bool(found.flows) != self.target.holds_flows:
            raise Held("somebody has deployed there this moment. Run it again.")
        self.journal.begin(self.target.seed, found.as_value())

    def give_back(self) -> Proof | None:
        """Put back what this run or an earlier one has left, and prove it; None where there was nothing to put back."""
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
        return self.proof(before, after, entries, others)

    def proof(self, before: Snapshot, after: Snapshot, entries: Entries, others: tuple[str, ...]) -> Proof:
        """Whether the target is what it was, in which case the journal is over."""
        differences = tuple(before.differences(after))
        # What else is otherwise about a target in use, such as its palette, is its users' affair.
        deciding = tuple(before.differences_of_flows(after)) if before.flows else differences
        own = entries.own.of(after.flows, names_of(before.flows))
        if others and lost(before.flows, after.flows):
            aside = self.journal.set_aside()
            return Proof(same=False, lines=(*others, *differences, f"what it held before is in {aside}"))
        same = not deciding or (bool(others) and not own)
        if same:
            self.journal.end()
        return Proof(same, (*others, *differences))


def flows_back(admin: Admin, before: Snapshot, entries: Entries) -> tuple[str, ...]:
    """Put the flows back where they are otherwise; says so where somebody else has deployed, whose work stays."""
    found = names_of(before.flows)
    others: tuple[str, ...] = ()
    for _ in range(AGAIN):
        now, rev = snapshot.flows_of(admin)
        own = entries.own.of(now, found)
        # What has no id was never anybody's: the suite sends such to a target that held nothing.
        left = [node for node in now if (name := name_of(node)) not in own and (name is not None or found)]
        if left == before.flows or (rev in entries.own.revs and names_of(left) <= found):
            left = before.flows
        else:
            others = (FOREIGN,)
        if left == now:
            break
        deployed = deploy(admin, left, rev)
        if left == before.flows:
            entries.own.revs |= deployed
    return others


def lost(before: list[Json], after: list[Json]) -> bool:
    """Whether any node is missing later, or is another one."""
    there = {name_of(node): node for node in after}
    return any(there.get(name_of(node)) != node for node in before)


def rest_back(admin: Admin, before: Snapshot, now: Snapshot) -> None:
    """Put back what is no flow; palette and run state stay as they are where somebody uses the target."""
    context_back(admin, before, now)
    if not before.flows:
        palette_back(admin, before, now)
        state_back(admin, before)


def deploy(admin: Admin, nodes: list[Json], rev: str | None) -> set[str]:
    """Deploy these nodes, of which those that are there already go on running, unless somebody else was faster.

    The revision that it has, where the target tells it.
    """
    version, body = (V1, nodes) if rev is None else (V2, {"flows": nodes, "rev": rev})
    headers = {"Node-RED-Deployment-Type": "flows", "Content-Type": "application/json"}
    reply = admin.post("/flows", headers=version.headers | headers, content=json.dumps(body).encode())
    deployed = rev_of(json_of(reply)) if reply.is_success else None
    return {deployed} if deployed else set()


def palette_back(admin: Admin, before: Snapshot, now: Snapshot) -> None:
    """Enable and disable what was enabled and disabled, and remove what the suite has installed."""
    for module in (now.modules or {}).keys() - (before.modules or now.modules or {}).keys():
        if module in INSTALLED or OURS in module:
            admin.delete(f"/nodes/{quote(module, safe='@/')}")
    for name, enabled in (before.palette or {}).items():
        if (now.palette or before.palette or {}).get(name) is not enabled:
            admin.put(f"/nodes/{quote(name, safe='@/')}", json={"enabled": enabled})


def context_back(admin: Admin, before: Snapshot, now: Snapshot) -> None:
    """Take the suite's values out of the global context."""
    if before.keys is None:
        return
    for store, keys in (now.keys or {}).items():
        for key in set(keys) - set(before.keys.get(store, ())):
            admin.delete(f"/context/global/{quote(key, safe='')}", params={"store": store})


def state_back(admin: Admin, before: Snapshot) -> None:
    """Start or stop the flows, as they were."""
    if before.state and snapshot.state(admin) != before.state:
        admin.post("/flows/state", data={"state": before.state})
        comes_true(lambda: snapshot.state(admin) == before.state)
