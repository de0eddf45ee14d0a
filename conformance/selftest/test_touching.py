"""Which requirements a fault can touch, told from what was asked and answered where nobody lied."""

import asyncio
import json
from dataclasses import replace
from typing import Final

import pytest

from conformance.selftest.proof.touching import Exchanged, touched
from reference_server.faults import Fault
from reference_server.faults.lying import Answer, Ask, Honest, Lie, active_rev

FLOWS: Final = [{"id": "1", "type": "tab"}]


def reply(rev: str) -> dict[str, Answer]:
    """What is read of the flows."""
    return {"v1": Answer(200).with_json(FLOWS), "v2": Answer(200).with_json({"rev": rev, "flows": FLOWS})}


def deployed(rev: str = "a", requirement: str = "flows.full-deploys") -> Exchanged:
    """A deployment that succeeded."""
    headers = {"node-red-api-version": "v2", "content-type": "application/json", "authorization": "Bearer t"}
    ask = Ask("POST", "/flows", "", headers, json.dumps({"flows": FLOWS, "rev": rev}).encode(), {}, "/flows")
    return Exchanged(requirement, ask, Answer(200).with_json({"rev": rev + "b"}), reply(rev), reply(rev + "b"))


async def hands_on(ask: Ask, honest: Honest) -> Answer:
    return await honest(ask)


async def writes_the_same_in_another_way(ask: Ask, honest: Honest) -> Answer:
    answer = await honest(ask.with_json({"flows": ask.json["flows"], "rev": ask.rev}))
    return replace(answer, body=json.dumps(answer.json, indent=2).encode())


async def reads_the_rev_before_and_after(ask: Ask, honest: Honest) -> Answer:
    before, answer, after = await active_rev(ask, honest), await honest(ask), await active_rev(ask, honest)
    return answer if after == before + "b" else Answer(500)


async def answers_otherwise(ask: Ask, honest: Honest) -> Answer:
    return replace(await honest(ask), status=204)


async def asks_for_something_else(ask: Ask, honest: Honest) -> Answer:
    await honest(replace(ask, method="DELETE", path="/flow/1"))
    return await honest(ask)


async def asks_otherwise(ask: Ask, honest: Honest) -> Answer:
    return await honest(ask.without_rev())


async def asks_twice(ask: Ask, honest: Honest) -> Answer:
    await honest(ask)
    return await honest(ask)


async def asks_nobody(ask: Ask, _: Honest) -> Answer:
    return Answer(200).with_json({"rev": ask.rev + "b"})


async def takes_its_time(ask: Ask, honest: Honest) -> Answer:
    await asyncio.sleep(0)
    return await honest(ask)


async def breaks(_: Ask, __: Honest) -> Answer:
    raise ZeroDivisionError


async def lies_the_second_time(ask: Ask, honest: Honest) -> Answer:
    again = ask.memory.setdefault("again", [])
    again.append(ask)
    return Answer(500) if len(again) == 2 else await honest(ask)


def of(lie: Lie) -> Fault:
    """The fault that lies like this."""
    return Fault("lie", "", (), lie)


@pytest.mark.parametrize("lie", [hands_on, writes_the_same_in_another_way, reads_the_rev_before_and_after])
def test_what_is_the_same_in_meaning_is_not_touched(lie: Lie) -> None:
    assert touched(of(lie), [deployed()]) == set()


@pytest.mark.parametrize(
    "lie",
    [
        answers_otherwise,
        asks_for_something_else,
        asks_otherwise,
        asks_twice,
        asks_nobody,
        takes_its_time,
        breaks,
    ],
)
def test_whatever_is_asked_or_answered_otherwise_is_touched(lie: Lie) -> None:
    assert touched(of(lie), [deployed()]) == {"flows.full-deploys"}


def test_what_is_touched_the_second_time_is_touched() -> None:
    same_again = [deployed(), deployed(requirement="flows.nodes-deploys")]

    assert touched(of(lies_the_second_time), same_again) == {"flows.nodes-deploys"}


def test_of_much_that_is_the_same_nothing_more_is_asked_than_twice() -> None:
    asked: list[Ask] = []

    async def counts(ask: Ask, honest: Honest) -> Answer:
        asked.append(ask)
        return await honest(ask)

    touched(of(counts), [deployed() for _ in range(5)] + [deployed("other")])

    assert len(asked) == 3
