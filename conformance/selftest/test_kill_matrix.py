"""What is published of the proof is what it would come to now, and how it is told."""

from typing import Any, Final

import pytest

from conformance.outcomes import Outcome
from conformance.selftest.proof.faults import FEW, Met, kind, reached, scoring
from conformance.selftest.proof.matrix import (
    NAME,
    Proof,
    as_json,
    as_value,
    elsewhere,
    html,
    joined,
    killers,
    read,
    summary,
)
from conformance.selftest.running import ROOT
from reference_server.faults import FAULTS
from reference_server.variants import VARIANTS

PUBLISHED: Final = ROOT / "reports" / "published"
MATRIX: Final = read(PUBLISHED)
AGAIN: Final = "run `make proven`, or for a few faults `make proven PROOF='--part faults --fault NAME'`"


def test_published_matrix_is_of_all_faults_and_of_all_requirements() -> None:
    published = {fault["fault"]: (fault["lies"], fault["kind"], fault["names"]) for fault in MATRIX["faults"]}

    now = {name: (fault.text, kind(fault), list(fault.requirements)) for name, fault in FAULTS.items()}
    assert published == now, AGAIN
    assert MATRIX["requirements"] == list(scoring()), AGAIN
    assert MATRIX["whole"]


def test_every_published_fault_is_caught_by_every_requirement_that_it_names() -> None:
    assert [fault["fault"] for fault in MATRIX["faults"] if set(fault["names"]) != fault["caught"].keys()] == []


def test_every_requirement_catches_a_fault() -> None:
    assert [name for name, count in killers(MATRIX).items() if not count] == []


def test_nothing_published_objects_to_a_variant() -> None:
    judged = {name for group in MATRIX["variants"] for name in group["names"]}

    assert judged >= VARIANTS.keys(), AGAIN
    assert [group["objections"] for group in MATRIX["variants"] if group["objections"]] == []


def test_no_case_passes_before_a_blunt_server() -> None:
    assert MATRIX["blunt"]
    assert [server["passed"] for server in MATRIX["blunt"] if server["passed"]] == []


def test_faults_before_a_real_runtime_are_caught() -> None:
    assert len(MATRIX["real"]) >= 60
    assert [one for one in MATRIX["real"] if one["missed"]] == []


def test_published_page_is_made_of_the_published_matrix() -> None:
    assert (PUBLISHED / f"{NAME}.html").read_text("utf-8") == html(MATRIX), AGAIN


def test_readme_tells_what_is_published() -> None:
    assert summary(MATRIX) in (ROOT / "README.md").read_text("utf-8"), f"write it there:\n{summary(MATRIX)}"


LAST: Final = list(FAULTS)[-1]


def judging(numbers: list[int]) -> dict[str, Any]:
    """A row of a fault that met the requirements of these numbers."""
    return {"fault": LAST, "names": [], "caught": {}, "tripped": {}, "judged": numbers}


def some_proof(**keys: Any) -> Proof:
    """A proof of one fault that was caught."""
    name, fault = next(iter(FAULTS.items()))
    caught = dict.fromkeys(fault.requirements, Outcome.VIOLATES)
    return Proof([Met(name, fault.requirements, caught, {}, {})], **keys)


def test_a_proof_is_sound() -> None:
    assert some_proof().sound


@pytest.mark.parametrize(
    "keys",
    [
        {"variants": [{"names": ["base-path"], "objections": {"base-path": ["flows.v1-round-trip violates: no"]}}]},
        {"blunt": [{"server": "refuses-everything", "passed": ["test_flows_rev.py::test_stale_rev_refused"]}]},
        {"real": [{"fault": "forgets-rev", "version": "4.1.15", "caught": [], "missed": ["flows.v1-round-trip"]}]},
    ],
    ids=lambda keys: next(iter(keys)),
)
def test_a_proof_with_one_thing_wrong_is_not_sound(keys: dict[str, Any]) -> None:
    assert not some_proof(**keys).sound


def test_a_proof_with_a_fault_that_escapes_is_not_sound() -> None:
    assert not Proof([Met(next(iter(FAULTS)), (), {}, {}, {})]).sound


def test_a_matrix_has_a_line_for_each_fault() -> None:
    assert sum('"lies"' in line for line in as_json(as_value(some_proof())).splitlines()) == 1


def test_what_was_not_run_again_stays_as_it_was_published() -> None:
    again = as_value(some_proof(whole=True))
    numbered_otherwise = {**MATRIX, "requirements": MATRIX["requirements"][::-1], "faults": [judging([0])]}

    both = joined(numbered_otherwise, again)

    assert joined(MATRIX, again).keys() == MATRIX.keys()
    assert {row["fault"] for row in joined(MATRIX, again)["faults"]} == FAULTS.keys()
    assert both["blunt"] == MATRIX["blunt"]
    assert [row["judged"] for row in both["faults"] if row["fault"] == LAST] == [[len(scoring()) - 1]]


def test_what_is_tripped_in_other_areas_is_counted() -> None:
    fault = {"names": ["flows.v1-round-trip"], "tripped": {"flows.v2-round-trip": "violates", "comms.x": "violates"}}

    assert elsewhere(fault) == ["comms.x"]


def test_a_fault_meets_what_it_names_and_what_it_touches() -> None:
    fault = next(fault for fault in FAULTS.values() if fault.speaks_http)
    touched = list(scoring())[:FEW]

    assert reached(fault, touched, all_of_it=False) == {*fault.requirements, *touched}


def test_of_much_that_is_touched_elsewhere_a_part_is_met_unless_all_is_asked_for() -> None:
    fault = next(fault for fault in FAULTS.values() if fault.speaks_http)
    part, everything = (reached(fault, scoring(), all_of_it=whole) for whole in (False, True))

    assert {*fault.requirements} < part < everything == scoring().keys()
