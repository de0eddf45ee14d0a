"""Results side by side, and what changed between two."""

import copy
import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.data import schema
from conformance.report import difference, side_by_side
from conformance.report.reading import named, read
from conformance.selftest.conftest import Serve
from conformance.selftest.running import ROOT, Ended, Suite, run
from reference_server import Api
from reference_server.faults import FAULTS, Lying

PUBLISHED = ROOT / "reports" / "published"
BEFORE, AFTER = PUBLISHED / "node-red-4.1.15", PUBLISHED / "node-red-5.0.7"


def report(*words: str | Path) -> Ended:
    """The program, run."""
    return run([sys.executable, "-m", "conformance.report", *map(str, words)], ROOT, ROOT, {})


def test_matrix_is_written_as_page_as_markdown_and_as_json(tmp_path: Path) -> None:
    page, text, data = tmp_path / "m.html", tmp_path / "m.md", tmp_path / "m.json"

    ended = report("matrix", BEFORE, AFTER / "verdict.json", "--html", page, "--markdown", text, "--json", data)

    assert (ended.exit_code, ended.said) == (0, "")
    value = json.loads(data.read_text("utf-8"))
    jsonschema.validate(value, schema("matrix"), jsonschema.Draft202012Validator)
    assert [target["name"] for target in value["targets"]] == ["node-red-4.1.15", "node-red-5.0.7"]
    assert len(value["requirements"]) == len(read(BEFORE)["findings"])
    for entry in value["requirements"][:20]:
        assert f'id="{entry["requirement"]}"' in page.read_text("utf-8")
        assert f"| {entry['requirement']} | {entry['level']} |" in text.read_text("utf-8")


def test_results_of_one_name_are_told_apart() -> None:
    document = read(BEFORE)

    assert list(named([document, document, document])) == [
        "node-red-4.1.15",
        "node-red-4.1.15 (2)",
        "node-red-4.1.15 (3)",
    ]
    assert side_by_side.as_json(named([document, document]))["targets"][1]["name"] == "node-red-4.1.15 (2)"


def test_difference_says_what_got_worse_and_what_was_seen_otherwise() -> None:
    before = read(BEFORE)
    after = copy.deepcopy(before)
    findings = {found["requirement"]: found for found in after["findings"]}
    findings["flows.stale-rev-refused"].update(outcome="violates", reason="assert 200 == 409")
    observed = next(found for found in after["findings"] if found["outcome"] == "observed" and found["reason"])
    observed["reason"] = "something else entirely"
    after["findings"] = [
        found for found in after["findings"] if found["requirement"] != "auth.login-asks-for-credentials"
    ]

    found = difference.difference(before, after)

    jsonschema.validate(found, schema("diff"), jsonschema.Draft202012Validator)
    changes = {change["requirement"]: change for change in found["changes"]}
    assert found["worse"] == 1
    assert changes["flows.stale-rev-refused"]["worse"]
    assert changes[observed["requirement"]]["after"]["reason"] == "something else entirely"
    text = difference.text(found)
    assert "worse: 1\nflows.stale-rev-refused (MUST): conforms -> violates\n" in text
    assert "  + something else entirely" in text


def test_result_differs_from_itself_in_nothing() -> None:
    ended = report("diff", AFTER, AFTER)

    assert ended.exit_code == 0
    assert ended.stdout.endswith("Nothing changed.\n")


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        ("conforms", "violates", True),
        ("conforms", "not-tested", True),
        ("deviates", "conforms", False),
        ("violates", "deviates", False),
        ("absent", "violates", True),
        ("absent", "conforms", False),
        ("violates", "absent", False),
        ("conforms", "not-applicable", False),
        ("not-tested", "violates", True),
    ],
)
def test_worse_is_what_a_gate_would_stop(before: str, after: str, worse: bool) -> None:
    assert difference.is_worse(before, after) is worse


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file or directory. Name a verdict.json"),
        ("{", "it is no JSON. Name a verdict.json"),
        ('{"format": 3}', "it is no verdict.json that this suite knows"),
        ("[]", "it is no verdict.json that this suite knows"),
    ],
)
def test_file_that_is_no_verdict_is_told_in_one_line(tmp_path: Path, content: str | None, words: str) -> None:
    file = tmp_path / "verdict.json"
    if content is not None:
        file.write_text(content, "utf-8")

    for ended in (report("diff", AFTER, file), report("matrix", file)):
        assert ended.exit_code == 2
        assert words in ended.stderr
        assert len(ended.stderr.splitlines()) == 1
        assert ended.stdout == ""


def test_run_on_several_targets_leaves_a_matrix(suite: Suite, served: Serve) -> None:
    good, bad = served(Api().app()), served(Lying(Api().app(), FAULTS["takes-any-rev"]))

    ended = suite(f"--target=good={good}", f"--target=bad={bad}", "-k", "stale_rev_refused", "--profile=deploy")

    value: Any = json.loads((ended.reports / "matrix.json").read_text("utf-8"))
    jsonschema.validate(value, schema("matrix"), jsonschema.Draft202012Validator)
    came = {one["requirement"]: one["came_to"] for one in value["requirements"]}["flows.stale-rev-refused"]
    assert {name: found["outcome"] for name, found in came.items()} == {"good": "conforms", "bad": "violates"}
    assert {"matrix.html", "matrix.md"} <= {path.name for path in ended.reports.iterdir()}
