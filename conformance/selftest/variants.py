"""Which requirements object to variants of the reference server, though these are legal.

`python -m conformance.selftest.variants [NAME...]` runs the whole suite against each, or against all there are, two at
a time, and says what objects. `NAME+NAME` is one server that differs in both ways.
"""

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from conformance.selftest.liars import BOTH
from conformance.selftest.running import Ended, Suite
from reference_server import serve
from reference_server.variants import VARIANTS, Variant, varied

PATIENCE: Final = 3_600
"""Seconds in which a run of the whole suite ends, also against a slow server on a busy machine."""

OBJECTIONS: Final = ("violates", "deviates", "suite-error")
"""The outcomes that say that the target is wrong, or the suite."""


def judged(suite: Suite, variants: Iterable[Variant], *arguments: str) -> Ended:
    """The suite against a server with these differences."""
    server = varied(variants, BOTH)
    if server.tokens:
        who, secrets = [], dict(zip(("CONFORMANCE_TOKEN", "CONFORMANCE_READER_TOKEN"), server.tokens, strict=True))
    else:
        admin, reader = server.users[:2]
        who = [f"--admin={admin.name}", f"--reader={reader.name}"]
        secrets = {"CONFORMANCE_ADMIN_PASSWORD": admin.password, "CONFORMANCE_READER_PASSWORD": reader.password}
    with serve(server.app, **server.options) as running:
        return suite(f"--target={running.url}{server.root}", "-p", "no:xdist", *who, *arguments, **secrets)


def objections(ended: Ended, variants: Iterable[Variant], untested: Collection[str] = ()) -> Iterator[str]:
    """What the suite objects to, in lines; `untested` is what could not be looked at on the plain server either."""
    if not (ended.reports / "verdict.json").exists():
        yield f"no verdict: {ended.said[-2_000:]}"
        return
    lost = any(variant.premise for variant in variants)
    if not ended.verdict["findings"]:
        yield f"nothing was judged: {ended.said[-500:]}"
    for finding in ended.verdict["findings"]:
        beyond = finding["outcome"] == "not-tested" and not lost and finding["requirement"] not in untested
        if finding["outcome"] in OBJECTIONS or beyond:
            yield f"{finding['requirement']} {finding['outcome']}: {finding['reason']}"


def not_tested(ended: Ended) -> set[str]:
    """The requirements that could not be looked at."""
    return {requirement for requirement, outcome in ended.outcomes().items() if outcome == "not-tested"}


def not_applicable(ended: Ended) -> int:
    """How many requirements the target does not offer what they are about."""
    return len([finding for finding in ended.verdict["findings"] if finding["outcome"] == "not-applicable"])


def main() -> int:
    """Say what objects; 1 where anything does."""
    parser = argparse.ArgumentParser("python -m conformance.selftest.variants", description=__doc__)
    parser.add_argument("names", nargs="*", default=list(VARIANTS), metavar="NAME")
    names = parser.parse_args().names
    for name in names:
        if unknown := set(name.split("+")) - VARIANTS.keys():
            parser.error(f"there is no variant '{min(unknown)}'; see python -m reference_server --list-variants")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as two:
        numbers = itertools.count()

        def run(name: str) -> tuple[str, list[Variant], Ended, float]:
            variants = [VARIANTS[part] for part in name.split("+") if part]
            started = time.monotonic()
            ended = judged(Suite(Path(folder) / str(next(numbers)), PATIENCE), variants)
            return name, variants, ended, time.monotonic() - started

        untested = not_tested(run("")[2])
        print(f"the plain server leaves {len(untested)} untested", flush=True)
        wrong = 0
        for name, variants, ended, seconds in two.map(run, names):
            objecting, lost = list(objections(ended, variants, untested)), not_applicable(ended)
            wrong += bool(objecting)
            print(f"{name}: {len(objecting) or 'nothing'} objects, {lost} not applicable, {seconds:.0f} s", flush=True)
            print("".join(f"    {line}\n" for line in objecting), end="", flush=True)
    print(f"{wrong} of {len(names)} variants are objected to")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
