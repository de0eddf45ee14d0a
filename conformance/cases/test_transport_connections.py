"""Connections: many requests over one, and many connections at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from conformance import requirement
from conformance.checks import parsed
from conformance.client import V2, Admin

MANY = 200
CROWD = 20


def port_of(reply: httpx.Response) -> int:
    """The port of ours that the reply came to."""
    port: int = reply.extensions["network_stream"].get_extra_info("client_addr")[1]
    return port


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
    ports = [port_of(admin.get("/auth/login")) for _ in range(50)]

    seen(f"{len(set(ports))} for 50 requests")
    assert len(set(ports)) == 1


@requirement("transport.refusal-keeps-the-connection")
def test_refusal_keeps_the_connection(admin: Admin) -> None:
    ports = [port_of(admin.get(path)) for path in ("/auth/login", "/conformance-no-such-route", "/auth/login")]

    assert len(set(ports)) == 1


@requirement("transport.crowd-is-answered")
@pytest.mark.usefixtures("perhaps_something_to_read")
def test_crowd_is_answered(admin: Admin) -> None:
    alone = admin.read()

    with ThreadPoolExecutor(CROWD) as crowd:
        read = list(crowd.map(lambda _: admin.read(), range(CROWD)))

    assert all(deployment == alone for deployment in read)
