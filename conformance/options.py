"""The suite's command line, as data, and what it asks for."""

import getpass
import math
import os
import sys
from pathlib import Path
from typing import Any, Final

import pytest

REPORTS: Final = Path("reports/latest")

OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "--target": {
        "action": "append",
        "metavar": "[NAME=]URL",
        "help": "the server to judge: the URL of its admin root, or node-red:VERSION to install and start that "
        "version; give it again for several at once. The suite DEPLOYS FLOWS to it, and only if it holds none. "
        "Default: the bundled reference server",
    },
    "--admin": {
        "metavar": "USER",
        "help": "a user who may do everything; the password comes from CONFORMANCE_ADMIN_PASSWORD or a prompt "
        "(or give a ready token in CONFORMANCE_TOKEN)",
    },
    "--reader": {
        "metavar": "USER",
        "help": "a user who may only read; the password comes from CONFORMANCE_READER_PASSWORD or a prompt",
    },
    "--insecure": {"action": "store_true", "help": "accept any TLS certificate"},
    "--ca-bundle": {"metavar": "FILE", "type": Path, "help": "the authorities to trust for TLS, in PEM"},
    "--timeout": {"metavar": "SECONDS", "type": float, "default": 10.0, "help": "how long one reply may take (10)"},
    "--pause": {
        "metavar": "SECONDS",
        "type": float,
        "help": "wait so long around each deployment that is not full "
        "(0; 0.02 for Node-RED 2.0 to 3.0, which dies of haste)",
    },
    "--profile": {
        "action": "append",
        "metavar": "NAME",
        "help": "judge only this part of the API, or what this client depends on; give it again for more",
    },
    "--level": {"metavar": "LEVEL", "help": "judge only this level and stricter ones: MUST, SHOULD, MAY or OBSERVE"},
    "--report-dir": {
        "metavar": "DIR",
        "type": Path,
        "default": REPORTS,
        "help": "where verdict.json goes (reports/latest)",
    },
}


def destination(option: str) -> str:
    """The name under which pytest keeps an option's value, the suite's own."""
    return f"conformance_{option.removeprefix('--').replace('-', '_')}"


def add_options(parser: pytest.Parser) -> None:
    """Declare the command line."""
    group = parser.getgroup("conformance", "Node-RED admin API conformance")
    for option, declaration in OPTIONS.items():
        try:
            group.addoption(option, dest=destination(option), **declaration)
        except ValueError as error:
            message = f"{option}: another plugin of this environment has it, too. Run the suite in one of its own."
            raise pytest.UsageError(message) from error


def given(config: pytest.Config, option: str) -> Any:
    """The value of one of OPTIONS, None where it was not given and has no default."""
    return config.getoption(destination(option))


def check_options(config: pytest.Config) -> None:
    """Refuse what cannot be meant; raises pytest.UsageError."""
    for key in ("profile", "level"):
        for word in argument_list(given(config, f"--{key}")):
            check_word(word, key)
    if not 0 < given(config, "--timeout") < math.inf:
        raise pytest.UsageError("--timeout: write a number of seconds that is more than 0.")
    if not 0 <= (given(config, "--pause") or 0) < math.inf:
        raise pytest.UsageError("--pause: write a number of seconds, 0 or more.")
    if (bundle := given(config, "--ca-bundle")) and not bundle.is_file():
        raise pytest.UsageError(f"--ca-bundle {bundle}: there is no such file.")
    if given(config, "--target") or given(config, "--report-dir") != REPORTS:
        check_folder(config.invocation_params.dir / given(config, "--report-dir"))


def check_folder(folder: Path) -> None:
    """Refuse a folder for reports that cannot be made or written to; raises pytest.UsageError."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not (existing.is_dir() and os.access(existing, os.W_OK)):
        raise pytest.UsageError(f"--report-dir {folder}: no folder can be made there. Name another.")


def check_word(word: str, key: str) -> None:
    """Refuse a word that this option does not take; raises pytest.UsageError."""
    from conformance.catalogue import profiles, vocabulary
    from conformance.spelling import did_you_mean

    known = profiles() if key == "profile" else vocabulary(key)
    if word.casefold() not in {entry.casefold() for entry in known}:
        raise pytest.UsageError(f"--{key} {word}: there is no such {key}. {did_you_mean(word, known)}")


def argument_list(value: str | list[str] | None) -> list[str]:
    """The words of an option that may be given never, once or several times."""
    return [value] if isinstance(value, str) else value or []


def password_variable(role: str) -> str:
    """The environment variable that holds the password of a role."""
    return f"CONFORMANCE_{role.upper()}_PASSWORD"


def password(role: str, user: str) -> str:
    """The password of a user, from the environment or a prompt; raises pytest.UsageError where neither can be had."""
    variable = password_variable(role)
    if variable in os.environ:
        return os.environ[variable]
    if not sys.stdin.isatty():
        raise pytest.UsageError(f"--{role} {user}: put the password into {variable}, as nobody can be asked for it.")
    return getpass.getpass(f"Password of {user}: ")
