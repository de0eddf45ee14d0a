"""The wheel: what an installation needs is inside, under the package's own name, and what it does not is not."""

import sys
import zipfile
from pathlib import Path

from conformance import __version__
from conformance.selftest.running import ROOT, run


def test_wheel_holds_the_suite_and_its_data(tmp_path: Path) -> None:
    built = run([sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(ROOT)], ROOT, tmp_path, {})
    assert built.exit_code == 0, built.said
    (path,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        info = f"nodered_conformance-{__version__}.dist-info"
        entry_points = wheel.read(f"{info}/entry_points.txt").decode()

    assert {name.partition("/")[0] for name in names} == {"conformance", "reference_server", info}
    assert {name for name in names if "selftest" in name} == set()
    assert {name for name in names if "__pycache__" in name or name.endswith(".pyc")} == set()
    assert installed("schemas") | installed("fixtures") <= names
    assert python("reference_server") | {name for name in python("conformance") if "selftest" not in name} <= names
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "conformance" / "requirements").glob("*.toml")} <= names
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "conformance" / "requirements").glob("sets/*.txt")} <= names
    assert "conformance/report/matrix.html.jinja" in names
    assert "[pytest11]\nconformance.plugin = conformance.plugin\n" in entry_points
    assert "nodered-conformance = conformance.__main__:main\n" in entry_points
    assert f"{info}/licenses/LICENSE" in names


def installed(folder: str) -> set[str]:
    """Where the files of a data folder lie in the wheel."""
    found = {f"conformance/{path.relative_to(ROOT)}" for path in (ROOT / folder).rglob("*") if path.is_file()}
    assert found
    return found


def python(package: str) -> set[str]:
    """The modules of a package."""
    return {str(path.relative_to(ROOT)) for path in (ROOT / package).rglob("*.py")}
