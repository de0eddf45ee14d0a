"""The one look at a target before any case: whether it answers and is Node-RED, and what may be done there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx

from conformance.catalogue import release
from conformance.client import Connection
from conformance.data import Json
from conformance.exchange import printable
from conformance.targets import Target
from conformance.verdict import CannotJudge, Verdict

CLIENT_ID: Final = "node-red-admin"

VERSION: Final = r"\d{1,6}\.\d{1,6}\.\d{1,6}(-[\w.-]{1,40})?"
"""What the version of a Node-RED looks like."""

FRAGILE: Final = ((2, 0), (3, 1))
"""From the first of these versions up to the second, Node-RED can die of deployments that follow each other at once."""

FRAGILE_PAUSE: Final = 0.02
"""Seconds between two writes that those versions survive."""

NOT_EMPTY: Final = (
    "the target holds flows, and the suite deploys only to a target that holds none: start a fresh instance"
)

UNKNOWN_FLOWS: Final = "GET /flows gives no array, so that nobody knows which flows a deployment would replace"


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What the person who runs the suite gave: names and passwords by role, or a ready token."""

    users: Mapping[str, str] = field(default_factory=dict)
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass
class Look:
    """Looks at one target; every question is a read or a login."""

    name: str
    url: str
    credentials: Credentials
    connection: Connection
    pause: float | None = None

    def __call__(self) -> Target:
        """The target as it was found; raises CannotJudge."""
        with httpx.Client(
            base_url=self.url,
            transport=self.connection.transport(),
            timeout=self.connection.timeout,
            trust_env=False,
        ) as self.client:
            login = self.login_scheme()
            protected = self.asks_for_token(login)
            tokens = self.tokens(login) if protected else {}
            settings = self.settings(tokens.get("admin"))
            version = str(settings.get("version"))
            version = version if re.fullmatch(VERSION, version, re.ASCII) else None
            found = self.flows(tokens.get("admin"))
            return Target(
                name=self.name,
                url=self.url,
                version=version,
                protected=protected,
                anonymous=permissions(self.settings(None)) if protected else (),
                tokens=tokens,
                found=found or [],
                no_writes=why_no_writes(found, settings, protected),
                pause=fragile_pause(version) if self.pause is None else self.pause,
            )

    def get(self, path: str, token: str | None = None) -> httpx.Response:
        """The reply to a GET; raises CannotJudge where there is none."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return self.client.get(path, headers=headers)
        except httpx.HTTPError as error:
            raise self.unreachable(error) from error

    def login_scheme(self) -> Mapping[str, Json]:
        """What `GET /auth/login` gives, which says whether and how to log in; empty where it says nothing."""
        reply = self.get("/auth/login")
        body = json_of(reply)
        if reply.is_success and isinstance(body, dict):
            return body
        flows = self.get("/flows")
        if flows.status_code == httpx.codes.UNAUTHORIZED or isinstance(json_of(flows), list):
            return {}
        raise CannotJudge(
            Verdict.NOT_NODE_RED,
            f"{self.url} answers, but not as Node-RED does: GET /auth/login gives {reply.status_code} and GET /flows"
            f" {flows.status_code}. If the admin API is below a path (httpAdminRoot), add it to the URL.",
        )

    def asks_for_token(self, login: Mapping[str, Json]) -> bool:
        """Whether the API is protected: it says so, or it refuses to be read."""
        return "type" in login or self.get("/flows").status_code == httpx.codes.UNAUTHORIZED

    def tokens(self, login: Mapping[str, Json]) -> dict[str, str]:
        """The tokens of the users that were given; raises CannotJudge where there is no administrator."""
        given = self.credentials
        if given.token:
            tokens = {"admin": given.token}
        elif "admin" not in given.users:
            raise self.needs_credentials("Give a user with --admin USER, or a token in CONFORMANCE_TOKEN.")
        elif login.get("type") != "credentials":
            raise self.needs_credentials("It takes no name and password. Give a token in CONFORMANCE_TOKEN.")
        else:
            tokens = {"admin": self.log_in("admin", "*")}
            if writer := self.token("admin", "flows.write"):
                tokens["writer"] = writer
        if self.get("/flows", tokens["admin"]).status_code == httpx.codes.UNAUTHORIZED:
            raise self.needs_credentials("It refuses to let the token that it was given read /flows.")
        if "reader" in given.users:
            tokens["reader"] = self.log_in("reader", "read")
        return tokens

    def log_in(self, role: str, scope: str) -> str:
        """The token of a user who must be able to log in; raises CannotJudge."""
        if token := self.token(role, scope):
            return token
        raise self.needs_credentials(f"It refuses the name and password of '{self.credentials.users[role]}'.")

    def token(self, role: str, scope: str) -> str | None:
        """A token from `POST /auth/token`, None where it is refused."""
        form = {"client_id": CLIENT_ID, "grant_type": "password", "scope": scope}
        form |= {"username": self.credentials.users[role], "password": self.credentials.passwords[role]}
        try:
            body = json_of(self.client.post("/auth/token", data=form))
        except httpx.HTTPError as error:
            raise self.unreachable(error) from error
        token = body.get("access_token") if isinstance(body, dict) else None
        return token if isinstance(token, str) and token else None

    def settings(self, token: str | None) -> Mapping[str, Json]:
        """What `GET /settings` gives, empty where it gives nothing."""
        body = json_of(self.get("/settings", token))
        return body if isinstance(body, dict) else {}

    def flows(self, token: str | None) -> list[Json] | None:
        """The active flows, None where the target does not give them as it must."""
        reply = self.get("/flows", token)
        body = json_of(reply)
        return body if reply.is_success and isinstance(body, list) else None

    def unreachable(self, error: Exception) -> CannotJudge:
        """The end of a look at a target that does not answer."""
        if isinstance(error, httpx.TimeoutException):
            why = f"no answer in {self.connection.timeout:g} s"
        else:
            why = str(error).rstrip(".") or type(error).__name__
        hint = " Give its authority with --ca-bundle FILE, or --insecure." if "CERTIFICATE_VERIFY" in why else ""
        return CannotJudge(Verdict.UNREACHABLE, f"{self.url} does not answer: {why}.{hint}")

    def needs_credentials(self, what: str) -> CannotJudge:
        """The end of a look at a target that does not let the suite in."""
        return CannotJudge(Verdict.NEEDS_CREDENTIALS, f"{self.url} asks for a token. {what}")


def json_of(reply: httpx.Response) -> Json:
    """The reply's JSON, None where it is none."""
    try:
        return reply.json()
    except (ValueError, RecursionError):
        return None


def permissions(settings: Mapping[str, Json]) -> tuple[str, ...]:
    """The permissions that `GET /settings` says the caller has."""
    user = settings.get("user")
    granted = user.get("permissions", ()) if isinstance(user, dict) else ()
    words = [granted] if isinstance(granted, str) else granted
    return tuple(printable(str(word)) for word in words) if isinstance(words, list) else ()


def why_no_writes(found: list[Json] | None, settings: Mapping[str, Json], protected: bool) -> str:
    """Why the suite may not write, empty where it may."""
    if found is None:
        return UNKNOWN_FLOWS
    if found:
        return NOT_EMPTY
    granted = permissions(settings)
    if protected and granted and not {"*", "write", "*.write", "flows.write"} & set(granted):
        return f"the user given with --admin may not deploy; their permissions are {', '.join(granted)}"
    return ""


def fragile_pause(version: str | None) -> float:
    """The seconds between two writes that a target of this version needs."""
    return FRAGILE_PAUSE if version and FRAGILE[0] <= release(version) < FRAGILE[1] else 0.0
