"""The study of the whole advisor: its copies of folders, and how it reads the output."""

import numpy as np
import pytest
from PIL import Image

from helpers.studies import own_images


@pytest.fixture
def folder(tmp_path):
    """Two classes with 6 training and 3 test images each."""
    for part, images in (("train", 6), ("test", 3)):
        for name in ("left", "right"):
            (tmp_path / "source" / part / name).mkdir(parents=True)
            for k in range(images):
                Image.new("RGB", (8, 8), (40 * k, 0, 0)).save(tmp_path / "source" / part / name / f"{k}.png")
    return tmp_path / "source"


def files(folder, part):
    return sorted(path.relative_to(folder / part).as_posix() for path in (folder / part).rglob("*.png"))


def test_a_seed_draws_the_training_images_and_the_rest_validates(folder, tmp_path):
    drawn = []
    for seed in (0, 0, 1, 2):
        copy = tmp_path / f"copy {len(drawn)}"
        own_images._write(folder, copy, 2, seed)
        drawn.append(files(copy, "train"))
        assert len(drawn[-1]) == 4 and sorted(drawn[-1] + files(copy, "val")) == files(folder, "train")
        assert files(copy, "test") == files(folder, "test")
    assert drawn[0] == drawn[1] and len({tuple(names) for names in drawn}) > 1


def test_all_training_images_are_copied_as_they_are(folder, tmp_path):
    own_images._write(folder, tmp_path / "copy", own_images.ALL, 0)
    assert files(tmp_path / "copy", "train") == files(folder, "train")
    assert not (tmp_path / "copy" / "val").exists()


def test_output_without_a_test_accuracy_is_refused():
    with pytest.raises(ValueError, match="names no test accuracy"):
        own_images.read("splits: train 6\nThe best source is photos\nvalidation accuracy 50%")


def test_every_cell_runs_once_and_few_images_come_in_three_draws():
    cells = own_images.cells()
    assert len({tuple(cell.values()) for cell in cells}) == len(cells)
    few = [cell for cell in cells if cell["images"] == own_images.FEW]
    assert np.unique([cell["seed"] for cell in few]).tolist() == [0, 1, 2]
