"""What a run keeps of itself, and what is made of it without a target."""

import json
import random
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.data import Json, schema
from conformance.evidence.reading import BadEvidence, read
from conformance.evidence.texts import Texts, whole
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import AS_BOTH, PASSWORDS, protected
from conformance.selftest.proof.faults import replay, together
from conformance.selftest.proof.session import cases_of
from conformance.selftest.running import ROOT, Ended, Suite, environment
from reference_server.faults import FAULTS, Lying

GROUPS = together({name: fault.requirements for name, fault in FAULTS.items()})

ONE_IN = 20
"""Of the groups of faults one in so many is judged again in every run of the tests, and the others in `make prove`."""

FEW = ("conformance/cases/test_settings.py", "conformance/cases/test_auth_bearer.py")
MANY = (
    *FEW,
    *(
        f"conformance/cases/test_{name}.py"
        for name in ("comms", "deploy_flow", "concurrency_flow", "flow_post", "context")
    ),
)


def lines_of(path: Path) -> Iterator[Json]:
    for line in path.read_text("utf-8").splitlines():
        yield json.loads(line)


def replayed(suite: Suite, ended: Ended, *arguments: str) -> Ended:
    return suite(f"--replay={ended.reports / 'evidence.jsonl'}", *arguments)


def same_verdict(one: Ended, other: Ended) -> None:
    assert other.exit_code == one.exit_code, other.said
    first, second = one.verdict, other.verdict
    assert [entry for entry in second["findings"] if entry not in first["findings"]] == []
    assert (other.reports / "verdict.json").read_bytes() == (one.reports / "verdict.json").read_bytes()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A run of a few cases."""
    return Suite(tmp_path_factory.mktemp("recorded"))(*FEW)


def test_every_line_is_valid_and_every_number_is_found(recorded: Ended) -> None:
    lines = list(lines_of(recorded.reports / "evidence.jsonl"))

    check = jsonschema.Draft202012Validator(schema("evidence"))
    assert [error.message for line in lines for error in check.iter_errors(line)] == []
    assert [line["type"] for line in lines[:2]] == ["header", "begin"]
    exchanges = [line for line in lines if line["type"] == "exchange"]
    assert [line["number"] for line in exchanges] == list(range(1, len(exchanges) + 1))
    assert lines[-1]["type"] == "footer"
    assert lines[-1]["exchanges"] == len(exchanges)
    begun = {line["case"]: line["requirement"] for line in lines if line["type"] == "begin"}
    for finding in recorded.verdict["findings"]:
        numbers = [number for first, last in finding["exchanges"] for number in range(first, last + 1)]
        assert {begun[exchanges[number - 1]["case"]] for number in numbers} <= {finding["requirement"]}
        assert len(numbers) == finding["requests"]


def test_verdict_says_what_was_asked_and_that_it_is_whole(recorded: Ended) -> None:
    verdict = recorded.verdict

    assert list(verdict)[-1] == "complete"
    assert verdict["complete"] is True
    assert verdict["format"] == 2
    assert verdict["seed"] == next(lines_of(recorded.reports / "evidence.jsonl"))["seed"]
    assert verdict["options"]["timeout"] == 10


def test_one_changed_byte_is_noticed_wherever_it_is(recorded: Ended, tmp_path: Path) -> None:
    whole, changed = (recorded.reports / "evidence.jsonl").read_bytes(), tmp_path / "changed.jsonl"
    places = random.Random(0).sample(range(len(whole)), 60)  # noqa: S311 - nobody guesses
    for place in (*places, 0, 3, len(whole) - 1, len(whole) - 2, len(whole) - 40):
        changed.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            assert not read(changed).whole, place
        except BadEvidence as error:
            assert "\n" not in str(error)  # noqa: PT017 - either is right


@pytest.mark.reaches(4)
def test_changed_recording_is_refused_on_a_line(recorded: Ended, suite: Suite, tmp_path: Path) -> None:
    changed = tmp_path / "changed.jsonl"
    changed.write_bytes(
        (recorded.reports / "evidence.jsonl").read_bytes().replace(b'"status": 200', b'"status": 201', 1)
    )

    ended = suite(f"--replay={changed}")

    assert ended.exit_code == 4
    assert "it was changed after it was written" in ended.said
    assert "Traceback" not in ended.said


@pytest.mark.reaches(4)
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--target=http://localhost:1"], "--target and --replay"),
        (["-n2"], "--replay and -n"),
        (["--explore=5"], "--explore and --replay"),
    ],
    ids=["target", "parallel", "explore"],
)
def test_replay_beside_what_needs_a_target_is_refused(
    recorded: Ended, suite: Suite, words: list[str], told: str
) -> None:
    ended = replayed(suite, recorded, *words)

    assert ended.exit_code == 4
    assert told in ended.said


@pytest.mark.reaches(4)
def test_what_is_no_recording_is_refused(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "odd.jsonl").write_text('{"verdict": "CONFORMANT"}\n')

    for name, told in (("odd.jsonl", "it is not what a run has written"), ("none.jsonl", "there is no such file")):
        ended = suite(f"--replay={tmp_path / name}")
        assert ended.exit_code == 4
        assert told in ended.said


@pytest.mark.long
def test_replay_comes_to_the_same_verdict(suite: Suite) -> None:
    ended = suite(*MANY)

    same_verdict(ended, replayed(suite, ended))


def test_replay_takes_a_part_of_what_was_recorded(recorded: Ended, suite: Suite) -> None:
    whole = {finding["requirement"]: finding for finding in recorded.verdict["findings"]}

    picked = replayed(suite, recorded, "-k", "altered_token or two_tokens")

    judged = [finding for finding in picked.verdict["findings"] if finding["requests"]]
    assert sorted(finding["requirement"] for finding in judged) == [
        "auth.altered-token-is-worth-nothing",
        "auth.two-tokens-at-once",
    ]
    assert [finding for finding in judged if finding != whole[finding["requirement"]]] == []


@pytest.mark.thorough
@pytest.mark.long
def test_evidence_of_several_processes_is_one(suite: Suite) -> None:
    ended = suite(*MANY, "-n2")

    lines = list(lines_of(ended.reports / "evidence.jsonl"))
    assert [line["type"] for line in lines].count("header") == 2
    exchanges = [line["number"] for line in lines if line["type"] == "exchange"]
    assert exchanges == list(range(1, len(exchanges) + 1))
    assert [path.name for path in ended.reports.glob("*.jsonl")] == ["evidence.jsonl"]
    same_verdict(ended, replayed(suite, ended))


def test_what_nobody_recorded_is_not_tested(recorded: Ended, suite: Suite, tmp_path: Path) -> None:
    """A newer suite that asks something else, which a plugin stands for here."""
    plugin = "import httpx\nfrom conformance.client import Admin\nreal = Admin.build_request\n"
    plugin += "Admin.build_request = lambda self, method, url, **o: real(self, method, f'{url}', **o | {'headers': "
    plugin += "{**dict(o.get('headers') or {}), 'X-New': '1'}})\n"
    (tmp_path / "newer.py").write_text(plugin, "utf-8")

    ended = suite(
        f"--replay={recorded.reports / 'evidence.jsonl'}",
        "-p",
        "newer",
        "-k",
        "test_settings",
        PYTHONPATH=str(tmp_path),
    )

    asked = [entry for entry in ended.verdict["findings"] if entry["requests"]]
    assert asked
    assert {entry["outcome"] for entry in asked} <= {"not-tested", "not-applicable"}
    assert any(
        re.match(r"(its premise failed: )?the recording cannot answer: it holds no GET", one["reason"]) for one in asked
    )


@pytest.mark.thorough
@pytest.mark.long
def test_killed_run_leaves_a_part_that_is_judged(suite: Suite) -> None:
    command = suite.command("conformance/cases")
    running = subprocess.Popen(  # noqa: S603 - our own
        command, cwd=ROOT, env=environment({}), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    evidence = suite.reports / "evidence.jsonl"
    deadline = time.monotonic() + 60
    while not (evidence.exists() and evidence.read_bytes().count(b'{"type": "end"') > 60):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    running.send_signal(signal.SIGKILL)
    running.wait()
    left = json.loads((suite.reports / "verdict.json").read_text("utf-8"))

    again = suite(f"--replay={evidence}")

    assert left["complete"] is False
    assert left["verdict"] == "INCOMPLETE"
    assert "the run that wrote it was killed" in again.said
    assert again.verdict["verdict"] == "INCOMPLETE"
    assert again.exit_code == 10
    came = {line["requirement"]: line["outcome"] for line in lines_of_whole(evidence) if line["type"] == "end"}
    judged = {entry["requirement"]: entry["outcome"] for entry in again.verdict["findings"] if entry["requests"]}
    assert judged
    assert {name for name, outcome in judged.items() if outcome != came[name]} == set()


def lines_of_whole(path: Path) -> Iterator[Json]:
    """The lines that are whole."""
    for line in path.read_text("utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)


@pytest.mark.parametrize("name", list(FAULTS)[:: len(FAULTS) // 3])
def test_replay_of_a_fault_comes_to_the_same_verdict(suite: Suite, served: Serve, name: str) -> None:
    fault = FAULTS[name]
    url = served(Lying(protected().app(), fault), **fault.options)
    words = " or ".join(requirement.partition(".")[2].replace("-", "_") for requirement in fault.requirements)
    usual = (f"--target={url}", "--timeout=2", *AS_BOTH)
    ended = suite(*usual, "-k", words, **PASSWORDS)
    if ended.exit_code == pytest.ExitCode.NO_TESTS_COLLECTED:  # a row of a table
        ended = suite(*usual, *cases_of(fault.requirements), **PASSWORDS)
    assert ended.exit_code in (0, 1, 10, 16)

    same_verdict(ended, replayed(suite, ended))


@pytest.mark.parametrize(
    "group",
    [
        pytest.param(group, marks=[pytest.mark.thorough] if number % ONE_IN else [], id=next(iter(group)))
        for number, group in enumerate(GROUPS)
    ],
)
def test_replay_of_faults_comes_to_the_same_verdict(group: dict[str, tuple[str, ...]], tmp_path: Path) -> None:
    came = replay(group, tmp_path)

    assert [name for name, (live, again) in came.items() if live != again] == []


TAB = {"id": "t1", "type": "tab", "label": "Line"}

BODIES = st.one_of(
    st.text(max_size=20),
    st.builds(
        lambda start, times, middle, rest: start * times + middle + rest * times,
        st.sampled_from(["node ", "flow\ud800", "ü✓"]),
        st.integers(600, 900),
        st.text(max_size=30),
        st.sampled_from(["tail", "node "]),
    ),
)


@given(st.lists(st.tuples(BODIES, BODIES), max_size=12))
def test_bodies_that_are_kept_as_differences_are_read_as_they_were(bodies: list[tuple[str, str]]) -> None:
    texts, kept, read_again = Texts(), {}, []
    for request, reply in bodies:
        for line in texts.lines({"type": "exchange", "request_body": request, "reply_body": reply}):
            if line["type"] == "text":
                kept[line["name"]] = line["text"]
            else:
                read_again.append(whole(json.loads(json.dumps(line)), kept.__getitem__))

    assert [(line["request_body"], line["reply_body"]) for line in read_again] == bodies


def test_what_is_kept_of_many_nodes_hardly_grows_with_what_is_asked(served: Serve, suite: Suite) -> None:
    api = protected()
    api.flows.deploy(
        [TAB, *({"id": f"n{number}", "type": "comment", "z": "t1", "name": ""} for number in range(2_000))]
    )

    ended = suite(f"--target={served(api.app())}", *AS_BOTH, "conformance/cases/test_flows_get.py", **PASSWORDS)

    exchanges = [line for line in lines_of(ended.reports / "evidence.jsonl") if line["type"] == "exchange"]
    assert sum("reply_like" in line for line in exchanges) > 10
    assert (ended.reports / "evidence.jsonl").stat().st_size < 1_000_000
    same_verdict(ended, replayed(suite, ended))
