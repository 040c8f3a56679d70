"""Notebook files that are half-written after a crash."""

import json
import shutil

import nbformat
import pytest

from helpers.authoring import opening, slides


def half_written(path):
    """Keep only the outputs of the first half, as if the kernel had died while a cell was printing."""
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in cells[len(cells) // 2 :]:
        cell.outputs, cell.execution_count = [], None
    cells[len(cells) // 2].outputs = [nbformat.v4.new_output("stream", text="epoch 1, los")]
    cells[1].outputs = [nbformat.v4.new_output("display_data", {"text/html": "<table><tr><td>cut"})]
    nbformat.write(notebook, path)


@pytest.fixture
def folder(tmp_path):
    for path in sorted(opening.NOTEBOOKS.glob("*.ipynb"))[:2]:
        shutil.copy(path, tmp_path)
    return tmp_path


def test_half_written_outputs_are_harmless(folder):
    for path in folder.glob("*.ipynb"):
        half_written(path)
        assert slides.deck(path).count("<section>") >= 8
    assert len(opening.write_badges("someone/course", folder)) == 2
    for path in folder.glob("*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))


def test_a_truncated_file_is_named_and_no_file_changes(folder):
    first, last = sorted(folder.glob("*.ipynb"))
    last.write_text(last.read_text(encoding="utf-8")[:5000], encoding="utf-8")
    before = {path: path.read_bytes() for path in (first, last)}
    with pytest.raises(ValueError, match=last.name):
        opening.write_badges("someone/course", folder)
    assert {path: path.read_bytes() for path in (first, last)} == before


def test_a_kill_while_badges_are_written_leaves_complete_files(folder, monkeypatch):
    def killed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(opening.os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        opening.write_badges("someone/course", folder)
    for path in folder.glob("*.ipynb"):
        json.loads(path.read_text(encoding="utf-8"))
