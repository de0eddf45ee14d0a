"""Clients that go away in the middle of a large deployment, or take their time."""

from collections.abc import Callable
from functools import partial

import pytest

from conformance import requirement
from conformance.client import Admin
from conformance.concurrency.people import LARGE, Person, Race
from conformance.targets import Target
from conformance.waiting import comes_true
from conformance.wire import Leaving

SETTLED = 0.1
"""Seconds in which a target that deploys what it was sent in part has done so."""

RESETS = (False, True)
"""How the client goes away: it closes the connection, or resets it."""

as_sent = pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
"""With the length in front, or chunk by chunk."""


@pytest.fixture
def race(target: Target, put_back: None) -> Race:
    """What all people of the case do."""
    return Race(target.seed)


@pytest.fixture
def host(race: Race, admin: Admin) -> Person:
    """Whose flows are active."""
    person = Person("H", admin, race)
    person.read()
    person.deploy()
    return person


@pytest.fixture
def guest(race: Race, target: Target, client_of: Callable[[str | None], Admin]) -> Person:
    """Who goes away."""
    return Person("G", client_of(target.tokens.get("admin")), race)


def has_another_rev(host: Person, rev: str) -> bool:
    """Whether what is active now is not what had this rev."""
    return host.read().rev != rev


def deploys_still(host: Person) -> None:
    """Make sure that the target deploys what carries the rev that is read."""
    rev = host.deploy(host.read().rev)
    assert rev is not None
    assert host.read().rev == rev


@requirement("concurrency.left-half-way-changes-nothing")
@as_sent
def test_left_half_way_changes_nothing(race: Race, host: Person, guest: Person, *, chunked: bool) -> None:
    before = host.read().rev

    for resets in RESETS:
        for share in (0.0, 0.5, 0.99):
            guest.leave(Leaving(share, resets, meanwhile=host.read), chunked=chunked)

    changed = comes_true(partial(has_another_rev, host, before), SETTLED)
    race.explained()
    assert not changed
    deploys_still(host)


@requirement("concurrency.left-before-the-reply-is-all-or-nothing")
@as_sent
def test_left_before_the_reply_is_all_or_nothing(race: Race, host: Person, guest: Person, *, chunked: bool) -> None:
    for resets, meanwhile in ((False, host.read), (True, None)):
        before = host.read().rev
        guest.leave(Leaving(1, resets, meanwhile), nodes=LARGE // 4, chunked=chunked)
        comes_true(partial(has_another_rev, host, before), SETTLED)

    assert any(host.deploy(host.read().rev) for _ in range(3))
    host.read()
    race.explained()


@requirement("concurrency.half-a-deploy-keeps-nobody-waiting")
@as_sent
def test_half_a_deploy_keeps_nobody_waiting(host: Person, guest: Person, *, chunked: bool) -> None:
    guest.leave(Leaving(0.5, meanwhile=lambda: deploys_still(host)), chunked=chunked)

    deploys_still(host)
