"""Results side by side, and what changed between two: `python -m conformance.report matrix|diff`."""

import argparse
import sys
from pathlib import Path

from conformance.report import difference, side_by_side
from conformance.report.reading import NoVerdict, named, read
from conformance.report.writing import as_text

BAD: int = 2
"""The exit code where the command line, or a file that it names, cannot be meant; argparse's."""


def main() -> int:
    """0; of a difference 1 where anything got worse; 2 where a file is none."""
    asked = arguments().parse_args()
    try:
        return matrix(asked) if asked.command == "matrix" else diff(asked)
    except NoVerdict as error:
        print(error, file=sys.stderr)
        return BAD
    except OSError as error:
        print(f"{error.filename}: {error.strerror}. Name a file that can be written.", file=sys.stderr)
        return BAD


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser("python -m conformance.report", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="matrix|diff")
    one = commands.add_parser(
        "matrix", help="requirement by target; Markdown on standard output where no file is named"
    )
    one.add_argument(
        "results", nargs="+", type=Path, metavar="RESULT", help="a verdict.json, or the folder that holds it"
    )
    for kind in ("html", "markdown", "json"):
        one.add_argument(f"--{kind}", type=Path, metavar="FILE", help="write it there")
    other = commands.add_parser("diff", help="what changed, by requirement; exit code 1 where anything got worse")
    other.add_argument("before", type=Path, metavar="BEFORE", help="a verdict.json, or the folder that holds it")
    other.add_argument("after", type=Path, metavar="AFTER", help="another one")
    other.add_argument("--json", action="store_true", help="as JSON, under schemas/diff.json")
    return parser


def matrix(asked: argparse.Namespace) -> int:
    """Write the matrix."""
    documents = named(map(read, asked.results))
    if asked.html:
        asked.html.write_text(side_by_side.html(documents), "utf-8")
    if asked.markdown:
        asked.markdown.write_text(side_by_side.markdown(documents), "utf-8")
    if asked.json:
        asked.json.write_text(as_text(side_by_side.as_json(documents)), "utf-8")
    if not (asked.html or asked.markdown or asked.json):
        sys.stdout.write(side_by_side.markdown(documents))
    return 0


def diff(asked: argparse.Namespace) -> int:
    """Say what changed."""
    found = difference.difference(read(asked.before), read(asked.after))
    sys.stdout.write(as_text(found) if asked.json else f"{difference.text(found)}\n")
    return 1 if found["worse"] else 0


if __name__ == "__main__":
    sys.exit(main())
