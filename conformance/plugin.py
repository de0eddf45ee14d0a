"""The pytest hooks. pytest loads this module in every run of its environment, so it imports the suite only in need."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import pytest

from conformance.ending import Ending, started, tell
from conformance.meant import check_place, check_waivers, settings_taken, show_config, take_settings
from conformance.options import add_options, check_options, destination, exploration, given, run_seed, set_seed
from conformance.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Generator

    from xdist.scheduler import LoadScopeScheduling
    from xdist.workermanage import WorkerController

    from conformance.run import Run

pytest.register_assert_rewrite("conformance.checks", "conformance.client", "conformance.run_state")

OF_CASES = "conformance_of_cases"
"""The key under which a worker of a parallel run says whether it had cases."""

RUNS_NOTHING = ("collectonly", "help", "markers", "showfixtures", "show_fixtures_per_test", "version", "cacheshow")
"""The options of pytest with which it only tells something."""

TARGETS = "conformance_targets"
"""The key under which a parallel run hands the targets to its workers."""

SEED = "conformance_seed"
"""The key under which it hands them the seed of what is explored."""

RUN_SEED = "conformance_run_seed"
"""The key under which it hands them the seed of all that the run makes up."""

SETTINGS = "conformance_settings"
"""The key under which it hands them what is set outside the command line, which is all that they are given."""


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    add_options(parser)
    pluginmanager.register(Ending(), "conformance.ending")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "requirement(id): the requirement of the catalogue that the case judges")
    config.pluginmanager.register(Gathering(config), "conformance.gathering")
    config.pluginmanager.register(Progress(config), "conformance.progress")
    handed = getattr(config, "workerinput", {})
    if seed := handed.get(SEED):
        setattr(config.option, destination("--explore-seed"), seed)
    if seed := handed.get(RUN_SEED):
        set_seed(config, seed)
    if of_settings := handed.get(SETTINGS):
        from conformance import settings

        settings.loads(config, of_settings)
    if of_targets := handed.get(TARGETS):
        from conformance import run, targets

        run.current(config).targets = {target.name: target for target in targets.loads(of_targets)}


def pytest_report_header(config: pytest.Config) -> str | None:
    return f"explores: {asked}" if (asked := exploration(config)) else None


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Look at the targets before anything else; where none of them can be judged the run ends here."""
    if not hasattr(config, "workerinput"):
        check_place(config)
        take_settings(config)
    check_options(config)
    if hasattr(config, "workerinput"):
        return None
    if given(config, "--show-config"):
        return show_config(config)
    check_waivers(config)
    if given(config, "--replay"):
        return replay(config)
    if not given(config, "--target") or any(getattr(config.option, name, False) for name in RUNS_NOTHING):
        return None
    from conformance import run

    if capture := config.pluginmanager.getplugin("capturemanager"):
        capture.suspend_global_capture(in_=True)  # a password may have to be asked for
    current = run.current(config)
    config.add_cleanup(current.stay_terminable())
    try:
        ended = current.restore() if given(config, "--restore") else looked(current)
    except KeyboardInterrupt:
        tell("Interrupted before any case.")
        ended = pytest.ExitCode.INTERRUPTED
    if ended is not None:
        return ended
    if len(current.targets) > 1 and getattr(config.option, "dist", "") == "no":
        config.option.dist, config.option.tx = "load", ["popen"] * len(current.targets)
    return None


def replay(config: pytest.Config) -> int | None:
    """Read the recording; the exit code where it holds no case, as its target could not be judged."""
    from conformance import run
    from conformance.evidence.again import judge_again

    current = run.current(config)
    judge_again(current, given(config, "--replay"))
    if current.unjudged:
        from conformance.report import writing

        for name, end in current.unjudged.items():
            tell(f"{current.verdict(name).words}: {end}")
        return current.exit_code if writing.write(current) else pytest.ExitCode.INTERNAL_ERROR
    if current.replay:
        from conformance.evidence.conducting import Conductor

        config.pluginmanager.register(Conductor(current.replay), "conformance.conductor")
    return None


def looked(current: Run) -> int | None:
    """Look at the targets; the exit code where no case is to be run."""
    current.look()
    if not current.targets:
        from conformance.report import writing

        writing.write(current)
        return current.exit_code
    return current.plan() if given(current.config, "--plan") else None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Hand the targets and the seed to a worker of a parallel run."""
    node.workerinput[SEED] = given(node.config, "--explore-seed")
    node.workerinput[RUN_SEED] = run_seed(node.config)
    if current := started(node.config):
        from conformance import targets

        node.workerinput[TARGETS] = targets.dumps(current.targets.values())
    if taken := settings_taken(node.config):
        node.workerinput[SETTINGS] = taken
    if given(node.config, "--waivers"):
        from conformance import asked, run

        node.workerinput[asked.WAIVERS] = run.current(node.config).gate.handed()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """A target holds one set of flows, so its cases share one worker; every worker has its own reference server."""
    if not given(config, "--target"):
        return None
    from xdist.scheduler import LoadScopeScheduling

    class OneWorkerEach(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid.rpartition("@")[2] if "@" in nodeid else "the target"

    return OneWorkerEach(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Collect cases without looking for garbage, of which there is hardly any: it takes an eighth less time."""
    if not (given(session.config, "--target") and gc.isenabled()):
        return (yield)
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Count the rows of each requirement before anything selects among them."""
    report = yield
    cases = [node for node in report.result if isinstance(node, pytest.Item) and node.get_closest_marker("requirement")]
    if cases:
        from conformance import run

        run.current(collector.config).count(cases)
    return report


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if any(item.get_closest_marker("requirement") for item in items):
        from conformance import run

        current = run.current(config)
        current.of_cases = True
        items[:], left = run.selected(items, current)
        config.hook.pytest_deselected(items=left)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if nextitem is not None and started(item.config):
        from conformance.evidence import keeping

        item.stash[keeping.FOLLOWING] = keeping.key_of(nextitem)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if current := started(item.config):
        from conformance import hiding, judging

        case = item.stash.get(judging.CASE, None)
        masked = case.recorder.masked if case else current.hiding.masked
        if call.excinfo:
            hiding.hide_in(call.excinfo.value, masked)
        judging.judge(item, call, report)
        hiding.hide(report, masked)
    return report


class Gathering:
    """Gathers the findings of a run, wherever they were made, and closes it with the verdict."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if "requirement" not in report.keywords:
            return
        from conformance import run

        current = run.current(self.config)
        if finding := getattr(report, "conformance_finding", None):
            current.add_row(finding)
            if not hasattr(self.config, "workerinput"):
                from conformance.report import writing

                writing.write_so_far(current)
            self.config.option.xfail_tb = True  # a deviation is explained as a violation is

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        current = started(self.config)
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput[OF_CASES] = bool(current and current.of_cases)
        try:
            return (yield)
        finally:  # now that fixtures have put back what they changed, and the processes of a parallel run have ended
            for section in current.sections if current else ():
                section.close()
            if current and not hasattr(self.config, "workeroutput"):
                self.finish(current, session)

    def finish(self, current: Run, session: pytest.Session) -> None:
        """Give the targets back, and say what the run came to."""
        current.kept.give_back()
        if not (current.judged or current.of_cases) or self.config.option.collectonly:
            return
        from conformance.report import writing
        from conformance.waivers import writing as waivers

        if not (writing.write(current) and waivers.write(current)):
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        elif session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            session.exitstatus = current.exit_code or session.exitstatus

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: WorkerController) -> None:
        if getattr(node, "workeroutput", {}).get(OF_CASES):
            from conformance import run

            run.current(self.config).of_cases = True

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        current = started(self.config)
        if current and current.judged:
            from conformance.report import terminal

            terminal.summarise(current, terminalreporter)
        elif current and current.of_cases and not self.config.option.collectonly:
            terminalreporter.line("INCOMPLETE: no case was run, so that nothing is known of the target", yellow=True)
