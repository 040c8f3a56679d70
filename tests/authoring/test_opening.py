import json
import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from helpers.authoring import opening


def test_badges_are_written_into_all_notebooks_and_outputs_stay(tmp_path):
    (tmp_path / "exercises").mkdir()
    for path in opening.notebook_files():
        shutil.copy(path, tmp_path / path.relative_to(opening.NOTEBOOKS))
    before = {
        p.relative_to(tmp_path).as_posix(): json.loads(p.read_text(encoding="utf-8"))
        for p in opening.notebook_files(tmp_path)
    }
    names = opening.write_badges("someone/course", tmp_path)
    assert names == list(before) and len(names) == 11
    for name in names:
        notebook = nbformat.read(tmp_path / name, 4)
        tagged = {t: c.source for c in notebook.cells for t in c.metadata.get("tags", [])}
        assert f"github/someone/course/blob/main/notebooks/{name}" in tagged["open"]
        assert "git clone -q --depth 1 https://github.com/someone/course" in tagged["setup"]
        assert len(tagged["setup"].splitlines()) == 1
        old = [c.get("outputs") for c in before[name]["cells"]]
        assert old == [c.get("outputs") for c in json.loads((tmp_path / name).read_text("utf-8"))["cells"]]


def test_all_notebooks_have_the_same_opening_with_an_address_or_without():
    """A fork with its own badges passes, too."""
    addresses = set()
    for path in opening.notebook_files():
        name = path.relative_to(opening.NOTEBOOKS).as_posix()
        notebook = nbformat.read(path, 4)
        addresses.add(address := opening.repository(notebook))
        tagged = {t: c.source for c in notebook.cells for t in c.metadata.get("tags", [])}
        assert tagged["setup"] == opening.setup_line(name, address)
        assert tagged["open"] == opening.open_text(name, address)
    assert len(addresses) == 1


def test_the_address_is_read_back_from_the_badge():
    notebook = nbformat.read(next(opening.NOTEBOOKS.glob("00*.ipynb")), 4)
    for address in ("some-one/deep.course", None):
        opening.write_opening(notebook, "00_start_here.ipynb", address)
        assert opening.repository(notebook) == address


@pytest.mark.parametrize("address", ["nonsense", "a/b/c", "https://github.com/a/b", "a b/c"])
def test_not_an_address(address, tmp_path):
    with pytest.raises(ValueError, match="OWNER/REPO"):
        opening.write_badges(address, tmp_path)


def test_the_setup_line_clones_the_series_if_it_is_missing(tmp_path):
    """As in Colab: the folder has only the notebook; git is redirected to a repository on this disk."""
    origin = tmp_path / "origin"
    (origin / "helpers").mkdir(parents=True)
    (origin / "helpers" / "__init__.py").write_text("here = 1\n")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-C", str(origin)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "x"], check=True)
    alone = tmp_path / "content"
    alone.mkdir()
    config = tmp_path / "gitconfig"
    config.write_text(f'[url "{origin.as_uri()}"]\n  insteadOf = https://github.com/someone/course\n')
    line = opening.setup_line("00_start_here.ipynb", "someone/course")
    script = f"{line}\nimport helpers; print(helpers.here)"
    for _ in range(2):  # a cell may run twice
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=alone,
            env={"GIT_CONFIG_GLOBAL": str(config), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
        )
        assert done.stdout.strip() == "1", done.stderr
        assert done.stderr == ""
