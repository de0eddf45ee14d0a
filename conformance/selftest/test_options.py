"""What cannot be meant is refused with one line, before anything is sent."""

import sys
from pathlib import Path

import pytest

from conformance.amount import Amount, parse_amount
from conformance.data import data_dir
from conformance.selftest.running import ROOT, Ended, Suite, run
from conformance.spelling import did_you_mean
from conformance.targets import SETTINGS, BadTarget, parse_target

NOWHERE = "http://127.0.0.1:1"


def only_line(ended: Ended) -> str:
    """The one line that was said; pytest's are prefixed."""
    assert "Traceback" not in ended.said
    lines = [line for line in ended.said.splitlines() if line.strip()]
    assert len(lines) == 1, ended.said
    return lines[0]


def test_word_that_pytest_takes_for_a_place_of_tests_is_refused(suite: Suite, tmp_path: Path) -> None:
    words = ["--report-dir", f"{tmp_path}", "-k", "icons"]

    assert f"Write --report-dir={tmp_path}." in only_line(suite(*words))
    assert "8 passed" in suite("--pyargs", "conformance.cases", *words).said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--require-set=2026.2"], "--require-set 2026.2: there is no such requirement set. Did you mean '2026.1'?"),
        (["--fail-on=shuold"], "--fail-on shuold: there is no such level. Did you mean 'should'?"),
        (["--profile=depoly"], "--profile depoly: there is no such profile. Did you mean 'deploy'?"),
        (["--profile=editr"], "--profile editr: there is no such profile. Did you mean 'editor'?"),
        (["--profile=node-red-admn"], "Did you mean 'node-red-admin'?"),
        (["--level=MUTS"], "--level MUTS: there is no such level. Did you mean 'MUST'?"),
        (["--timeout=nan", "-k", "no_such_case"], "--timeout"),
        (["--target=localhost:1880"], "Write http://localhost:1880."),
        ([f"--target=one={NOWHERE}", "--target=one=http://127.0.0.1:2"], "two targets are called 'one'"),
        (
            ["--ca-bundle=no-such-file.pem", f"--target={NOWHERE}"],
            "--ca-bundle no-such-file.pem: there is no such file.",
        ),
        (
            ["--ca-bundle=no-such-file.pem", "-k", "get_v1_gives"],
            "--ca-bundle no-such-file.pem: there is no such file.",
        ),
        (
            ["--explore=soon"],
            "--explore soon: that is no amount. Write a time such as 90s or 10m, or a number of steps",
        ),
        (["--explore=0"], "--explore 0: that is no amount."),
        (["--explore", "conformance/cases"], "Before a path write --explore=60s."),
        (["--explore-seed=5"], "--explore-seed=5: it says how --explore goes. Write that, too."),
        (["--explore=500", "--explore-seed=five"], "--explore-seed=five: a seed is a number"),
        (["--admin=admin", f"--target={NOWHERE}"], "CONFORMANCE_ADMIN_PASSWORD"),
        (["--reader=reader", f"--target={NOWHERE}"], "CONFORMANCE_READER_PASSWORD"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_option_is_refused_in_one_line(suite: Suite, arguments: list[str], words: str) -> None:
    ended = suite(*arguments)

    assert ended.exit_code == pytest.ExitCode.USAGE_ERROR
    line = only_line(ended)
    assert line.startswith("ERROR: ")
    assert words in line


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("500", Amount(steps=500)),
        ("90s", Amount(seconds=90)),
        ("1.5m", Amount(seconds=90)),
        ("2h", Amount(seconds=7200)),
        ("0s", None),
        ("1.5", None),
        ("-5", None),
        ("10 m", None),
        ("", None),
    ],
)
def test_amount_is_what_is_written(text: str, amount: Amount | None) -> None:
    assert parse_amount(text) == amount


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "http://HOST"),
        ("ftp://localhost", "Write http://localhost."),
        ("http://", "Write http://HOST:PORT/PATH."),
        ("http://localhost:99999", "Write http://HOST:PORT/PATH."),
        ("http://[::1", "Write http://HOST:PORT/PATH."),
        ("http://localhost/?a=b", "no query"),
        ("http://localhost/#a", "no fragment"),
        ("node-red:newest", "Write one such as node-red:"),
        ("node-red:", "Write one such as node-red:"),
        ("node-red:4.1.15+opne", "Did you mean 'open'?"),
        ("node-red:4.1.15+", "'' is no setting"),
        ("..=http://localhost", "'..'"),
    ],
)
def test_target_that_cannot_be_meant_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadTarget) as refused:
        parse_target(text)

    assert str(refused.value).startswith("--target")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "http://admin:sesame@localhost:1880",
        "http://admin:sesame@localhost:99999",
        "http://admin:sesame#1@localhost:1880",
        "http://admin:sesame@localhost/?a=b",
        "http://admin:sesame@[::1",
        "ftp://admin:sesame@localhost",
        "admin:sesame@localhost:1880",
    ],
)
def test_password_in_a_url_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(BadTarget) as refused:
        parse_target(text)

    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "name", "url", "version"),
    [
        ("http://localhost:1880", "localhost-1880", "http://localhost:1880", ""),
        ("http://localhost:1880/admin/", "localhost-1880-admin", "http://localhost:1880/admin", ""),
        ("https://[::1]:1880", "-1-1880", "https://[::1]:1880", ""),
        ("a.b-c=http://b", "a.b-c", "http://b", ""),
        ("node-red:4.1", "node-red-4.1", "", "4.1"),
        ("old=node-red:0.20.8", "old", "", "0.20.8"),
    ],
)
def test_target_is_what_is_written(text: str, name: str, url: str, version: str) -> None:
    spec = parse_target(text)

    assert (spec.name.strip("-"), spec.url, spec.version) == (name.strip("-"), url, version)


def test_settings_of_a_node_red_are_what_is_written() -> None:
    spec = parse_target("node-red:4.1.15+open+no-upload")

    assert spec.name == "node-red-4.1.15-open-no-upload"
    assert (spec.version, spec.settings) == ("4.1.15", ("open", "no-upload"))


def test_every_setting_reaches_the_settings_file() -> None:
    text = (data_dir("fixtures") / "node-red" / "settings.js").read_text("utf-8")

    assert [word for word in SETTINGS if f'set.has("{word}")' not in text] == []


@pytest.mark.reaches(4)
def test_url_with_a_user_ends_the_run(suite: Suite) -> None:
    ended = suite("--target=http://admin:sesame@localhost:1880")

    assert ended.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "--admin USER" in only_line(ended)
    assert "sesame" not in ended.said


def test_password_is_not_asked_for_where_a_token_is_given(suite: Suite) -> None:
    ended = suite("--admin=admin", f"--target={NOWHERE}", CONFORMANCE_TOKEN="made-up")  # noqa: S106 - of nobody

    assert ended.exit_code == 13
    assert "CONFORMANCE_ADMIN_PASSWORD" not in ended.said


@pytest.mark.parametrize("spelling", ["READ", "read"])
def test_profile_is_selected_in_any_spelling_that_is_accepted(suite: Suite, spelling: str) -> None:
    ended = suite(f"--profile={spelling}")

    assert ended.exit_code == 0
    assert set(ended.outcomes()) > {"flows.get-v1-gives-array"}


def test_report_folder_that_is_a_file_is_refused_in_one_line(suite: Suite, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file", "utf-8")

    ended = suite("-k", "get_v1_gives_array", f"--report-dir={taken}")

    assert ended.exit_code == pytest.ExitCode.USAGE_ERROR
    assert str(taken) in only_line(ended)


def test_options_are_explained_by_help(suite: Suite) -> None:
    ended = suite("--help")

    assert ended.exit_code == 0
    assert "DEPLOYS FLOWS" in ended.stdout


def test_plugin_is_inert_for_other_projects(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p conformance.plugin -p no:cacheprovider\n", "utf-8")
    (tmp_path / "test_other.py").write_text("def test_other() -> None:\n    assert True\n", "utf-8")

    ended = run([sys.executable, "-m", "pytest"], tmp_path, tmp_path, {"PYTHONPATH": str(ROOT)})

    assert ended.exit_code == 0
    assert "1 passed" in ended.stdout
    assert "conformance of" not in ended.stdout
    assert not (tmp_path / "reports").exists()


def test_unknown_node_red_version_is_refused_with_the_nearest(suite: Suite, tmp_path: Path) -> None:
    ended = suite("--target=node-red:4.7", PATH=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"))

    assert ended.exit_code == 13
    assert "4.7" in only_line(ended)
    assert "The nearest known is 4.1.15." in ended.stderr
    assert ended.verdict["verdict"] == "UNREACHABLE"


@pytest.mark.reaches(13)
def test_missing_npm_is_named(suite: Suite, tmp_path: Path) -> None:
    ended = suite("--target=node-red:4.1.15", PATH=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"))

    assert ended.exit_code == 13
    assert "npm was not found" in only_line(ended)
    assert "npm was not found" in ended.verdict["reason"]


def test_version_that_npm_does_not_have_is_named(suite: Suite, tmp_path: Path) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error code ETARGET'\nexit 1\n", "utf-8")
    npm.chmod(0o755)

    ended = suite("--target=node-red:4.1.99", PATH=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"))

    assert ended.exit_code == 13
    assert "Traceback" not in ended.said
    assert ended.verdict["reason"].startswith("npm has no node-red 4.1.99. The nearest known is 4.1.15.")
    assert sorted(path.name for path in (tmp_path / "cache").rglob("*") if "4.1.99" in path.name) == [
        "node-red-4.1.99.lock"
    ]


def test_collecting_talks_to_no_target(suite: Suite) -> None:
    ended = suite("--collect-only", "-q", f"--target={NOWHERE}")

    assert ended.exit_code == 0
    assert "test_v1_round_trip" in ended.stdout


def test_other_projects_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(
        "import sys\n"
        "def test_other():\n"
        "    assert 'conformance.plugin' in sys.modules\n"
        "    assert not {'conformance.run', 'conformance.catalogue', 'httpx', 'jsonschema'} & set(sys.modules)\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "conformance.plugin", "-p", "no:cacheprovider", "."]

    ended = run(command, tmp_path, tmp_path, {"PYTHONPATH": str(ROOT)})

    assert ended.exit_code == 0, ended.said
    assert "conformance of" not in ended.said
    assert not (tmp_path / "reports").exists()


def test_nearest_word_is_named_or_some_of_all() -> None:
    known = [f"word-{number:03}" for number in range(100)]

    assert did_you_mean("depoly", ["deploy", "read"]) == "Did you mean 'deploy'?"
    assert did_you_mean("xyz", ["two", "one"]) == "Known: one, two."
    assert did_you_mean("xyz", known).endswith("word-039 and 60 more.")
