"""Settings: what the environment and files say counts where the command line says nothing, and is told."""

import sys
from pathlib import Path
from typing import Final

import jsonschema
import pytest

from conformance.data import schema
from conformance.options import OPTIONS
from conformance.selftest.running import ROOT, Ended, run
from conformance.settings import NO_FILE, Setting, of_environment, of_file, of_project, variable

PYTEST: Final = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--pyargs", "conformance.cases")
"""The suite as it is run from a folder of a user's."""


def ended(folder: Path, *words: str, **variables: str) -> Ended:
    """A run of the suite in a folder."""
    return run([*PYTEST, *words], folder, folder / "reports" / "latest", {"PYTHONPATH": str(ROOT), **variables})


def filed(folder: Path, text: str) -> dict[str, Setting]:
    """What `conformance.toml` with this text sets."""
    (folder / "conformance.toml").write_text(text, "utf-8")
    return of_file(folder)


def test_each_option_has_a_variable_and_a_key() -> None:
    texts = {"store_true": "yes", "append": "a, b", float: "2.5"}

    for option, declaration in OPTIONS.items():
        kind = declaration.get("action") or declaration.get("type")
        if option not in ("--restore", "--show-config"):
            ((of, setting),) = of_environment({variable(option): texts.get(kind, "word")})
            assert of == option
            wanted = {"store_true": True, "append": ["a", "b"], float: 2.5, Path: Path("word")}
            assert setting.value == wanted.get(kind, "word")
    assert {f"--{key}" for key in schema("conformance-toml")["properties"]} == OPTIONS.keys() - NO_FILE


@pytest.mark.parametrize("option", sorted(OPTIONS.keys() - NO_FILE))
def test_value_of_a_file_has_the_type_of_its_schema(tmp_path: Path, option: str) -> None:
    for text in ('"word"', "true", "2.5", '["a", "b"]', "[]", "[1]", "2026-12-31", "{}"):
        content = {"true": True, "2.5": 2.5, '"word"': "word", '["a", "b"]': ["a", "b"]}.get(text, {"x": 1})
        right = jsonschema.Draft202012Validator(schema("conformance-toml")).is_valid(
            {option.removeprefix("--"): content}
        )
        if right:
            (setting,) = filed(tmp_path, f"{option.removeprefix('--')} = {text}\n").values()
            assert setting.origin == "conformance.toml"
        else:
            with pytest.raises(pytest.UsageError, match=f"^conformance.toml: {option.removeprefix('--')}: write "):
                filed(tmp_path, f"{option.removeprefix('--')} = {text}\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('profle = "read"', "unknown key 'profle'. Did you mean 'profile'?"),
        ('fail_on = "must"', "unknown key 'fail_on'. Did you mean 'fail-on'?"),
        ("require-set = 2026.1", "require-set: write a text, in quotes."),
        ('timeout = "10"', "timeout: write a number."),
        ("read-only = 1", "read-only: write true or false."),
        ("allow-writes = true", "allow-writes: no file sets this.* or in CONFORMANCE_ALLOW_WRITES"),
        ("restore = true", "restore: no file sets this.* Write it on the command line.$"),
        ("no-settings = true", "no-settings: no file sets this"),
        ('admin-password = "sesame"', "put the secret into CONFORMANCE_ADMIN_PASSWORD"),
        ('password = "sesame"', "a file is no place for a secret"),
        ('token = "sesame"', "put the secret into CONFORMANCE_TOKEN"),
        ('CONFORMANCE_READER_TOKEN = "sesame"', "put the secret into CONFORMANCE_READER_TOKEN"),
        ("profile = ", "that is no TOML"),
    ],
)
def test_what_a_file_cannot_mean_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(pytest.UsageError, match=words) as refused:
        filed(tmp_path, text)

    assert "sesame" not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "conformance.toml: " in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("CONFORMANCE_PROFLE", "read", "Did you mean 'CONFORMANCE_PROFILE'?"),
        ("CONFORMANCE_ADMIN_PASWORD", "sesame", "Did you mean 'CONFORMANCE_ADMIN_PASSWORD'?"),
        ("CONFORMANCE_PASSWORD", "sesame", "Did you mean 'CONFORMANCE_ADMIN_PASSWORD'?"),
        ("CONFORMANCE_RESTORE", "1", "--restore is for the command line alone"),
        ("CONFORMANCE_TIMEOUT", "soon", "CONFORMANCE_TIMEOUT=soon: write a number."),
        ("CONFORMANCE_ALLOW_WRITES", "maybe", "CONFORMANCE_ALLOW_WRITES=maybe: write 1 or 0."),
    ],
)
def test_variable_that_cannot_be_meant_is_refused(name: str, text: str, words: str) -> None:
    with pytest.raises(pytest.UsageError, match=words.replace("?", r"\?")) as refused:
        list(of_environment({name: text}))

    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize(
    "variables",
    [
        {"CONFORMANCE_OF_ANOTHER_SUITE": "1"},
        {"CONFORMANCE_TOKEN": "sesame"},
        {"CONFORMANCE_PROFILE": " "},
        {"HOME": "/"},
    ],
)
def test_variable_that_is_none_of_the_options_sets_nothing(variables: dict[str, str]) -> None:
    assert list(of_environment(variables)) == []


def test_table_of_the_nearest_project_counts_and_its_paths_are_meant_from_there(tmp_path: Path) -> None:
    inner = tmp_path / "project" / "tests"
    inner.mkdir(parents=True)
    table = '[tool.nodered-conformance]\nwaivers = "known.toml"\n'
    (tmp_path / "pyproject.toml").write_text(table.replace("known", "other"), "utf-8")
    project = tmp_path / "project" / "pyproject.toml"
    project.write_text(table, "utf-8")

    found = of_project(inner)

    assert found == {"--waivers": Setting(project.parent / "known.toml", f"{project} [tool.nodered-conformance]")}
    project.write_text("[tool.other]\n", "utf-8")
    assert of_project(inner) == {}
    project.write_text("[tool]\nnodered-conformance = 5\n", "utf-8")
    with pytest.raises(pytest.UsageError, match="write it as a table"):
        of_project(inner)


def lines(shown: Ended) -> set[str]:
    """What was said of the settings in force."""
    assert shown.exit_code == 0, shown.said
    return set(shown.stdout.splitlines())


def layered(folder: Path) -> None:
    """Write both files of settings into a folder."""
    project = (
        '[tool.nodered-conformance]\nlevel = "MAY"\npause = 1\ntimeout = 5\nprofile = ["deploy"]\nread-only = true\n'
    )
    (folder / "pyproject.toml").write_text(project, "utf-8")
    (folder / "conformance.toml").write_text('level = "SHOULD"\npause = 2\ntimeout = 6\n', "utf-8")


def test_command_line_counts_before_environment_file_and_project(tmp_path: Path) -> None:
    layered(tmp_path)
    secrets = {"CONFORMANCE_ADMIN_PASSWORD": "sesame", "CONFORMANCE_READ_ONLY": "0"}

    shown = ended(tmp_path, "--show-config", "--level=MUST", CONFORMANCE_LEVEL="MAY", CONFORMANCE_PAUSE="3", **secrets)

    assert lines(shown) >= {
        "level = MUST (command line)",
        "pause = 3.0 (environment: CONFORMANCE_PAUSE)",
        "timeout = 6.0 (conformance.toml)",
        "profile = deploy (pyproject.toml [tool.nodered-conformance])",
        "read-only = false (environment: CONFORMANCE_READ_ONLY)",
        "fail-on = must (default)",
        "CONFORMANCE_ADMIN_PASSWORD is set (environment)",
    }
    assert "sesame" not in shown.said


def test_no_settings_reads_no_file(tmp_path: Path) -> None:
    layered(tmp_path)
    (tmp_path / "conformance.toml").write_text("no TOML", "utf-8")

    shown = lines(ended(tmp_path, "--show-config", "--no-settings", CONFORMANCE_PROFILE="read,auth"))

    assert "timeout = 10.0 (default)" in shown
    assert "profile = read, auth (environment: CONFORMANCE_PROFILE)" in shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('level = "MUTS"', "Did you mean 'MUST'"),
        ('target = "http://me:sesame@x"', "--admin USER"),
        ("levl = 1", "'level'"),
    ],
)
def test_bad_setting_ends_the_run_with_one_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "conformance.toml").write_text(text, "utf-8")

    refused = ended(tmp_path, "--show-config")

    assert refused.exit_code == 4
    assert [words in line for line in refused.said.splitlines() if line] == [True], refused.said
    assert "sesame" not in refused.said


@pytest.mark.thorough
def test_settings_are_what_a_parallel_run_goes_by(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text('profile = "library"\nreport-dir = "results"\nlevel = "may"\n', "utf-8")

    came = run([*PYTEST, "-n2"], tmp_path, tmp_path / "results", {"PYTHONPATH": str(ROOT)})

    assert came.exit_code == 0, came.said
    assert came.verdict["options"]["profile"] == ["library"]
    assert {finding["level"] for finding in came.verdict["findings"]} == {"SHOULD", "MAY"}


def test_settings_are_no_affair_of_other_tests(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text("levl = 1", "utf-8")
    (tmp_path / "test_other.py").write_text(
        "import sys\ndef test_other():\n    assert 'conformance.settings' not in sys.modules\n", "utf-8"
    )

    other = run([sys.executable, "-m", "pytest", "."], tmp_path, tmp_path, {"CONFORMANCE_TARGET": "http://127.0.0.1:1"})

    assert other.exit_code == 0, other.said
    assert "1 passed" in other.stdout
