"""A bare replay: requests of a run, sent one after the other over one connection, whose replies nobody looks at."""

import json
import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from conformance.evidence.reading import read

PER_CONNECTION: Final = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding"})
"""Headers that the client of the replay says itself."""

PATIENCE: Final = 20
"""Seconds that a reply may take."""


@dataclass(frozen=True)
class Request:
    """A request, with its path from the root of the server."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def said(self) -> list[tuple[str, str]]:
        """The headers that are not the client's own affair."""
        return [(name, value) for name, value in self.headers if name.lower() not in PER_CONNECTION]


def of_evidence(evidence: Path, url: str) -> Iterator[Request]:
    """The requests that a run sent to the target at this URL, in their order; no websockets, and no bytes."""
    for line in read(evidence).exchanges():
        if line["url"].startswith(url) and not line.get("request_bytes"):
            headers = tuple((name, value) for name, value in line["request_headers"])
            yield Request(line["method"], line["url"].removeprefix(url), headers, line.get("request_body") or "")


def by_httpx(requests: Iterable[Request], url: str) -> float:
    """The seconds that one httpx client takes for them."""
    began = time.monotonic()
    with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as client:
        for request in requests:
            headers = [(name, value.encode("utf-8")) for name, value in request.said]
            try:
                client.request(request.method, request.path, headers=headers, content=request.body.encode("utf-8"))  # type: ignore[arg-type]  # bytes beside names of text are as good
            except httpx.HTTPError:
                continue  # as the suite does, which sends what a server may answer by hanging up
    return time.monotonic() - began


def by_curl(requests: Iterable[Request], url: str, folder: Path) -> float:
    """The seconds that curl, which is compiled, takes for them; raises FileNotFoundError where it is not installed."""
    config = folder / "requests.curl"
    config.write_text("next\n".join(curl_lines(list(requests), url, folder)), "utf-8")
    began = time.monotonic()
    subprocess.run(["curl", "--silent", "--config", f"{config}"], stdout=subprocess.DEVNULL, check=False)  # noqa: S603, S607
    return time.monotonic() - began


def curl_lines(requests: list[Request], url: str, folder: Path) -> Iterable[str]:
    """The part of curl's configuration for each request; bodies are files."""
    for number, request in enumerate(requests):
        lines = [f"url = {json.dumps(url + request.path)}", f"request = {json.dumps(request.method)}"]
        lines += [f"max-time = {PATIENCE}", 'output = "/dev/null"', "path-as-is", "globoff"]
        lines += ["head"] if request.method == "HEAD" else []
        lines += [f"header = {json.dumps(f'{name}: {value}', ensure_ascii=False)}" for name, value in request.said]
        if request.body:
            body = folder / f"body-{number}"
            body.write_text(request.body, "utf-8")
            lines.append(f"data-binary = {json.dumps(f'@{body}')}")
        yield "\n".join([*lines, ""])
