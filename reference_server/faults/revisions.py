"""Faults of the rev: who may overwrite what."""

import asyncio
import hashlib
from collections.abc import Callable

from reference_server.faults.lying import Answer, Ask, Honest, Json, Lie, active_rev, error, fault


def carries_rev(ask: Ask) -> bool:
    """Whether this is a v2 deployment with a rev."""
    return ask.deploys and ask.version == "v2" and isinstance(ask.json, dict) and "rev" in ask.json


@fault("flows.deploy-rev-is-the-rev-that-get-gives")
async def gives_another_rev_for_a_deployment(ask: Ask, honest: Honest) -> Answer:
    """The rev in the reply to a deployment is not the one that GET /flows gives."""
    answer = await honest(ask)
    if ask.deploys and answer.status == 200 and isinstance(answer.json, dict):
        return answer.with_json({"rev": hashlib.sha256(str(answer.json["rev"]).encode()).hexdigest()})
    return answer


@fault("flows.matching-rev-deploys")
async def refuses_every_rev(ask: Ask, honest: Honest) -> Answer:
    """A deployment that carries a rev is refused with 409, whatever the rev."""
    return error(409, "version_mismatch") if carries_rev(ask) else await honest(ask)


@fault("flows.stale-rev-refused", "flows.unknown-rev-refused", "flows.stale-rev-refused-for-every-type")
async def takes_any_rev(ask: Ask, honest: Honest) -> Answer:
    """A deployment is accepted whatever its rev."""
    return await honest(ask.without_rev() if carries_rev(ask) else ask)


@fault("flows.stale-rev-refused", "flows.unknown-rev-refused", "flows.v1-deploy-changes-the-rev")
async def deploys_what_it_refuses_for_its_rev(ask: Ask, honest: Honest) -> Answer:
    """An outdated rev is refused with 409, and the flows deployed all the same."""
    answer = await honest(ask)
    if answer.status == 409:
        await honest(ask.without_rev())
    return answer


@fault("flows.stale-rev-refused", "flows.stale-rev-error")
async def refuses_a_stale_rev_with_400(ask: Ask, honest: Honest) -> Answer:
    """An outdated rev is refused with 400."""
    answer = await honest(ask)
    return error(400, "version_mismatch") if answer.status == 409 else answer


@fault("flows.stale-rev-refused")
async def takes_a_stale_rev_that_is_tried_twice(ask: Ask, honest: Honest) -> Answer:
    """An outdated rev is refused the first time, and accepted the second."""
    answer = await honest(ask)
    refused = ask.memory.setdefault("refused", [])
    if answer.status == 409 and ask.rev in refused:
        return await honest(ask.without_rev())
    if answer.status == 409:
        refused.append(ask.rev)
    return answer


@fault("flows.stale-rev-refused")
async def takes_a_stale_rev_for_no_flows(ask: Ask, honest: Honest) -> Answer:
    """A deployment of no nodes is accepted whatever its rev."""
    return await honest(ask.without_rev() if carries_rev(ask) and ask.nodes == [] else ask)


@fault("flows.stale-rev-refused-for-every-type")
async def checks_the_rev_of_full_deployments_only(ask: Ask, honest: Honest) -> Answer:
    """The rev of a deployment of the type nodes or flows is not looked at."""
    return await honest(ask.without_rev() if carries_rev(ask) and ask.type in ("nodes", "flows") else ask)


@fault("flows.stale-rev-error", "flows.stale-rev-code")
async def refuses_a_stale_rev_without_a_body(ask: Ask, honest: Honest) -> Answer:
    """The refusal of an outdated rev has no body."""
    answer = await honest(ask)
    return Answer(409) if answer.status == 409 else answer


@fault("flows.stale-rev-code")
async def has_another_code_for_a_stale_rev(ask: Ask, honest: Honest) -> Answer:
    """The refusal of an outdated rev has the code conflict."""
    answer = await honest(ask)
    return error(409, "conflict") if answer.status == 409 else answer


@fault("flows.unknown-rev-refused")
async def refuses_only_revs_that_it_knows(ask: Ask, honest: Honest) -> Answer:
    """A rev that the server never gave forces its way."""
    if carries_rev(ask) and isinstance(ask.rev, str) and len(ask.rev) not in (0, 63, 64):
        return await honest(ask.without_rev())
    return await honest(ask)


async def forcing_known_revs(ask: Ask, honest: Honest, forcing: slice) -> Answer:
    """The answer that lets some of the revs that deployments gave so far force their way."""
    revs = ask.memory.setdefault("revs", [])
    if carries_rev(ask) and ask.rev in revs[forcing]:
        ask = ask.without_rev()
    answer = await honest(ask)
    if ask.posts and isinstance(answer.json, dict) and "rev" in answer.json:
        revs.append(answer.json["rev"])
    return answer


@fault("flows.second-last-rev-refused")
async def takes_the_last_rev_but_one(ask: Ask, honest: Honest) -> Answer:
    """The rev before the last one is accepted as well."""
    return await forcing_known_revs(ask, honest, slice(-2, None))


@fault("flows.second-last-rev-refused")
async def knows_the_last_three_revs(ask: Ask, honest: Honest) -> Answer:
    """A rev that is older than the last three forces its way."""
    return await forcing_known_revs(ask, honest, slice(None, -3))


@fault("flows.second-last-rev-refused")
async def checks_no_rev_after_a_reload(ask: Ask, honest: Honest) -> Answer:
    """The first deployment after a reload is accepted whatever its rev."""
    reloaded = ask.memory.get("reloaded", False)
    if ask.posts:
        ask.memory["reloaded"] = ask.reloads
    return await honest(ask.without_rev() if reloaded and carries_rev(ask) else ask)


@fault("flows.stale-rev-refused")
async def takes_a_stale_rev_for_the_active_flows(ask: Ask, honest: Honest) -> Answer:
    """A deployment of the flows that are active is accepted whatever its rev."""
    if carries_rev(ask) and ask.nodes == (await honest(ask.reading("v1"))).json:
        return await honest(ask.without_rev())
    return await honest(ask)


def omits_where(wrong: Callable[[Json, str], bool], name: str, text: str) -> Lie:
    """The lie that takes a rev for omitted where the rule says so, given the rev and the active one."""

    async def lie(ask: Ask, honest: Honest) -> Answer:
        if carries_rev(ask) and wrong(ask.rev, await active_rev(ask, honest)):
            return await honest(ask.without_rev())
        return await honest(ask)

    lie.__name__ = name
    lie.__doc__ = text
    return lie


for promise, rule, name, text in (
    ("empty-rev-refused", lambda rev, _: rev == "", "takes_an_empty_rev_for_omitted", "An empty rev forces its way."),
    ("null-rev-refused", lambda rev, _: rev is None, "takes_null_for_omitted", "A rev of null forces its way."),
    (
        "number-as-rev-refused",
        lambda rev, _: isinstance(rev, int) and not isinstance(rev, bool),
        "takes_a_number_for_omitted",
        "A rev that is a number forces its way.",
    ),
    (
        "rev-of-another-type-refused",
        lambda rev, _: isinstance(rev, bool | dict | list),
        "takes_any_value_that_is_no_text_for_omitted",
        "A rev that is true, false, an object or an array forces its way.",
    ),
    (
        "padded-rev-refused",
        lambda rev, active: isinstance(rev, str) and rev.strip() == active,
        "trims_revs",
        "Blanks around a rev are not looked at.",
    ),
    (
        "unknown-rev-refused",
        lambda rev, active: isinstance(rev, str) and len(rev) == len(str(active)) and rev[1:] == str(active)[1:],
        "compares_revs_from_the_second_character_on",
        "The first character of a rev is not looked at.",
    ),
    (
        "rev-in-other-case-refused",
        lambda rev, active: str(rev).lower() == str(active).lower(),
        "compares_revs_without_case",
        "A rev in another case counts as the active one.",
    ),
    (
        "shortened-rev-refused",
        lambda rev, active: rev and str(active).startswith(str(rev)),
        "compares_as_much_of_a_rev_as_is_given",
        "The beginning of the active rev counts as the active one.",
    ),
):
    fault(f"flows.{promise}")(omits_where(rule, name, text))


@fault("flows.omitted-rev-forces")
async def refuses_to_force_over_other_flows(ask: Ask, honest: Honest) -> Answer:
    """A v2 deployment without a rev is refused with 409 where flows are active."""
    if ask.nodes and ask.version == "v2" and not carries_rev(ask) and (await honest(ask.reading("v1"))).json:
        return error(409, "version_mismatch")
    return await honest(ask)


@fault("flows.changed-flows-change-the-rev")
async def makes_the_rev_of_the_ids_alone(ask: Ask, honest: Honest) -> Answer:
    """Flows with the same ids have the same rev."""
    if carries_rev(ask):
        active = (await honest(ask.reading())).json
        ask = ask.with_json({**ask.json, "rev": active["rev"] if ask.rev == of_ids(active["flows"]) else "outdated"})
    answer = await honest(ask)
    if (ask.reads or ask.posts) and isinstance(answer.json, dict) and "rev" in answer.json:
        active = (await honest(ask.reading("v1"))).json
        return answer.with_json({**answer.json, "rev": of_ids(active)})
    return answer


def of_ids(nodes: list[Json]) -> str:
    """A rev that only the ids decide."""
    return hashlib.sha256("".join(str(node.get("id")) for node in nodes).encode()).hexdigest()


@fault("flows.v1-deploy-changes-the-rev")
async def forgets_the_rev_at_a_v1_deployment(ask: Ask, honest: Honest) -> Answer:
    """After a deployment under v1 the rev from before it is accepted."""
    before = ask.memory.setdefault("before", [])
    if ask.nodes and ask.version == "v1":
        before.append(await active_rev(ask, honest))
    if carries_rev(ask) and ask.rev in before[-1:]:
        ask = ask.without_rev()
    return await honest(ask)


@fault("flows.one-of-simultaneous-deploys-wins")
async def checks_the_rev_long_before_it_deploys(ask: Ask, honest: Honest) -> Answer:
    """Deployments at once all find the rev that they carry, before the first of them has changed it."""
    if not carries_rev(ask):
        return await honest(ask)
    if ask.rev != await active_rev(ask, honest):
        return error(409, "version_mismatch")
    await asyncio.sleep(0.02)
    return await honest(ask.without_rev())


@fault("flows.one-of-simultaneous-deploys-wins")
async def refuses_all_deployments_that_come_at_once(ask: Ask, honest: Honest) -> Answer:
    """Deployments at once are all refused with 409."""
    ask.memory["open"] = ask.memory.get("open", 0) + 1
    try:
        if carries_rev(ask):
            await asyncio.sleep(0.02)
            if ask.memory["open"] > 1:
                await asyncio.sleep(0.02)
                return error(409, "version_mismatch")
        return await honest(ask)
    finally:
        ask.memory["open"] -= 1


@fault("flows.one-of-simultaneous-deploys-wins")
async def locks_full_deployments_only(ask: Ask, honest: Honest) -> Answer:
    """Deployments of the type nodes or flows at once all find the rev that they carry."""
    if carries_rev(ask) and ask.type != "full":
        return await checks_the_rev_long_before_it_deploys(ask, honest)
    return await honest(ask)
