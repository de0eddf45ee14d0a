"""What a run is given beside its options, which is no affair of the tests of other projects."""

import itertools
import sys
from pathlib import Path
from typing import Final

import pytest

from conformance.options import OPTIONS, destination, given

CASES: Final = Path(__file__).parent / "cases"
"""Where the suite's cases lie."""


SETTINGS: Final = "pyproject.toml"
"""Where a checkout tells pytest how to run."""


def check_waivers(config: pytest.Config) -> None:
    """Refuse files of waivers that cannot be meant, before anything is run."""
    if given(config, "--write-waivers"):
        from conformance.waivers import writing

        writing.check(config)
    if given(config, "--waivers"):
        from conformance import run

        run.current(config).gate  # noqa: B018 - which reads the file


def check_place(config: pytest.Config) -> None:
    """Refuse the word of an option because of which pytest has not read the checkout's settings.

    Before it knows the options, it takes every word that stands apart, and is there, for a place of tests.
    """
    checkout = CASES.parent.parent
    here = config.invocation_params.dir == checkout and (checkout / SETTINGS).is_file()
    if not here or config.inipath == checkout / SETTINGS or config.option.inifilename or config.option.pyargs:
        return
    for option, word in itertools.pairwise(map(str, config.invocation_params.args)):
        elsewhere = Path(word).exists() and not Path(word).resolve().is_relative_to(checkout.resolve())
        if option.startswith("--") and "=" not in option and elsewhere:
            raise pytest.UsageError(f"{option} {word}: pytest would look for tests there. Write {option}={word}.")


def take_settings(config: pytest.Config) -> None:
    """Take what is set outside the command line, where the run is of cases."""
    if config.option.help or config.option.version:
        return
    if is_for_the_suite(config):
        from conformance import settings

        settings.take(config)


def settings_taken(config: pytest.Config) -> str:
    """What is set outside the command line, as text; empty where nothing is."""
    settings = sys.modules.get("conformance.settings")
    return str(settings.dumps(config)) if settings else ""


def show_config(config: pytest.Config) -> int:
    """Say which settings are in force, and do no more; the exit code."""
    from conformance import asked, settings

    asked.specs(config)  # which refuses a URL with a password
    if capture := config.pluginmanager.getplugin("capturemanager"):
        capture.suspend_global_capture(in_=True)
    for line in settings.shown(config):
        sys.stdout.write(f"{line}\n")
    return 0


def is_for_the_suite(config: pytest.Config) -> bool:
    """Whether this run of pytest is of the suite's cases, so that its settings mean it."""
    if any(config.getoption(destination(option)) is not None for option in OPTIONS):
        return True
    return any(has_cases(config, argument.partition("::")[0]) for argument in config.args)


def has_cases(config: pytest.Config, argument: str) -> bool:
    """Whether pytest finds cases of the suite where it is told to look for tests."""
    if config.option.pyargs and argument.partition("/")[0].split(".")[0] == "conformance":
        return argument.split(".")[:2] in (["conformance"], ["conformance", "cases"])
    path, cases = (config.invocation_params.dir / argument).resolve(), CASES.resolve()
    if path.is_relative_to(cases):
        return True
    # An environment lies inside many a project, and pytest does not look there.
    return cases.is_relative_to(path) and "site-packages" not in cases.relative_to(path).parts
