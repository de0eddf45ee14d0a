"""GET /settings: what a client is told of the runtime, and of who asks."""

from collections.abc import Callable

from conformance import requirement
from conformance.checks import conforms, members
from conformance.client import Admin
from conformance.context import stores_of
from conformance.data import Json
from conformance.look import may_deploy, permissions
from conformance.outcomes import NotApplicable
from conformance.targets import Target

SECRET = frozenset({"adminAuth", "credentialSecret", "httpNodeAuth", "httpStaticAuth", "password"})
"""Settings that hold secrets."""


def settings_of(client: Admin) -> Json:
    """What GET /settings gives this client."""
    reply = client.get("/settings")
    assert reply.status_code == 200
    return conforms(reply, "settings")


@requirement("settings.get-gives-root-and-version")
def test_get_gives_root_and_version(admin: Admin) -> None:
    settings = settings_of(admin)

    assert settings["httpNodeRoot"].startswith("/")
    assert settings["version"][0].isdecimal()


@requirement("settings.user-where-authorization-is-asked-for")
def test_user_where_authorization_is_asked_for(
    admin: Admin, target: Target, client_of: Callable[[str | None], Admin]
) -> None:
    assert ("user" in settings_of(admin)) is target.protected

    if target.protected and "reader" in target.tokens and "whole reader" not in target.untold:
        assert "user" in settings_of(client_of(target.tokens["reader"]))


@requirement("settings.user-is-who-asks")
def test_user_is_who_asks(target: Target, client_of: Callable[[str | None], Admin]) -> None:
    if not target.protected:
        raise NotApplicable("the target asks for no token")

    for role in sorted(role for role in ("admin", "reader") if role in target.tokens):
        if f"whole {role}" in target.untold:
            continue  # who may do less need not be let in here
        settings = settings_of(client_of(target.tokens[role]))
        user = settings.get("user", {})
        assert user.get("username") == target.users.get(role, user.get("username", ""))
        if role == "reader" and role in target.users:  # a ready token may be less than its user
            assert not may_deploy(permissions(settings))
    if target.anonymous:
        assert settings_of(client_of(None)).get("user", {}).get("anonymous") is True


@requirement("settings.permissions-are-a-string")
def test_permissions_are_a_string(admin: Admin, target: Target, seen: Callable[[str], None]) -> None:
    if not target.protected:
        raise NotApplicable("the target asks for no token")

    permissions = settings_of(admin).get("user", {}).get("permissions")

    assert isinstance(permissions, str | list)
    seen("a string, as documented" if isinstance(permissions, str) else "an array, as it can be configured")


@requirement("settings.get-holds-no-secret")
def test_get_holds_no_secret(admin: Admin, target: Target) -> None:
    reply = admin.get("/settings")

    assert reply.status_code == 200
    assert not any(secret in reply.text for secret in target.secrets)
    assert SECRET.isdisjoint(key for key, _ in members(conforms(reply, "settings")))


@requirement("settings.readers-get-the-same")
def test_readers_get_the_same(admin: Admin, whole_reader: Admin) -> None:
    def without_user(client: Admin) -> Json:
        return {key: value for key, value in settings_of(client).items() if key != "user"}

    assert without_user(whole_reader) == without_user(admin)


@requirement("settings.context-names-the-stores")
def test_context_names_the_stores(admin: Admin) -> None:
    stores = stores_of(admin)

    assert stores[0] in settings_of(admin).get("context", {}).get("stores", [])
