"""What is decided beside a target's flows, on the tape of the case: in a replay nobody holds any flows."""

import contextlib
from collections.abc import Iterator
from typing import Final

import httpx

from conformance import tape
from conformance.data import Json
from conformance.live.beside import Beside, NotKept, with_content
from conformance.live.journal import JournalError
from conformance.outcomes import NotTested

ENDS: Final[dict[str, type[BaseException]]] = {
    "NotTested": NotTested,
    "NotKept": NotKept,
    "JournalError": JournalError,
    "AssertionError": AssertionError,
}
"""What can come of a decision besides a value, by its name on the tape."""


class Taped:
    """Decides as `Beside` does, or as it did."""

    def __init__(self, beside: Beside | None) -> None:
        """None where a recording is judged again."""
        self._beside = beside

    def outgoing(self, request: httpx.Request, case: str) -> httpx.Request:
        """The request that is sent in place of this one; raises what Beside does."""
        sent = [request]

        def ask() -> Json:
            with ended() as end:
                sent.append(self._there.outgoing(request, case))
            return end

        raised(tape.decide("outgoing", ask))
        return sent[-1]

    def incoming(self, request: httpx.Request, reply: httpx.Response) -> httpx.Response:
        """The reply as the case sees it; raises what Beside does."""
        seen = [reply]

        def ask() -> Json:
            with ended() as end:
                seen.append(self._there.incoming(request, reply))
            return end or (seen[-1].text if seen[-1] is not reply else None)

        told = tape.decide("incoming", ask)
        if isinstance(told, str):
            return seen[-1] if seen[-1] is not reply else with_content(reply, told.encode("utf-8", "surrogatepass"))
        raised(told)
        return reply

    def looked_again(self) -> str:
        """Why nothing is written any more, once the target was looked at; raises what Beside does."""

        def ask() -> Json:
            why = ""
            with ended() as end:
                why = self._there.looked_again()
            return end or why

        told = tape.decide("looked again", ask)
        raised(told if isinstance(told, list) else [])
        return str(told)

    @property
    def disturbed(self) -> str:
        """Why nothing is written any more."""
        return str(tape.decide("disturbed", lambda: self._there.disturbed))

    @property
    def _there(self) -> Beside:
        if self._beside is None:
            raise tape.Unanswerable("it does not tell what was done beside the flows of the target")
        return self._beside


@contextlib.contextmanager
def ended() -> Iterator[list[str]]:
    """What was raised, in words, empty where nothing was."""
    end: list[str] = []
    try:
        yield end
    except tuple(ENDS.values()) as error:
        name = next(name for name, kind in ENDS.items() if isinstance(error, kind))
        end += [name, str(error)]


def raised(end: Json) -> None:
    """Raise what was raised."""
    if end:
        raise ENDS[end[0]](end[1])
