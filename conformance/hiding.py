"""No process of a run tells a secret: not in a report, a warning, a log or a trace, whoever writes it."""

import dataclasses
import itertools
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conformance.secrets import Secrets


class Hiding:
    """A plugin that takes the secrets out of what pytest and other plugins tell."""

    def __init__(self, config: pytest.Config, variables: tuple[str, ...]) -> None:
        self.known = [Secrets({secret: name for name in variables if (secret := os.environ.get(name, "").strip())})]
        """What is secret: what these environment variables hold, and what was found out later."""
        self._usual = logging.getLogRecordFactory()
        logging.setLogRecordFactory(self.record)
        config.add_cleanup(lambda: logging.setLogRecordFactory(self._usual))
        self._hide_in_trace(config)

    def masked(self, text: str) -> str:
        """The text without secrets."""
        for secrets in self.known:
            text = secrets.masked(text)
        return text

    def add(self, secrets: Secrets) -> Secrets:
        """Let these be secret, too, and whatever comes to be among them."""
        self.known.append(secrets)
        return secrets

    def record(self, *args: Any, **named: Any) -> logging.LogRecord:
        """The record of a log, wherever that goes."""
        made = self._usual(*args, **named)
        try:
            said = made.getMessage()
        except (TypeError, ValueError):  # which logging itself tells
            return made
        if (masked := self.masked(said)) != said:
            made.msg, made.args = masked, None
        if made.exc_info:
            made.exc_text = self.masked(logging.Formatter().formatException(made.exc_info))
        return made

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        """Take them out of a warning."""
        if isinstance(warning_message.message, Warning):
            hide_in(warning_message.message, self.masked)

    def _hide_in_trace(self, config: pytest.Config) -> None:
        """Take them out of what `--debug` writes: all that hooks are called with."""
        root = config.trace.root
        if write := root._writer:  # noqa: SLF001 - pytest offers no other way to it
            root.setwriter(lambda text: write(self.masked(text)))


def mask(told: Any, masked: Callable[[str], str]) -> Any:
    """Take the secrets out of all that a traceback is made of: its lines, arguments and local variables."""
    if isinstance(told, str):
        return masked(told)
    if isinstance(told, bytes):
        return masked(told.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    if isinstance(told, dict):
        return {mask(key, masked): mask(value, masked) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return type(told)(mask(part, masked) for part in told)
    if dataclasses.is_dataclass(told):
        for name, value in vars(told).items():
            setattr(told, name, mask(value, masked))
    return told


def hide(report: pytest.TestReport, masked: Callable[[str], str]) -> None:
    """Take the secrets out of all that a report tells."""
    for name in ("longrepr", "sections", "user_properties", "wasxfail"):
        if told := getattr(report, name, None):
            setattr(report, name, mask(told, masked))


def hide_in(error: BaseException, masked: Callable[[str], str]) -> None:
    """Take the secrets out of an exception, which other plugins tell in words of their own."""
    for one in family(error):
        one.args = mask(one.args, masked)
        if notes := getattr(one, "__notes__", None):
            one.__notes__ = mask(notes, masked)


def family(error: BaseException) -> Iterator[BaseException]:
    """An exception, and those that it came of or is made of."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or any(one is other for other in seen):
            continue
        seen.append(one)
        parts = one.exceptions if isinstance(one, BaseExceptionGroup) else ()
        waiting += itertools.chain((one.__cause__, one.__context__), parts)
        yield one
