"""A target behind a reverse proxy: nginx, with TLS and a path, which is as legal as the target itself."""

from pathlib import Path

import pytest

from conformance.selftest.proof import nginx
from conformance.selftest.proof.variants import PROXY, Group, objections, run


@pytest.mark.skipif(nginx.program() is None, reason=nginx.MISSING)
def test_nothing_objects_to_a_proxy(tmp_path: Path) -> None:
    group = Group((PROXY,))

    ended = run(group, tmp_path, "--profile=library", "--profile=comms")

    assert objections(ended, group) == []
    assert ended.exit_code == 0
