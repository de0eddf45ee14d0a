"""The suite as a command, wherever it is installed: `nodered-conformance`, or `python -m conformance`."""

import sys

import pytest


def main() -> int:
    """Judge as pytest does with the same words; the exit code."""
    return int(pytest.main(["-p", "no:cacheprovider", "--pyargs", "conformance.cases", *sys.argv[1:]]))


if __name__ == "__main__":
    sys.exit(main())
