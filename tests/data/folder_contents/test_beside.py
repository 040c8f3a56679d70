"""Files beside the images: masks and other versions cost nothing, images outside the classes are said."""

import struct

import numpy as np
import pytest
from PIL import Image

from helpers.data.folder_contents.skipped import by_class
from helpers.data.image_sets import from_folder

HEIC = struct.pack(">I", 24) + b"ftypheic" + bytes(99)
VIDEO = struct.pack(">I", 20) + b"ftypqt  " + bytes(99)
RAW = b"II*\0\x10\0\0\0CR\2\0" + bytes(99)


def paint(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(len(path.name))
    Image.fromarray(rng.integers(0, 256, (9, 9, 3), np.uint8)).save(path, "PNG")


@pytest.fixture
def pets(tmp_path):
    for name in ("cat", "dog"):
        for k in range(10):
            paint(tmp_path / name / f"{name} ({k}).png")
    return tmp_path


@pytest.mark.parametrize("end", ["_mask", "_mask_1", "-gt", "_Annotation", " segmentation", "_ground_truth"])
def test_masks_beside_their_images_are_no_images(pets, end):
    for path in sorted(pets.rglob("*.png")):
        paint(path.with_stem(path.stem + end))
    with pytest.warns(
        UserWarning, match="20 of 40 files were skipped. cat.* and 19 more: the mask of another"
    ):
        data = from_folder(pets, 8)
    assert len(data.paths) == 20 and not any(path.endswith(f"{end}.png") for path in data.paths)
    with pytest.warns(UserWarning, match="20 of 28 files"):
        assert len(from_folder(pets, 8, per_class=4).paths) == 8


def test_a_mask_without_its_image_is_an_image(pets):
    for k in range(3):
        paint(pets / "cat" / f"{k}_mask.png")
    assert len(from_folder(pets, 8).paths) == 23


@pytest.mark.parametrize(
    "end, content", [(".MOV", VIDEO), (".CR2", RAW), (".wav", b"RIFF....WAVE"), (".npy", b"\x93NUMPY")]
)
def test_other_versions_of_an_image_cost_nothing(pets, end, content):
    for path in list(pets.rglob("*.png")):
        path.with_suffix(end).write_bytes(content)
    with pytest.warns(UserWarning, match="20 of 40 files were .*belongs to the image of the same name"):
        assert len(from_folder(pets, 8).paths) == 20
    for path in pets.rglob(f"*{end}"):
        path.rename(path.with_stem(f"other {path.stem}"))
    with pytest.raises(ValueError, match="20 of 40 files were skipped"):
        from_folder(pets, 8)


def test_a_damaged_image_is_missed_beside_another_of_its_name(pets):
    for path in list(pets.rglob("*.png")):
        path.with_suffix(".jpg").write_bytes(b"\xff\xd8\xff" + bytes(99))
    with pytest.raises(ValueError, match="20 of 40 files were skipped"):
        from_folder(pets, 8)


@pytest.mark.parametrize("name, content", [("1.HEIC", HEIC), ("1", None), ("1.cr2", RAW), ("1.image", None)])
def test_images_of_any_kind_outside_the_class_folders_are_said(pets, name, content):
    if content is None:
        content = next(pets.rglob("*.png")).read_bytes()
    (pets / name).write_bytes(content)
    with pytest.warns(UserWarning, match=f"1 of 21 files were skipped. {name}: outside the class folders"):
        from_folder(pets, 8)


@pytest.mark.parametrize("name", ["README", "LICENSE.txt", "model.zip", "list.csv", "paper.pdf", "clip.mp4"])
def test_other_files_outside_the_class_folders_are_fine(pets, name):
    contents = {"model.zip": b"PK\3\4", "paper.pdf": b"%PDF-1.7", "clip.mp4": VIDEO}
    (pets / name).write_bytes(contents.get(name, b"text"))
    assert from_folder(pets, 8).skipped == ()


def test_a_class_that_loses_most_of_its_images_is_named(pets):
    for k in range(9):
        (pets / "cat" / f"cat ({k}).png").write_bytes(b"")
        for n in range(10):
            paint(pets / "dog" / f"more {k}{n}.png")
    for k in range(10, 12):
        paint(pets / "cat" / f"cat ({k}).png")
    with pytest.warns(UserWarning, match="9 of 112 files were .* Of class cat, 9 of 12 images are missing"):
        from_folder(pets, 8)
    many = by_class([f"{k}/1.png: empty" for k in range(9)], dict.fromkeys(map(str, range(9)), 1), 0.1)
    assert many.endswith(
        "Of class 0, 1 of 2; of class 1, 1 of 2; of class 2, 1 of 2; of class 3, 1 of 2; "
        "of class 4, 1 of 2 images are missing; and of 4 more classes."
    )
