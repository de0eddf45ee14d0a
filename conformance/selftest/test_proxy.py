"""A target behind a reverse proxy: nginx, with TLS and a path, which is as legal as the target itself."""

import pytest

from conformance.catalogue import catalogue
from conformance.selftest.proof import nginx
from conformance.selftest.proof.variants import PROXY, Group, findings, objections, run


@pytest.mark.skipif(nginx.program() is None, reason=nginx.MISSING)
def test_nothing_objects_to_a_proxy() -> None:
    judged = [entry.id for entry in catalogue().values() if entry.area in ("library", "comms") and not entry.excluded]
    group = Group((PROXY,), tuple(judged))

    ended = run(group)

    assert objections(ended, group) == []
    assert len(findings(ended)) == len(judged)
