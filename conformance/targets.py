"""Which server is under test: what `--target` says, and what one look at the server tells."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Final

import httpx

from conformance.spelling import did_you_mean

BROWSER: Final = "http://conformance.example"
"""The origin of a page that asks the API from a browser."""

SETTINGS: Final = {
    "open": "asks nobody for a token",
    "anonymous-reads": "lets whoever has no token read",
    "admin-root": "has the admin API below /admin",
    "cors": f"lets a browser of {BROWSER} call it",
    "no-run-state": "does not let POST /flows/state start and stop the flows",
    "no-diagnostics": "reports no diagnostics",
    "no-upload": "takes no tarball",
    "no-editor": "serves no editor",
    "one-store": "has one context store",
}
"""The words after `node-red:VERSION`, each with a `+`: what is different there."""

TELLING: Final = 12
"""Characters from which on a secret in a reply is no accident."""

REFERENCE: Final = "reference"
"""The name of the bundled reference server, which is the target where no other is given."""


class BadTarget(Exception):
    """A `--target` that cannot be meant; the message says what to write instead."""


@dataclass(frozen=True)
class TargetSpec:
    """What one `--target` asks for: a URL, or a Node-RED version to install and start."""

    name: str
    url: str = ""
    version: str = ""
    settings: tuple[str, ...] = ()
    """How a Node-RED that is started differs from the usual one."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A server under test, as the look before any case found it."""

    name: str
    url: str
    version: str | None
    """The Node-RED version that `GET /settings` gives, None where it gives none."""
    protected: bool = False
    """Whether the API asks for a token."""
    anonymous: tuple[str, ...] = ()
    """The permissions that the target says it gives to whoever has no token."""
    anonymous_reads: bool = False
    """Whether it lets them read the flows, whatever it says."""
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    """The tokens by role: `admin`, `reader`, and `writer`, which may set flows and not read them."""
    passwords: dict[str, str] = field(default_factory=dict, repr=False)
    """The passwords by role, so that they are never shown."""
    users: dict[str, str] = field(default_factory=dict)
    """The names by role of the users who logged in."""
    login: str = ""
    """How the target says one logs in: `credentials`, `strategy`, or empty where it says nothing."""
    untold: dict[str, str] = field(default_factory=dict)
    """Why there is no token for a role."""
    holds_flows: bool = False
    """Whether flows were active, so that there is something to read."""
    own: bool = False
    """Whether the suite started it, so that nobody loses anything there."""
    seed: str = ""
    """What is in every name that this run makes up."""
    no_writes: str = ""
    """Why nothing may be written, empty where it may."""
    journal: str = ""
    """The file that tells what the target held, empty where nobody needs to know: then the suite started it."""
    pause: float = 0.0
    """Seconds around each deployment that is not full."""

    @property
    def root(self) -> str:
        """The path of the admin root, without a slash at its end."""
        return httpx.URL(self.url).path.rstrip("/")

    @property
    def in_use(self) -> bool:
        """Whether the suite deploys beside flows that are somebody else's."""
        return self.holds_flows and not self.no_writes

    @property
    def secrets(self) -> list[str]:
        """The tokens and passwords that are in no reply by accident: `admin` and `node-red` are in many."""
        return [word for word in (*self.tokens.values(), *self.passwords.values()) if len(word) >= TELLING]


def parse_target(text: str) -> TargetSpec:
    """The target that `[NAME=]URL` or `[NAME=]node-red:VERSION[+SETTING…]` means; raises BadTarget."""
    named = re.match(r"([\w.-]+)=(?=[a-z])", text)
    name, place = (named[1], text[named.end() :]) if named else ("", text)
    if named and not name.strip("."):
        raise BadTarget(f"--target: '{name}' is no name. Write one with letters, such as plant-a=URL.")
    if place.startswith("node-red:"):
        version, *settings = place.removeprefix("node-red:").split("+")
        if not re.fullmatch(r"\d+(\.\d+){0,2}", version):
            raise BadTarget(f"--target {text}: '{version}' is no version. Write one such as node-red:4.1.15.")
        for word in settings:
            if word not in SETTINGS:
                raise BadTarget(f"--target {text}: '{word}' is no setting. {did_you_mean(word, SETTINGS)}")
        return TargetSpec(name or "-".join(["node-red", version, *settings]), "", version, tuple(settings))
    url = checked_url(place)
    return TargetSpec(name or re.sub(r"[^\w.-]+", "-", url.partition("://")[2]), url=url)


def checked_url(url: str) -> str:
    """The URL of an admin root without its last slash; raises BadTarget."""
    if "@" in url:
        raise BadTarget("--target: a URL carries no user and no password here. Give a user with --admin USER.")
    scheme, _, rest = url.rpartition("://")
    if scheme not in ("http", "https"):
        raise BadTarget(f"--target '{url}': a URL starts with http:// or https://. Write http://{rest or 'HOST:PORT'}.")
    try:
        parts = httpx.URL(url)
        complete = parts.host and parts.port in (None, *range(1, 65536))
    except (httpx.InvalidURL, ValueError):
        complete = False
    if not complete:
        raise BadTarget(f"--target {url}: the host or the port is missing or wrong. Write http://HOST:PORT/PATH.")
    if parts.query or parts.fragment:
        raise BadTarget(f"--target {url}: the URL of an admin root has no query and no fragment.")
    return url.rstrip("/")


def parse_targets(texts: Iterable[str]) -> list[TargetSpec]:
    """The targets of all `--target` options, each under a name of its own; raises BadTarget."""
    specs = [parse_target(text) for text in texts]
    names = [spec.name for spec in specs]
    for name in names:
        if names.count(name) > 1:
            raise BadTarget(f"--target: two targets are called '{name}'. Write NAME=URL to tell them apart.")
    return specs


def dumps(targets: Iterable[Target]) -> str:
    """The targets as JSON, for the workers of a parallel run."""
    return json.dumps([asdict(target) for target in targets])


def loads(text: str) -> list[Target]:
    """The targets that `dumps` wrote."""
    return [Target(**{**target, "anonymous": tuple(target["anonymous"])}) for target in json.loads(text)]
