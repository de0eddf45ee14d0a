"""What Allure is told: places, severities, links, attachments, and names by which a history is kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.catalogue import catalogue
from conformance.report.allure import EPIC, SEVERITY
from conformance.selftest.conftest import Serve
from conformance.selftest.running import Suite
from reference_server import Api
from reference_server.faults import FAULTS, Lying

CASES = "conformance/cases/test_flows_rev.py"


def results(folder: Path) -> list[Any]:
    """The results of the cases that Allure is told of."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*-result.json"))]


def labels(result: Any) -> dict[str, str]:
    """The labels of a result."""
    return {label["name"]: label["value"] for label in result["labels"]}


def test_every_case_has_its_place_its_severity_and_its_link(suite: Suite, tmp_path: Path) -> None:
    suite(CASES, f"--alluredir={tmp_path / 'allure'}")

    told = results(tmp_path / "allure")
    assert len(told) > 20
    for result in told:
        said = labels(result)
        entry = catalogue()[said["requirement"]]
        assert (said["epic"], said["feature"], said["story"]) == (EPIC, entry.area, entry.id)
        assert said["severity"] == SEVERITY[entry.level]
        links = [link["url"] for link in result.get("links", [])]
        assert links == ([entry.source] if entry.documented else [])


def test_history_is_kept_by_requirement_and_row_however_it_is_run(suite: Suite, tmp_path: Path) -> None:
    runs = {
        "alone": (CASES,),
        "parallel": ("-n", "2", CASES),
        "installed": ("--pyargs", "conformance.cases.test_flows_rev"),
    }
    known = {}
    for name, words in runs.items():
        suite(*words, f"--alluredir={tmp_path / name}")
        known[name] = sorted((one["fullName"], one["historyId"]) for one in results(tmp_path / name))

    assert known["alone"] == known["parallel"] == known["installed"]
    assert len({history for _, history in known["alone"]}) == len(known["alone"])


@pytest.mark.parametrize("requirement", ["flows.stale-rev-refused", "flows.empty-rev-refused"])
def test_what_is_broken_has_its_exchanges_attached(
    suite: Suite, served: Serve, tmp_path: Path, requirement: str
) -> None:
    url = served(Lying(Api().app(), FAULTS["takes-any-rev"]))

    suite(f"--target={url}", f"--alluredir={tmp_path / 'allure'}", CASES, "-k", "refused")

    told = next(one for one in results(tmp_path / "allure") if labels(one)["requirement"] == requirement)
    attached = {one["name"]: (tmp_path / "allure" / one["source"]).read_text("utf-8") for one in told["attachments"]}
    assert set(attached) >= {"exchanges", "send it again"}
    assert f"> POST {url}/flows" in attached["exchanges"]
    assert attached["send it again"].startswith("curl ")
