"""The pages beside the published results: `python -m conformance.report.published FOLDER` writes them there."""

import sys
from pathlib import Path

from conformance.catalogue import catalogue
from conformance.report import conflicts, matrix, requirements
from conformance.report.results import Results


def pages(folder: Path) -> dict[str, str]:
    """Each page by the name of its file, made from the catalogue and the results in the folder."""
    entries, results = list(catalogue().values()), Results.published(folder)
    return {
        "requirements.md": requirements.markdown(entries),
        "matrix.md": matrix.published_markdown(entries, results),
        "matrix.html": matrix.published_html(entries, results),
        "conflicts.md": conflicts.markdown(entries, results),
    }


if __name__ == "__main__":
    published = Path(sys.argv[1])
    for name, text in pages(published).items():
        (published / name).write_text(text, "utf-8")
