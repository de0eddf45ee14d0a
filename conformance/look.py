"""The one look at a target before any case: whether it answers and is Node-RED, and what may be done there."""

import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx

from conformance.bounds import ASKED_FOR
from conformance.catalogue import release
from conformance.connection import Connection, no_reply
from conformance.data import Json
from conformance.exchange import printable
from conformance.options import new_seed
from conformance.targets import Target
from conformance.values import json_of
from conformance.verdict import CannotJudge, Verdict

CLIENT_ID: Final = "node-red-admin"

SCOPES: Final = {"admin": "*", "reader": "read"}
"""What each user logs in for: the two scopes that are documented."""

SINCE_V2: Final = (0, 15)
"""The version of Node-RED that brought v2 of the API."""

VERSION: Final = r"\d{1,6}\.\d{1,6}\.\d{1,6}(-[\w.-]{1,40})?"
"""What the version of a Node-RED looks like."""

FRAGILE: Final = ((2, 0), (3, 1))
"""From the first of these versions up to the second, Node-RED can die of a reload at once after other deployments."""

FRAGILE_PAUSE: Final = 0.02
"""Seconds around a deployment that is not full, which those versions survive."""

WORD: Final = 100
"""Characters of a word of the target's that are kept."""

PERMISSIONS: Final = 50
"""Permissions of a user that are kept."""

NOT_EMPTY: Final = (
    "the target holds flows, and the suite deploys beside them only with --allow-writes: see first, with --plan, what "
    "that means, or start a fresh instance"
)

ODD_FLOWS: Final = "the target holds flows of which not every node has an id of its own, so that they cannot be kept"

UNKNOWN_FLOWS: Final = "GET /flows gives no array, so that nobody knows which flows a deployment would replace"


class Writes(enum.Enum):
    """When the suite writes to a target."""

    NEVER = "never"
    IF_EMPTY = "if it holds no flows"
    BESIDE = "beside the flows that it holds"


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What the person who runs the suite gave: names and passwords by role, and ready tokens."""

    users: Mapping[str, str] = field(default_factory=dict)
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass
class Look:
    """Looks at one target; every question is a read or a login."""

    name: str
    url: str
    credentials: Credentials
    connection: Connection
    pause: float | None = None
    own: bool = False
    """Whether the suite started the target."""
    writes: Writes = Writes.IF_EMPTY
    untold: dict[str, str] = field(default_factory=dict)
    seed: str = field(default_factory=new_seed)
    """What all is made of that the run makes up."""

    def __call__(self) -> Target:
        """The target as it was found; raises CannotJudge."""
        with httpx.Client(
            base_url=self.url,
            transport=self.connection.transport(),
            timeout=self.connection.timeout,
            headers={"Accept-Encoding": ASKED_FOR},
            trust_env=False,
        ) as self.client:
            login = self.login_scheme()
            protected = "type" in login or self.flows(None).status_code == httpx.codes.UNAUTHORIZED
            tokens = self.tokens(login) if protected else dict(self.credentials.tokens)
            settings = self.settings(tokens.get("admin"))
            found = array_of(self.flows(tokens.get("admin")))
            version = self.version(settings, tokens.get("admin"))
            return Target(
                name=self.name,
                url=self.url,
                version=version,
                protected=protected,
                anonymous=permissions(self.settings(None)) if protected else (),
                anonymous_reads=protected and self.flows(None).is_success,
                tokens=tokens,
                passwords=dict(self.credentials.passwords),
                users={role: user for role, user in self.credentials.users.items() if protected and role in tokens},
                login=short(login.get("type", "")),
                untold=self.untold,
                holds_flows=bool(found),
                no_writes=why_no_writes(found, settings, protected, self.writes),
                pause=fragile_pause(version) if self.pause is None else self.pause,
                own=self.own,
                seed=self.seed,
            )

    def get(self, path: str, token: str | None = None, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """The reply to a GET; raises CannotJudge where there is none."""
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return self.client.get(path, headers={**authorization, **(headers or {})})
        except httpx.HTTPError as error:
            raise self.unreachable(error) from error

    def login_scheme(self) -> Mapping[str, Json]:
        """What `GET /auth/login` gives, which says whether and how to log in; empty where it says nothing."""
        reply = self.get("/auth/login")
        body = json_of(reply)
        if reply.is_success and isinstance(body, dict):
            return body
        flows = self.flows(None)
        if flows.status_code == httpx.codes.UNAUTHORIZED or array_of(flows) is not None:
            return {}
        elsewhere = f", which leads to {short(reply.headers['location'])}" if "location" in reply.headers else ""
        raise CannotJudge(
            Verdict.NOT_NODE_RED,
            f"{self.url} answers, but not as Node-RED does: GET /auth/login gives {reply.status_code}{elsewhere}, and"
            f" GET /flows {flows.status_code}. If the admin API is below a path (httpAdminRoot), add it to the URL.",
        )

    def tokens(self, login: Mapping[str, Json]) -> dict[str, str]:
        """The tokens by role; raises CannotJudge where there is no administrator, or a password is wrong."""
        given = self.credentials
        tokens = dict(given.tokens)
        by_password = login.get("type") == "credentials"
        if "admin" not in tokens and "admin" not in given.users:
            raise self.needs_credentials("Give a user with --admin USER, or a token in CONFORMANCE_TOKEN.")
        if "admin" not in tokens and not by_password:
            raise self.needs_credentials("It takes no name and password. Give a token in CONFORMANCE_TOKEN.")
        if "writer" not in tokens and "admin" in given.users and by_password:
            tokens |= self.writer()
        for role in given.users:  # after the writer, in case that each login of a user ends the one before
            if role not in tokens and by_password:
                tokens[role] = self.log_in(role)
        if self.flows(tokens["admin"]).status_code == httpx.codes.UNAUTHORIZED:
            raise self.needs_credentials("It refuses to let the token of the administrator read /flows.")
        return tokens

    def log_in(self, role: str) -> str:
        """The token of a user, for all that the role is meant to do or else for all that the user may do."""
        for scope in (SCOPES[role], ""):
            if token := self.token(role, scope):
                return token
            self.untold[f"whole {role}"] = f"the user given with --{role} does not hold the permission {scope}"
        raise self.needs_credentials(f"It refuses the name and password of '{self.credentials.users[role]}'.")

    def writer(self) -> dict[str, str]:
        """A token of the administrator that may set flows and not read them, where the target gives such tokens."""
        token = self.token("admin", "flows.write")
        if token is None:
            self.untold["writer"] = "the target gives no token of the scope flows.write"
            return {}
        return {"writer": token} if self.flows(token).status_code == httpx.codes.UNAUTHORIZED else {}

    def token(self, role: str, scope: str) -> str | None:
        """A token from `POST /auth/token`, None where it is refused."""
        form = {"client_id": CLIENT_ID, "grant_type": "password", "scope": scope}
        form |= {"username": self.credentials.users[role], "password": self.credentials.passwords[role]}
        try:
            body = json_of(self.client.post("/auth/token", data=form))
        except httpx.HTTPError as error:
            raise self.unreachable(error) from error
        token = body.get("access_token") if isinstance(body, dict) else None
        return token if isinstance(token, str) and token.isascii() and token.isprintable() and token else None

    def settings(self, token: str | None) -> Mapping[str, Json]:
        """What `GET /settings` gives, empty where it gives nothing."""
        reply = self.get("/settings", token)
        body = json_of(reply)
        return body if reply.is_success and isinstance(body, dict) else {}

    def version(self, settings: Mapping[str, Json], token: str | None) -> str | None:
        """The Node-RED version that the settings give; None where that cannot be one, as v2 of the API is older."""
        version = str(settings.get("version"))
        if not re.fullmatch(VERSION, version, re.ASCII):
            return None
        speaks_v2 = isinstance(json_of(self.get("/flows", token, {"Node-RED-API-Version": "v2"})), dict)
        return None if speaks_v2 and release(version) < SINCE_V2 else version

    def flows(self, token: str | None) -> httpx.Response:
        """The reply of `GET /flows` to whoever has this token, or none."""
        return self.get("/flows", token)

    def unreachable(self, error: Exception) -> CannotJudge:
        """The end of a look at a target that does not answer."""
        if isinstance(error, httpx.TimeoutException):
            why = f"no answer in {self.connection.timeout:g} s"
        else:
            why = no_reply(error)
        hint = " Give its authority with --ca-bundle FILE, or --insecure." if "CERTIFICATE_VERIFY" in why else ""
        return CannotJudge(Verdict.UNREACHABLE, f"{self.url} does not answer: {why}.{hint}")

    def needs_credentials(self, what: str) -> CannotJudge:
        """The end of a look at a target that does not let the suite in."""
        return CannotJudge(Verdict.NEEDS_CREDENTIALS, f"{self.url} asks for a token. {what}")


def array_of(reply: httpx.Response) -> list[Json] | None:
    """The array that a reply gives, None where it gives none."""
    body = json_of(reply)
    return body if reply.is_success and isinstance(body, list) else None


def permissions(settings: Mapping[str, Json]) -> tuple[str, ...]:
    """The permissions that `GET /settings` says the caller has."""
    user = settings.get("user")
    granted = user.get("permissions", ()) if isinstance(user, dict) else ()
    words = [granted] if isinstance(granted, str) else granted
    return tuple(short(word) for word in words[:PERMISSIONS]) if isinstance(words, list) else ()


def short(word: Json) -> str:
    """A word of the target's on a line, cut where it is long."""
    return printable(str(word)[:WORD])


def may_deploy(granted: Iterable[str]) -> bool:
    """Whether these permissions let their holder set flows."""
    return not {"*", "write", "*.write", "flows.write"}.isdisjoint(granted)


def why_no_writes(
    found: list[Json] | None, settings: Mapping[str, Json], protected: bool, writes: Writes = Writes.IF_EMPTY
) -> str:
    """Why the suite may not write, empty where it may."""
    if writes is Writes.NEVER:
        return "--read-only was given"
    if found is None:
        return UNKNOWN_FLOWS
    if found and writes is not Writes.BESIDE:
        return NOT_EMPTY
    if not can_be_kept(found):
        return ODD_FLOWS
    granted = permissions(settings)
    if protected and granted and not may_deploy(granted):
        return f"the user given with --admin may not deploy; their permissions are {', '.join(granted)}"
    return ""


def can_be_kept(found: list[Json]) -> bool:
    """Whether each node has an id of its own, by which it is told from others."""
    ids = [node.get("id") for node in found if isinstance(node, dict)]
    return len(ids) == len(found) == len(set(map(str, ids))) and all(isinstance(one, str) for one in ids)


def fragile_pause(version: str | None) -> float:
    """The seconds between two writes that a target of this version needs."""
    return FRAGILE_PAUSE if version and FRAGILE[0] <= release(version) < FRAGILE[1] else 0.0
