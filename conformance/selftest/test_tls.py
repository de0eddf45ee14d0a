"""A target behind TLS: trusted by its authority, or by nobody's, or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from conformance.selftest.running import Suite
from reference_server import Api, serve

ONE_CASE = ("-k", "get_v1_gives")
ALONE = ("-k", "http_1_0_answered")
"""A case whose requests travel alone, each on a connection of its own."""


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """The file that holds the authority which the target's certificate is signed by, and the certificate beside it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    return tmp_path / "authority.pem"


@pytest.fixture
def url(authority: Path) -> Iterator[str]:
    """A target behind TLS."""
    with serve(Api().app(), ssl_certfile=authority.with_name("server.pem")) as server:
        assert server.url.startswith("https://")
        yield server.url


def test_unknown_authority_is_told_with_a_way_on(suite: Suite, url: str) -> None:
    ended = suite(f"--target={url}", *ONE_CASE)

    assert ended.exit_code == 13
    assert "--ca-bundle" in ended.stderr
    assert "--insecure" in ended.stderr


def test_authority_can_be_given(suite: Suite, url: str, authority: Path) -> None:
    ended = suite(f"--target={url}", f"--ca-bundle={authority}", *ONE_CASE)

    assert ended.outcomes()["flows.get-v1-gives-array"] == "conforms"


def test_authority_counts_for_requests_that_travel_alone(suite: Suite, url: str, authority: Path) -> None:
    ended = suite(f"--target={url}", f"--ca-bundle={authority}", *ALONE)

    assert ended.outcomes()["transport.http-1-0-answered"] == "conforms"


def test_any_certificate_can_be_accepted(suite: Suite, url: str) -> None:
    ended = suite(f"--target={url}", "--insecure", *ONE_CASE)

    assert ended.outcomes()["flows.get-v1-gives-array"] == "conforms"


def test_authority_that_is_none_is_refused(suite: Suite, url: str, tmp_path: Path) -> None:
    (tmp_path / "prose.pem").write_text("no certificate")

    ended = suite(f"--target={url}", f"--ca-bundle={tmp_path}/prose.pem", *ONE_CASE)

    assert ended.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "prose.pem" in ended.stderr
    assert "Traceback" not in ended.said
