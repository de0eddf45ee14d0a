"""Nothing that a run writes, says or starts holds a secret, wherever secrets are planted and however much is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from starlette.requests import Request

from conformance.secrets import spellings_of
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import AS_BOTH, Answer, Liar, protected
from conformance.selftest.running import Ended, Suite
from reference_server import User, Users

ADMIN: Final = 'planted "secret"/of+the admin\'s\\own &é'
READER: Final = "planted/secret+of=the%reader?"
COOKIE: Final = "planted-session-0123456789abcdef"
FOREIGN: Final = "planted-by-somebody-else-0123"
PASSWORDS: Final = {"CONFORMANCE_ADMIN_PASSWORD": ADMIN, "CONFORMANCE_READER_PASSWORD": READER}

CASES: Final = (
    "conformance/cases/test_flows_get.py",
    "conformance/cases/test_flows_auth.py",
    "conformance/cases/test_flows_rev.py",
    "conformance/cases/test_flows_odd.py",
    "conformance/cases/test_auth_bearer.py",
    "conformance/cases/test_auth_login.py",
    "conformance/cases/test_credentials.py",
    "conformance/cases/test_transport_secrets.py",
    "conformance/cases/test_comms.py",
)
"""Cases that send every secret, in every place in which a request has one."""

TELLING: Final = (
    *("-vv", "-rA", "--tb=long", "--showlocals", "--full-trace", "--durations=0"),
    *("--log-level=DEBUG", "--log-cli-level=DEBUG", "-o", "log_cli=true", "-o", "junit_logging=all", "-W", "default"),
)
"""The options with which pytest tells all that it knows."""


class Remembering(Users):
    """Users whose tokens are remembered."""

    def __init__(self) -> None:
        super().__init__((User("admin", ADMIN, "*"), User("reader", READER, "read")))
        self.tokens: list[str] = []

    def log_in(self, name: str, password: str, scope: str) -> str | None:
        """A token, which is remembered."""
        token = super().log_in(name, password, scope)
        self.tokens += [token] if token else []
        return token


def repeats(request: Request, true: Answer) -> Answer:
    """What was sent comes back: in headers, in errors, in the settings, in the flows, and other secrets with it."""
    sent = f"{request.headers.get('authorization', '')} {request.url.query}".strip()
    told = true.with_header(b"x-sent", sent.encode()).with_header(b"set-cookie", f"session={COOKIE}; Path=/".encode())
    if request.url.path == "/settings" and true.status == 200:
        return told.with_json({**true.json, "adminAuth": {"password": FOREIGN}, "sent": [sent, ADMIN, READER]})
    if request.url.path == "/flows" and request.method == "GET" and true.status == 200:
        label = {"id": "planted", "type": "tab", "label": f"{sent} {ADMIN}"}
        value = true.json
        return told.with_json([label] if isinstance(value, list) else {**value, "flows": [label], "rev": sent or "1"})
    if true.status >= 400:
        return replace(told, body=json.dumps({"code": sent, "message": f"{ADMIN} {READER} {sent}"}).encode())
    return told


BROKEN: Final = '''
import logging
import sys
import warnings

import pytest

from conformance.client import Admin

read = Admin.read


def tell(self):
    """Everything that a careless suite could do with a token and a password."""
    secret = f"{self.token} {self.recorder.PASSWORD}"
    logging.getLogger("careless").debug("%s", {"authorization": secret})
    print(secret)
    print(secret, file=sys.stderr)
    warnings.warn(secret, UserWarning, stacklevel=1)
    if "second" in self.recorder.case:
        try:
            raise ValueError(secret.encode())
        except ValueError as error:
            error.add_note(secret)
            logging.getLogger("careless").exception("broke")
            raise KeyError({"a": [secret]}) from error
    return read(self)


Admin.read = tell


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    import os

    secret = os.environ["CONFORMANCE_ADMIN_PASSWORD"]
    raise RuntimeError(f"at the end {secret!r}")
'''


@contextmanager
def watched() -> Iterator[list[bytes]]:
    """The command lines of all processes of the machine while the block lasts."""
    lines: set[bytes] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.3):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    lines.add(path.read_bytes())
                except OSError:
                    continue

    thread = threading.Thread(target=watch)
    thread.start()
    seen: list[bytes] = []
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        seen += lines


def assert_hidden(texts: dict[str, str], secrets: list[str]) -> None:
    """None of the texts holds a secret in any spelling."""
    for secret in secrets:
        for spelling in spellings_of(secret):
            assert [place for place, text in texts.items() if spelling in text] == [], spelling


def all_written(folder: Path, ended: Ended) -> dict[str, str]:
    """Everything that a run has said or written."""
    files = {str(path): path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*") if path.is_file()}
    return {"stdout": ended.stdout, "stderr": ended.stderr, **files}


@pytest.mark.long
@pytest.mark.parametrize(
    "parallel", [pytest.param((), marks=pytest.mark.thorough), ("-n", "2")], ids=["alone", "parallel"]
)
@pytest.mark.parametrize("debug", [False, pytest.param(True, marks=pytest.mark.thorough)], ids=["", "debug"])
def test_nothing_that_a_run_tells_holds_a_secret(
    served: Serve, tmp_path: Path, parallel: tuple[str, ...], debug: bool
) -> None:
    users = Remembering()
    plugins, told = tmp_path / "plugins", tmp_path / "told"
    plugins.mkdir()
    told.mkdir()
    password = "from conformance.recorder import Recorder\nimport os\n"  # noqa: S105 - no password, but what reads one
    password += "Recorder.PASSWORD = os.environ['CONFORMANCE_ADMIN_PASSWORD']\n"
    (plugins / "careless.py").write_text(password + BROKEN, "utf-8")
    files = (f"--junitxml={told}/junit.xml", f"--alluredir={told}/allure", f"--log-file={told}/log.txt")
    traced = (f"--debug={told}/debug.txt",) if debug else ()
    url = served(Liar(protected(users).app(), repeats))

    with watched() as processes:
        ended = Suite(told)(
            *(f"--target={url}", *AS_BOTH, *files, *TELLING, *traced, *parallel, *CASES, "-p", "careless"),
            PYTHONPATH=str(plugins),
            **PASSWORDS,
        )

    texts = all_written(told, ended)
    assert ended.exit_code == 3, ended.said[-3000:]
    assert len(texts) > 20
    assert "careless" in texts[f"{told}/log.txt"] or parallel
    assert any("$CONFORMANCE_ADMIN_PASSWORD" in text for text in texts.values())
    assert users.tokens
    assert processes
    secrets = [ADMIN, READER, COOKIE, FOREIGN, *users.tokens]
    assert_hidden(texts | {"processes": b"\n".join(processes).decode("utf-8", "replace")}, secrets)
    parts = [token[len(token) // 4 : len(token) // 4 + 16] for token in users.tokens]
    assert [part for part in parts if any(part in text for text in texts.values())] == []


def test_ready_token_and_password_are_hidden_where_the_look_ends_the_run(
    suite: Suite, served: Serve, tmp_path: Path
) -> None:
    token = "planted/ready+token==0123456789"  # noqa: S105 - of nobody

    def lie(_: Request, true: Answer) -> Answer:
        elsewhere = f"/?access_token={token}&password={ADMIN!r}".encode()
        return replace(true, status=302, headers=((b"location", elsewhere),), body=token.encode())

    ended = suite(f"--target={served(Liar(protected().app(), lie))}", CONFORMANCE_TOKEN=token, **PASSWORDS)

    assert ended.exit_code == 12
    assert "which leads to" in ended.stderr
    assert_hidden(all_written(tmp_path, ended), [token, ADMIN])


def test_other_programs_are_not_given_the_secrets(suite: Suite, tmp_path: Path) -> None:
    npm, given = tmp_path / "npm", tmp_path / "given"
    npm.write_text(f'#!/bin/sh\n(/usr/bin/env; echo "$@") > {given}\nexit 1\n', "utf-8")
    npm.chmod(0o755)

    suite("--target=node-red:4.1.99", PATH=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"), **PASSWORDS)

    assert "XDG_CACHE_HOME" in given.read_text("utf-8")
    assert_hidden({"npm": given.read_text("utf-8")}, [ADMIN, READER])
