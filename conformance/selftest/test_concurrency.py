"""What the cases of several clients say of a server that does two things at once, and of what several clients do."""

import re
import time
from collections.abc import Iterator
from functools import partial

import pytest

from conformance.client import Admin
from conformance.concurrency.history import NO_REPLY
from conformance.concurrency.people import Person, Race, flows_named, meanwhile, together
from conformance.connection import Connection
from conformance.recorder import Recorder
from conformance.secrets import Secrets
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import AS_BOTH, PASSWORDS, protected
from conformance.selftest.running import Suite
from conformance.wire import Leaving
from reference_server import Api
from reference_server.faults import FAULTS, Lying

TURNS = "concurrency.turns-explain-what-all-are-told"


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder(Connection().transport(), Secrets({})) as recording, recording.writing():
        yield recording


def test_violation_is_told_in_a_sentence_and_drawn(suite: Suite, served: Serve) -> None:
    fault = FAULTS["deploys-a-moment-after-it-checked-the-rev"]
    url = served(Lying(protected().app(), fault))

    ended = suite(f"--target={url}", "-k", "turns_explain_what_all_are_told", *AS_BOTH, **PASSWORDS)

    assert ended.outcomes()[TURNS] == "violates"
    assert "was accepted as rev" in ended.reason(TURNS)
    assert "one of the deployments with the same rev must be refused" in ended.reason(TURNS)
    assert re.search(r"^E   [A-D] \[=+\] +deployed [A-D]\d+ at ", ended.stdout, re.MULTILINE)


def test_what_several_people_do_is_kept_in_full(served: Serve, recorder: Recorder) -> None:
    race = Race("word")
    url = served(Api().app())
    people = [Person(name, Admin(url, recorder, timeout=5), race) for name in "ABCD"]
    people[0].read()

    together(*(partial(person.read_and_deploy, 10) for person in people))
    people[0].leave(Leaving(0.5))
    last = people[0].read()

    assert len(race.history) == len(recorder.exchanges) == 1 + 4 * 20 + 2
    assert len({operation.content for operation in race.history if operation.deploys}) == 41
    assert race.history[-2].end == NO_REPLY
    assert race.name_of(last.flows) in [operation.content for operation in race.history if operation.deploys]
    race.explained()


@pytest.mark.parametrize(
    ("nodes", "name"),
    [
        (flows_named("word A1"), "A1"),
        (flows_named("word A1")[:16], "16 nodes of A1"),
        (flows_named("word A1")[1:], "30 nodes of A1"),
        ([*flows_named("word A1")[:16], *flows_named("word B2")[16:]], "16 nodes of A1 and 15 nodes of B2"),
        ([], "no nodes"),
    ],
)
def test_flows_that_are_not_whole_have_no_name(nodes: list[dict[str, str]], name: str) -> None:
    assert Race("word").name_of(nodes) == name


def test_what_is_seen_meanwhile_ends_with_the_deed() -> None:
    seen = meanwhile(partial(time.sleep, 0.05), time.monotonic, time.monotonic)

    assert len(seen) > 2


def test_failure_of_the_deed_is_raised() -> None:
    def fail() -> None:
        raise AssertionError("no")

    with pytest.raises(AssertionError, match="no"):
        meanwhile(fail, time.monotonic)
