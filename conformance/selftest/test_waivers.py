"""Waivers: known violations do not fail a run, and a waiver that no longer says the truth does."""

import datetime as dt
import re
import tomllib
from pathlib import Path
from typing import Final

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.catalogue import catalogue
from conformance.data import schema
from conformance.gate import Gate, loads, today
from conformance.outcomes import Finding, Outcome
from conformance.selftest.conftest import Serve
from conformance.selftest.running import Suite
from conformance.waivers.reading import BadWaivers, Waiver, in_json, read
from conformance.waivers.signature import is_as, signature, steady
from reference_server import Api
from reference_server.faults import FAULTS, Lying

MUST: Final = "flows.get-unknown-version-error"
SHOULD: Final = "flow.get-id-of-a-node-refused"
KEPT: Final = "flows.get-v1-gives-array"
DAY: Final = dt.date(2026, 5, 1)

GOOD: Final = f"""
[[waiver]]
requirement = "{MUST}"
fails = "violates: assert 200 == 409"
owner = "flows team"
reason = "clients depend on it"
link = "https://tickets.example/7"
expires = 2026-12-31
"""


def waivers_of(folder: Path, text: str) -> tuple[Waiver, ...]:
    """The waivers of a file with this text."""
    (folder / "known.toml").write_text(text, "utf-8")
    return read(folder / "known.toml", Path("known.toml"), catalogue(), DAY)


def waiver(requirement: str, fails: str, expires: str = "2026-12-31", target: str | None = None) -> Waiver:
    """A waiver that somebody filled in."""
    return Waiver(requirement, fails, "team", "known", "https://tickets.example/7", expires, target, "known.toml:1")


def test_good_file_is_read_and_keeps_its_schema(tmp_path: Path) -> None:
    (known,) = waivers_of(tmp_path, GOOD)

    assert (known.requirement, known.expires, known.place) == (MUST, "2026-12-31", "known.toml:2")
    jsonschema.validate(in_json(tomllib.loads(GOOD)), schema("waivers"), jsonschema.Draft202012Validator)
    assert loads(Gate(waivers=(known,)).handed()) == (known,)


def test_file_without_a_waiver_waives_nothing(tmp_path: Path) -> None:
    assert waivers_of(tmp_path, "# nothing yet\n") == ()


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        (MUST, "flows.get-unknown-version-eror", f":3: there is no requirement .* Did you mean '{MUST}'"),
        (MUST, "flows.*", ":3: 'flows.*' is too broad"),
        (MUST, "flows", ":3: 'flows' is too broad"),
        (MUST, "flows.", ":3: 'flows.' is too broad"),
        (MUST, "*", ":3: '*' is too broad"),
        (MUST, "transport.path-in-other-case", ":3: transport.path-in-other-case is OBSERVE, which never fails a run"),
        ("2026-12-31", "2027-06-01", ":8: 2027-06-01 is too far off"),
        ("2026-12-31", '"FILL IN: the last day"', ":8: expires: to be filled in"),
        ("2026-12-31", '"tomorrow"', ":8: expires = 'tomorrow' cannot be meant"),
        ("2026-12-31", '"2026-02-31"', ":8: expires = '2026-02-31' cannot be meant"),
        ("2026-12-31", "2026-12-31T10:00:00", ":8: expires = '2026-12-31T10:00:00' cannot be meant"),
        ("2026-12-31", "31", ":8: expires = 31 cannot be meant"),
        ("flows team", "", ":5: owner: to be filled in"),
        ("clients depend on it", "  ", ":6: reason: to be filled in"),
        ("https://tickets.example/7", "FILL IN: where", ":7: link: to be filled in"),
        ("violates: ", "", ":4: fails = 'assert 200 == 409' cannot be meant"),
        ("violates: ", "conforms: ", ":4: fails = "),
        ("owner", "ownr", ":5: unknown key 'ownr'. Did you mean 'owner'"),
        ("[[waiver]]", "[[waver]]", ": unknown key 'waver'. Did you mean 'waiver'"),
        ("[[waiver]]", "[waiver]", ": each waiver is a table of its own. Write [[waiver]]"),
        ('owner = "flows team"', "", ":2: owner is missing"),
        ("[[waiver]]", "[[waiver]", ": that is no TOML: "),
        ("2026-12-31\n", f"2026-12-31\n{GOOD}", f":11: {MUST} is waived twice; first in known.toml:2"),
    ],
)
def test_waiver_that_cannot_be_meant_is_refused_by_file_and_place(
    tmp_path: Path, right: str, wrong: str, words: str
) -> None:
    assert right in GOOD

    with pytest.raises(BadWaivers) as refused:
        waivers_of(tmp_path, GOOD.replace(right, wrong))

    assert len(refused.value.args) >= 1
    line = refused.value.args[0]
    assert "\n" not in line
    assert re.match("known.toml" + re.sub(r"([*?()\[\]])", r"\\\1", words).replace(" .\\* ", " .* "), line), line


def test_each_wrong_waiver_has_a_line(tmp_path: Path) -> None:
    text = GOOD.replace(MUST, "flows.*") + GOOD.replace("2026-12-31", "2030-01-01")

    with pytest.raises(BadWaivers) as refused:
        waivers_of(tmp_path, text)

    assert [line.partition(": ")[0] for line in refused.value.args] == ["known.toml:3", "known.toml:16"]


def test_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadWaivers, match="No such file"):
        read(tmp_path / "none.toml", Path("none.toml"), catalogue(), DAY)
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadWaivers, match="no TOML"):
        read(tmp_path / "odd.toml", Path("odd.toml"), catalogue(), DAY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("assert 'c0f00000000a01' == 'c0f00000000b02'", "assert 'c0f0ffee000001' == 'deadbeefcafe'"),
        ("assert '1b2c3d4e.f5a6b7' in []", "assert '99887766.123456' in []"),
        ("no reply of http://127.0.0.1:18801/flows", "no reply of https://[::1]:9/admin/flows"),
        ("connection to 127.0.0.1 port 1880 was refused", "connection to 127.0.0.1 port 41231 was refused"),
        ("no reply within 0.512 seconds", "no reply within 12 seconds"),
        ("at 2026-05-01T10:00:00.123Z it was 409", "at 2026-11-23 14:48:47 it was 409"),
        ("assert [200, 200, 409] == [200, 409, 409]", "assert [200, 409, 200] == [200, 409, 409]"),
        ("$: [{'id': 'b8ff', 'z': 'b8… is not of type 'object'", "$: [{'id': '02aa', 'z': '0… is not of type 'object'"),
        ("assert 200 == 409; assert 200 == 400", "assert 200 == 400; assert 200 == 409"),
        (
            "A deployed A1 at 3 ms with rev ab: it must be refused",
            "C deployed C1 at 12 ms with rev 12: it must be refused",
        ),
        ("assert <Reply at 0x7f33aa10> is None", "assert <Reply at 0x7f44bb20> is None"),
    ],
)
def test_signature_is_the_same_in_another_run(one: str, other: str) -> None:
    assert one != other
    assert signature(Finding(MUST, Outcome.VIOLATES, one)) == signature(Finding(MUST, Outcome.VIOLATES, other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("assert 200 == 409", "assert 500 == 409"),
        ("assert 200 == 409", "assert 200 == 400"),
        ("$.rev: 5 is not of type 'string'", "$.flows: 5 is not of type 'string'"),
        ("assert 'invalid_api_version' == 'x'", "assert 'unexpected_error' == 'x'"),
        ("no reply within 3 seconds", "assert 200 == 409"),
    ],
)
def test_signature_of_another_failure_is_another(one: str, other: str) -> None:
    assert not is_as(Finding(MUST, Outcome.VIOLATES, one), signature(Finding(MUST, Outcome.VIOLATES, other)))


@settings(deadline=None, database=None, derandomize=True)
@given(
    st.one_of(st.text(), st.lists(st.sampled_from(("200", "'c0f0aa11'", "…", "[1, 2]", "x://y", "a; b"))).map(" ".join))
)
def test_signature_holds_what_it_was_made_of(text: str) -> None:
    finding = Finding(MUST, Outcome.VIOLATES, text)

    assert steady(steady(text)) == steady(text)
    assert is_as(finding, signature(finding))
    assert is_as(finding, f"violates: {text}")
    assert not is_as(Finding(MUST, Outcome.DEVIATES, text), signature(finding))


def test_fewer_rows_that_fail_in_the_same_way_are_known() -> None:
    known = "violates: assert 200 == 409; assert 200 == 400"

    assert is_as(Finding(MUST, Outcome.VIOLATES, "assert 200 == 400"), known)
    assert not is_as(Finding(MUST, Outcome.VIOLATES, "assert 200 == 400; assert 204 == 400"), known)


FAILURE: Final = Finding(MUST, Outcome.VIOLATES, "assert 200 == 409")


@pytest.mark.parametrize(
    ("finding", "known", "words"),
    [
        (
            Finding(MUST, Outcome.CONFORMS),
            waiver(MUST, "violates: assert 200 == 409"),
            "conforms now. Take the waiver out",
        ),
        (FAILURE, waiver(MUST, "violates: assert 200 == 409", "2026-04-30"), "was waived until 2026-04-30. Mend it"),
        (FAILURE, waiver(MUST, "violates: assert 500 == 409"), 'write fails = "violates: assert 200 == 409"'),
        (FAILURE, waiver(MUST, "violates: assert 200 == 409", "2026-05-01"), ""),
        (Finding(MUST, Outcome.NOT_TESTED), waiver(MUST, "violates: assert 200 == 409"), ""),
        (Finding(MUST, Outcome.NOT_APPLICABLE), waiver(MUST, "violates: assert 200 == 409"), ""),
        (Finding(MUST, Outcome.SUITE_ERROR, "x"), waiver(MUST, "violates: assert 200 == 409"), ""),
        (Finding(MUST, Outcome.CONFORMS), waiver(MUST, "violates: assert 200 == 409", target="other"), ""),
    ],
    ids=["stale", "expired", "another way", "last day", "not tested", "not applicable", "suite error", "other target"],
)
def test_waiver_is_outdated_where_it_no_longer_says_the_truth(finding: Finding, known: Waiver, words: str) -> None:
    lines = [one.line for one in Gate(waivers=(known,), day=DAY).outdated("mine", {"mine": [finding]})]

    assert len(lines) == bool(words)
    assert all(line.startswith(f"known.toml:1: {MUST} ") and words in line for line in lines)


def test_waiver_that_one_of_several_targets_needs_is_not_stale() -> None:
    findings = {"old": [FAILURE], "new": [Finding(MUST, Outcome.CONFORMS)]}

    for target, stale in ((None, []), ("new", ["new"])):
        gate = Gate(waivers=(waiver(MUST, "violates: assert 200 == 409", target=target),), day=DAY)
        assert [name for name in findings if gate.outdated(name, findings)] == stale


def test_waiver_that_names_the_target_comes_first() -> None:
    everywhere, here = waiver(MUST, "violates: a"), waiver(MUST, "violates: b", target="mine")

    gate = Gate(waivers=(everywhere, here), day=DAY)

    assert (gate.waiver(MUST, "mine"), gate.waiver(MUST, "yours")) == (here, everywhere)


def lying(served: Serve) -> str:
    """The URL of a server that breaks one MUST and misses one SHOULD of the profile `read`."""
    broken = Lying(Api().app(), FAULTS["has-another-code-for-an-unknown-version"])
    return served(Lying(broken, FAULTS["gives-a-node-as-a-flow"]))


def filled_in(text: str) -> str:
    """A file that was written by a run, with what only a person can write."""
    last = today() + dt.timedelta(30)
    return re.sub(r'"FILL IN: the last day[^"]*"', f"{last}", text).replace("FILL IN", "Filled in")


@pytest.mark.reaches(1)
@pytest.mark.reaches(4)
@pytest.mark.reaches(0)
def test_waivers_of_a_run_are_refused_until_filled_in_and_then_used(
    suite: Suite, served: Serve, tmp_path: Path
) -> None:
    known = tmp_path / "known.toml"
    asked = (f"--target={lying(served)}", "--profile=read", "--fail-on=should")

    written = suite(*asked, f"--write-waivers={known}")
    refused = suite(*asked, f"--waivers={known}")
    known.write_text(filled_in(known.read_text("utf-8")), "utf-8")
    waived = suite(*asked, f"--waivers={known}", f"--write-waivers={known}", "-n", "2")

    assert written.exit_code == 1
    assert "1 of the requirements are violated; 1 are deviated from, which --fail-on should counts" in written.stdout
    assert "2 to fill in" in written.stderr
    assert refused.exit_code == 4
    lines = [line for line in refused.stderr.splitlines() if line]
    assert len(lines) == 2
    assert all(line.startswith(f"ERROR: {known}:") and "Write who answers for the waiver." in line for line in lines)
    assert waived.exit_code == 0, waived.said
    assert "CONFORMANT: 2 of the requirements are not kept, and waived" in waived.stdout
    assert waived.verdict["counts"]["violates"] == waived.verdict["counts"]["deviates"] == 1
    marked = {finding["requirement"] for finding in waived.verdict["findings"] if finding["waived"]}
    assert marked == {MUST, SHOULD}
    assert f"waived: {MUST} (MUST): until " in waived.stdout
    assert "nothing fails that has no waiver" in waived.stderr
    assert known.read_text("utf-8").count("[[waiver]]") == 2


@pytest.mark.reaches(17)
def test_outdated_waivers_end_the_run(suite: Suite, served: Serve, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    entries = (
        GOOD.replace("2026-12-31", str(today())),
        GOOD.replace(MUST, SHOULD).replace("violates", "deviates").replace("2026-12-31", "2020-01-01"),
        GOOD.replace(MUST, KEPT).replace("2026-12-31", str(today())),
    )
    known.write_text("".join(entries), "utf-8")

    ended = suite(f"--target={lying(served)}", "--profile=read", f"--waivers={known}")

    assert ended.exit_code == 17
    assert ended.verdict["verdict"] == "WAIVERS OUTDATED"
    lines = "\n".join(line for line in ended.stdout.splitlines() if line.startswith("outdated waiver: "))
    assert lines.count("\n") == 2
    assert f"known.toml:2: {MUST} fails in another way." in lines
    assert f"known.toml:10: {SHOULD} was waived until 2020-01-01." in lines
    assert f"known.toml:18: {KEPT} conforms now." in lines
    assert [finding["waived"] for finding in ended.verdict["findings"] if finding["waived"]] == []


def test_file_that_is_there_is_not_written_over(suite: Suite, tmp_path: Path) -> None:
    kept = tmp_path / "known.toml"
    kept.write_text(GOOD, "utf-8")

    ended = suite(f"--write-waivers={kept}")

    assert ended.exit_code == 4
    assert "there is such a file already" in ended.stderr
    assert kept.read_text("utf-8") == GOOD
