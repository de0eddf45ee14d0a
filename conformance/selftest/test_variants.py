"""The variants: each differs, none is objected to, and they can be had by name."""

import contextlib
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import chain
from types import SimpleNamespace
from typing import Final

import httpx
import pytest

from conformance.catalogue import catalogue
from conformance.data import Json
from conformance.outcomes import Finding, Outcome
from conformance.selftest.liars import ADMIN_PASSWORD, BOTH
from conformance.selftest.observed import Server, observed
from conformance.selftest.proof import nginx, variants
from conformance.selftest.proof.variants import PLAN, Group, Objection, clashes, groups, judge, objections
from conformance.selftest.running import ROOT, run
from reference_server import serve
from reference_server.faults import FAULTS
from reference_server.variants import VARIANTS, Variant, travelling, varied

NUMBER: Final = 60
"""How many variants there are at least."""

SHORT: Final = 40
"""Where so many requirements make one that is judged here; `make proven` judges all of them."""


def test_there_are_many_variants() -> None:
    assert len(VARIANTS) >= NUMBER


def test_every_variant_says_what_is_different() -> None:
    assert [name for name, variant in VARIANTS.items() if not re.fullmatch(r"[A-Z].+\.", variant.text)] == []
    texts = [variant.text for variant in VARIANTS.values()]
    assert len(set(texts)) == len(texts)


def test_names_are_words_and_no_faults() -> None:
    assert [name for name in VARIANTS if not re.fullmatch(r"[a-z0-9]+([-.][a-z0-9]+)*", name)] == []
    assert VARIANTS.keys() & FAULTS.keys() == set()


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """By how many seconds replies were late."""
    seconds: list[float] = []

    async def sleep(given: float) -> None:
        seconds.append(given)

    monkeypatch.setattr(travelling, "asyncio", SimpleNamespace(sleep=sleep))
    return seconds


@pytest.fixture(scope="module")
def plain() -> list[tuple[str, Json]]:
    """What can be observed of the server without any difference."""
    with serve(varied([], BOTH).app) as running:
        return list(observed(Server(running.url)))


@pytest.fixture(scope="module")
def ending() -> Iterator[ThreadPoolExecutor]:
    """Ends servers while others are looked at, as uvicorn takes its time."""
    with ThreadPoolExecutor(8) as threads:
        yield threads


@pytest.mark.long
@pytest.mark.parametrize("variant", VARIANTS.values(), ids=lambda variant: variant.name)
def test_every_variant_can_be_told_apart(
    variant: Variant, plain: list[tuple[str, Json]], late: list[float], ending: ThreadPoolExecutor
) -> None:
    server = varied([variant], BOTH)
    admin, reader = ((user.name, user.password) for user in server.users[:2])
    with contextlib.ExitStack() as servers:
        running = servers.enter_context(serve(server.app, **server.options))
        other = Server(f"{running.url}{server.root}", admin, reader, server.tokens[0] if server.tokens else "")

        assert any(this != that or any(late) for this, that in zip(observed(other), plain, strict=False))

        ending.submit(servers.pop_all().close)


def test_plain_servers_cannot_be_told_apart(plain: list[tuple[str, Json]]) -> None:
    with serve(varied([], BOTH).app) as running:
        assert list(observed(Server(running.url))) == plain


def test_groups_hold_every_variant_once_and_none_that_exclude_each_other() -> None:
    held = Counter(name for group in groups() for name in group.names)

    assert held == Counter(variants.names())
    assert [clash for group in groups() for clash in clashes(group.names)] == []


def test_every_pattern_stands_for_a_variant() -> None:
    known = [*VARIANTS, variants.PROXY]
    patterns = {*chain(*PLAN["apart"])}

    assert [pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in known)] == []


def test_every_requirement_is_looked_at_in_more_groups_than_one() -> None:
    whole = [group for group in groups() if not group.requirements]
    sampled = Counter(one for group in groups() for one in group.requirements)

    assert len(whole) >= 4
    assert sampled.keys() == {one.id for one in catalogue().values() if not one.excluded}


@pytest.mark.parametrize("number", range(2))
def test_nothing_objects(number: int) -> None:
    here = [group for group in groups() if variants.PROXY not in group.names][number]
    scoring = [one.id for one in catalogue().values() if one.scores and not one.excluded]
    group = replace(here, requirements=tuple(scoring[number::SHORT]))

    ended = variants.run(group)

    assert list(map(str, objections(ended, group))) == []
    assert len(variants.findings(ended)) == len(group.requirements)


def test_objection_is_to_the_variant_that_meets_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"numeric-revs": "flows.v2-gives-rev", "long-ids": "flow.get-gives-the-flow"}

    def objecting(_: object, group: Group) -> list[Objection]:
        met = [wrong[name] for name in group.names if name in wrong]
        return [
            Objection(one, Outcome.VIOLATES, "") for one in [*met, *(["only.together"] if len(group.names) > 2 else [])]
        ]

    monkeypatch.setattr(variants, "run", lambda *_: None)
    findings = [*5 * [Finding("one", Outcome.CONFORMS)], *2 * [Finding("other", Outcome.NOT_TESTED)]]
    monkeypatch.setattr(variants, "findings", lambda _: findings)
    monkeypatch.setattr(variants, "objections", objecting)

    group = Group(("numeric-revs", "no-date", "long-ids"))
    judged = judge(group)

    found = {name: [one.requirement for one in objections] for name, objections in judged.objections.items()}
    assert found == {**{name: [one] for name, one in wrong.items()}, group.name: ["only.together"]}
    assert (judged.ran, judged.not_tested) == (5, 2)


def test_variants_can_be_listed_and_are_named_where_nearly_right() -> None:
    program = [sys.executable, "-m", "reference_server"]
    listed = run([*program, "--list-variants"], ROOT, ROOT, {})
    unknown = run([*program, "--variant", "numeric-rev"], ROOT, ROOT, {})

    assert [line.partition(":")[0] for line in listed.stdout.splitlines()] == list(VARIANTS)
    assert unknown.exit_code == 2
    assert "did you mean 'numeric-revs'?" in unknown.stderr


def test_several_variants_make_one_server_in_whatever_order() -> None:
    words = (
        "keys-from-a-to-z",
        "base-path",
        "extra-fields-in-flows",
        "json-without-charset",
        "numeric-revs",
        "short-revs",
    )
    options = [f"--variant={name}" for name in words]
    command = [sys.executable, "-m", "reference_server", "--port", "0", "--open", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:  # noqa: S603 - our own
        try:
            assert program.stdout is not None
            url = program.stdout.readline().split()[-1]
            with httpx.Client(base_url=url, trust_env=False, headers={"Node-RED-API-Version": "v2"}) as client:
                first = client.get("/flows")
                second = client.post("/flows", json={"flows": []})
        finally:
            program.terminate()

    assert url.endswith("/plant-a/red")
    assert list(first.json()) == ["", "_links", "flows", "rev", "x-vendor"]
    assert first.headers["Content-Type"] == "application/json"
    assert (first.json()["rev"], second.json()["rev"]) == ("0", "b")


def test_admin_can_log_in_on_the_plain_server() -> None:
    assert varied([], BOTH).users[0].password == ADMIN_PASSWORD


def test_missing_proxy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nginx, "program", lambda: None)

    assert "apt-get install nginx-light" in variants.missing()
    assert variants.PROXY not in [name for group in groups() for name in group.names]
