"""The suite as a command, wherever it is installed: `nodered-conformance`, or `python -m conformance`."""

import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Become a pytest that judges, with the same words."""
    # In this process the package is imported already, and pytest would have its assertions tell less. Of the plugins of
    # others one only takes time.
    words = ["-m", "pytest", "-p", "no:cacheprovider", "-p", "no:anyio", "--pyargs", "conformance.cases", *sys.argv[1:]]
    os.execv(sys.executable, [sys.executable, *words])  # noqa: S606 - the same words for the same user


if __name__ == "__main__":
    main()
