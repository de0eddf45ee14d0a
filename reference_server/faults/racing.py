"""Faults that show only where several clients read and deploy at once."""

import asyncio
from dataclasses import replace

from reference_server.faults.lying import Answer, Ask, Honest, active_rev, error, fault
from reference_server.faults.revisions import carries_rev

MOMENT = 0.02
"""Seconds that a server takes too long for something."""

TURNS = ("concurrency.turns-explain-what-all-are-told", "concurrency.turns-explain-forced-deploys")
"""What the search for turns catches."""


@fault(
    "concurrency.turns-explain-what-all-are-told",
    "concurrency.of-all-types-at-once-one-wins",
    "concurrency.of-identical-deploys-one-wins",
)
async def deploys_a_moment_after_it_checked_the_rev(ask: Ask, honest: Honest) -> Answer:
    """A deployment is checked when it comes, and accepted a moment later whatever was deployed meanwhile."""
    if not carries_rev(ask):
        return await honest(ask)
    before = (await honest(ask.reading())).json
    if ask.rev != before["rev"]:
        return error(409, "version_mismatch")
    await asyncio.sleep(MOMENT)
    return await honest(ask.without_rev())


@fault("concurrency.turns-explain-what-all-are-told", "concurrency.of-all-types-at-once-one-wins")
async def takes_two_of_one_rev_within_a_moment(ask: Ask, honest: Honest) -> Answer:
    """A second deployment with the rev of the first one is accepted where it comes soon after."""
    answer = await honest(ask)
    now, (rev, until) = asyncio.get_running_loop().time(), ask.memory.get("taken", (None, 0.0))
    if carries_rev(ask) and answer.status == 409 and ask.rev == rev and now < until:
        ask.memory["taken"] = (None, 0.0)
        return await honest(ask.without_rev())
    if carries_rev(ask) and answer.status == 200:
        ask.memory["taken"] = (ask.rev, now + MOMENT)
    return answer


@fault("concurrency.of-all-types-at-once-one-wins")
async def locks_deployments_of_each_type_apart(ask: Ask, honest: Honest) -> Answer:
    """Of deployments at once with one rev, the first of each type is accepted."""
    taken = ask.memory.setdefault("taken", {})
    answer = await honest(ask)
    if carries_rev(ask) and answer.status == 409 and taken.get(ask.type) != ask.rev == ask.memory.get("last"):
        answer = await honest(ask.without_rev())
    if ask.deploys and answer.status == 200 and ask.rev is not None:
        taken[ask.type] = ask.memory["last"] = ask.rev
    return answer


@fault("concurrency.of-identical-deploys-one-wins")
async def takes_a_deployment_that_is_active_already(ask: Ask, honest: Honest) -> Answer:
    """A deployment of the active flows is accepted whatever its rev."""
    answer = await honest(ask)
    if carries_rev(ask) and answer.status == 409 and ask.nodes == (await honest(ask.reading("v1"))).json:
        return await honest(ask.without_rev())
    return answer


@fault(
    "concurrency.turns-explain-what-all-are-told",
    "concurrency.of-all-types-at-once-one-wins",
    "concurrency.of-identical-deploys-one-wins",
)
async def refuses_all_who_deploy_while_another_does(ask: Ask, honest: Honest) -> Answer:
    """Where two deploy in the same moment, both are told of a conflict, though nobody has deployed."""
    if not carries_rev(ask):
        return await honest(ask)
    ask.memory["busy"] = busy = ask.memory.get("busy", 0) + 1
    await asyncio.sleep(MOMENT)
    crowded = ask.memory["busy"] > busy or busy > 1
    await asyncio.sleep(MOMENT)
    ask.memory["busy"] -= 1
    return error(409, "version_mismatch") if crowded else await honest(ask)


@fault("concurrency.turns-explain-forced-deploys", "concurrency.forced-deploy-makes-a-conflict")
async def forgets_the_rev_at_a_forced_deployment(ask: Ask, honest: Honest) -> Answer:
    """The rev from before a deployment without one is accepted after it."""
    before = ask.memory.setdefault("before", [])
    if ask.nodes is not None and not carries_rev(ask):
        before.append(await active_rev(ask, honest))
    return await honest(ask.without_rev() if carries_rev(ask) and ask.rev in before[-2:] else ask)


@fault(
    "concurrency.turns-explain-what-all-are-told",
    "concurrency.accepted-deploy-is-read-by-all",
    "concurrency.forced-deploy-makes-a-conflict",
)
async def reads_from_a_copy_that_lags_behind(ask: Ask, honest: Honest) -> Answer:
    """The first who read after a deployment are given what was active before it."""
    if ask.posts:
        before = {version: (await honest(ask.reading(version))).body for version in ("v1", "v2")}
        answer = await honest(ask)
        if answer.status < 300:
            ask.memory.update(before, lagging=3)
        return answer
    answer = await honest(ask)
    if ask.reads and ask.memory.get("lagging") and answer.status == 200:
        ask.memory["lagging"] -= 1
        return replace(answer, body=ask.memory[ask.version])
    return answer


@fault("concurrency.accepted-deploy-is-read-by-all")
async def deploys_a_moment_after_it_answered(ask: Ask, honest: Honest) -> Answer:
    """A deployment without a rev is answered with its rev, and active a moment later."""
    if ask.nodes is None or ask.version != "v2" or carries_rev(ask):
        return await honest(ask)
    before = (await honest(ask.reading())).json["flows"]
    answer = await honest(ask)
    back = ask.with_nodes(before)
    await honest(back)

    async def later() -> None:
        await asyncio.sleep(MOMENT)
        await honest(ask)

    ask.memory.setdefault("tasks", []).append(asyncio.ensure_future(later()))
    return answer


@fault("concurrency.turns-explain-forced-deploys")
async def answers_with_the_rev_of_whoever_came_last(ask: Ask, honest: Honest) -> Answer:
    """The rev in the reply to a deployment is that of the flows that are active when the reply is written."""
    answer = await honest(ask)
    if ask.posts and isinstance(answer.json, dict) and "rev" in answer.json:
        await asyncio.sleep(MOMENT)
        return answer.with_json({"rev": await active_rev(ask, honest)})
    return answer


@fault("concurrency.one-of-forced-deploys-stays-whole")
async def refuses_to_force_while_another_forces(ask: Ask, honest: Honest) -> Answer:
    """Of forced deployments at once all but one are refused with 409."""
    if ask.nodes is None or carries_rev(ask):
        return await honest(ask)
    if ask.memory.get("forcing"):
        return error(409, "version_mismatch")
    ask.memory["forcing"] = True
    await asyncio.sleep(MOMENT)
    ask.memory["forcing"] = False
    return await honest(ask)


@fault("concurrency.one-of-forced-deploys-stays-whole")
async def merges_deployments_that_come_at_once(ask: Ask, honest: Honest) -> Answer:
    """Of forced deployments at once each contributes some of the nodes."""
    if ask.nodes is None or carries_rev(ask) or ask.version != "v2":
        return await honest(ask)
    before = ask.memory.get("nodes", ask.nodes)
    ask.memory["nodes"] = ask.nodes
    ask.memory["busy"] = ask.memory.get("busy", 0) + 1
    await asyncio.sleep(MOMENT)
    crowded = ask.memory["busy"] > 1
    await asyncio.sleep(MOMENT)
    ask.memory["busy"] -= 1
    half = len(ask.nodes) // 2
    return await honest(ask.with_nodes([*ask.nodes[:half], *before[half:]]) if crowded else ask)
