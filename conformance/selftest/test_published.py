"""What is published agrees with the catalogue: the witnesses, the list of requirements, the results."""

import functools
import json
from typing import Any

import jsonschema
import pytest

from conformance.catalogue import Requirement, catalogue, release
from conformance.data import schema
from conformance.node_red import pinned
from conformance.outcomes import UNLIKE
from conformance.report.published import pages
from conformance.selftest.proof.matrix import NAME
from conformance.selftest.running import ROOT

PUBLISHED = ROOT / "reports" / "published"
VERSIONS = list(pinned()["node_js"])


@functools.cache
def published(version: str) -> Any:
    return json.loads((PUBLISHED / f"node-red-{version}" / "verdict.json").read_text("utf-8"))


def was_kept(entry: Requirement, version: str) -> bool:
    found = next(finding for finding in published(version)["findings"] if finding["requirement"] == entry.id)
    return found["outcome"] in ("conforms", "observed") and not found["reason"].startswith(UNLIKE)


@pytest.mark.parametrize("version", VERSIONS)
def test_published_result_is_conformant_and_whole(version: str) -> None:
    verdict = published(version)

    jsonschema.validate(verdict, schema("verdict"), jsonschema.Draft202012Validator)
    assert verdict["verdict"] == "CONFORMANT"
    assert verdict["target"]["version"] == version
    assert {finding["requirement"] for finding in verdict["findings"]} == {
        entry.id for entry in catalogue().values() if not entry.excluded
    }
    assert verdict["counts"]["not-tested"] == 0


@pytest.mark.parametrize("entry", [entry for entry in catalogue().values() if not entry.excluded], ids=lambda e: e.id)
def test_witnesses_are_the_versions_that_kept_it(entry: Requirement) -> None:
    assert entry.observed == tuple(version for version in VERSIONS if was_kept(entry, version))


@pytest.mark.parametrize("entry", [entry for entry in catalogue().values() if entry.scores], ids=lambda e: e.id)
def test_scoring_requirement_was_kept_since_it_says(entry: Requirement) -> None:
    bound = [version for version in VERSIONS if release(version) >= release(entry.since)]

    assert entry.excluded or list(entry.observed) == bound


@pytest.mark.parametrize("page", sorted(pages(PUBLISHED)))
def test_page_is_up_to_date(page: str) -> None:
    assert (PUBLISHED / page).read_text("utf-8") == pages(PUBLISHED)[page], "run `make published`"


def test_everything_published_is_made() -> None:
    folders = {f"node-red-{version}" for version in VERSIONS}

    proof, bench = {f"{NAME}.json", f"{NAME}.html"}, "bench.md"
    assert {path.name for path in PUBLISHED.iterdir()} == {*pages(PUBLISHED), *folders, *proof, bench}


def test_daily_versions_are_pinned() -> None:
    assert set(pinned()["daily"]) <= set(VERSIONS)
