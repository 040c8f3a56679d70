"""The requirements can be met on every Python that the README names, with oldest and newest packages."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def lines(text: str) -> dict[str, str]:
    """{"numpy": "2.1.0", ...} from pinned requirements."""
    pairs = (line.split(";")[0].strip().split("==") for line in text.splitlines() if "==" in line)
    return {name: version for name, version in pairs}


@pytest.mark.parametrize("resolution", ["lowest-direct", "highest"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_requirements_resolve(python, resolution):
    done = subprocess.run(
        [
            sys.executable, "-m", "uv", "pip", "compile", "requirements.txt", "--quiet", "--no-header",
            "--no-annotate", "--only-binary=:all:", f"--python-version={python}",
            f"--resolution={resolution}", "--python-platform=x86_64-manylinux_2_28",
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
        for name in ("tensorflow", "keras", "numpy", "matplotlib", "scikit-learn"):
            assert chosen[name].split(".")[:2] == colab[name].split(".")[:2], name
