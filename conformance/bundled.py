"""The bundled reference server as a target."""

import contextlib
import secrets
from collections.abc import Iterator

import pytest

from conformance import asked, run, targets
from conformance.look import Credentials, Look
from conformance.options import given
from conformance.targets import REFERENCE, Target
from reference_server import Api, Settings, User, Users, serve


@contextlib.contextmanager
def reference(config: pytest.Config) -> Iterator[Target]:
    """The bundled reference server as a target, for as long as the block lasts."""
    current = run.current(config)
    users = [User(role, secrets.token_urlsafe(16), "*" if role == "admin" else "read") for role in ("admin", "reader")]
    given_users = Credentials(
        users={user.name: user.name for user in users}, passwords={user.name: user.password for user in users}
    )
    current.hiding.add(run.secrets_of(given_users.passwords, {}))
    with serve(Api(Users(users), Settings(cors_origin=targets.BROWSER)).app()) as server:
        reached, pause = asked.connection(config), given(config, "--pause")
        yield Look(REFERENCE, server.url, given_users, reached, pause, own=True, **current.look_options)()
