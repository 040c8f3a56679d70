"""Names of folders and files are data: any of them is read, shown and stored, and none is lost."""

import contextlib
import io
import json
import os
import unicodedata
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers.data.folder_contents.names import class_name, too_similar
from helpers.data.image_sets import from_folder
from helpers.findings import reports

ODD = [
    "$5",
    "US$_1 {} %s %d",
    "<b>bold",
    "[abc]",
    "*?" if os.name != "nt" else "star",
    "a: b" if os.name != "nt" else "a b",
    "-x",
    "two\nlines" if os.name != "nt" else "two lines",
    "=1+1",
    "naïve",
    "日本語",
    "🍎",
    "x" * 200,
]


def folder_of(root, names, n=5):
    for k, name in enumerate(names):
        folder = os.path.join(os.fsencode(root), name if isinstance(name, bytes) else os.fsencode(name))
        os.makedirs(folder)
        for i in range(n):
            pixels = np.random.default_rng(100 * k + i).integers(0, 256, (16, 16, 3), dtype=np.uint8)
            with open(os.path.join(folder, b"%s-%d.png" % (os.fsencode(ODD[i]), i)), "wb") as file:
                Image.fromarray(pixels).save(file, "PNG")
    return root


def shown(data, folder):
    """Return everything that is said about a set, as it is printed and stored."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    found = reports.report(data, folder)
    with contextlib.redirect_stdout(out):
        print(data, found, data.classes)
    out.flush()
    json.dumps([*data.classes, *data.skipped, found._repr_html_()], ensure_ascii=False).encode("utf-8")
    return out.buffer.getvalue().decode("utf-8"), found._repr_html_()


def test_odd_names_are_read_and_shown(tmp_path):
    folder = folder_of(tmp_path / "set [1] {} %s $x$", ODD)
    (folder / ODD[0] / "broken %s {}.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.warns(UserWarning, match="broken %s {}.jpg: JPEG file that is damaged"):
        data = from_folder(folder, 16)
    assert data.classes == tuple(sorted(ODD)) and len(data.paths) == 5 * len(ODD)
    assert all((folder / path).is_file() for path in data.paths)
    text, page = shown(data, folder)
    assert "US$_1 {} %s %d" in text and "&lt;b&gt;bold" in page and "<b>" not in page


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="names are UTF-8 there")
def test_names_that_are_not_utf_8_are_read_and_shown(tmp_path):
    folder = folder_of(tmp_path, [b"caf\xe9", b"\xff\xfe", b"tea"])
    (folder / os.fsdecode(b"caf\xe9") / os.fsdecode(b"\xe9.jpg")).write_bytes(b"")
    with pytest.warns(UserWarning, match="xe9.jpg: empty file"):
        data = from_folder(folder, 16)
    assert data.classes == ("\\xff\\xfe", "caf\\xe9", "tea")
    assert all((folder / path).is_file() for path in data.paths)
    text, _ = shown(data, folder)
    assert r"caf\xe9 5" in text and r"caf\xe9/\xe9.jpg" in text


@pytest.mark.parametrize(
    "names",
    [
        ("Apfel", "apfel"),
        ("\u00e9", "e\u0301"),
        ("Straße", "STRASSE"),
        ("cat", "cat "),
        ("cat", "cat\u200b"),
        ("hot dog", "hot  dog"),
        ("\u212b", "\u00c5"),  # the sign of the ångström, and the letter
    ],
    ids=ascii,
)
@pytest.mark.parametrize("inside", ["", "train"])
def test_two_folders_that_could_be_one_class_are_refused(names, inside, tmp_path):
    try:
        folder_of(tmp_path / inside, [*names, "other"])
    except FileExistsError:
        pytest.skip("this disk takes them for one folder")
    with pytest.raises(
        ValueError, match="differ only in case.*Put all images into one of them, or rename"
    ) as error:
        from_folder(tmp_path, 16)
    assert all(ascii(name) in str(error.value) for name in names)


def test_names_that_differ_in_more_are_kept_apart(tmp_path):
    names = ["Maße", "Masse", "a", "á", "b1", "b 1", "b-1", "b_1", "x²", "x2"]
    assert too_similar(names) == []
    assert from_folder(folder_of(tmp_path, names), 16).classes == tuple(sorted(names))


@given(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=12))
@settings(deadline=None, max_examples=500, derandomize=True)
def test_every_class_name_can_be_stored_and_stays_the_same(name):
    found = class_name(name)
    found.encode("utf-8")
    assert found == class_name(found) == unicodedata.normalize("NFC", found)
    assert found == unicodedata.normalize("NFC", name) or not name.isprintable()
    assert too_similar([name]) == [] and too_similar([name, name.swapcase()]) in (
        [],
        [[name, name.swapcase()]],
    )


def test_warnings_name_files_with_odd_names_once(tmp_path):
    folder = folder_of(tmp_path, ["a", "b"])
    for k in range(3):
        (folder / "a" / f"x: {k}.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(99))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        from_folder(folder, 16, max_skipped=0.5)
    assert "a/x: 0.heic and 2 more: a HEIC image; export it as JPEG or PNG" in str(said[0].message)
