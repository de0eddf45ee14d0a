"""Logging in: who can, what `POST /auth/token` takes of them, and the header that carries what it gives."""

from dataclasses import dataclass, field

import httpx

from conformance.checks import conforms
from conformance.client import Admin
from conformance.data import Json
from conformance.look import CLIENT_ID, SCOPES
from conformance.outcomes import NotApplicable, NotTested
from conformance.targets import Target
from conformance.values import json_of


@dataclass(frozen=True)
class User:
    """A user who can log in: name, password, and the scope that the role is for."""

    name: str
    password: str = field(repr=False)
    scope: str

    def fields(self, **others: Json) -> dict[str, Json]:
        """What `POST /auth/token` takes, with other values for some fields; None leaves a field out."""
        usual = {
            "client_id": CLIENT_ID,
            "grant_type": "password",
            "scope": self.scope,
            "username": self.name,
            "password": self.password,
        }
        return {name: value for name, value in (usual | others).items() if value is not None}


def user_of(target: Target, *roles: str) -> User:
    """The user of the first of these roles who can log in."""
    if not target.protected:
        raise NotApplicable("the target asks for no token")
    if target.login != "credentials":
        raise NotApplicable("the target gives nobody a token for a name and a password")
    for role in roles:
        if role in target.users:
            scope = "" if f"whole {role}" in target.untold else SCOPES[role]
            return User(target.users[role], target.passwords[role], scope)
    raise NotTested(f"nobody was given who can log in: give a user with --{roles[-1]} USER")


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


def token_in(reply: httpx.Response) -> str:
    """The token that the reply to a login gives."""
    __tracebackhide__ = True
    assert reply.status_code == 200
    token: str = conforms(reply, "auth-token")["access_token"]
    assert token.isascii()
    assert token.isprintable()
    return token


def gives_no_token(reply: httpx.Response) -> bool:
    """Whether a login was refused: without success, and without a token in whatever it says."""
    body = json_of(reply)
    return not reply.is_success and not (isinstance(body, dict) and "access_token" in body)


class LogIn:
    """Logs users in, and remembers what came of it, so that all tokens can be ended."""

    def __init__(self, nobody: Admin) -> None:
        self.nobody = nobody
        self.replies: list[httpx.Response] = []

    def __call__(
        self, user: User, *, as_form: bool = False, token: str | None = None, **fields: Json
    ) -> httpx.Response:
        """The reply to a login with these fields instead of the usual ones, under this token where one is given."""
        body, headers = user.fields(**fields), bearer(token) if token else {}
        sent = {"form": body, "json": None} if as_form else {"form": None, "json": body}
        self.replies.append(self.nobody.post("/auth/token", headers=headers, data=sent["form"], json=sent["json"]))
        return self.replies[-1]

    def log_out(self, target: Target) -> None:
        """End the tokens that were given, but for those that the run lives on."""
        for reply in self.replies:
            body = json_of(reply) if reply.is_success else None
            token = body.get("access_token") if isinstance(body, dict) else None
            if not (isinstance(token, str) and token.isascii() and token.isprintable()):
                continue
            if token not in target.tokens.values() and self.nobody.recorder.is_there():
                self.nobody.post("/auth/revoke", headers=bearer(token), json={"token": token})
