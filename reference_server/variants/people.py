"""Other users, other permissions, and other tokens."""

import base64
import itertools
import json
import secrets
from collections.abc import Callable
from typing import Final

from reference_server.app import Api
from reference_server.between import Answer, Ask, Honest
from reference_server.users import User
from reference_server.variants.variant import between, register

SECRET: Final = "made up for a variant"  # noqa: S105 - of a server that nobody uses

READING: Final = tuple(
    f"{what}.read"
    for what in ("flows", "nodes", "settings", "context", "credentials", "library", "plugins", "diagnostics", "status")
)
"""The permissions of a reader, one by one."""

USERS: Final[tuple[tuple[str, str, tuple[User, ...], str], ...]] = (
    (
        "other-names",
        "Users have names and passwords beyond ASCII.",
        (User("Zoë Ünal", "pässwörd, ✓ + 100%", "*"), User("reader@example.org", '"quoted" \\ and long', "read")),
        "",
    ),
    (
        "lists-of-permissions",
        "The permissions of users are lists.",
        (User("admin", SECRET, ("*",)), User("reader", "made up for a reader", ("read",))),
        "",
    ),
    (
        "read-by-another-name",
        "Who may read has the permission `*.read`.",
        (User("admin", SECRET, "*"), User("reader", "made up for a reader", "*.read")),
        "",
    ),
    (
        "readers-with-single-permissions",
        "Who may read has a list of single permissions.",
        (User("admin", SECRET, "*"), User("reader", "made up for a reader", READING)),
        "a user who holds `read`",
    ),
    (
        "hundreds-of-users",
        "There are hundreds of users.",
        (
            User("root", SECRET, "*"),
            User("guest", "made up for a reader", "read"),
            *(User(f"user {number}", f"{SECRET} {number}", "flows.read") for number in range(500)),
        ),
        "",
    ),
)
"""Each variant with its sentence, the users, and what they take away."""

for name, text, users, lost in USERS:
    register(name, text, users=users, premise=lost)


def of_json(number: int) -> str:
    """A token that looks as those with a signature do: three parts with dots between them."""
    parts = ({"alg": "none"}, {"sub": number, "iat": number, "jti": secrets.token_hex(16)})
    return ".".join(
        [*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().strip("=") for part in parts), "c2ln"]
    )


TOKENS: Final[tuple[tuple[str, str, Callable[[int], str]], ...]] = (
    ("short-tokens", "A token has sixteen characters.", lambda _: secrets.token_hex(8)),
    ("long-tokens", "A token has three thousand characters.", lambda _: secrets.token_hex(1_500)),
    ("signed-tokens", "A token has three parts with dots between them.", of_json),
    ("numeric-tokens", "A token is a number.", lambda _: str(10**19 + secrets.randbelow(10**19))),
)
"""Each variant with its sentence and its tokens."""


def giving(token: Callable[[int], str]) -> Callable[[Api], None]:
    """Lets a server give such tokens."""

    def prepare(api: Api) -> None:
        numbers = itertools.count(1)
        api.users.new_token = lambda: token(next(numbers))

    return prepare


for name, text, new_token in TOKENS:
    register(name, text, prepare=giving(new_token))


def let_anybody_read(api: Api) -> None:
    """Whoever has no token may read."""
    if api.users.required:
        api.users.anonymous = User("anonymous", "", "read")


register(
    "anonymous-reads",
    let_anybody_read.__doc__ or "",
    prepare=let_anybody_read,
    premise="a target that refuses whoever has no token",
)

READY: Final = ("ready-token-of-the-administrator", "ready-token-of-the-reader")
"""The tokens of those who log in somewhere else."""


def admit_both(api: Api) -> None:
    """Let the ready tokens in."""
    for token, user in zip(READY, (User("admin", "", "*"), User("reader", "", "read")), strict=True):
        api.users.admit(token, user)


async def log_in_elsewhere(ask: Ask, honest: Honest) -> Answer:
    """One logs in on another page, and nobody by a name and a password."""
    if ask.path == "/auth/login" and ask.method in ("GET", "HEAD"):
        prompt = {"type": "button", "label": "Log in with us", "url": "auth/strategy"}
        return Answer(200).with_json({"type": "strategy", "prompts": [prompt]})
    return Answer(404) if ask.path == "/auth/token" else await honest(ask)


register(
    "log-in-elsewhere",
    log_in_elsewhere.__doc__ or "",
    prepare=admit_both,
    says=between(log_in_elsewhere),
    tokens=READY,
    premise="logins by name and password",
)
