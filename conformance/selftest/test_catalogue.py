"""The catalogue and the cases belong together, and a catalogue file that breaks its format is refused."""

import json
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from conformance.catalogue import CatalogueError, Requirement, catalogue, documentation_url, read_area, vocabulary
from conformance.data import Json, data_dir, schema
from conformance.selftest import collector, ids
from conformance.selftest.running import ROOT, Suite

CASES = ROOT / "conformance" / "cases"
REQUIREMENTS = ROOT / "conformance" / "requirements"

GOOD = """
[rev-is-a-string]
level = "MUST"
text = "A rev is a string."
documented = "GET /flows"
observed = ["4.1.15"]
authority = "agree"
since = "0.15.0"
profile = "read"
clients = ["editor"]
breaks = "The editor forgets the rev."
"""


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Json:
    """Every case, as pytest collects it."""
    folder = tmp_path_factory.mktemp("cases")
    written = folder / "cases.json"
    ended = Suite(folder)("--collect-only", "-q", "-p", collector.__name__, **{collector.VARIABLE: str(written)})
    assert ended.exit_code == 0, ended.said
    return json.loads(written.read_text("utf-8"))


def test_every_requirement_has_a_case_unless_excluded(cases: Json) -> None:
    judged = {requirement for case in cases for requirement in case["requirements"]}

    assert judged == {entry.id for entry in catalogue().values() if not entry.excluded}


def test_every_case_names_one_requirement(cases: Json) -> None:
    assert [case["case"] for case in cases if len(case["requirements"]) != 1] == []


def test_case_is_named_as_its_requirement_or_a_row_of_a_table(cases: Json) -> None:
    for case in cases:
        words = case["requirements"][0].partition(".")[2].replace("-", "_")
        assert case["function"] == f"test_{words}" if case["marked"] else case["row"], case["case"]


def test_every_case_id_is_unique(cases: Json) -> None:
    assert [case for case, times in Counter(case["case"] for case in cases).items() if times > 1] == []


def test_area_of_a_case_is_that_of_its_file(cases: Json) -> None:
    for case in cases:
        area = case["requirements"][0].partition(".")[0]
        assert Path(case["case"].partition("::")[0]).stem.startswith(f"test_{area}"), case["case"]


def test_ids_and_levels_are_those_agreed_on() -> None:
    assert ids.today() == ids.agreed(), f"where this is meant: {(ids.__doc__ or '').splitlines()[2]}"


@pytest.mark.parametrize("path", sorted(data_dir("schemas").iterdir()), ids=lambda path: path.name)
def test_schema_is_valid(path: Path) -> None:
    content = json.loads(path.read_text("utf-8"))

    assert content["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
    jsonschema.Draft202012Validator.check_schema(content)


@pytest.mark.parametrize("path", sorted((data_dir("fixtures") / "flows").iterdir()), ids=lambda path: path.name)
def test_flow_file_is_an_array_of_objects_and_used(path: Path) -> None:
    nodes = json.loads(path.read_text("utf-8"))

    assert path.suffix == ".json"
    assert isinstance(nodes, list)
    assert nodes
    assert all(isinstance(node, dict) for node in nodes)
    assert any(f'"{path.stem}"' in case.read_text("utf-8") for case in CASES.glob("*.py"))


@pytest.mark.parametrize("path", sorted(REQUIREMENTS.glob("*.toml")), ids=lambda path: path.name)
def test_catalogue_file_keeps_every_word_of_its_schema(path: Path) -> None:
    jsonschema.validate(tomllib.loads(path.read_text("utf-8")), schema("catalogue"), jsonschema.Draft202012Validator)


def area(folder: Path, text: str) -> Path:
    """A catalogue file with this text."""
    path = folder / "area.toml"
    path.write_text(text, "utf-8")
    return path


def test_good_catalogue_file_is_read(tmp_path: Path) -> None:
    (entry,) = read_area(area(tmp_path, GOOD))

    assert entry.id == "area.rev-is-a-string"
    assert entry.observed == ("4.1.15",)
    assert entry.area == "area"
    assert entry.scores


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("observed", "obsrved", ["[rev-is-a-string]", "'obsrved'", "'observed'"]),
        ('"MUST"', '"MUSST"', ["rev-is-a-string", "'MUSST'", "'MUST'"]),
        ('"MUST"', '"must"', ["rev-is-a-string", "'must'", "MUST"]),
        ('"read"', '"raed"', ["rev-is-a-string", "'raed'", "'read'"]),
        ('"agree"', '"agreed"', ["rev-is-a-string", "'agreed'", "'agree'"]),
        ("rev-is-a-string", "Rev_is", ["Rev_is"]),
        ("rev-is-a-string", "a" * 51, ["a" * 51]),
        ('"A rev is a string."', '"no sentence"', ["rev-is-a-string.text", "no sentence"]),
        ('since = "0.15.0"', "", ["rev-is-a-string", "'since'"]),
        ('since = "0.15.0"', 'since = "v1"', ["rev-is-a-string.since", "v1"]),
        ('documented = "GET /flows"', "", ["rev-is-a-string", "documented"]),
        ('observed = ["4.1.15"]', "", ["rev-is-a-string", "observed"]),
        ('clients = ["editor"]', "", ["rev-is-a-string", "clients"]),
        ('clients = ["editor"]', "clients = []", ["rev-is-a-string.clients"]),
        ('["editor"]', '["editr"]', ["rev-is-a-string.clients", "'editr'", "'editor'"]),
        ('"The editor forgets the rev."', '"forgets the rev"', ["rev-is-a-string.breaks", "forgets the rev"]),
        ("[rev-is-a-string]", "[rev-is-a-string", ["line 2"]),
        ("[rev-is-a-string]", "level = 1\n[rev-is-a-string]", ["level"]),
    ],
)
def test_bad_catalogue_file_is_refused(tmp_path: Path, right: str, wrong: str, words: list[str]) -> None:
    with pytest.raises(CatalogueError) as refused:
        read_area(area(tmp_path, GOOD.replace(right, wrong)))

    line = str(refused.value)
    assert line.startswith("area.toml: ")
    assert "\n" not in line.rstrip()
    assert [word for word in words if word not in line] == [], line


@pytest.mark.parametrize(("level", "asked"), [("MUST", True), ("SHOULD", True), ("MAY", False), ("OBSERVE", False)])
def test_what_scores_says_who_depends_on_it(tmp_path: Path, level: str, asked: bool) -> None:
    unsaid = "\n".join(line for line in GOOD.splitlines() if not line.startswith(("clients", "breaks")))
    path = area(tmp_path, unsaid.replace('"MUST"', f'"{level}"'))

    if asked:
        with pytest.raises(CatalogueError, match="clients"):
            read_area(path)
    else:
        assert read_area(path)[0].clients == ()


@pytest.mark.parametrize(
    ("page", "url"),
    [
        ("GET /flows", "https://nodered.org/docs/api/admin/methods/get/flows/"),
        ("POST /auth/token", "https://nodered.org/docs/api/admin/methods/post/auth/token/"),
        ("api/admin/errors", "https://nodered.org/docs/api/admin/errors"),
    ],
)
def test_documentation_has_an_address(page: str, url: str) -> None:
    assert documentation_url(page) == url


@pytest.mark.parametrize("entry", [entry for entry in catalogue().values() if entry.documented], ids=lambda e: e.id)
def test_documented_page_is_one_of_the_admin_api(entry: Requirement) -> None:
    assert entry.source.startswith("https://nodered.org/docs/")
    assert " " not in entry.source


@pytest.mark.parametrize(
    ("version", "binds"),
    [
        (None, True),
        ("0.99.9", False),
        ("1.0.0", True),
        ("1.0.0-beta.1", True),
        ("1.10.0", True),
        ("2.0.0", True),
        ("2.0.1", False),
        ("10.0.0", False),
    ],
)
def test_requirement_binds_from_since_until_the_end(tmp_path: Path, version: str | None, binds: bool) -> None:
    (stated,) = read_area(area(tmp_path, GOOD))
    entry = replace(stated, since="1.0.0", until="2.0.0")

    why = entry.out_of_range(version)

    assert (why == "") is binds
    assert binds or (version or "") in why


@pytest.mark.parametrize("key", ["level", "profile", "client"])
def test_every_word_of_a_vocabulary_is_explained(key: str) -> None:
    explained = schema("catalogue")["$defs"][key]["description"]

    assert [word for word in vocabulary(key) if f"{word}:" not in explained] == []
