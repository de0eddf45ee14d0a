"""Servers that do anything but answer as they should: each from the first request on, or only once cases ask."""

import contextlib
import gzip
import json
import re
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from conformance.selftest.liars import STEER
from conformance.verdict import Verdict
from reference_server import Api, serve
from reference_server.server import LOOPBACK, listen

Behaviour = Callable[[socket.socket], None]
"""What a server does on a connection on which a request has come; after it the connection is closed."""

DRIP: Final = 0.1
"""Seconds between two bytes of a server that drips, each of them in the time that one read has."""

MANY: Final = 400_000_000
"""Bytes of what has no end, should nobody end it."""

SCRIPT: Final = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
"""What a page must show and not do."""


def reply(body: bytes = b"", *headers: str, status: int = 200, length: int | None = None) -> bytes:
    """A reply, announced as JSON of its true length where nothing else is said."""
    size = [f"Content-Length: {len(body) if length is None else length}"] if length != -1 else []
    lines = [f"HTTP/1.1 {status} Said", "Content-Type: application/json", *size, "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def says(*parts: bytes) -> Behaviour:
    """A server that says this and closes the connection."""

    def saying(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)

    return saying


def goes_on(first: bytes, part: bytes, pause: float = 0.0) -> Behaviour:
    """A server that says this over and over after the first."""

    def going_on(connection: socket.socket) -> None:
        connection.sendall(first)
        for _ in range(MANY // len(part)):
            connection.sendall(part)
            time.sleep(pause)

    return going_on


def is_silent(connection: socket.socket) -> None:
    """A server that never answers, until the other side goes."""
    while connection.recv(65_536):
        pass


def resets(connection: socket.socket) -> None:
    """A server that resets the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def bomb(layers: int = 1) -> bytes:
    """A small body that comes to 300 MB once it is unpacked."""
    packing = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16)
    packed = b"".join(packing.compress(bytes(1_000_000)) for _ in range(300)) + packing.flush()
    for _ in range(layers - 1):
        packed = gzip.compress(packed)
    return packed


def nasty() -> bytes:
    """Objects with what a server of the API names, every string of which steers a terminal and a browser."""
    names = ("type", "id", "rev", "version", "code", "message", "label", "error", "user", "scope")
    return json.dumps([dict.fromkeys(names, STEER + SCRIPT)] * 2).encode()


@dataclass(frozen=True)
class Row:
    """A behaviour, and what the suite says of it."""

    behaviour: Behaviour
    line: str
    """What the one line holds where the look already meets it."""
    looked: Verdict = Verdict.UNREACHABLE
    """The verdict where the look already meets it."""
    judged: Verdict = Verdict.UNREACHABLE
    """The verdict where the cases meet it."""


Rows = Mapping[str, Row]
"""Behaviours by their names."""

NO, BAD = Verdict.NOT_NODE_RED, Verdict.NON_CONFORMANT
LONG: Final = 1_000_000

HOSTILE: Final[Rows] = {
    "silent": Row(is_silent, "no answer in"),
    "drips-headers": Row(goes_on(b"HTTP/1.1 200 OK\r\nX: ", b"x", DRIP), "no answer in"),
    "drips-body": Row(goes_on(reply(length=LONG), b" ", DRIP), "no answer in"),
    "closes": Row(says(), "disconnected"),
    "closes-in-the-headers": Row(says(b"HTTP/1.1 200 OK\r\nContent-"), "does not answer"),
    "closes-after-the-headers": Row(says(reply(length=10)), "does not answer", judged=BAD),
    "closes-in-the-body": Row(says(reply(b"[1, ", length=10)), "does not answer", judged=BAD),
    "resets": Row(resets, "does not answer"),
    "garbage": Row(says(bytes(range(256)) * 4), "does not answer"),
    "long-line-of-garbage": Row(says(b"\x1b[2J" * 60_000), "does not answer"),
    "banner": Row(says(b"SSH-2.0-OpenSSH_9.6\r\n"), "does not answer"),
    "no-length": Row(says(reply(b"<p>", length=-1)), "not as Node-RED does", NO, BAD),
    "length-too-small": Row(says(reply(b"<p>Welcome</p>", length=2)), "not as Node-RED does", NO, BAD),
    "length-doubled": Row(says(reply(b"[]", "Content-Length: 7")), "does not answer"),
    "length-of-no-number": Row(says(reply(b"[]", "Content-Length: two", length=-1)), "does not answer"),
    "length-of-a-giant": Row(says(reply(b"[]", length=10**18)), "does not answer", judged=BAD),
    "endless-body": Row(goes_on(reply(length=-1), b"x" * 65_536), "larger than 32 MiB"),
    "endless-chunks": Row(
        goes_on(reply(b"", "Transfer-Encoding: chunked", length=-1), b"ffff\r\n" + b"x" * 65_535 + b"\r\n"),
        "larger than 32 MiB",
    ),
    "endless-headers": Row(goes_on(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000), "does not answer"),
    "endless-header": Row(goes_on(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 6000), "does not answer"),
    "flood-of-interim-replies": Row(goes_on(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 100), "does not answer"),
    "gzip-bomb": Row(says(reply(bomb(), "Content-Encoding: gzip")), "once it is unpacked"),
    "gzip-bomb-in-a-bomb": Row(says(reply(bomb(2), "Content-Encoding: gzip, gzip")), "not asked for", judged=BAD),
    "no-gzip": Row(says(reply(b"[]", "Content-Encoding: gzip")), "does not answer", judged=BAD),
    "charset-that-unpacks": Row(
        says(reply(b"<p>").replace(b"/json", b"/json; charset=zlib")),
        "not as Node-RED does",
        NO,
        BAD,
    ),
    "redirects-in-a-loop": Row(says(reply(b"", "Location: /", status=302)), "which leads to /", NO, BAD),
    "redirects-to-nowhere": Row(says(reply(b"", "Location: http://[", status=302)), "which leads to http", NO, BAD),
    "401": Row(says(reply(b"Unauthorized", status=401)), "asks for a token", Verdict.NEEDS_CREDENTIALS, BAD),
    "404": Row(says(reply(b"{}", status=404)), "gives 404", NO, BAD),
    "500": Row(says(reply(b"{}", status=500)), "gives 500", NO, BAD),
    "503": Row(says(reply(b"{}", status=503)), "gives 503", NO, BAD),
    "welcome": Row(says(reply(b"<h1>Welcome</h1>")), "not as Node-RED does", NO, BAD),
    "empty": Row(says(reply()), "not as Node-RED does", NO, BAD),
    "no-utf-8": Row(says(reply(b'["\xff\xfe"]')), "not as Node-RED does", NO, BAD),
    "deep": Row(says(reply(b"[" * 200_000 + b"]" * 200_000)), "not as Node-RED does", NO, BAD),
    "deep-enough": Row(says(reply(b'{"a":' * 600 + b"1" + b"}" * 600)), "not as Node-RED does", NO, BAD),
    "nan": Row(says(reply(b"[NaN, Infinity]")), "not as Node-RED does", NO, BAD),
    "digits": Row(says(reply(b"[" + b"9" * 100_000 + b"]")), "not as Node-RED does", NO, BAD),
    "dense": Row(says(reply(b"[" + b"[]," * 1_500_000 + b"[]]")), "not as Node-RED does", NO, BAD),
    "half-a-pair": Row(says(reply(b'"\\ud800"')), "not as Node-RED does", NO, BAD),
}
"""The behaviours that the look meets, by their names; no two of them are one another's."""

LATER: Final[Rows] = {
    "doubled-keys": Row(says(reply(b'[{"id": "a", "id": "b", "type": "tab", "type": []}]')), "", judged=BAD),
    "many-numbers": Row(says(reply(b"[1e999" + b",1" * 300_000 + b"]")), "", judged=BAD),
    "token-without-end": Row(says(reply(b'{"access_token":"' + b"x" * 2_000_000)), "", judged=BAD),
    "many-tokens": Row(
        says(reply(b"[" + b",".join(b'{"access_token":"token-%06d"}' % n for n in range(20_000)) + b"]")),
        "",
        judged=Verdict.TARGET_CHANGED,
    ),
    "steers": Row(says(reply(nasty(), f"X-Said: {SCRIPT}")), "", judged=BAD),
    "steers-in-errors": Row(says(reply(nasty()[1:].partition(b", {")[0], status=400)), "", judged=BAD),
    "steers-in-no-json": Row(says(reply((STEER + SCRIPT).encode() * 1000)), "", judged=BAD),
}
"""The behaviours that only cases can tell from the truth."""

EVERY: Final[Rows] = {**HOSTILE, **LATER}


class Server:
    """Answers as an honest server does until it is told otherwise, a request to each connection."""

    def __init__(self, listener: socket.socket, honest: str, hostile: Callable[[int], Behaviour | None]) -> None:
        """`hostile` says what meets a request, None where the honest server does; cases are counted from 1 on."""
        self._listener = listener
        self._honest = urlsplit(honest)
        self._hostile = hostile
        self.asked = 0
        self.journal = False
        """Whether what the suite asks before and after the cases, to put the target back, is counted with theirs."""
        self.heads: list[bytes] = []

    def run(self) -> None:
        """Take connections until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if isinstance(connection, ssl.SSLSocket):
                connection.do_handshake()
            head, body = request_on(connection)
            self.heads.append(head)
            self.asked += b"nodered-conformance/" in head and (self.journal or b"(put back)" not in head)
            behaviour = self._hostile(self.asked)
            if behaviour is None:
                self._answer(connection, head, body)
            else:
                behaviour(connection)
                if behaviour is not resets:
                    connection.shutdown(socket.SHUT_WR)

    def _answer(self, connection: socket.socket, head: bytes, body: bytes) -> None:
        alone = head.replace(b"Connection: keep-alive", b"Connection: close")
        with socket.create_connection((self._honest.hostname or LOOPBACK, self._honest.port or 80)) as behind:
            behind.sendall(alone + body)
            while part := behind.recv(65_536):
                connection.sendall(part)


def request_on(connection: socket.socket) -> tuple[bytes, bytes]:
    """The head and the body of the request that comes on a connection; nothing where none comes."""
    got = b""
    while b"\r\n\r\n" not in got:
        part = connection.recv(65_536)
        if not part:
            raise OSError("nobody asks")
        got += part
    head, _, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65_536)
    return head + b"\r\n\r\n", body


@contextlib.contextmanager
def serving(
    hostile: Callable[[int], Behaviour | None], context: ssl.SSLContext | None = None
) -> Iterator[tuple[str, Server]]:
    """The URL of a server, for as long as the block lasts, and the server; under TLS where a context is given."""
    with serve(Api().app()) as honest, listen() as plain:
        listener = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False) if context else plain
        server = Server(listener, honest.url, hostile)
        threading.Thread(target=server.run, daemon=True).start()
        with listener:
            yield f"http{'s' if context else ''}://{LOOPBACK}:{listener.getsockname()[1]}", server
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
