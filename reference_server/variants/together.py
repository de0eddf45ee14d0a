"""Several variants at once: the application that they make of the honest one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp

from reference_server.app import Api
from reference_server.settings import Settings
from reference_server.users import User, Users
from reference_server.variants.variant import VARIANTS, Variant


@dataclass(frozen=True)
class Varied:
    """A server that differs: what `serve` is given, and what its users have to know."""

    app: ASGIApp
    options: dict[str, Any]
    """What uvicorn is told."""
    root: str
    """The path below which the API is."""
    users: tuple[User, ...]
    """Who may do what; nobody where the server asks for no token."""
    tokens: tuple[str, ...]
    """Ready tokens of the first two of them, where nobody logs in with a password."""


def varied(
    variants: Iterable[Variant],
    users: tuple[User, ...] = (),
    before: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> Varied:
    """The reference server with these differences, and `before` its application, as a fault would stand there."""
    chosen = in_order(variants)
    if users:
        users = next((variant.users for variant in reversed(chosen) if variant.users), users)
    api = Api(Users(users), Settings(**{name: value for one in chosen for name, value in one.settings.items()}))
    for variant in chosen:
        if variant.prepare:
            variant.prepare(api)
    app = before(api.app())
    inner = [one for one in chosen if not one.root]
    outer = [one for one in chosen if one.root]  # below whose paths all others are
    for wrap in [one.says for one in chosen] + [one.carries for one in inner + outer]:
        app = wrap(app, api) if wrap else app
    root = "".join(variant.root for variant in reversed(chosen))
    tokens = next((variant.tokens for variant in chosen if variant.tokens), ()) if users else ()
    return Varied(app, options_of(chosen), root, users, tokens)


def in_order(variants: Iterable[Variant]) -> list[Variant]:
    """The variants in the order in which they are registered: whoever writes JSON anew comes after who changes it."""
    order = list(VARIANTS)
    return sorted(variants, key=lambda variant: order.index(variant.name))


def options_of(variants: list[Variant]) -> dict[str, Any]:
    """What uvicorn is told; several protocols become one that does what each of them does."""
    options = {name: value for variant in variants for name, value in variant.options.items()}
    protocols = [variant.options["http"] for variant in variants if "http" in variant.options]
    if len(protocols) > 1:
        options["http"] = type("Together", tuple(reversed(protocols)), {})
    return options
