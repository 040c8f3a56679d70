"""Photographs of phones, folders and the series itself: what is read, and what is said of the rest."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers.data import photographs
from helpers.data.sample_photographs import PIECE, pieces

HEIC = b"\0\0\0\x18ftypheic" + bytes(99)
VIDEO = b"\0\0\0\x14ftypqt  " + bytes(99)


def encoded(size=(40, 30), colour="red", kind="JPEG", **options):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind, **options)
    return file.getvalue()


def test_the_built_in_photographs_are_balanced_and_credited():
    found = photographs.built_in()
    assert found.X.shape == (12, 224, 224, 3) and found.X.dtype == np.uint8
    assert dict(zip(*np.unique(found.y, return_counts=True), strict=True)) == {"flower": 6, "temple": 6}
    assert len(set(found.names)) == 12
    assert sum("CC BY 2.0" in note for note in found.notes) == 2
    assert any("says nothing about other photographs" in note for note in found.notes)


def test_pieces_do_not_overlap():
    """Each is the enlarged square of its own place in the photograph."""
    from sklearn.datasets import load_sample_image

    every, whole = pieces("flower", step=1), load_sample_image("flower.jpg")
    assert len(every) == 24
    for k, piece in enumerate(every):
        row, column = divmod(k, 6)
        square = whole[PIECE * row : PIECE * (row + 1), PIECE * column : PIECE * (column + 1)]
        small = np.asarray(Image.fromarray(piece).resize((PIECE, PIECE)), float)
        assert np.abs(small - square).mean() < 3
    assert np.array_equal(pieces("flower"), every[::4])


def test_what_a_phone_sends_is_read_or_named():
    files = [("image.jpg", encoded()), ("image.jpg", encoded(colour="blue")), ("clip.mov", VIDEO)]
    files += [(f"IMG_{k}.HEIC", HEIC) for k in range(3)]
    found = photographs.read_uploaded(files)
    assert [name for name, _ in found.images] == ["image.jpg", "image.jpg"]
    assert found.images[0][1].shape == (224, 224, 3)
    assert not np.array_equal(found.images[0][1], found.images[1][1])  # of one name, yet both are kept
    assert found.notes == [
        "Not read: IMG_0.HEIC and 2 more: a HEIC image; export it as JPEG or PNG. "
        "clip.mov: a video; save single frames as JPEG or PNG."
    ]


def test_a_photograph_of_fifty_megapixels_is_read():
    found = photographs.read_uploaded([("large.jpg", encoded((8192, 6144)))])
    assert found.images[0][1].shape == (224, 224, 3) and found.notes == []


def test_a_photograph_is_turned_upright():
    exif = Image.Exif()
    exif[274] = 6  # the camera was held upright
    half = Image.new("RGB", (80, 40), "red")
    half.paste("blue", (40, 0, 80, 40))
    file = io.BytesIO()
    half.save(file, "JPEG", exif=exif)
    ((_, image),) = photographs.read_uploaded([("upright.jpg", file.getvalue())]).images
    top, bottom = image[:100].mean(axis=(0, 1)), image[-100:].mean(axis=(0, 1))
    assert top[0] > 200 > 50 > top[2] and bottom[2] > 200 > 50 > bottom[0]


def test_only_the_first_image_of_an_animation_is_used_and_that_is_said():
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue", "green")]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    found = photographs.read_uploaded([("cat.gif", file.getvalue())])
    assert len(found.images) == 1
    assert found.notes == ["cat.gif contains 3 images; only the first is used."]


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/cup.jpg", "a" * 300 + ".jpg", "x.jpg/", "tasse ☕.jpg"]
)
def test_odd_names_of_uploads_reach_no_other_file(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = photographs.read_uploaded([(name, encoded())])
    assert [kept for kept, _ in found.images] == [name]
    assert [*tmp_path.iterdir()] == []


def folder_of(tmp_path, counts, shade=0):
    for place, (name, count) in enumerate(counts.items()):
        (tmp_path / name).mkdir(parents=True)
        for k in range(count):
            (tmp_path / name / f"{k}.jpg").write_bytes(encoded(colour=(10 * k, 20 * place, shade)))
    return tmp_path


def test_a_folder_is_read(tmp_path):
    folder = folder_of(tmp_path / "mine", {"cup": 3, "glass": 2})
    (folder / "cup" / "new.heic").write_bytes(HEIC)
    found = photographs.from_class_folders(folder)
    assert found.X.shape == (5, 224, 224, 3) and found.y.tolist() == ["cup"] * 3 + ["glass"] * 2
    assert found.names[0] == "cup/0.jpg" and found.origin == "the folder 'mine'"
    assert found.notes == ("Not read: cup/new.heic: a HEIC image; export it as JPEG or PNG.",)


def test_the_splits_of_a_folder_are_joined(tmp_path):
    for part, shade in (("train", 0), ("test", 90)):
        folder_of(tmp_path / part, {"cup": 2, "glass": 2}, shade)
    found = photographs.from_class_folders(tmp_path)
    assert len(found.y) == 8 and {name.split("/")[0] for name in found.names} == {"train", "test"}


def test_copies_in_a_folder_count_once(tmp_path):
    """Cross-validation would learn from one of them and score the other."""
    folder = folder_of(tmp_path, {"cup": 3, "glass": 3})
    (folder / "cup" / "same.jpg").write_bytes((folder / "cup" / "0.jpg").read_bytes())
    (folder / "glass" / "wrong.jpg").write_bytes((folder / "cup" / "1.jpg").read_bytes())
    found = photographs.from_class_folders(folder)
    assert found.y.tolist() == ["cup"] * 3 + ["glass"] * 3
    assert found.notes == ("Copies of other photographs were left out: 2.",)


def test_of_a_large_folder_some_are_used_and_that_is_said(tmp_path):
    found = photographs.from_class_folders(folder_of(tmp_path, {"cup": 25, "glass": 3}))
    assert len(found.y) == 23
    assert found.notes == ("23 of 28 files are used, at most 20 of each class folder. Notebook 08 uses all.",)


def test_a_folder_of_exactly_twenty_is_whole(tmp_path):
    assert photographs.from_class_folders(folder_of(tmp_path, {"cup": 20, "glass": 20})).notes == ()


@pytest.mark.parametrize(
    ("counts", "named"),
    [
        ({"cup": 3, "glass": 1}, "at least 2 photographs of each thing. So far: 3 of 'cup', 1 of 'glass'"),
        ({"cup": 3}, "contains only one class, 'cup'; at least two"),
        ({}, "is empty"),
        ({f"thing{k}": 2 for k in range(11)}, "has 11 class folders; at most 10 are used here"),
    ],
)
def test_folders_that_do_not_suit_are_refused_with_a_remedy(tmp_path, counts, named):
    folder = tmp_path / "mine"
    folder.mkdir()
    with pytest.raises(ValueError, match=named):
        photographs.from_class_folders(folder_of(folder, counts))


def test_a_missing_folder_is_named():
    with pytest.raises(FileNotFoundError, match="Folder not found: 'nowhere'"):
        photographs.from_class_folders("nowhere")
