"""The scope of a token: what may be asked for at login, and what its holder may do then."""

from collections.abc import Callable

import pytest

from conformance import requirement
from conformance.client import V1, V2, Admin, Deployment
from conformance.data import flows
from conformance.logins import LogIn, User, bearer, gives_no_token, token_in
from conformance.outcomes import NotApplicable
from conformance.targets import Target

ROUTES = {"flows.read": "/flows", "nodes.read": "/nodes", "settings.read": "/settings"}
"""A route for each of some permissions."""


Deploy = Callable[[str], set[int]]
"""Tries to change the flows with a token, and gives the statuses."""


@pytest.fixture
def deploy(nobody: Admin, put_back: None) -> Deploy:
    """Tries to change the flows with a token."""

    def trying(token: str) -> set[int]:
        headers, nodes = bearer(token), flows("one-tab")
        tried = (nobody.post("/flows", headers=headers | one.headers, json=one.body(nodes)) for one in (V1, V2))
        added = nobody.post("/flow", headers=headers, json={"label": "new", "nodes": []})
        return {reply.status_code for reply in (*tried, added)} - {404}

    return trying


DEPLOYED = {200, 204}
"""The statuses of changes that were made."""


@requirement("auth.documented-scopes-are-given")
@pytest.mark.parametrize("scope", ["*", "read"])
def test_documented_scopes_are_given(log_in: LogIn, administrator: User, nobody: Admin, scope: str) -> None:
    token = token_in(log_in(administrator, scope=scope))

    assert nobody.get("/flows", headers=bearer(token)).status_code == 200


@requirement("auth.read-scope-limits-the-token")
def test_read_scope_limits_the_token(
    log_in: LogIn, administrator: User, admin: Admin, deployed: Deployment, deploy: Deploy
) -> None:
    refused = deploy(token_in(log_in(administrator, scope="read")))

    assert refused == {401}
    assert admin.read() == deployed
    assert deploy(token_in(log_in(administrator, scope="*"))) == DEPLOYED


@requirement("auth.scope-never-exceeds-the-user")
def test_scope_never_exceeds_the_user(
    log_in: LogIn, only_reader: User, admin: Admin, deployed: Deployment, deploy: Deploy
) -> None:
    for scope in ("*", "write", "flows.write", "read write"):
        given = log_in(only_reader, scope=scope)
        if given.is_success:
            assert deploy(token_in(given)) == {401}
            assert admin.read() == deployed

    assert token_in(log_in(only_reader))
    assert deploy(admin.token or "") == DEPLOYED


@requirement("auth.scope-beyond-the-user-refused")
def test_scope_beyond_the_user_refused(log_in: LogIn, only_reader: User) -> None:
    refused = log_in(only_reader, scope="*")

    assert gives_no_token(refused)
    assert token_in(log_in(only_reader))


def narrow(log_in: LogIn, administrator: User, scope: str) -> str:
    """A token of the administrator for this scope alone; raises NotApplicable where the target gives none."""
    reply = log_in(administrator, scope=scope)
    if not reply.is_success:
        raise NotApplicable(f"the target gives no token of the scope {scope}")
    return token_in(reply)


@pytest.fixture
def token(log_in: LogIn, administrator: User, target: Target, scope: str) -> str:
    """A token of the administrator for the scope of the row."""
    if target.anonymous_reads:
        raise NotApplicable("the target lets whoever has no token read")
    return narrow(log_in, administrator, scope)


@pytest.fixture
def paths(admin: Admin) -> dict[str, str]:
    """The routes that the target offers, by the permission that each needs."""
    return {permission: path for permission, path in ROUTES.items() if admin.get(path).status_code == 200}


@requirement("auth.narrow-scope-limits-the-token")
@pytest.mark.parametrize("scope", [*ROUTES, "flows.read settings.read"])
def test_narrow_scope_limits_the_token(admin: Admin, token: str, paths: dict[str, str], scope: str) -> None:
    if paths.keys().isdisjoint(scope.split()):
        raise NotApplicable(f"the target offers nothing that takes {scope}")

    for permission, path in paths.items():
        allowed = permission in scope.split()

        assert admin.get(path).status_code == 200, path
        assert admin.get(path, headers=bearer(token)).status_code == (200 if allowed else 401), path


@requirement("auth.other-scopes-refused")
def test_other_scopes_refused(log_in: LogIn, administrator: User, seen: Callable[[str], None]) -> None:
    reply = log_in(administrator, scope="flows.read")

    assert reply.status_code in (200, 400, 401, 403)
    seen("a token is given" if reply.is_success else "refused, as documented")


@requirement("auth.empty-scope-is-all-of-the-user")
def test_empty_scope_is_all_of_the_user(log_in: LogIn, administrator: User, deploy: Deploy) -> None:
    for as_form in (False, True):
        assert deploy(token_in(log_in(administrator, as_form=as_form, scope=""))) == DEPLOYED


@requirement("auth.omitted-scope-is-none")
def test_omitted_scope_is_none(log_in: LogIn, administrator: User, nobody: Admin, target: Target) -> None:
    if target.anonymous_reads:
        raise NotApplicable("the target lets whoever has no token read")
    token = token_in(log_in(administrator, scope=None))

    assert nobody.get("/flows", headers=bearer(token)).status_code == 401


@requirement("auth.diagnostics-need-settings-read")
def test_diagnostics_need_settings_read(
    log_in: LogIn, administrator: User, admin: Admin, nobody: Admin, seen: Callable[[str], None]
) -> None:
    if admin.get("/diagnostics").status_code != 200:
        raise NotApplicable("the target offers no GET /diagnostics")

    needed = {
        permission
        for permission in ("settings.read", "diagnostics.read")
        if nobody.get("/diagnostics", headers=bearer(narrow(log_in, administrator, permission))).status_code == 200
    }

    assert needed
    seen(f"{' or '.join(sorted(needed))} will do")


@requirement("auth.refusal-of-a-permission")
def test_refusal_of_a_permission(log_in: LogIn, administrator: User, nobody: Admin, target: Target) -> None:
    if target.anonymous_reads:
        raise NotApplicable("the target lets whoever has no token read")
    token = narrow(log_in, administrator, "settings.read")

    reply = nobody.get("/flows", headers=bearer(token))

    assert reply.status_code == 401
    assert reply.content == b""
    assert "www-authenticate" not in reply.headers
