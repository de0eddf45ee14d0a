"""The suite's command line, as data, and what it asks for."""

import math
import os
import re
import secrets
from pathlib import Path
from typing import Any, Final

import pytest

from conformance.amount import parse_amount

REPORT_DIR: Final = Path("reports/latest")

REPORTS: Final = ("evidence", "html", "summary", "badge", "repro", "matrix")
"""The reports that are written beside `verdict.json`."""

NO_REPORTS: Final = "none"
"""What `--reports` says where none of them is to be written."""

EXPLORED: Final = "60s"
"""How much is explored where `--explore` says nothing of it."""

FAIL_ON: Final = ("must", "should")
"""The words that `--fail-on` takes."""

OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "--target": {
        "action": "append",
        "metavar": "[NAME=]URL",
        "help": "the server to judge: the URL of its admin root, or node-red:VERSION to install and start that "
        "version; give it again for several at once. The suite DEPLOYS FLOWS to it, and only if it holds none, unless "
        "--allow-writes is given. Default: the bundled reference server",
    },
    "--allow-writes": {
        "action": "store_true",
        "help": "write also to a target that holds flows: what it holds stays there, and the suite deploys beside it; "
        "see first with --plan what that means",
    },
    "--read-only": {"action": "store_true", "help": "write nothing, whatever the target holds"},
    "--plan": {"action": "store_true", "help": "say what a run would do to the targets, and do nothing"},
    "--restore": {
        "action": "store_true",
        "help": "put back what an earlier run has left on the targets when it was killed, and do nothing else",
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
    "--show-config": {
        "action": "store_true",
        "help": "say which settings are in force and where each comes from, and do nothing else",
    },
    "--no-settings": {"action": "store_true", "help": "read no file of settings"},
    "--fail-on": {
        "metavar": "LEVEL",
        "default": "must",
        "help": "what a target must keep to be conformant: must, or should, which means both (must)",
    },
    "--require-set": {
        "metavar": "RELEASE",
        "help": "hold the target to the requirements that this release of the suite had, such as 2026.1; newer ones "
        "are judged and do not count",
    },
    "--waivers": {
        "metavar": "FILE",
        "type": Path,
        "help": "the violations that are known, in TOML: they do not fail the run, until their waivers are outdated",
    },
    "--write-waivers": {
        "metavar": "FILE",
        "type": Path,
        "help": "write a waiver to be filled in for each violation that is not waived yet",
    },
    "--report-dir": {
        "metavar": "DIR",
        "type": Path,
        "default": REPORT_DIR,
        "help": "where verdict.json and the reports go (reports/latest)",
    },
    "--reports": {
        "metavar": "NAMES",
        "default": ",".join(REPORTS),
        "help": f"which reports to write beside verdict.json: of {', '.join(REPORTS)}, or {NO_REPORTS} (all)",
    },
    "--explore": {
        "metavar": "AMOUNT",
        "nargs": "?",
        "const": EXPLORED,
        "help": "only explore: send random sequences of requests and hold each reply against a model of the API, for "
        f"a time such as 90s or 10m, or a number of steps such as 500 ({EXPLORED}); a difference is shown as a script",
    },
    "--replay": {
        "metavar": "FILE",
        "type": Path,
        "help": "judge the evidence.jsonl of an earlier run again, without a target and without a network",
    },
    "--explore-seed": {"metavar": "SEED", "help": "explore what was explored under this seed, a number"},
}


OF_TARGETS: Final = (
    "--target", "--plan", "--restore", "--allow-writes", "--read-only", "--admin", "--reader", "--insecure",
    "--ca-bundle", "--pause", "--explore", "--explore-seed",
)  # fmt: skip
"""The options that mean nothing where a recording is judged."""

KEPT: Final = (
    "profile", "level", "allow_writes", "read_only", "insecure", "timeout", "pause", "explore", "explore_seed",
)  # fmt: skip
"""The options that say what is judged and how, and tell nothing of a person or a machine."""

HELD_TO: Final = ("fail_on", "require_set")
"""The options that say what a run is held to, which a recording keeps as well."""


def new_seed() -> str:
    """A seed that no other run has."""
    return secrets.token_hex(4)


def run_seed(config: pytest.Config) -> str:
    """The seed of all that this run makes up, the same in each of its processes."""
    if not hasattr(config, "conformance_run_seed"):
        config.conformance_run_seed = new_seed()  # type: ignore[attr-defined]
    return str(config.conformance_run_seed)  # type: ignore[attr-defined]


def set_seed(config: pytest.Config, seed: str) -> None:
    """Let this be the seed of the run, which another process or an earlier run has chosen."""
    config.conformance_run_seed = seed  # type: ignore[attr-defined]


def destination(option: str) -> str:
    """The name under which pytest keeps an option's value, the suite's own."""
    return f"conformance_{option.removeprefix('--').replace('-', '_')}"


def add_options(parser: pytest.Parser) -> None:
    """Declare the command line."""
    group = parser.getgroup("conformance", "Node-RED admin API conformance")
    for option, declaration in OPTIONS.items():
        try:
            # None is what is not on the command line, and may be set elsewhere.
            group.addoption(option, dest=destination(option), **{**declaration, "default": None})
        except ValueError as error:
            message = f"{option}: another plugin of this environment has it, too. Run the suite in one of its own."
            raise pytest.UsageError(message) from error


def given(config: pytest.Config, option: str) -> Any:
    """The value of one of OPTIONS, None where it was not given and has no default."""
    value = config.getoption(destination(option))
    return OPTIONS[option].get("default", usual(option)) if value is None else value


def usual(option: str) -> bool | None:
    """The value of an option that is not given and has no default: False where it is given or not."""
    return False if OPTIONS[option].get("action") == "store_true" else None


def check_options(config: pytest.Config) -> None:
    """Refuse what cannot be meant; raises pytest.UsageError."""
    for key in ("profile", "level", "fail-on", "require-set"):
        for word in argument_list(given(config, f"--{key}")):
            if word != OPTIONS[f"--{key}"].get("default"):  # which needs no catalogue
                check_word(word, key)
    if not 0 < given(config, "--timeout") < math.inf:
        raise pytest.UsageError("--timeout: write a number of seconds that is more than 0.")
    if not 0 <= (given(config, "--pause") or 0) < math.inf:
        raise pytest.UsageError("--pause: write a number of seconds, 0 or more.")
    if (bundle := given(config, "--ca-bundle")) and not bundle.is_file():
        raise pytest.UsageError(f"--ca-bundle {bundle}: there is no such file.")
    reports_asked(given(config, "--reports"))
    check_replay(config)
    check_exploration(config)
    check_writes(config)
    if given(config, "--target") or given(config, "--report-dir") != REPORT_DIR:
        check_folder(config.invocation_params.dir / given(config, "--report-dir"))


def reports_asked(names: str) -> frozenset[str]:
    """The reports that `--reports` names; raises pytest.UsageError."""
    asked = frozenset(name.strip() for name in names.split(",")) - {NO_REPORTS}
    for name in sorted(asked.difference(REPORTS)):
        from conformance.spelling import did_you_mean

        near = did_you_mean(name, [*REPORTS, NO_REPORTS])
        raise pytest.UsageError(f"--reports {names}: there is no report '{name}'. {near}")
    return asked


def check_replay(config: pytest.Config) -> None:
    """Refuse what a recording has no use for; raises pytest.UsageError."""
    if not (path := given(config, "--replay")):
        return
    for option in OF_TARGETS:
        if given(config, option) not in (None, False):
            raise pytest.UsageError(f"{option} and --replay: a recording is judged, and no target is asked. Leave one.")
    if getattr(config.option, "dist", "no") != "no" or getattr(config.option, "tx", None):
        raise pytest.UsageError("--replay and -n: a recording is judged by one process. Leave out -n.")
    if not (config.invocation_params.dir / path).is_file():
        raise pytest.UsageError(f"--replay {path}: there is no such file. Name an evidence.jsonl.")


def kept_options(config: pytest.Config, *others: str) -> dict[str, Any]:
    """The options that say what is judged and how, and these others, by the names that they have in reports."""
    return {name: given(config, f"--{name.replace('_', '-')}") for name in (*KEPT, *others)}


def take_options(config: pytest.Config, options: dict[str, Any]) -> None:
    """Let these be the options where none were given."""
    for name in (*KEPT, *HELD_TO):
        place = destination(f"--{name.replace('_', '-')}")
        if name in options and config.getoption(place) is None:
            setattr(config.option, place, options[name])


def check_writes(config: pytest.Config) -> None:
    """Refuse what contradicts itself, or has no target; raises pytest.UsageError."""
    for option in ("--allow-writes", "--restore"):
        if given(config, option) and given(config, "--read-only"):
            raise pytest.UsageError(f"{option} and --read-only: one of them contradicts the other. Leave one out.")
    for option in ("--plan", "--restore"):
        if given(config, option) and not given(config, "--target"):
            raise pytest.UsageError(f"{option}: say for which target, with --target=URL.")


def check_exploration(config: pytest.Config) -> None:
    """Refuse what cannot be explored, and choose a seed where none is given; raises pytest.UsageError."""
    asked, chosen = given(config, "--explore"), given(config, "--explore-seed")
    if asked is None and chosen is not None:
        raise pytest.UsageError(f"--explore-seed={chosen}: it says how --explore goes. Write that, too.")
    if asked is None:
        return
    if not parse_amount(asked):
        before = f" Before a path write --explore={EXPLORED}." if Path(asked.partition("::")[0]).exists() else ""
        example = "Write a time such as 90s or 10m, or a number of steps such as 500."
        raise pytest.UsageError(f"--explore {asked}: that is no amount. {example}{before}")
    if chosen is not None and not re.fullmatch(r"[0-9]{1,18}", chosen):
        raise pytest.UsageError(f"--explore-seed={chosen}: a seed is a number, such as that which a run has told.")
    if chosen is None:
        # Chosen before there are workers, which are given the options of the run.
        setattr(config.option, destination("--explore-seed"), str(secrets.randbelow(10**9)))


def exploration(config: pytest.Config) -> str:
    """The options that explore the same again, empty where nothing but the usual is explored."""
    asked, chosen = given(config, "--explore"), given(config, "--explore-seed")
    return f"--explore={asked} --explore-seed={chosen}" if asked else ""


def check_folder(folder: Path) -> None:
    """Refuse a folder for reports that cannot be made or written to; raises pytest.UsageError."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not (existing.is_dir() and os.access(existing, os.W_OK)):
        raise pytest.UsageError(f"--report-dir {folder}: no folder can be made there. Name another.")


def check_word(word: str, key: str) -> None:
    """Refuse a word that this option does not take; raises pytest.UsageError."""
    from conformance.catalogue import profiles, vocabulary
    from conformance.spelling import did_you_mean

    if key == "require-set":
        from conformance.requirement_sets import names

        known, what = tuple(names()), "requirement set"
    else:
        known = {"profile": profiles(), "fail-on": FAIL_ON}.get(key) or vocabulary(key)
        what = "level" if key == "fail-on" else key
    if word.casefold() not in {entry.casefold() for entry in known}:
        raise pytest.UsageError(f"--{key} {word}: there is no such {what}. {did_you_mean(word, known)}")


def argument_list(value: str | list[str] | None) -> list[str]:
    """The words of an option that may be given never, once or several times."""
    return [value] if isinstance(value, str) else value or []
