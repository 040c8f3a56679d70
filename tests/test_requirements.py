"""The requirements can be met on every Python and system of the README, with oldest and newest packages."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def lines(text: str) -> dict[str, str]:
    """{"numpy": "2.1.0", ...} from pinned requirements."""
    pairs = (line.split(";")[0].strip().split("==") for line in text.splitlines() if "==" in line)
    return {name: version for name, version in pairs}


LINUX, OTHERS = "x86_64-manylinux_2_28", ("aarch64-apple-darwin", "windows")
CASES = [
    *[(python, way, LINUX) for python in ("3.11", "3.12", "3.13") for way in ("lowest-direct", "highest")],
    *[(python, way, s) for python, way in (("3.11", "lowest-direct"), ("3.13", "highest")) for s in OTHERS],
]


@pytest.mark.parametrize(("python", "resolution", "platform"), CASES)
def test_the_requirements_resolve(python, resolution, platform):
    done = subprocess.run(
        [
            sys.executable, "-m", "uv", "pip", "compile", "requirements.txt", "--quiet", "--no-header",
            "--no-annotate", "--only-binary=:all:", f"--python-version={python}",
            f"--resolution={resolution}", f"--python-platform={platform}",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )  # fmt: skip
    if any(word in done.stderr for word in ("error sending request", "dns error", "client error")):
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr
    chosen = lines(done.stdout)
    print(python, resolution, {k: chosen[k] for k in ("tensorflow", "keras", "numpy", "ipywidgets")})
    assert chosen["tensorflow"].startswith("2.20" if resolution == "lowest-direct" else "2.21")
    assert chosen["keras"].startswith("3.13" if resolution == "lowest-direct" else "3.")
    assert chosen["ipywidgets"].startswith("8.1")
    if resolution == "lowest-direct":  # what `tests/colab/` runs every notebook with
        colab = lines((ROOT / "tests" / "colab" / "requirements.txt").read_text("utf-8"))
        for name in ("tensorflow", "keras", "numpy", "pandas", "matplotlib", "scikit-learn"):
            assert chosen[name].split(".")[:2] == colab[name].split(".")[:2], name
