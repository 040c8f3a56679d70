"""What files are that cannot be read, by their content, and how a folder of them is reported."""

import re
import struct
import time
import warnings
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers.data.folder_contents.skipped import by_reason, missed
from helpers.data.image_files.file_kinds import HEAD, KINDS, NOTE, kind_of, why_unreadable
from helpers.data.image_files.reading import try_image
from helpers.data.image_sets import from_folder


def box(brand):
    """Return the first box of a file of the ISO base media format."""
    return struct.pack(">I", 24) + b"ftyp" + brand + b"\0\0\0\0" + b"mif1" + brand + bytes(200)


UNREADABLE = {  # name of the file: content, words that the reason must contain
    "photo.jpg": (box(b"heic"), "HEIC export JPEG"),
    "photo.heic": (box(b"mif1"), "HEIC export JPEG"),
    "photo.heif": (b"", "empty again"),
    "photo.avif": (box(b"avif"), "AVIF export"),
    "raw.cr3": (box(b"crx "), "raw export"),
    "raw.cr2": (b"II*\0\x10\0\0\0CR\2\0" + bytes(200), "raw export"),
    "raw2.jpg": (b"II*\0\x10\0\0\0CR\2\0" + bytes(200), "raw export"),
    "raw.nef": (b"MM\0*\0\0\0\x08" + bytes(200), "raw export"),
    "raw.dng": (b"II*\0\x08\0\0\0" + bytes(200), "raw export"),
    "raw.raf": (b"FUJIFILMCCD-RAW 0201" + bytes(200), "raw export"),
    "raw.orf": (b"IIRO\x08\0\0\0" + bytes(200), "raw export"),
    "image.jxl": (b"\xff\x0a" + bytes(200), "JPEG XL export"),
    "image2.jxl": (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(200), "JPEG XL export"),
    "scan.dcm": (bytes(128) + b"DICM" + bytes(200), "DICOM export"),
    "old.dcm": (b"\x08\0\x05\0" + bytes(200), "DICOM export"),
    "IM0001": (bytes(128) + b"DICM" + bytes(200), "DICOM export"),
    "brain.nii": (b"\x5c\x01" + bytes(342) + b"n+1\0", "volume slices"),
    "logo.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG export"),
    "logo.png": (b"<?xml version='1.0'?>\n<!-- x -->\n<svg>", "SVG export"),
    "scan.pdf": (b"%PDF-1.7\n" + bytes(200), "PDF export"),
    "art.psd": (b"8BPS\0\1" + bytes(20), "Photoshop export"),
    "art.xcf": (b"gimp xcf v011\0" + bytes(20), "GIMP export"),
    "clip.mp4": (box(b"isom"), "video frames"),
    "clip.mov": (box(b"qt  "), "video frames"),
    "clip.avi": (b"RIFF\xff\0\0\0AVI LIST" + bytes(99), "video frames"),
    "clip.jpg": (b"\x1aE\xdf\xa3" + bytes(99), "video frames"),
    "clip.mpg": (b"\0\0\1\xba" + bytes(99), "video frames"),
    "sound.wav": (b"RIFF\xff\0\0\0WAVEfmt " + bytes(99), "sound remove"),
    "array.npy": (b"\x93NUMPY\1\0" + bytes(99), "array export"),
    "array.h5": (b"\x89HDF\r\n\x1a\n" + bytes(99), "array export"),
    "light.exr": (b"v/1\1" + bytes(99), "dynamic export"),
    "cells.czi": (b"ZISRAWFILE" + bytes(99), "microscope export"),
    "images.jpg": (b"PK\3\4" + bytes(99), "archive unpack"),
    "images.rar": (b"Rar!\x1a\7" + bytes(99), "archive unpack"),
    "images.tgz": (b"\x1f\x8b\x08" + bytes(99), "archive unpack"),
    "cells.oib": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "microscope export"),
    "cells.zvi": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "microscope export"),
    "cells": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "compound export"),
    "cells.ims": (b"\x89HDF\r\n\x1a\n" + bytes(99), "microscope export"),
    "arrays.npz": (b"PK\3\4" + bytes(99), "array export"),
    "weights.pt": (b"PK\3\4" + bytes(99), "array export"),
    "brain.nii.gz": (b"\x1f\x8b\x08" + bytes(99), "volume slices"),
    "Scan.DCM.GZ": (b"\x1f\x8b\x08" + bytes(99), "DICOM export"),
    "images.tar.gz": (b"\x1f\x8b\x08" + bytes(99), "archive unpack"),
    "art.svgz": (b"\x1f\x8b\x08" + bytes(99), "drawing export"),
    "art.kra": (b"PK\3\4" + bytes(99), "layered export"),
    "live.livp": (b"PK\3\4" + bytes(99), "Live Photo export"),
    "mars.img": (b"PDS_VERSION_ID = PDS3\r\n" + b" " * 5000 + bytes(99), "PDS export"),
    "moon.vicar": (b"LBLSIZE=1024 FORMAT='BYTE'" + b" " * 5000 + bytes(99), "VICAR export"),
    "sky.txt": (b"SIMPLE  =                    T" + b" " * 5000 + bytes(99), "FITS export"),
    "header.bin": (b"width 400, height 300\n" + b" " * 5000 + bytes(99), "not an image that Pillow can read"),
    "photo.m": (box(b"heic"), "HEIC export"),
    "scan.r": (bytes(128) + b"DICM" + bytes(200), "DICOM export"),
    "photo.xml": (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(50), "JPEG damaged"),
    "lfs.jpg": (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n", "LFS pull"),
    "page.jpg": (b"\n<!DOCTYPE html>\n<html><title>404 Not Found</title>", "web download"),
    "page2.jpg": (b"<HTML><BODY>Access denied", "web download"),
    "error.png": (b'{"error": "not found"}', "text again"),
    "zeros.jpg": (bytes(5000), "zeros again"),
    "cut.jpg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(50), "JPEG damaged again"),
    "cut.png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG damaged again"),
    "cut.webp": (b"RIFF\xff\0\0\0WEBPVP8 ", "WebP damaged"),
    "noise.jpg": (bytes(range(128, 256)) * 3, "not an image that Pillow can read export"),
    "short.jpg": (b"\xff\xd8\xff", "JPEG damaged again"),
    "noise": (bytes(range(128, 256)) * 3, "not an image that Pillow can read export"),
    "._photo.jpg": (b"\0\5\x16\7\0\2\0\0Mac OS X", "macOS remove"),
    "photo.lnk": (b"L\0\0\0\x01\x14\2\0", "shortcut copy"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_the_reason_names_the_kind_and_the_remedy(name, tmp_path):
    content, words = UNREADABLE[name]
    (tmp_path / name).write_bytes(content)
    reason = try_image(tmp_path / name, (16, 16))
    assert all(word in reason for word in words.split()), reason
    assert ";" in reason and ": " not in reason and reason != NOTE


def test_an_office_document_is_not_an_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.jpg", "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
    assert "Office document" in try_image(tmp_path / "x.jpg", (16, 16))


@pytest.mark.parametrize(
    "name, content",
    [
        ("labels.csv", b"file,label\n1.jpg,cat"),
        ("notes.txt", b""),
        ("notes.txt", b"\xff\xfeN\0o\0t\0e\0s\0"),
        ("meta.json", b"{}"),
        ("photo.xmp", b"<x:xmpmeta/>"),
        ("photo.AAE", b"<?xml version='1.0'?>"),
        ("README", b"about these images"),
        ("annotation.xml", b"<annotation/>"),
        ("page.html", b"<!doctype html>"),
        ("list.dat", "é is UTF-8".encode()),
        ("labels.xlsx", b"PK\3\4"),
        ("labels.xls", b"\xd0\xcf\x11\xe0" + bytes(99)),
        ("bmi.csv", "BMI für alle".encode("latin-1")),
        ("lang.txt", "Größe\n".encode() * 9000),
        ("README", "Größe\n".encode() * 9000),
    ],
)
def test_notes_are_notes(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    assert try_image(tmp_path / name, (16, 16)) == NOTE


def test_a_raw_photo_is_not_read_by_its_thumbnail(tmp_path):
    """Pillow opens DNG, NEF and ARW files as TIFF, and would read a preview of 160 x 120 pixels."""
    thumbnail = Image.new("RGB", (160, 120))
    for name, tags in {
        "a.dng": {50706: b"\1\4\0\0"},
        "b.tif": {50706: b"\1\4\0\0"},
        "c.nef": {254: 1, 330: 8},
        "d.nef": {254: 1, 271: "a camera"},
    }.items():
        thumbnail.save(tmp_path / name, "TIFF", tiffinfo=tags)
        assert "raw photo" in try_image(tmp_path / name, (16, 16))


def test_a_tiff_that_is_marked_as_a_preview_is_not_a_raw_photo(tmp_path):
    """Of some programs, the only image of a file has this mark."""
    image = Image.new("RGB", (40, 40), "red")
    image.save(tmp_path / "one.tif", tiffinfo={254: 1})
    assert try_image(tmp_path / "one.tif", (8, 8))[0, 0].tolist() == [255, 0, 0]
    image.save(tmp_path / "two.tif", tiffinfo={254: 1}, save_all=True, append_images=[image])
    assert "only a preview; export" in try_image(tmp_path / "two.tif", (8, 8))


def test_formats_that_pillow_reads_are_read_whatever_their_name(tmp_path):
    for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "TGA", "JPEG2000"):
        Image.new("RGB", (20, 20)).save(tmp_path / "x.raw", kind)
        assert isinstance(try_image(tmp_path / "x.raw", (16, 16)), np.ndarray), kind


SUFFIXES = sorted(
    {suffix for kind in KINDS for suffix in kind.suffixes} | {"", ".jpg", ".png", ".txt", ".zzz"}
)


@given(st.binary(max_size=600), st.sampled_from(SUFFIXES))
@settings(
    deadline=None,
    max_examples=800,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_any_bytes_have_a_reason_in_one_line(tmp_path, content, suffix):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(content)
    result = try_image(path, (8, 8))
    assert isinstance(result, np.ndarray) or (
        len(result.splitlines()) == 1 and ": " not in result and (result == NOTE or ";" in result)
    )


@given(st.sampled_from([content for content, _ in UNREADABLE.values()]), st.binary(max_size=30), st.data())
@settings(deadline=None, max_examples=500, derandomize=True)
def test_damage_never_makes_the_kind_slow_to_find(content, piece, data):
    place = data.draw(st.integers(0, len(content)))
    head = (content[:place] + piece + content[place:] + b"<" * HEAD)[:HEAD]
    started = time.monotonic()
    assert why_unreadable(head, "x.jpg", "problem")
    assert time.monotonic() - started < 5  # milliseconds on an idle computer


def test_every_kind_has_a_remedy_and_every_suffix_one_kind():
    assert all(kind.name and kind.remedy and re.compile(kind.magic) for kind in KINDS)
    suffixes = [suffix for kind in KINDS for suffix in kind.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert kind_of(b"", ".zzz") is None


# --- folders ---


def folder_with(tmp_path, files, good=10):
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for k in range(good):
            image = Image.fromarray(rng.integers(0, 256, (16, 16, 3), dtype=np.uint8))
            image.save(tmp_path / name / f"{k}.png")
    for name, content in files.items():
        (tmp_path / "a" / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize(
    "name", ["photo.heic", "raw.cr3", "scan.dcm", "image.jxl", "logo.svg", "page.jpg", "noise"]
)
def test_unreadable_formats_count_and_are_grouped(name, tmp_path):
    content, words = UNREADABLE[name]
    folder = folder_with(tmp_path, {f"{k}_{name}": content for k in range(10)})
    with pytest.raises(ValueError, match="10 of 30 files were skipped") as error:
        from_folder(folder, 16)
    said = str(error.value)
    assert f"a/0_{name} and 9 more: " in said and all(word in said for word in words.split())
    assert "1_" not in said, "each kind is named once"


def test_notes_neither_count_nor_hide_what_counts(tmp_path):
    """Three images of twenty-three are missing, however many notes lie beside them."""
    files = {f"{k}.json": b"{}" for k in range(200)} | {
        f"{k}.heic": UNREADABLE["photo.jpg"][0] for k in range(3)
    }
    folder = folder_with(tmp_path, files)
    with pytest.raises(
        ValueError, match="203 of 223.*0.heic and 2 more: a HEIC.*0.json and 199 more: a note"
    ):
        from_folder(folder, 16)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert len(from_folder(folder, 16, max_skipped=0.14).skipped) == 203
    assert "HEIC" in str(said[0].message)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF"])
def test_damaged_files_are_grouped_although_each_is_damaged_elsewhere(kind, tmp_path):
    folder = folder_with(tmp_path, {}, good=60)
    noise = np.random.default_rng(1).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    for k in range(6):
        path = folder / "a" / f"cut{k}.img"
        Image.fromarray(noise).save(path, kind)
        path.write_bytes(path.read_bytes()[: 18_000 - 2001 * k])
    with pytest.warns(UserWarning, match=f"6 of 126 files.*cut0.img and 5 more: {kind} file that is damaged"):
        from_folder(folder, 16)


def test_reasons_are_summed_up():
    lines = [f"a/{k}: x: y.jpg: reason {k}; remedy" for k in range(12)] + [
        f"a/n: {NOTE}",
        "b/0: reason 3; remedy",
    ]
    said = by_reason(lines)
    assert said.startswith("a/3: x: y.jpg and 1 more: reason 3; remedy. a/0: x: y.jpg: reason 0; remedy.")
    assert said.endswith(". 5 more for other reasons")
    assert missed(lines) == 13 and missed([]) == 0 and by_reason([]) == ""
