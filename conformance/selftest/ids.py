"""The requirements' ids and levels as they were last agreed on. Users' baselines and reports hang on them.

`python -m conformance.selftest.ids > conformance/selftest/ids.txt` agrees on those of today.
"""

import sys
from pathlib import Path

from conformance.catalogue import catalogue


def today() -> list[str]:
    """Each requirement of the catalogue on a line with its level."""
    return sorted(f"{entry.id} {entry.level}" for entry in catalogue().values())


def agreed() -> list[str]:
    """The lines of `ids.txt`."""
    return Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines()


if __name__ == "__main__":
    sys.stdout.write("\n".join([*today(), ""]))
