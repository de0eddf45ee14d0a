"""The scripts that show violations: 1 before the server that breaks the promise, 0 before one that keeps it."""

import subprocess
from pathlib import Path
from typing import Final

import pytest

from conformance.catalogue import catalogue
from conformance.exchange import Exchange
from conformance.report.repro import NoScript, decided, script
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import AS_BOTH, PASSWORDS, protected
from conformance.selftest.running import Ended, Suite, environment, run
from reference_server import Api
from reference_server.faults import FAULTS, Fault, Lying

ONE_IN: Final = 9
"""Of the faults that a script could show, one in so many is tried."""

ONLY: Final = """
def pytest_collection_modifyitems(items):
    import os
    wanted = os.environ["ONLY"]
    items[:] = [item for item in items if item.get_closest_marker("requirement").args[0] == wanted]
"""
"""A plugin that leaves the cases of one requirement."""


def musts(fault: Fault) -> list[str]:
    """The promises that the fault breaks, of those that a violation is."""
    return [name for name in fault.requirements if catalogue()[name].level == "MUST"]


SLOW: Final = ("install", "deploy", "explore", "concurrency", "comms")
SHOWN: Final = [
    name
    for name, fault in FAULTS.items()
    if fault.speaks_http and musts(fault) and musts(fault)[0].split(".")[0] not in SLOW
]


def broken(suite: Suite, url: str, requirement: str, *words: str, **variables: str) -> Ended:
    """A run of the cases of one requirement."""
    (suite.folder / "only.py").write_text(ONLY, "utf-8")
    area = requirement.partition(".")[0]
    files = sorted(f"{path}" for path in Path("conformance/cases").glob(f"test_{area}*.py"))
    more = {"PYTHONPATH": f"{suite.folder}", "ONLY": requirement, **variables}
    return suite(f"--target={url}", "-p", "only", *words, *files, **more)


def sh(file: Path, *words: str, **variables: str) -> Ended:
    """A script, run."""
    return run(["sh", f"{file}", *words], file.parent, file.parent, variables, 120)


@pytest.mark.parametrize("name", ["takes-any-rev", "gives-an-empty-object-for-an-unknown-flow"])
def test_script_shows_the_defect_and_leaves_nothing(suite: Suite, served: Serve, name: str) -> None:
    fault = FAULTS[name]
    honest, faulty = served(Api().app()), served(Lying(Api().app(), fault))
    requirement = musts(fault)[0]

    ended = broken(suite, faulty, requirement)
    file = ended.reports / "repro" / f"{requirement}.sh"

    assert file.stat().st_mode & 0o111
    assert (ended.reports / "repro" / "index.txt").read_text("utf-8") == f"{requirement}: {requirement}.sh\n"
    shown, mended = sh(file), sh(file, honest)
    assert (shown.exit_code, mended.exit_code) == (1, 0), shown.said + mended.said
    assert f"broken: {requirement}: " in shown.stdout
    assert f"kept: {requirement}" in mended.stdout
    assert sh(file, f"{honest}/").exit_code == 0  # which was left without flows


def test_script_that_cannot_look_says_so(suite: Suite, served: Serve) -> None:
    api = Api()
    faulty = served(Lying(api.app(), FAULTS["takes-any-rev"]))
    file = broken(suite, faulty, "flows.stale-rev-refused").reports / "repro" / "flows.stale-rev-refused.sh"

    nobody = sh(file, "http://127.0.0.1:1")
    assert (nobody.exit_code, "cannot tell: no answer" in nobody.stderr) == (125, True)

    subprocess.run(  # noqa: S603 - our own
        ["curl", "-sS", "-H", "Content-Type: application/json", "-d", '[{"id":"a","type":"tab"}]', f"{faulty}/flows"],  # noqa: S607
        check=True,
        env=environment({}),
    )
    held = sh(file)
    assert (held.exit_code, "the target holds flows" in held.stderr) == (125, True)
    assert [node["id"] for node in api.flows.nodes] == ["a"]


def test_script_takes_its_token_from_the_environment(suite: Suite, served: Serve) -> None:
    faulty = served(Lying(protected().app(), FAULTS["takes-any-rev"]))
    ended = broken(suite, faulty, "flows.stale-rev-refused", *AS_BOTH, **PASSWORDS)
    file = ended.reports / "repro" / "flows.stale-rev-refused.sh"

    assert "$CONFORMANCE_TOKEN" in file.read_text("utf-8")
    without = sh(file)
    assert (without.exit_code, "put a token into CONFORMANCE_TOKEN" in without.stderr) == (125, True)


@pytest.mark.thorough
@pytest.mark.parametrize("name", SHOWN[::ONE_IN])
def test_no_script_lies(suite: Suite, served: Serve, name: str) -> None:
    fault = FAULTS[name]
    requirement = musts(fault)[0]
    honest, faulty = served(Api().app()), served(Lying(Api().app(), fault))

    ended = broken(suite, faulty, requirement)
    file = ended.reports / "repro" / f"{requirement}.sh"

    if not file.exists():
        broke = ended.outcomes()[requirement] == "violates"  # some are seen only where a token is asked for
        assert not broke or f"{requirement}: it" in (ended.reports / "repro" / "index.txt").read_text("utf-8")
        return
    shown, mended = sh(file, faulty), sh(file, honest)
    assert (shown.exit_code, mended.exit_code) == (1, 0), shown.said + mended.said


def asked(status: int | None, **keys: str) -> Exchange:
    """An exchange that came to a status."""
    said = {"method": "GET", "url": "http://target/flows", "request_body": ""} | keys
    return Exchange(**said, request_headers=(), status=status)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reason", "exchanges", "why"),
    [
        ("assert [] == [1]", [asked(200)], "something else than the status"),
        ("of a row\nassert 204 == 409\n +  where", [asked(200)], "something else than the last replies"),
        ("assert 200 == 409", [asked(None), asked(200)], "websocket"),
        ("assert 200 == 409", [asked(200, url="http://other/")], "beside the target"),
        ("assert 200 == 409", [asked(200, request_body="x" * 70_000)], "too much"),
        ("assert 200 == 409", [asked(200, request_body="(3 bytes that are no text)")], "no text"),
        ("assert 200 == 409", [asked(200, request_body="$CONFORMANCE_FRESH_TOKEN")], "a secret of the moment"),
    ],
)
def test_what_curl_cannot_show_has_no_script(reason: str, exchanges: list[Exchange], why: str) -> None:
    with pytest.raises(NoScript, match=why):
        script(catalogue()["flows.stale-rev-refused"], exchanges, reason, "http://target")


def test_statuses_of_which_any_is_right_are_all_taken() -> None:
    assert decided([asked(500)], "assert 500 in (200, 204)").right == ("200", "204")
