"""`make bench`: the suite beside a bare replay of the very same requests, and what each of its parts costs.

python -m conformance.selftest.bench [--rounds NUMBER] [--publish FILE] [--part NAME …]
"""

import argparse
import contextlib
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from conformance import __version__, node_red
from conformance.report.markdown import table
from conformance.selftest.bench.replays import Request, by_curl, by_httpx, of_evidence
from conformance.selftest.bench.runs import Measured, measured
from conformance.selftest.in_use import flows
from reference_server import Api, serve

VERSION: Final = "4.1.15"
"""The Node-RED that is started; it asks for no token, so that a replay can say whatever the suite said."""

NODES: Final = ((0, "flows"), (1_000, "flows"), (5_000, "flows"), (5_000, "flows_get"), (20_000, "flows_get"))
"""How many nodes the target holds, beside which the suite deploys, and what is run: 20,000 take Node-RED long."""

TARGETS: Final = (1, 2, 4)

MANY: Final = "flows"
"""What is run on several targets: the cases of `GET` and `POST /flows`."""


@dataclass
class Bench:
    """Where it is measured, and how often."""

    folder: Path
    rounds: int
    runs: int = 0

    def run(self, *words: str, **variables: str) -> Measured:
        """One more run of the suite."""
        self.runs += 1
        print(f"pytest {' '.join(words)}", file=sys.stderr, flush=True)
        return measured(self.folder / f"run-{self.runs}", words, variables)


def ratios(bench: Bench) -> list[list[str]]:
    """The suite beside bare replays, on the reference server and on Node-RED, in turns."""
    rows = []
    for name, serving in (("the reference server", reference), (f"Node-RED {VERSION}", real)):
        with serving() as url:
            rows.append(beside(bench, name, url))
    return rows


def beside(bench: Bench, name: str, url: str) -> list[str]:
    """A line: what the suite took, what the replays of its requests took, and what that comes to."""
    runs: list[Measured] = []
    bare: dict[str, list[float]] = {"httpx": [], "curl": []}
    requests: Sequence[Request] = ()
    for _ in range(bench.rounds):
        runs.append(bench.run(f"--target={url}"))
        requests = list(of_evidence(runs[-1].reports / "evidence.jsonl", url))
        bare["httpx"].append(by_httpx(requests, url))
        bare["curl"].append(by_curl(requests, url, runs[-1].reports))
        empty(url)
    suite, httpx_took, curl_took = (statistics.median(each) for each in ([run.cases for run in runs], *bare.values()))
    waited = statistics.median(run.waited for run in runs)
    return [
        name,
        str(len(requests)),
        f"{suite:.1f}",
        f"{waited:.1f}",
        f"{httpx_took:.1f}",
        f"{curl_took:.1f}",
        f"{suite / httpx_took:.2f}",
        f"{suite / (httpx_took + waited):.2f}",
        f"{len(requests) / suite:.0f}",
        f"{statistics.median(run.starting for run in runs):.2f}",
        f"{statistics.median(run.ending for run in runs):.2f}",
        str(max(run.megabytes for run in runs)),
    ]


def costs(bench: Bench) -> list[list[str]]:
    """What each report costs: a run without any, beside runs with one more."""
    kinds: dict[str, list[str]] = {
        "no report": ["--reports=none"],
        "evidence": ["--reports=evidence"],
        "evidence, HTML and the rest": [],
        "JUnit": ["--reports=none", f"--junitxml={bench.folder / 'junit.xml'}"],
        "Allure": ["--reports=none", f"--alluredir={bench.folder / 'allure'}"],
    }
    took: dict[str, list[Measured]] = {kind: [] for kind in kinds}
    for _ in range(bench.rounds):
        for kind, words in kinds.items():
            with reference() as url:
                took[kind].append(bench.run(f"--target={url}", "--profile=deploy", "--profile=read", *words))
    least = statistics.median(run.seconds for run in took["no report"])
    return [
        [
            kind,
            f"{(middle := statistics.median(run.seconds for run in runs)):.1f}",
            f"{100 * (middle / least - 1):+.0f} %",
            str(max(run.megabytes for run in runs)),
        ]
        for kind, runs in took.items()
    ]


def several(bench: Bench) -> list[list[str]]:
    """One target, and several side by side."""
    rows = []
    for number in TARGETS:
        with contextlib.ExitStack() as servers:
            urls = [servers.enter_context(reference()) for _ in range(number)]
            run = bench.run(*(f"--target=t{place}={url}" for place, url in enumerate(urls)), "-k", MANY)
        rows.append([str(number), f"{run.seconds:.1f}", f"{run.seconds / number:.1f}", str(run.megabytes)])
    return rows


def sizes(bench: Bench) -> list[list[str]]:
    """A Node-RED that holds more and more nodes, beside which the suite deploys."""
    rows = []
    for nodes, cases in NODES:
        with real() as url:
            held = flows(url, nodes) if nodes else []
            httpx.post(f"{url}/flows", json=held, timeout=60).raise_for_status()
            run = bench.run(f"--target={url}", "--allow-writes", "--timeout=60", "-k", cases)
        rows.append([f"{len(held):,}", cases, f"{run.starting:.2f}", f"{run.cases:.1f}", str(run.megabytes)])
    return rows


PARTS: Final[dict[str, tuple[str, tuple[str, ...], Callable[[Bench], list[list[str]]]]]] = {
    "ratios": (
        "The whole suite, beside a bare replay of the same requests",
        ("target", "requests", "suite, s", "of which waits, s", "httpx, s", "curl, s", "suite to httpx",
         "to httpx that waits as long", "requests a second", "to the first case, s", "after the last, s", "MB"),
        ratios,
    ),
    "costs": ("What reports cost", ("with", "seconds", "more", "MB"), costs),
    "targets": ("Several targets side by side", ("targets", "seconds", "each", "MB"), several),
    "sizes": (f"Node-RED {VERSION} that holds flows", ("nodes", "-k", "to the first case, s", "cases, s", "MB"), sizes),
}  # fmt: skip


@contextlib.contextmanager
def reference() -> Iterator[str]:
    """The URL of a reference server."""
    with serve(Api().app()) as server:
        yield server.url


@contextlib.contextmanager
def real() -> Iterator[str]:
    """The URL of a Node-RED."""
    with node_red.started(VERSION, lambda line: print(line, file=sys.stderr), ("open",)) as started:
        yield started.url


def empty(url: str) -> None:
    """Leave nothing behind of a replay."""
    httpx.post(f"{url}/flows", json=[], timeout=60).raise_for_status()


def main() -> int:
    """0, once all is measured."""
    parser = argparse.ArgumentParser("python -m conformance.selftest.bench")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured; the median counts")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this; may be given several times")
    parser.add_argument("--publish", type=Path, metavar="FILE", help="write the tables there, too")
    asked = parser.parse_args()
    lines = [f"# What the suite costs\n\nnodered-conformance {__version__}; medians of {asked.rounds} rounds.\n"]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(Path(folder), asked.rounds)
        for name in asked.part or PARTS:
            title, head, measure = PARTS[name]
            lines.append(f"## {title}\n\n{table(head, measure(bench))}")
            print(lines[-1], flush=True)
            if asked.publish:  # what was measured stays, should the rest take too long
                asked.publish.write_text("\n".join(lines), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
