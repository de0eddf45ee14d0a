"""More faults of who is let in: what is refused is told all the same, or refused in another way, or told in part."""

from typing import Final

from reference_server.faults.authorization import as_administrator, by_administrator, remembering
from reference_server.faults.library import FLOWS
from reference_server.faults.line import DEPLOYED, Line, comms_fault
from reference_server.faults.lying import Answer, Ask, Honest, Json, error, fault

GUARDED: Final = ("icons.list-without-token-refused", "library.without-token-refused")
"""What catches that a list is told to whoever has no token."""


def lists(ask: Ask) -> bool:
    """Whether this asks for the icons, or for what is in the library's first folder."""
    return ask.method == "GET" and ask.path.rstrip("/") in ("/icons", FLOWS)


@fault(*GUARDED)
async def tells_lists_with_its_refusal(ask: Ask, honest: Honest) -> Answer:
    """GET /icons and GET /library without a token are refused with 401, and the list is in the body."""
    answer = await remembering(ask, honest)
    if lists(ask) and answer.status == 401:
        return Answer(401, body=(await as_administrator(ask, honest)).body)
    return answer


@fault(*GUARDED)
async def answers_403_to_who_has_no_token(ask: Ask, honest: Honest) -> Answer:
    """GET /icons and GET /library without a token are refused with 403."""
    answer = await honest(ask)
    return error(403, "forbidden") if lists(ask) and answer.status == 401 else answer


@fault("icons.reader-reads-the-list")
async def lists_one_icon_of_each_module_to_readers(ask: Ask, honest: Honest) -> Answer:
    """GET /icons gives a user who may only read the first icon of each module."""
    answer = await remembering(ask, honest)
    if ask.path == "/icons" and answer.status == 200 and not by_administrator(ask):
        return answer.with_json({module: names[:1] for module, names in answer.json.items()})
    return answer


@fault("icons.reader-reads-the-list")
async def wants_all_permissions_for_icons(ask: Ask, honest: Honest) -> Answer:
    """GET /icons needs the permission to do everything."""
    answer = await remembering(ask, honest)
    return Answer(401) if ask.path == "/icons" and not by_administrator(ask) else answer


@comms_fault("comms.nothing-told-before-a-token")
class TellsWhoHasNotSpoken(Line):
    """Whoever has said nothing yet is told that something was deployed, and not what."""

    spoken = False

    async def said(self, value: Json) -> None:
        """Note that the client speaks."""
        self.spoken = True
        await super().said(value)

    async def announced(self, message: Json) -> None:
        """To this client, and to those who have not spoken."""
        await super().announced(message)
        for line in self.lines:
            if isinstance(line, TellsWhoHasNotSpoken) and not line.spoken:
                await line.tell([{"topic": DEPLOYED, "data": {}}])
