"""The client of the websocket: it shows no secret, goes where it was sent and nowhere else, and trusts whom it may."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.client import Admin
from conformance.comms import Comms
from conformance.connection import Connection
from conformance.outcomes import NotApplicable
from conformance.recorder import NoReply, Recorder
from conformance.secrets import Secrets
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import ADMIN_PASSWORD, BOTH, protected
from conformance.selftest.running import run
from conformance.targets import Target
from reference_server import Api, Users

FLOWS = [{"id": "c0f00000000000d0", "type": "tab", "label": "Conformance"}]


class Client:
    """The client of a target, and what it recorded."""

    def __init__(self, url: str, token: str = "", connection: Connection | None = None) -> None:
        reached = connection or Connection(timeout=1)
        self.recorder = Recorder(reached.transport(), Secrets({token: "CONFORMANCE_TOKEN"} if token else {}))
        self.admin = Admin(url, self.recorder, 1, token)
        self.comms = Comms(Target(name="t", url=url, version=None, protected=bool(token)), self.recorder, reached)

    def close(self) -> None:
        """Close the connections."""
        self.recorder.close()

    def deployed(self) -> str:
        """The rev of flows that are deployed now."""
        with self.recorder.writing():
            return self.admin.deploy(FLOWS).rev


Clients = Callable[..., Client]


@pytest.fixture
def client_of(served: Serve) -> Iterator[Clients]:  # noqa: ARG001 - it is closed after the clients
    """Makes clients, which are closed before the servers."""
    with ExitStack() as closing:

        def making(url: str, token: str = "", connection: Connection | None = None) -> Client:
            return closing.enter_context(contextlib.closing(Client(url, token, connection)))

        yield making


@pytest.fixture
def users() -> Users:
    """An administrator and a reader."""
    return Users(BOTH)


@pytest.fixture
def token(users: Users) -> str:
    """The administrator's token."""
    return users.log_in("admin", ADMIN_PASSWORD, "*") or ""


def test_listener_hears_and_is_recorded_without_the_token(
    client_of: Clients, served: Serve, users: Users, token: str
) -> None:
    client = client_of(served(protected(users).app()), token)

    with client.comms.listening(client.admin) as listener:
        rev = client.deployed()
        listener.deployments_until(rev)

    told = client.recorder.exchanges[-1].transcript()
    assert told.startswith("> GET ws://")
    assert '> {"auth": "$CONFORMANCE_TOKEN"}' in told
    assert rev in told
    assert token not in told + client.recorder.exchanges[-1].curl()


def test_failure_is_told_and_recorded(client_of: Clients, served: Serve, users: Users, token: str) -> None:
    client = client_of(served(protected(users).app()), token)

    with (
        pytest.raises(AssertionError, match="no deployment of the rev 'none' was told within 1 s"),
        client.comms.listening(client.admin) as listener,
    ):
        listener.deployments_until("none")

    assert client.recorder.exchanges[-1].status == 101


def test_shell_line_says_the_same_again(
    client_of: Clients, served: Serve, users: Users, token: str, tmp_path: Path
) -> None:
    client = client_of(served(protected(users).app()), token)
    with client.comms.listening(client.admin) as listener:
        listener.catch_up()
    line = client.recorder.exchanges[-1].curl().replace("python -m", f"{sys.executable} -m")

    again = run(["sh", "-c", line], tmp_path, tmp_path, {"CONFORMANCE_TOKEN": token})

    assert '{"auth":"ok"}' in again.stdout
    assert '"topic":"notification/runtime-deploy"' in again.stdout


@pytest.fixture
def secured(tmp_path: Path, served: Serve) -> str:
    """The URL of a target behind TLS, whose authority is in `authority.pem`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    return served(Api().app(), ssl_certfile=tmp_path / "server.pem")


@pytest.mark.parametrize("way", ["insecure", "ca_bundle"])
def test_tls_is_as_for_http(client_of: Clients, secured: str, tmp_path: Path, way: str) -> None:
    trust = {"insecure": Connection(insecure=True), "ca_bundle": Connection(ca_bundle=tmp_path / "authority.pem")}
    client = client_of(secured, connection=trust[way])

    with client.comms.listening(client.admin) as listener:
        listener.deployments_until(client.deployed())

    assert client.recorder.exchanges[-1].url.startswith("wss://")


def test_unknown_authority_is_not_trusted(client_of: Clients, secured: str) -> None:
    with pytest.raises(NotApplicable), client_of(secured).comms.connected():
        pass


def test_environment_names_no_proxy(client_of: Clients, served: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "WS_PROXY", "ws_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    client = client_of(served(Api().app()))

    with client.comms.listening(client.admin) as listener:
        listener.deployments_until(client.deployed())


def answering(status: int, location: str = "") -> ASGIApp:
    """An application that refuses the websocket with this status."""

    async def refuse(_: Scope, __: Receive, send: Send) -> None:
        headers = [(b"location", location.encode())] if location else []
        await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b"no"})

    return refuse


def test_target_without_a_websocket(client_of: Clients, served: Serve) -> None:
    client = client_of(served(answering(404)))

    with pytest.raises(NotApplicable, match="/comms answers 404"), client.comms.connected():
        pass

    assert client.recorder.exchanges[-1].status == 404


def test_redirect_is_not_followed(client_of: Clients, served: Serve) -> None:
    elsewhere = served(Api().app()).replace("http", "ws")
    client = client_of(served(answering(302, f"{elsewhere}/comms")))

    with pytest.raises(NotApplicable, match="/comms answers 302"), client.comms.connected():
        pass


def test_handshake_without_an_answer_is_awaited_once(client_of: Clients, served: Serve) -> None:
    asked = 0

    async def silent(_: Scope, __: Receive, ___: Send) -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(1.5)

    client = client_of(served(silent))

    for _ in range(3):
        with pytest.raises(NotApplicable, match="does not answer the handshake"), client.comms.connected():
            pass
    assert asked == 1


def test_target_that_went_away_is_no_target_without_a_websocket(client_of: Clients) -> None:
    with pytest.raises(NoReply), client_of("http://127.0.0.1:1").comms.connected():
        pass
