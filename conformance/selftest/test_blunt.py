"""What a bluntly wrong server answers is a miss of a requirement, and never brings a case down."""

import pytest

from conformance.selftest.conftest import Serve
from conformance.selftest.liars import (
    AS_BOTH,
    PASSWORDS,
    Liar,
    Lie,
    bluntly,
    forgets_the_last_node,
    other_container,
    protected,
    without_the_first,
)
from conformance.selftest.running import Suite

QUICK = ("--ignore-glob=*/test_flow*", "--ignore-glob=*/test_transport_[!r]*", "--ignore-glob=*_replies.py")
"""Leaves out the cases that send the most."""

LIES = {
    "without-the-first": bluntly(without_the_first),
    "other-container": bluntly(other_container),
    "without-the-last-node": forgets_the_last_node,
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_blunt_lie_is_no_error_of_the_suite(suite: Suite, served: Serve, lie: Lie) -> None:
    url = served(Liar(protected().app(), lie))

    ended = suite("conformance/cases", *QUICK, f"--target={url}", *AS_BOTH, "--timeout=2", **PASSWORDS)

    findings = ended.verdict["findings"]
    assert [(found["requirement"], found["reason"]) for found in findings if found["outcome"] == "suite-error"] == []
    assert any(found["outcome"] == "violates" for found in findings)
