"""What Allure is told: places, severities, links, attachments, and names by which a history is kept."""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conformance.catalogue import catalogue
from conformance.report.allure import EPIC, SEVERITY
from conformance.selftest.clients import installed
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


@pytest.mark.thorough
def test_history_is_kept_by_requirement_and_row_however_it_is_run(suite: Suite, tmp_path: Path) -> None:
    runs = {
        "alone": (CASES,),
        "parallel": ("-n", "2", CASES),
        "installed": ("--pyargs", "conformance.cases.test_flows_rev"),
    }
    known = {}
    for name, words in runs.items():
        suite(*words, f"--alluredir={tmp_path / name}")
        known[name] = sorted(
            (one["fullName"], one["historyId"], one["testCaseId"], one["name"], one["titlePath"])
            for one in results(tmp_path / name)
        )

    assert known["alone"] == known["parallel"] == known["installed"]
    assert len({history for _, history, *_ in known["alone"]}) == len(known["alone"])
    assert {case for _, _, case, *_ in known["alone"]} == {
        hashlib.md5(full.encode(), usedforsecurity=False).hexdigest() for full, *_ in known["alone"]
    }


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


@pytest.mark.thorough
def test_real_allure_shows_what_is_broken_and_what_it_was_before(suite: Suite, served: Serve, tmp_path: Path) -> None:
    lying = f"--target={served(Lying(Api().app(), FAULTS['takes-any-rev']))}"

    suite(CASES, "-k", "refused", f"--alluredir={tmp_path / 'before'}")
    suite(lying, "--pyargs", "conformance.cases.test_flows_rev", "-k", "refused", f"--alluredir={tmp_path / 'after'}")
    rendered(tmp_path, "before")
    pages = rendered(tmp_path, "after")

    told = [json.loads(path.read_text("utf-8")) for path in (pages / "data" / "test-results").glob("*.json")]
    shown = {one["name"]: one for one in told}
    assert len(shown) == len(told) > 10
    assert all(len(one["history"]) == 1 for one in told)
    broken = shown["flows.stale-rev-refused"]
    assert (broken["status"], broken["history"][0]["status"]) == ("failed", "passed")
    assert [link["url"] for link in broken["links"]] == [catalogue()["flows.stale-rev-refused"].source]
    attached = {one["link"]["name"]: one["link"]["id"] + one["link"]["ext"] for one in broken["attachments"]}
    exchanges = (pages / "data" / "attachments" / attached["exchanges"]).read_text("utf-8")
    assert exchanges.startswith("> POST ")


def rendered(folder: Path, run: str) -> Path:
    """The folder of the pages that Allure makes of the results of a run, with the history in `folder`."""
    program, pages = installed("allure") / "cli.js", folder / f"{run}-pages"
    history = f"--history-path={folder / 'history.jsonl'}"
    command = ["node", str(program), "awesome", str(folder / run), f"--output={pages}", history]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert ended.returncode == 0, ended.stderr
    return pages
