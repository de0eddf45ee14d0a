"""What the suite notes of a target before it writes there, what it knows for its own, and what it finds changed."""

import contextlib
import json
import subprocess
import sys
from typing import Any

import pytest

from conformance.data import Json
from conformance.live.journal import Held, Journal, JournalError, Notes, place, read
from conformance.live.own import Own
from conformance.live.snapshot import Snapshot
from conformance.selftest.running import ROOT


def test_lock_ends_with_its_process() -> None:
    code = "import os\nfrom conformance.live.journal import Journal\nJournal('http://x').begin('one', {})\nos._exit(9)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)  # noqa: S603 - our own

    journal = Journal("http://x")

    entries = journal.entries()
    assert entries is not None
    assert entries.header["run"] == "one"
    with pytest.raises(Held, match="run one is there"):
        Journal("http://x")
    journal.close()


def test_journal_that_was_cut_off_tells_what_was_sent() -> None:
    journal = Journal("http://x")
    journal.begin("one", {"flows": []})
    with contextlib.closing(Notes(journal.path)) as notes:
        notes.note(ids=["a"], label="A")
    with place("http://x").open("a") as file:
        file.write('{"ids": ["b"')

    entries = journal.entries()

    journal.close()
    assert entries is not None
    assert entries.own == Own({"a"}, {"A"})


def test_journal_of_another_format_is_left_to_its_own_suite() -> None:
    place("http://x").parent.mkdir(parents=True)
    place("http://x").write_text(json.dumps({"format": 99}) + "\n")

    with pytest.raises(JournalError, match="another version"):
        read(place("http://x"))


def node(name: str, **more: Any) -> Json:
    """A node."""
    return {"id": name, "type": "debug", **more}


def test_own_nodes_are_known_by_id_label_and_place() -> None:
    own = Own({"x1", "c0f0123"}, {"Ours"})
    there = [
        {"id": "made-by-the-target", "type": "tab", "label": "Ours"},
        node("inside", z="made-by-the-target"),
        node("deeper", z="inside"),
        node("c0f0123"),
        node("theirs"),
    ]

    assert own.of(there, ()) == {"made-by-the-target", "inside", "deeper", "c0f0123"}
    assert own.of(there, ["c0f0123", "made-by-the-target"]) == set()


def test_differences_are_told() -> None:
    before = Snapshot([node("a"), node("b")], "1", {}, {"set": True}, {"m": "1"}, "start", {})
    after = Snapshot([node("b", x=1), node("c")], "2", {}, {"set": False}, {"m": "1"}, "stop", {})

    assert list(before.differences(before)) == []
    assert list(before.differences(after)) == [
        "1 nodes are missing: a",
        "1 nodes are new: c",
        "1 nodes are changed: b",
        "1 node sets are otherwise: set",
        "the flows were 'start', and are 'stop'",
    ]
