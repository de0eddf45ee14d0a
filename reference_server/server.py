"""The reference server over HTTP, on uvicorn."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    url: str
    server: uvicorn.Server

    def ends(self) -> None:
        """Tell the server to end, and wait for nothing: of many servers, each would be waited for in its turn."""
        self.server.should_exit = True


def listen(port: int = 0) -> socket.socket:
    """A socket that listens on loopback; port 0 takes a free one. Raises OSError where the port is taken."""
    # asyncio switches Nagle's delay off only on sockets that say they are TCP's.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((LOOPBACK, port))
    listener.listen()
    return listener


def settings(app: ASGIApp, **options: Any) -> uvicorn.Config:
    """How uvicorn runs the application: quietly, as itself, and with these options of its own."""
    options = {"ws": "websockets-sansio", **options}  # the other one of uvicorn's is deprecated by its own library
    return uvicorn.Config(app, lifespan="off", log_level="error", access_log=False, server_header=False, **options)


@contextlib.contextmanager
def serve(app: ASGIApp, **options: Any) -> Iterator[Running]:
    """Run the application in a thread, on a free port of loopback, for as long as the block lasts."""
    config = settings(app, **options)
    server = uvicorn.Server(config)
    with listen() as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        scheme = "https" if config.is_ssl else "http"
        running = Running(f"{scheme}://{LOOPBACK}:{listener.getsockname()[1]}", server)
        try:
            yield running
        finally:
            running.ends()
            thread.join(timeout=5)
