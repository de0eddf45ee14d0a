"""Faults of what a client is told before anything else, and of what the editor keeps for each user."""

from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.lying import Answer, Ask, Honest, Json, Lie, fault


def asks_settings(ask: Ask) -> bool:
    """Whether this is GET /settings."""
    return ask.method == "GET" and ask.path == "/settings"


def keeps_settings(ask: Ask) -> bool:
    """Whether this is POST /settings/user."""
    return ask.method == "POST" and ask.path == "/settings/user"


def telling(name: str, change: Callable[[Json, Ask], Json], text: str, *requirements: str) -> Lie:
    """Register a fault that changes what GET /settings gives."""

    async def lie(ask: Ask, honest: Honest) -> Answer:
        answer = await honest(ask)
        return answer.with_json(change(answer.json, ask)) if asks_settings(ask) and answer.status == 200 else answer

    lie.__name__, lie.__doc__ = name, text
    return fault(*requirements)(lie)


def without(settings: Json, *keys: str) -> Json:
    """The settings without these."""
    return {key: value for key, value in settings.items() if key not in keys}


telling(
    "forgets_the_version",
    lambda settings, _: without(settings, "version"),
    "GET /settings gives no version.",
    "settings.get-gives-root-and-version",
)
telling(
    "gives_a_version_that_is_none",
    lambda settings, _: {**settings, "version": "latest"},
    "GET /settings gives the version `latest`.",
    "settings.get-gives-root-and-version",
)
telling(
    "gives_a_root_that_is_no_path",
    lambda settings, _: {**settings, "httpNodeRoot": "red"},
    "GET /settings gives an httpNodeRoot without a slash.",
    "settings.get-gives-root-and-version",
)
telling(
    "forgets_the_user",
    lambda settings, _: without(settings, "user"),
    "GET /settings does not say who asks.",
    "settings.user-where-authorization-is-asked-for",
)
telling(
    "takes_everybody_for_the_admin",
    lambda settings, _: {**settings, "user": {"username": "admin", "permissions": "*"}},
    "GET /settings says to everybody that they are the administrator.",
    "settings.user-is-who-asks",
)
telling(
    "tells_settings_with_the_token",
    lambda settings, ask: {**settings, "session": ask.headers.get("authorization", "").rpartition(" ")[2]},
    "GET /settings repeats the token.",
    "settings.get-holds-no-secret",
)
telling(
    "tells_the_credential_secret",
    lambda settings, _: {**settings, "editorTheme": {"projects": {"credentialSecret": "made up"}}},
    "GET /settings gives the key of the credentials.",
    "settings.get-holds-no-secret",
)
telling(
    "tells_readers_less",
    lambda settings, _: without(settings, "editorTheme") if settings["user"]["permissions"] == "read" else settings,
    "GET /settings gives the editor's theme to who may write.",
    "settings.readers-get-the-same",
)
telling(
    "names_a_default_store_that_is_none",
    lambda settings, _: {**settings, "context": {**settings["context"], "default": "memory"}},
    "The default context store in GET /settings is not among the stores.",
    "settings.context-names-the-stores",
)


@fault("settings.posted-user-settings-are-kept")
async def forgets_user_settings(ask: Ask, honest: Honest) -> Answer:
    """POST /settings/user answers 204 and keeps nothing."""
    return Answer(204) if keeps_settings(ask) else await honest(ask)


@fault("settings.posted-user-settings-are-kept")
async def keeps_the_first_user_settings(ask: Ask, honest: Honest) -> Answer:
    """POST /settings/user keeps what it is given first, and nothing later but that something goes."""
    if keeps_settings(ask) and b"null" not in ask.body and ask.memory.setdefault("kept", ask.body) != ask.body:
        return Answer(204)
    return await honest(ask)


@fault("settings.user-settings-are-merged")
async def replaces_user_settings(ask: Ask, honest: Honest) -> Answer:
    """POST /settings/user replaces every setting that it names whole."""
    if keeps_settings(ask):
        await honest(ask.with_json(dict.fromkeys(ask.json)))
    return await honest(ask)


@fault("settings.null-removes-a-user-setting")
async def ignores_null_in_user_settings(ask: Ask, honest: Honest) -> Answer:
    """POST /settings/user with null inside a setting leaves what is there."""
    inside = keeps_settings(ask) and b"null" in ask.body and None not in ask.json.values()
    return Answer(204) if inside else await honest(ask)


@fault("settings.user-settings-are-each-users-own")
async def shares_user_settings(ask: Ask, honest: Honest) -> Answer:
    """GET /settings/user gives everybody what was kept last."""
    if keeps_settings(ask):
        ask.memory["headers"] = dict(ask.headers)
    elif ask.path == "/settings/user" and "headers" in ask.memory:
        return await honest(replace(ask, headers={"authorization": ask.memory["headers"]["authorization"]}))
    return await honest(ask)
