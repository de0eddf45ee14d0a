"""How a run ends when something other than a case breaks: with one line and an exit code, and without a secret."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import pytest
from _pytest._code.code import ExceptionChainRepr, ReprTracebackNative

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from _pytest._code.code import ExceptionRepr
    from xdist.workermanage import WorkerController

    from conformance.run import Run

NO_CASE: Final = "(no case broke: pytest did, a plugin, or the suite; --full-trace shows more)"
"""The end of the line that says what broke."""

REFUSED: Final = "conformance_refused"
"""The key under which a worker of a parallel run says why it cannot begin."""

BROKE: Final = "conformance_broke"
"""The key under which it says what broke when it ended."""


def started(config: pytest.Config) -> Run | None:
    """The run of this process, None in a process that has no case: the suite is not even imported there."""
    run = sys.modules.get("conformance.run")
    return config.stash.get(run.RUN, None) if run else None


class Ending:
    """Sees to it that a run of cases which breaks, or cannot say what it came to, is told from one that succeeds."""

    def __init__(self) -> None:
        self.broke = False
        """Whether something broke, so that no verdict is the run's exit code."""
        self.config: pytest.Config | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> Generator[None, Any, Any]:
        """The exit code, also where pytest would end with a traceback."""
        self.config = config
        if sys.stdout is None:
            config._ensure_unconfigure()  # noqa: SLF001 - pytest's capture would put the None back
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - for as long as the process lives
            raise pytest.UsageError("Standard output is closed. Send it to a file, or to /dev/null.")
        try:
            code = yield
        except pytest.UsageError:
            raise
        except BaseException as error:
            if is_worker(config):
                raise
            with contextlib.suppress(Exception):
                config._ensure_unconfigure()  # noqa: SLF001 - pytest's capture gives the terminal back
            lost = deliver(sys.stdout, "\n")
            if not started(config) and not lost:
                raise
            return self.ended(error, lost)
        # What cannot even be said at the start ends pytest before there is a case.
        lost = deliver(sys.stdout) if started(config) or code == pytest.ExitCode.INTERNAL_ERROR else None
        return self.ended(lost, lost) if lost else code

    def ended(self, error: BaseException, lost: OSError | None) -> pytest.ExitCode:
        """Tell what ended the run, if that can still be told; standard output may be lost."""
        if isinstance(error, OSError) and lost:
            tell(f"ERROR: standard output takes no more, and what the run says is lost: {lost}")
        else:
            tell(f"ERROR: {self.words(error)}")
        interrupted = isinstance(error, KeyboardInterrupt)
        return pytest.ExitCode.INTERRUPTED if interrupted else pytest.ExitCode.INTERNAL_ERROR

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, Any, Any]:
        """Hand on what a worker of a parallel run refuses, as nobody sees what it says."""
        try:
            return (yield)
        except pytest.UsageError as error:
            getattr(self.config, "workeroutput", {})[REFUSED] = str(error)
            raise

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: ExceptionRepr, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Make one line of the traceback, unless it is asked for."""
        said = str(excinfo.value).partition("\n")[0]
        of_worker = NO_CASE in said
        if not (of_worker or self.broke or (self.config and started(self.config))):
            return
        if self.broke:  # which breaks more, and each worker of a parallel run says it again
            said = "the run ends"
        elif not of_worker:
            said = self.words(excinfo.value)
        self.broke = True
        shorten(excrepr, said)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, Any, Any]:
        """Let no plugin that breaks at the end take the summary away, nor the exit code."""
        result = None
        try:
            result = yield
        except Exception as error:
            if not started(session.config):
                raise
            if is_worker(session.config):
                session.config.workeroutput[BROKE] = self.words(error)  # type: ignore[attr-defined]
            else:
                self.say(self.words(error))
        if self.broke:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        return result

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: WorkerController) -> None:
        """Take up what a worker of a parallel run said last."""
        said = getattr(node, "workeroutput", {})
        if REFUSED in said:
            raise pytest.UsageError(said[REFUSED])
        if BROKE in said:
            self.say(said[BROKE])

    def say(self, line: str) -> None:
        """Tell what broke; the first time is enough."""
        if not self.broke:
            tell(f"ERROR: {line}")
        self.broke = True

    def words(self, error: BaseException) -> str:
        """What broke and where, on one line, or with all that pytest was doing where that is asked for."""
        assert self.config is not None  # noqa: S101 - which pytest gives before anything can break
        run = started(self.config)
        if self.config.option.fulltrace:
            said = "".join(traceback.format_exception(error)).rstrip()
        else:
            what = traceback.format_exception_only(error)[-1].partition("\n")[0]
            frames = traceback.extract_tb(error.__traceback__)
            place = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
            said = f"{what}{place} {NO_CASE}"
        return run.hiding.masked(said) if run else said


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Make a SIGTERM, by which CI cancels a job, or a SIGHUP end the run as Ctrl-C does: the case puts back."""
    before = {ending: signal.getsignal(ending) for ending in (signal.SIGTERM, signal.SIGHUP)}
    for ending, handler in before.items():
        if handler is not signal.SIG_IGN:  # as it is under nohup
            signal.signal(ending, signal.default_int_handler)
    try:
        yield
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)


def is_worker(config: pytest.Config) -> bool:
    """Whether this is a process of a parallel run that another one started."""
    return hasattr(config, "workerinput")


def tell(line: str) -> None:
    """Say it on standard error, if that can be reached."""
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)
    deliver(sys.stderr)


def deliver(stream: IO[str] | None, more: str = "") -> OSError | None:
    """Write out what a standard stream still holds, and more; where that fails, why, and then it takes everything."""
    try:
        if stream is not None:
            stream.write(more)
            stream.flush()
    except OSError as error:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[union-attr]
        return error
    return None


def shorten(excrepr: ExceptionRepr, text: str) -> None:
    """Let the account of an exception be no more than this text."""
    told = ReprTracebackNative([text])
    excrepr.reprtraceback, excrepr.sections = told, []
    if isinstance(excrepr, ExceptionChainRepr):
        excrepr.chain = [(told, None, None)]
