"""Several people at once, each of whom reads the flows and deploys: nobody loses anything without being told."""

from collections.abc import Callable
from functools import partial

import pytest

from conformance import requirement
from conformance.checks import conforms, parsed
from conformance.client import V1, V2, Admin, ApiVersion, deployment_type
from conformance.concurrency.people import TAB, Person, Race, flows_named, meanwhile, together
from conformance.data import Json
from conformance.targets import Target

ROUNDS = 4
DEPLOYMENTS = 6
READERS = 3
CROWD = 12
TYPES = ("full", "nodes", "flows")

Meet = Callable[[str], Person]


@pytest.fixture
def race(target: Target, put_back: None) -> Race:
    """What all people of the case do."""
    return Race(target.seed)


@pytest.fixture
def meet(race: Race, target: Target, client_of: Callable[[str | None], Admin]) -> Meet:
    """Finds a person of this name, with a client of their own."""
    return lambda name: Person(name, client_of(target.tokens.get("admin")), race)


@pytest.fixture
def host(meet: Meet) -> Person:
    """Who was there first, and deployed what all others find."""
    person = meet("H")
    person.read()
    person.deploy()
    return person


@pytest.fixture
def people(meet: Meet, host: Person) -> list[Person]:
    """Who comes then."""
    return [meet(name) for name in "ABCD"]


@requirement("concurrency.turns-explain-what-all-are-told")
@pytest.mark.parametrize("pace", ["in-step", "each-in-their-own-time"])
def test_turns_explain_what_all_are_told(race: Race, meet: Meet, people: list[Person], pace: str) -> None:
    reader = meet("R")
    for _ in range(ROUNDS if pace == "in-step" else 0):
        read = together(*(person.read for person in people))
        deploys = [partial(person.deploy, seen.rev) for person, seen in zip(people, read, strict=True)]
        meanwhile(partial(together, *deploys), reader.read)
    if pace != "in-step":
        meanwhile(partial(together, *(partial(person.read_and_deploy, ROUNDS) for person in people)), reader.read)

    race.explained()


@requirement("concurrency.turns-explain-forced-deploys")
def test_turns_explain_forced_deploys(race: Race, meet: Meet, people: list[Person]) -> None:
    forcing, careful, reader = people[:2], people[2:], meet("R")
    for number in range(ROUNDS):
        read = together(*(person.read for person in careful))
        if number % 2:
            forcing[0].deploy()
        deploys = [partial(person.deploy, seen.rev) for person, seen in zip(careful, read, strict=True)]
        meanwhile(partial(together, *(person.deploy for person in forcing), *deploys), reader.read)

    race.explained()


@requirement("concurrency.readers-see-whole-deploys")
def test_readers_see_whole_deploys(host: Person, race: Race) -> None:
    def read_v1() -> str:
        reply = host.admin.get("/flows", headers=V1.headers)
        assert reply.status_code == 200
        return race.name_of(conforms(reply, "flows-v1"))

    def read_v2() -> str:
        return race.name_of(host.admin.read().flows)

    seen = meanwhile(lambda: deploying(host), read_v1, read_v2, read_v2)

    assert sorted(set(seen) - {operation.content for operation in race.history}) == []


def deploying(person: Person) -> None:
    """Deploy by force, several times."""
    for _ in range(DEPLOYMENTS):
        person.deploy()


@requirement("concurrency.rev-that-is-read-belongs-to-the-flows")
def test_rev_that_is_read_belongs_to_the_flows(host: Person, race: Race) -> None:
    seen = meanwhile(lambda: deploying(host), *[host.admin.read] * READERS)

    revs = {operation.content: operation.rev for operation in race.history}
    for read in seen:
        assert read.rev == revs.get(race.name_of(read.flows))


@requirement("concurrency.readers-are-answered-during-deploys")
def test_readers_are_answered_during_deploys(host: Person) -> None:
    def status(path: str, version: ApiVersion) -> int:
        return host.admin.get(path, headers=version.headers).status_code

    reads = [("/flows", V1), ("/flows", V2)]
    if host.admin.get("/settings").status_code != 404:  # which some do without where they serve no editor
        reads.append(("/settings", V2))
    seen = meanwhile(lambda: deploying(host), *(partial(status, *read) for read in reads))

    assert set(seen) == {200}


@requirement("concurrency.accepted-deploy-is-read-by-all")
def test_accepted_deploy_is_read_by_all(race: Race, host: Person, people: list[Person]) -> None:
    for _ in range(ROUNDS):
        host.deploy()
        together(*(person.read for person in people))

    race.explained()


@requirement("concurrency.forced-deploy-makes-a-conflict")
def test_forced_deploy_makes_a_conflict(race: Race, people: list[Person]) -> None:
    forcing, other = people[:2]
    for _ in range(ROUNDS):
        read = other.read()
        forced = forcing.deploy()

        rev = other.deploy(read.rev)
        after = other.read().rev
        race.explained()
        assert rev is None
        assert after == forced

        assert other.deploy(forced) is not None


@requirement("concurrency.of-all-types-at-once-one-wins")
def test_of_all_types_at_once_one_wins(race: Race, people: list[Person], host: Person) -> None:
    for _ in range(ROUNDS):
        rev = host.read().rev
        types = [deployment_type(name) for name in (*TYPES, "full")]
        revs = together(*(partial(person.deploy, rev, kind) for person, kind in zip(people, types, strict=True)))

        race.explained()
        assert len([rev for rev in revs if rev is not None]) == 1
        assert host.read().rev in revs
        (won,) = [operation for operation in race.history[-len(people) - 1 :] if operation.deploys and operation.rev]
        assert race.name_of(parsed(host.admin.get("/flows", headers=V1.headers))) == won.content


@requirement("concurrency.of-identical-deploys-one-wins")
def test_of_identical_deploys_one_wins(host: Person, people: list[Person]) -> None:
    for turn in range(ROUNDS):
        nodes = flows_named(f"{host.race.word} all the same {turn}")
        body = {"rev": host.read().rev, "flows": nodes}
        posts = [partial(person.admin.post, "/flows", headers=V2.headers, json=body) for person in people]

        assert sorted(reply.status_code for reply in together(*posts)) == [200, 409, 409, 409]
        assert host.race.name_of(host.admin.read().flows) == f"all the same {turn}"


@requirement("concurrency.one-of-forced-deploys-stays-whole")
def test_one_of_forced_deploys_stays_whole(race: Race, host: Person, people: list[Person]) -> None:
    for _ in range(ROUNDS):
        revs = together(*(person.deploy for person in people))

        assert None not in revs
        assert host.read().rev in revs
        assert race.history[-1].content in sorted(operation.content for operation in race.history if operation.deploys)


@requirement("concurrency.crowd-reads-what-one-reads")
def test_crowd_reads_what_one_reads(host: Person) -> None:
    def read(asked: tuple[str, dict[str, str]]) -> tuple[int, Json]:
        reply = host.admin.get(asked[0], headers=asked[1])
        return reply.status_code, parsed(reply)

    routes = [("/flows", V1.headers), ("/flows", V2.headers), (f"/flow/{TAB}", {})] * (CROWD // 3)
    alone = [read(asked) for asked in routes]

    assert together(*(partial(read, asked) for asked in routes)) == alone
