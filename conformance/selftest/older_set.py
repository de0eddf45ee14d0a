"""A pytest plugin that has other requirement sets: `-p conformance.selftest.older_set`."""

import os
from pathlib import Path
from typing import Final

from conformance import requirement_sets

VARIABLE: Final = "REQUIREMENT_SETS"
"""The environment variable that says in which folder they lie."""

requirement_sets.FOLDER = Path(os.environ[VARIABLE])  # type: ignore[misc]  # of the suite alone
