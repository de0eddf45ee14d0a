"""Faults of what the server says of itself: to some alone, as it was once, or in another form than it has."""

from typing import Final

from reference_server.faults.diagnostics import of_runtime, reporting
from reference_server.faults.lying import Answer, Ask, Honest, Json, fault
from reference_server.faults.settings import asks_settings, keeps_settings, telling, without

USER_SETTINGS: Final = "/settings/user"


def may_only_read(settings: Json) -> bool:
    """Whether who asks for the settings may only read."""
    return bool(settings.get("user", {}).get("permissions") == "read")


def with_enabled(settings: Json, name: str, *, enabled: bool) -> Json:
    """The settings with something that is said to be offered, or not to be."""
    return {**settings, name: {**settings[name], "enabled": enabled}}


telling(
    "forgets_users_who_may_only_read",
    lambda settings, _: without(settings, "user") if may_only_read(settings) else settings,
    "GET /settings does not say who asks to who may only read.",
    "settings.user-where-authorization-is-asked-for",
)
telling(
    "tells_readers_that_nothing_can_be_stopped",
    lambda settings, _: with_enabled(settings, "runtimeState", enabled=not may_only_read(settings)),
    "GET /settings says to who may only read that the flows cannot be stopped.",
    "settings.readers-get-the-same",
)
telling(
    "lists_stores_without_a_default",
    lambda settings, _: {**settings, "context": settings["context"]["stores"]},
    "GET /settings gives the context stores as an array.",
    "settings.context-names-the-stores",
)
telling(
    "says_that_it_reports_nothing",
    lambda settings, _: with_enabled(settings, "diagnostics", enabled=False),
    "GET /diagnostics succeeds, although GET /settings says that it is not there.",
    "diagnostics.offered-where-settings-say-so",
)


@fault("settings.user-is-who-asks")
async def takes_everybody_for_who_asked_first(ask: Ask, honest: Honest) -> Answer:
    """GET /settings says to everybody that they are the user who asked first."""
    answer = await honest(ask)
    if asks_settings(ask) and answer.status == 200:
        return answer.with_json({**answer.json, "user": ask.memory.setdefault("user", answer.json.get("user"))})
    return answer


@fault("settings.user-settings-are-merged")
async def forgets_settings_that_are_not_named(ask: Ask, honest: Honest) -> Answer:
    """POST /settings/user removes every setting that it does not name."""
    if not keeps_settings(ask) or not isinstance(ask.json, dict):
        return await honest(ask)
    kept: set[str] = ask.memory.setdefault("names", set())
    kept.update(ask.json)
    return await honest(ask.with_json({**dict.fromkeys(kept), **ask.json}))


@fault("settings.null-removes-a-user-setting")
async def gives_null_for_what_was_removed(ask: Ask, honest: Honest) -> Answer:
    """GET /settings/user gives null for what was removed inside a setting."""
    answer, removed = await honest(ask), ask.memory.setdefault("removed", set())
    if keeps_settings(ask) and isinstance(ask.json, dict):
        removed |= {(key, name) for key in ask.json for name in nulls(ask.json[key])}
    if ask.method != "GET" or ask.path != USER_SETTINGS or answer.status != 200:
        return answer
    told = answer.json
    for key, name in removed:
        if isinstance(told.get(key), dict):
            told[key].setdefault(name)
    return answer.with_json(told)


def nulls(settings: Json) -> list[str]:
    """What is null inside a setting."""
    return [name for name in settings if settings[name] is None] if isinstance(settings, dict) else []


@fault("settings.user-settings-are-each-users-own")
async def keeps_user_settings_for_the_others(ask: Ask, honest: Honest) -> Answer:
    """POST /settings/user keeps what it is given for every other user."""
    user, kept = ask.headers.get("authorization"), ask.memory.setdefault("kept", {})
    if keeps_settings(ask):
        kept[user] = ask.json
        return Answer(204)
    answer = await honest(ask)
    others = [settings for other, settings in kept.items() if other != user]
    if ask.path == USER_SETTINGS and answer.status == 200 and others:
        return answer.with_json({**answer.json, **others[-1]})
    return answer


reporting(
    "says_how_much_it_tells_by_a_number",
    lambda report, _: {**report, "scope": 1},
    "GET /diagnostics gives a number for its scope.",
    "diagnostics.names-itself",
)
reporting(
    "reports_the_version_in_parts",
    lambda report, _: of_runtime(report, version=dict(zip(("major", "minor", "patch"), (5, 0, 7), strict=True))),
    "GET /diagnostics gives the version of the runtime as an object.",
    "diagnostics.version-is-that-of-the-settings",
)
reporting(
    "reports_its_start_in_words",
    lambda report, _: of_runtime(report, isStarted="yes"),
    "GET /diagnostics says in words that the runtime has started.",
    "diagnostics.runtime-is-started",
)
reporting(
    "reports_modules_without_itself",
    lambda report, _: of_runtime(report, modules=without(report["runtime"]["modules"], "node-red")),
    "GET /diagnostics leaves `node-red` out of the modules.",
    "diagnostics.modules-name-their-versions",
)
reporting(
    "reports_running_flows_always",
    lambda report, _: of_runtime(report, flows={"state": "start", "started": True}),
    "GET /diagnostics gives stopped flows as running.",
    "diagnostics.state-is-that-of-the-flows",
)
