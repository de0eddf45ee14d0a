"""Who may do what: users, their permissions, and the tokens they log in for."""

import base64
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

ATTEMPTS: Final = 5
"""Logins that fail for one name before it is heard no more."""

WINDOW: Final = 600
"""Seconds for which a login that failed is remembered."""


Permissions = str | tuple[str, ...]
"""One permission or several: `*`, `read`, or such as `flows.read`."""


class TooManyLoginsError(Exception):
    """Too many logins failed for a name."""


@dataclass(frozen=True)
class User:
    """A user and the permissions that the settings give."""

    name: str
    password: str = field(repr=False)
    permissions: Permissions

    @property
    def granted(self) -> tuple[str, ...]:
        """The permissions one by one."""
        return (self.permissions,) if isinstance(self.permissions, str) else self.permissions


def random_token() -> str:
    """A token that nobody guesses."""
    return base64.b64encode(secrets.token_bytes(128)).decode()


@dataclass(frozen=True)
class Session:
    """What a token stands for: its user, and the permissions that were asked for at login."""

    user: User
    scope: str


class Users:
    """The users and their open sessions. Without users the API is open to everybody."""

    def __init__(
        self, users: Iterable[User] = (), anonymous: User | None = None, new_token: Callable[[], str] = random_token
    ) -> None:
        self.anonymous = anonymous
        """Whoever has no token, None where that lets nobody do anything."""
        self.new_token = new_token
        self._users = {user.name: user for user in users}
        self._sessions: dict[str, Session] = {}
        self._failures: dict[str, list[float]] = {}

    @property
    def required(self) -> bool:
        """Whether a request needs a token at all."""
        return bool(self._users)

    def log_in(self, name: str, password: str, scope: str) -> str | None:
        """A new token for the user, or None: wrong name, wrong password, or a scope the user does not hold.

        Raises TooManyLoginsError where that came to None too often; a success is a new start.
        """
        failures = [at for at in self._failures.get(name, []) if at > time.monotonic() - WINDOW]
        if len(failures) >= ATTEMPTS:
            raise TooManyLoginsError
        user = self._users.get(name)
        right = user is not None and secrets.compare_digest(user.password.encode(), password.encode())
        if user is None or not right or not all(permitted(user, wanted) for wanted in scope.split()):
            self._failures[name] = [*failures, time.monotonic()]
            return None
        self._failures.pop(name, None)
        token = self.new_token()
        self.admit(token, user, scope)
        return token

    def admit(self, token: str, user: User, scope: str = "") -> None:
        """Let the token stand for the user, in a scope or without one for all that the user may do."""
        self._sessions[token] = Session(user, scope or " ".join(user.granted))

    def session(self, authorization: str) -> Session | None:
        """The session of an `Authorization` header's value, also of none where that lets somebody do something."""
        if not authorization and self.anonymous:
            return Session(self.anonymous, " ".join(self.anonymous.granted))
        scheme, _, token = authorization.partition(" ")
        return self._sessions.get(token.strip()) if scheme.lower() == "bearer" else None

    def revoke(self, token: str) -> None:
        """End the token's session, if there is one."""
        self._sessions.pop(token, None)


def may(session: Session, permission: str) -> bool:
    """Whether both the user and the token's scope allow `permission`, such as `flows.write`."""
    return permitted(session.user, permission) and any(allows(granted, permission) for granted in session.scope.split())


def permitted(user: User, permission: str) -> bool:
    """Whether one of the user's permissions covers this one."""
    return any(allows(granted, permission) for granted in user.granted)


def allows(granted: str, permission: str) -> bool:
    """Whether a granted permission covers another: `*` covers all, `read` and `*.read` all that end in `.read`."""
    action = permission.rpartition(".")[2]
    return granted in {"*", permission, action, f"*.{action}"}
