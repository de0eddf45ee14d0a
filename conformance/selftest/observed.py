"""What can be observed of a server in a few requests, one after the other, to tell two servers apart."""

import json
import re
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from conformance.client import ACCEPT_JSON, JSON, V2
from conformance.data import Json, flows
from conformance.selftest.liars import ADMIN_PASSWORD, READER_PASSWORD
from conformance.waiting import comes_true

CHANGES: Final = (
    (r"\d\d\d\d-\d\d-\d\dT[\d:.]+Z|(?<=^[Dd]ate: ).*", "a time"),
    (r"[0-9a-f]{64}", "64 digits"),
    (r"[0-9a-f]{40}", "40 digits"),
    (r"[0-9a-f]{16}", "16 digits"),
    (r"[A-Za-z0-9+/]{171}=", "172 letters"),
)
"""What is another at every time, and what is left of it."""

NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody, and is had at once, as no file of authorities is read."""

ALL_STARTED: Final = 1.1
"""Seconds in which whatever was deployed before has started, and is not taken for what comes."""

SOON: Final = 0.2
"""Seconds in which a node has started, unless the machine is busy."""

NOTHING_COMES: Final = 1.5
"""Seconds in which a short connection ends."""

PATHS: Final = (
    "/settings",
    "/settings/user",
    "/flows",
    "/flows/",
    "/FLOWS",
    "/flows/state",
    "/flow/global",
    "/nodes",
    "/nodes/messages",
    "/diagnostics",
    "/context/global",
    "/credentials/inject/a",
    "/plugins",
    "/icons",
    "/library/local/flows",
    "/locales/editor",
    "/nothing",
    "/nodes/nothing",
    f"/flows?long={'x' * 7_000}",
)
"""What is read."""

UNSTEADY: Final = ("/diagnostics",)
"""Of these only the fields are looked at."""


@dataclass(frozen=True)
class Server:
    """A server to be looked at, and how one gets in."""

    url: str
    admin: tuple[str, str] = ("admin", ADMIN_PASSWORD)
    reader: tuple[str, str] = ("reader", READER_PASSWORD)
    token: str = ""


def observed(server: Server) -> Iterator[tuple[str, Json]]:
    """What is asked, and a steady form of the answer; what takes long comes last."""
    with httpx.Client(base_url=server.url, trust_env=False, verify=NO_TLS) as client:
        yield "the beginning", raw_head(server.url)
        yield "/auth/login", form(client.get("/auth/login"))
        yield "without a token", form(client.get("/flows"))
        login = log_in(client, *server.admin)
        yield "logging in", form(login)
        yield "logging in wrongly", form(log_in(client, server.admin[0], "wrong"))
        reader = token_in(log_in(client, *server.reader, scope="read"))
        yield "what a reader may do", form(client.get("/settings", headers={"Authorization": f"Bearer {reader}"}))
        token = server.token or token_in(login)
        client.headers["Authorization"] = f"Bearer {token}"
        for path in PATHS:
            yield path, form(client.get(path, headers=ACCEPT_JSON), UNSTEADY)
        yield from written(client)
        yield "many headers", form(client.get("/flows", headers={f"x-{number}": "" for number in range(400)}))
        yield "from a browser", form(client.options("/flows", headers=PREFLIGHT))
        yield "the websocket", websocket(server.url, token)
        yield "a start", started(client)
        yield "an idle connection", idle(server.url)


PREFLIGHT: Final = {"Origin": "http://conformance.example", "Access-Control-Request-Method": "GET"}


def written(client: httpx.Client) -> Iterator[tuple[str, Json]]:
    """What is answered to requests that write, and what can be read then."""
    nodes = [*flows("two-tabs"), {"id": "conformance-config", "type": "mqtt-broker", "z": flows("two-tabs")[0]["id"]}]
    for name in ("first", "second"):
        yield f"a {name} deployment", form(client.post("/flows", headers=V2.headers, json=V2.body(nodes)))
    yield "a wrong deployment", form(client.post("/flows", headers=V2.headers, json={"flows": {}}))
    yield "an unreadable deployment", form(client.post("/flows", headers=JSON, content=b"{"))
    yield "an unknown method", form(client.patch("/flows", json=[]))
    yield "the deployed flows", form(client.get("/flows", headers=V2.headers))
    yield "a deployed flow", form(client.get(f"/flow/{nodes[0]['id']}"))
    added = client.post("/flow", json={"label": "Added", "nodes": []})
    yield "an added flow", form(added)
    if flow_id := added.json().get("id") if added.content and added.is_success else "":
        yield "its id", len(quote(flow_id)), re.sub(r"[0-9a-f]", "0", flow_id)  # type: ignore[misc]  # no more is looked at
    yield "a flow that is unknown", form(client.put("/flow/unknown", json={"nodes": []}))
    yield "a set that is unknown", form(client.put("/nodes/unknown/set", json={"enabled": True}))
    yield "the state", form(client.post("/flows/state", data={"state": "start"}))
    yield "an upload", form(client.post("/nodes", files={"tarball": b"no archive"}))
    yield "an inject node", form(client.post("/inject/unknown"))


def log_in(client: httpx.Client, name: str, password: str, scope: str = "*") -> httpx.Response:
    """The reply to a login, by default for all there is."""
    form = {"client_id": "node-red-admin", "grant_type": "password", "scope": scope}
    return client.post("/auth/token", data={**form, "username": name, "password": password})


def token_in(login: httpx.Response) -> str:
    """The token that a login gave, or what is none where it gave none."""
    return login.json().get("access_token", "none") if login.is_success else "none"


def form(reply: httpx.Response, unsteady: tuple[str, ...] = ()) -> Json:
    """A reply without what is another at every time."""
    headers = [f"{name}: {value}" for name, value in reply.headers.items() if name not in ("content-length", "date")]
    body = reply.text
    if reply.request.url.path.endswith(unsteady or ("\0",)):
        body = ""
    return [reply.http_version, reply.status_code, reply.reason_phrase, *map(steady, [*headers, body])]


def steady(text: str) -> str:
    """The text without what is another at every time."""
    for pattern, left in CHANGES:
        text = re.sub(pattern, left, text)
    return text


def raw_head(url: str) -> Json:
    """The first bytes that a server sends, and where the host itself leads."""
    place = httpx.URL(url)
    with socket.create_connection((place.host, place.port or 80), timeout=5) as connection:
        connection.sendall(f"GET {place.path.rstrip('/')}/auth/login HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        head = connection.recv(65_536).partition(b"\r\n\r\n")[0].decode("latin-1")
    elsewhere = httpx.get(place.copy_with(path="/flows"), trust_env=False, verify=NO_TLS)
    return [steady(line) for line in head.split("\r\n")], elsewhere.status_code


def websocket(url: str, token: str) -> Json:
    """What is told on the websocket: to a token, of what was deployed, and to a message that is too long for some."""
    heard: list[str] = []
    try:
        with connect(f"ws{url.removeprefix('http')}/comms", proxy=None, compression=None) as connection:
            for said in ({"auth": token}, {"subscribe": "notification/#"}):
                connection.send(json.dumps(said))
                heard.append(steady(str(connection.recv(timeout=5))))
            connection.send(json.dumps({"long": "x" * 5_000}))
            connection.ping().wait(0.2)
            connection.send(json.dumps({"subscribe": "notification/#"}))
            heard.append(steady(str(connection.recv(timeout=5))))
    except (WebSocketException, OSError) as error:
        heard.append(type(error).__name__)
    return heard


def started(client: httpx.Client) -> Json:
    """Whether nodes start soon: of several times at least once, as a busy machine takes its time."""
    time.sleep(ALL_STARTED)
    return any(starts_soon(client, str(number)) for number in range(3))


def starts_soon(client: httpx.Client, value: str) -> bool:
    """Whether a node has set this value soon after the reply to its deployment."""
    nodes = flows("set-context")
    nodes[2]["rules"] = [{"t": "set", "p": "started", "pt": "global", "to": value, "tot": "str"}]
    client.post("/flows", json=nodes)

    def is_set() -> bool:
        return f'"{value}"' in client.get("/context/global/started").text

    soon = comes_true(is_set, SOON)
    comes_true(is_set)  # or what starts late would be taken for the next
    return soon


def idle(url: str) -> Json:
    """Whether a connection lives on although nothing comes."""
    place = httpx.URL(url)
    with socket.create_connection((place.host, place.port or 80), timeout=NOTHING_COMES) as connection:
        connection.sendall(f"GET {place.path.rstrip('/')}/auth/login HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        try:
            while connection.recv(65_536):
                pass
        except TimeoutError:
            return "it lives on"
    return "it ends"
