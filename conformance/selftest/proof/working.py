"""Work in parallel, each piece in a process of its own that knows all cases already."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

import pytest

from conformance.selftest.proof.session import CASES, QUIETLY, aside

PATIENCE: Final = 1_200
"""Seconds in which some piece of the work must end."""

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def know_all_cases() -> None:
    """Import every case once, as pytest imports them, for all processes that begin from here on."""
    with aside() as said:
        code = pytest.main([*QUIETLY, "--collect-only", "-q", str(CASES)])
    if code != pytest.ExitCode.OK:
        raise SystemExit(said.getvalue())


def in_parallel(work: Callable[[Piece], Result], pieces: Iterable[Piece], processes: int) -> Iterator[Result]:
    """The results in the order in which they come; raises TimeoutError where nothing ends any more."""
    with multiprocessing.get_context("fork").Pool(processes, maxtasksperchild=1) as pool:
        results = pool.imap_unordered(work, pieces)
        try:
            while True:
                yield results.next(timeout=PATIENCE)
        except StopIteration:
            return
        except multiprocessing.TimeoutError:
            raise TimeoutError(f"nothing has ended for {PATIENCE} seconds") from None
