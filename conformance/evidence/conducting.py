"""A run of pytest that judges a recording: what came before a case is done as well, in the order of the recording."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest
from _pytest.nodes import Node
from _pytest.runner import runtestprotocol

from conformance import tape
from conformance.evidence.keeping import key_of

if TYPE_CHECKING:
    from conformance.evidence.replaying import Replay


class Conductor:
    """A plugin that runs the cases of a recording as they were run; those that nobody selected say nothing."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.cases: dict[str, pytest.Item] = {}
        self.waiting: list[pytest.Item] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None, None, None]:
        """Keep what was selected of the recording, in its order."""
        self.cases = {key_of(item): item for item in items}
        yield
        selected = {key_of(item) for item in items}
        left = [item for item in items if key_of(item) not in self.replay.by_key]
        self.waiting = [self.cases[case.key] for case in self.replay.recorded.cases if case.key in self.cases]
        items[:] = [item for item in self.waiting if key_of(item) in selected]
        config.hook.pytest_deselected(items=left)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool:
        """Run the case, and before it all that came before it."""
        while (one := self.waiting.pop(0)) is not item:
            self.run(one, log=False)
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        self.run(item, log=True)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def run(self, item: pytest.Item, *, log: bool) -> None:
        """Run a case in its section."""
        kept = self.replay.by_key[key_of(item)]
        if kept.section != self.replay.section:
            self.finish(item.session)
            self.replay.enter(kept.section)
        following: Node | None = self.cases.get(kept.end["following"] or "")
        if following is item:  # that was the same case on the next target, for which fixtures of the module stayed
            following = item.parent
        runtestprotocol(item, log=log, nextitem=following)  # type: ignore[arg-type]  # of which pytest asks the chain

    def finish(self, session: pytest.Session) -> None:
        """Leave a section: what its fixtures still did was after the last of its cases."""
        tape.play(tape.Playing({}))
        with contextlib.suppress(Exception, pytest.skip.Exception):
            session._setupstate.teardown_exact(None)  # noqa: SLF001 - pytest offers no other way to it

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Leave the last section."""
        self.finish(session)
        tape.play(tape.Tape())
