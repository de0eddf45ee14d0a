"""The README and the schemas say what the code does."""

import json
import re
import sys
from pathlib import Path
from typing import Final

import pytest

from conformance.catalogue import catalogue, profiles, vocabulary
from conformance.data import schema
from conformance.options import OPTIONS
from conformance.outcomes import Outcome
from conformance.report.terminal import COLUMNS
from conformance.selftest.conftest import Serve
from conformance.selftest.running import OF_PYTEST, ROOT, Suite, run
from conformance.targets import SETTINGS
from conformance.verdict import Verdict
from reference_server import Api
from reference_server.faults import FAULTS, Lying

README: Final = (ROOT / "README.md").read_text("utf-8")


def rows(head: str) -> list[list[str]]:
    """The cells of the table whose first column has this head."""
    table = re.search(rf"^\| {head} \|.*\n\|[-|]+\n((?:\|.*\n)+)", README, re.MULTILINE)
    assert table is not None, head
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table[1].splitlines()]


def test_every_option_is_in_the_readme_and_the_other_way_round() -> None:
    written = [re.sub(r"^(--[a-z-]+)=", r"\1 ", row[0].strip("`")) for row in rows("option")]

    declared = [
        f"{option} {declaration['metavar']}" if "metavar" in declaration else option
        for option, declaration in OPTIONS.items()
    ]
    assert sorted(written) == sorted(declared)


def test_every_verdict_is_in_the_readme_with_its_exit_code() -> None:
    written = {row[0]: int(row[1]) for row in rows("verdict")}

    assert written == {verdict.words: verdict.exit_code for verdict in Verdict}


def test_every_exit_code_of_pytest_is_in_the_readme() -> None:
    written = {int(row[0]) for row in rows("exit code")}

    assert written == OF_PYTEST


@pytest.mark.parametrize("head", ["finding", "verdict", "exit code"])
def test_every_result_is_explained_and_what_went_wrong_comes_with_what_to_do(head: str) -> None:
    fine = {"conforms", "observed", "not applicable", "CONFORMANT"}

    for name, *others in rows(head):
        assert all(others) or (name in fine and all(others[:-1])), name


def test_every_outcome_is_in_the_readme_and_in_the_terminal() -> None:
    written = [row[0] for row in rows("finding")]

    assert sorted(written) == sorted(str(outcome).replace("-", " ") for outcome in Outcome)
    assert sorted(written) == sorted(COLUMNS)


def test_every_setting_is_in_the_readme() -> None:
    assert {row[0].strip("`"): row[1] for row in rows("setting")} == SETTINGS


@pytest.mark.parametrize("key", ["profile", "level"])
def test_every_word_of_an_option_is_in_its_row(key: str) -> None:
    (row,) = [row for row in rows("option") if row[0].startswith(f"`--{key} ")]

    known = profiles() if key == "profile" else vocabulary(key)
    assert set(known) <= set(re.findall(r"`([\w-]+)`", row[1]))


def test_every_client_is_in_the_readme_and_explained_as_in_the_schema() -> None:
    written = "".join(f"{row[0].strip('`')}: {row[1]}. " for row in rows("client")).strip()

    assert written.lower() == schema("catalogue")["$defs"]["client"]["description"].lower()


def test_every_make_target_that_is_named_exists() -> None:
    named = set(re.findall(r"(?:^    |`)make ([a-z-]+)", README, re.MULTILINE))
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

    assert named
    assert named <= made


def test_every_link_inside_the_project_leads_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", README) if "://" not in link]

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_file_that_is_named_exists() -> None:
    named = {name for name in re.findall(r"`([a-z_]+/[\w/.-]+)`", README) if "AREA" not in name} - {"reports/latest"}

    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_nothing_in_the_readme_waits_to_be_filled_in() -> None:
    assert re.findall(r"<!--.*?-->|TODO|XXX", README) == []


def test_verdict_schema_has_the_words_of_the_code() -> None:
    content = schema("verdict")

    assert content["properties"]["verdict"]["enum"] == [verdict.words for verdict in Verdict]
    assert sorted(content["properties"]["exit_code"]["enum"]) == sorted(verdict.exit_code for verdict in Verdict)
    assert content["$defs"]["outcome"]["enum"] == [str(outcome) for outcome in Outcome]
    assert content["$defs"]["client"]["enum"] == list(vocabulary("client"))
    assert content["properties"]["findings"]["items"]["properties"]["level"]["enum"] == list(vocabulary("level"))


def project_files() -> list[Path]:
    """The text files that belong to the project."""
    listed = run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], ROOT, ROOT, {})
    assert listed.exit_code == 0, listed.stderr
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="only a checkout knows which files belong to the project")
@pytest.mark.parametrize(
    "pattern",
    [
        r"(?<![\w.])/(?:work|home|root|Users)/",
        r"registry[.]npm|pypi[.]org|files[.]python|proxy[.]golang|artifactor[y]|index-ur[l]",
    ],
    ids=["paths", "registries"],
)
def test_no_line_is_about_one_machine(pattern: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in project_files()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if re.search(pattern, line)
    ]

    assert found == []


def test_every_json_file_is_json() -> None:
    for folder in ("schemas", "fixtures", "reports/published"):
        for path in (ROOT / folder).rglob("*.json"):
            assert json.loads(path.read_text("utf-8")) is not None, path


def test_number_of_requirements_is_that_of_the_catalogue() -> None:
    assert f"There are {len(catalogue())} requirements, each" in README


def test_every_area_is_in_the_readme() -> None:
    written = [area for row in rows("area") for area in re.findall(r"`(\w+)`", row[0])]

    assert sorted(written) == sorted({entry.area for entry in catalogue().values()})


@pytest.mark.long
@pytest.mark.thorough
def test_output_in_the_readme_is_what_the_suite_says(suite: Suite, served: Serve) -> None:
    url = served(Lying(Api().app(), FAULTS["takes-any-rev"]))
    block = re.search(r"^```\n(violates.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert block is not None

    said = [without_costs(line) for line in suite(f"--target={url}").stdout.splitlines()]

    assert [line for line in block[1].splitlines() if without_costs(line) not in said] == []


RACING: Final = ("concurrency ", "all ", "clients that break", "NON-CONFORMANT")
"""How the lines begin that count what several clients came to at once, which differs a little from run to run."""


def without_costs(line: str) -> str:
    """A line of the table without what it took: some cases ask until something has happened."""
    return re.sub(r" *[0-9.]+", " #", line) if line.startswith(RACING) else re.sub(r" +[0-9]+ +[0-9.]+$", "", line)


def test_reader_of_the_verdict_reads_it(suite: Suite) -> None:
    program = re.search(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert program is not None
    reports = suite.folder / "reports" / "latest"
    suite("conformance/cases/test_settings.py", f"--report-dir={reports}")

    read = run([sys.executable, "-c", program[1]], suite.folder, reports, {})

    assert read.exit_code == 10, read.stderr
    assert read.stdout.startswith("INCOMPLETE reference ")
    assert "not tested: " in read.stdout
