"""The variants: each differs, none is objected to, and they can be had by name."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pytest

from conformance.selftest.liars import ADMIN_PASSWORD, BOTH
from conformance.selftest.observed import Server, observed
from conformance.selftest.running import ROOT, Suite, run
from conformance.selftest.variants import judged, objections
from reference_server import serve
from reference_server.faults import FAULTS
from reference_server.variants import VARIANTS, Variant, travelling, varied

NUMBER: Final = 60
"""How many variants there are at least."""

PATIENCE: Final = 900
"""Seconds in which a run of the whole suite ends on a busy machine."""


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


@pytest.fixture
def plain() -> Iterator[Server]:
    """The server without any difference."""
    server = varied([], BOTH)
    with serve(server.app) as running:
        yield Server(running.url)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=lambda variant: variant.name)
def test_every_variant_can_be_told_apart(variant: Variant, plain: Server, late: list[float]) -> None:
    server = varied([variant], BOTH)
    admin = (server.users[0].name, server.users[0].password)
    with serve(server.app, **server.options) as running:
        other = Server(f"{running.url}{server.root}", admin, server.tokens[0] if server.tokens else "")
        looks = zip(observed(other), observed(plain), strict=False)

        assert any(this != that or any(late) for this, that in looks)


def test_plain_servers_cannot_be_told_apart(plain: Server) -> None:
    with serve(varied([], BOTH).app) as running:
        assert list(observed(Server(running.url))) == list(observed(plain))


TOGETHER: Final = (
    (
        "numeric-revs keys-in-reverse translated-messages 401-without-anything dotted-ids json-without-charset"
        " capital-header-names no-etags documented-204-for-flows flows-with-empty-arrays headers-of-a-framework"
        " base-path chunked-replies extra-fields-in-flows extra-fields-in-single-flows extra-fields-in-state"
        " extra-fields-in-palette extra-fields-in-settings extra-fields-in-diagnostics extra-fields-in-logins"
        " extra-fields-in-comms extra-fields-in-errors"
    ),
    (
        "unicode-revs keys-from-a-to-z ascii-json long-messages 401-as-an-error unicode-ids json-in-other-case"
        " gzipped-replies http-1-0 cookies-in-every-reply admin-root other-names signed-tokens unknown-paths-as-pages"
        " bad-bodies-as-errors large-palette many-stores strict-slashes strict-case other-prompts"
        " other-methods-not-allowed unknown-sets-not-found"
    ),
    "no-optional-areas empty-palette anonymous-reads version-1.3.7 404-without-a-body",
    "thousands-of-nodes short-revs log-in-elsewhere 401-with-a-challenge-alone",
)
"""Variants that are judged together, as one alone would take its time."""


@pytest.mark.parametrize("names", TOGETHER, ids=lambda names: names.partition(" ")[0])
def test_nothing_objects(tmp_path: Path, names: str) -> None:
    variants = [VARIANTS[name] for name in names.split()]

    ended = judged(Suite(tmp_path, PATIENCE), variants, "--level=SHOULD")

    untested = {finding["requirement"] for finding in ended.verdict["findings"] if "undo it" in finding["reason"]}
    assert list(objections(ended, variants, untested)) == []


def test_variants_can_be_had_by_name() -> None:
    program = [sys.executable, "-m", "reference_server"]
    listed = run([*program, "--list-variants"], ROOT, ROOT, {})
    unknown = run([*program, "--variant", "numeric-rev"], ROOT, ROOT, {})

    assert [line.partition(":")[0] for line in listed.stdout.splitlines()] == list(VARIANTS)
    assert unknown.exit_code == 2
    assert "did you mean 'numeric-revs'?" in unknown.stderr


def test_admin_can_log_in_on_the_plain_server() -> None:
    assert varied([], BOTH).users[0].password == ADMIN_PASSWORD
