"""Connections: many requests over one, and many connections at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from operator import call

import pytest

from conformance import requirement, tape
from conformance.checks import parsed
from conformance.client import V2, Admin

MANY = 200
CROWD = 20


def connections_of(admin: Admin, *paths: str) -> int:
    """How many connections it took to read these, one after the other."""
    ports: list[object] = []
    for path in paths:
        stream = admin.get(path).extensions["network_stream"]
        try:
            ports.append(stream.get_extra_info("client_addr")[1])
        except OSError:  # the connection has ended with its reply
            ports.append(stream)
    return len(set(ports))


@requirement("transport.many-requests-in-a-row-answered")
def test_many_requests_in_a_row_answered(admin: Admin) -> None:
    first = {path: parsed(admin.get(path, headers=V2.headers)) for path in ("/flows", "/auth/login")}

    for _ in range(MANY // 2):
        for path, expected in first.items():
            reply = admin.get(path, headers=V2.headers)

            assert reply.status_code == 200
            assert parsed(reply) == expected


@requirement("transport.connection-is-kept")
def test_connection_is_kept(admin: Admin, seen: Callable[[str], None]) -> None:
    connections = connections_of(admin, *["/auth/login"] * 50)

    seen(f"{connections} for 50 requests")
    assert connections == 1


@requirement("transport.refusal-keeps-the-connection")
def test_refusal_keeps_the_connection(admin: Admin) -> None:
    assert connections_of(admin, "/auth/login", "/conformance-no-such-route", "/auth/login") == 1


@requirement("transport.crowd-is-answered")
@pytest.mark.usefixtures("perhaps_something_to_read")
def test_crowd_is_answered(admin: Admin) -> None:
    alone = admin.read()

    with ThreadPoolExecutor(CROWD) as crowd:
        read = list(crowd.map(call, tape.apart([admin.read] * CROWD)))

    assert all(deployment == alone for deployment in read)
