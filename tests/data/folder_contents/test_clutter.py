"""What systems leave beside images is never a class and never an image, and is named."""

import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers.data.archives import unzip
from helpers.data.folder_contents import clutter
from helpers.data.image_files.reading import printable
from helpers.data.image_sets import from_folder

FOLDERS = (
    "@eaDir", "@tmp", "@Recycle", "@Recently-Snapshot", "#recycle", "#snapshot", "lost+found", "$Recycle.Bin",
    "RECYCLER", "System Volume Information", "FOUND.000", "LOST.DIR", "__MACOSX", ".Trashes", ".git",
    ".ipynb_checkpoints", ".AppleDouble", ".@__thumb", "__pycache__", "Network Trash Folder",
)  # fmt: skip
FILES = (
    "thumbs.db", "ehthumbs.db", "Desktop.ini", ".DS_Store", "._1.png", "Icon\r", "~$1.png", "1.png~", "1.tmp",
    "1.png.part", "1.png.crdownload", "MVI_1.THM", "Picasa.ini",
    "1.png@SynoEAStream", "1.png@SynoResourceFork",
)  # fmt: skip
LEVELS = ("", "cat", "train", "train/cat")


def paint(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(len(path.name))
    Image.fromarray(rng.integers(0, 256, (9, 9, 3), np.uint8)).save(path, "PNG")


@pytest.fixture(params=["classes", "splits"])
def pets(request, tmp_path):
    for part in [""] if request.param == "classes" else ["train", "test"]:
        for name in ("cat", "dog"):
            for k in range(5):
                paint(tmp_path / part / name / f"{k}.png")
    return tmp_path


def test_clutter_at_every_level_is_ignored_and_named(pets):
    before = from_folder(pets, 8)
    assert before.ignored == () and "ignored" not in repr(before)
    levels = [level for level in LEVELS if (pets / level).is_dir()]
    for level in levels:
        for name in FOLDERS:
            paint(pets / level / name / "deep" / "1.png")
        for name in FILES:
            paint(pets / level / name)
    after = from_folder(pets, 8)
    assert after.classes == ("cat", "dog") and after.paths == before.paths and after.skipped == ()
    names = {
        printable("/".join(filter(None, (level, name)))) for level in levels for name in (*FOLDERS, *FILES)
    }
    assert set(after.ignored) == names
    assert f"ignored: {len(names)} (" in repr(after)


def test_clutter_does_not_hide_the_folder_in_a_zip(tmp_path):
    paint(tmp_path / "1.png")
    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as archive:
        for name in ("pets/cat/1.png", "pets/dog/1.png", "@eaDir/pets/1.png", "__MACOSX/pets/._1.png"):
            archive.write(tmp_path / "1.png", name)
    assert unzip(tmp_path / "pets.zip").name == "pets"


def test_a_folder_of_clutter_alone_gets_the_remedy_for_an_empty_one(tmp_path):
    paint(tmp_path / "lost+found" / "1.png")
    with pytest.raises(
        ValueError, match=r"is empty \(ignored: lost\+found\). Create one sub-folder per class"
    ):
        from_folder(tmp_path, 8)
    paint(tmp_path / "cat" / "1.png")
    with pytest.raises(
        ValueError, match=r"one class, 'cat'; at least two are needed \(ignored: lost\+found\)"
    ):
        from_folder(tmp_path, 8)
    paint(tmp_path / "dog" / "._1.png")
    with pytest.raises(ValueError, match="dog' contains no readable image"):
        from_folder(tmp_path, 8)


@pytest.mark.parametrize("name", ["_gsdata_", "CaptureOne", "cat.lrdata", "node_modules", ".stversions"])
def test_folders_of_programs_are_no_classes(tmp_path, name):
    paint_classes_and(tmp_path / name / "1.png", tmp_path)
    paint(tmp_path / "cat" / name / "1.png")
    data = from_folder(tmp_path, 8)
    assert data.classes == ("cat", "dog") and set(data.ignored) == {name, f"cat/{name}"}


@pytest.mark.parametrize(
    "name",
    ["cat", "recycled", "trash", "thumbs", "found", "temp", "tmp", "part", "@home", "#1", "$5", "CVS", "1.0"],
)
def test_names_of_classes_are_not_clutter(name):
    assert not clutter.is_clutter(name)


@given(st.text(min_size=1, max_size=20))
@settings(max_examples=500, derandomize=True)
def test_the_case_of_a_name_does_not_matter_and_hidden_names_are_clutter(name):
    assert clutter.is_clutter(f".{name}") and clutter.is_clutter(f"{name}.part")
    if name.isascii():
        assert clutter.is_clutter(name.upper()) == clutter.is_clutter(name.lower())


def paint_classes_and(path, root):
    """Paint an image, beside two classes of six images."""
    for folder in ("cat", "dog"):
        for k in range(6):
            paint(root / folder / f"{k}.png")
    paint(path)


@pytest.mark.parametrize(
    "name", ["low.temp/1.png", ".22LR/1.png", "Recycler/1.png", "cat/.5mm.png", "cat/.hidden/1.JPG"]
)
def test_ignored_images_are_said(tmp_path, name):
    paint_classes_and(tmp_path / name, tmp_path)
    ignored = name.removesuffix("/1.png").removesuffix("/1.JPG")
    with pytest.warns(UserWarning, match=f"1 of the ignored files .* contain images: {ignored}. If .*rename"):
        from_folder(tmp_path, 8)


@pytest.mark.parametrize(
    "name", ["@eaDir/1.png", ".Trash-1000/1.png", "cat/._1.png", ".git/1.png", "cat/.ipynb_checkpoints/1.png"]
)
def test_copies_that_programs_make_are_ignored_without_a_warning(tmp_path, name):
    paint_classes_and(tmp_path / name, tmp_path)
    assert len(from_folder(tmp_path, 8).ignored) == 1


def test_placeholders_of_icloud_are_missed_images(tmp_path):
    for folder in ("cat", "dog"):
        for k in range(6):
            paint(tmp_path / folder / f"{k}.png")
            (tmp_path / folder / f".IMG_{k}.HEIC.icloud").write_bytes(b"bplist00\xd1")
    with pytest.raises(ValueError, match="12 of 24 files were skipped.*download the image from iCloud"):
        from_folder(tmp_path, 8)
