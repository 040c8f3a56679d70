"""Two thousand malformed images, folders and archives: only the documented errors, and no hang."""

import io
import time
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers.data import archives
from helpers.data.folders import load_folder
from helpers.data.image_sets import from_folder
from helpers.findings import reports

DOCUMENTED = (ValueError, FileNotFoundError, NotADirectoryError)
SECONDS = 60  # for one folder of small files; milliseconds on an idle computer
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "TGA", "ICO", "PCX")
MODES = ("RGB", "RGBA", "L", "P", "1")


def _seed(kind: str, mode: str) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (17, 16, 3), np.uint8)
    buffer = io.BytesIO()
    try:
        Image.fromarray(noise).convert(mode).save(buffer, kind)
    except (OSError, ValueError):  # this format does not support the mode
        Image.fromarray(noise).save(buffer, kind)
    return buffer.getvalue()


SEEDS = {(kind, mode): _seed(kind, mode) for kind in FORMATS for mode in MODES}


@st.composite
def damaged(draw, seeds):
    """Damage a file by up to five cuts, overwritten bytes and insertions, most of them near its beginning."""
    content = bytearray(draw(seeds))
    for _ in range(draw(st.integers(0, 5))):
        place = draw(st.integers(0, min(len(content), draw(st.sampled_from((30, 100, 100_000))))))
        what = draw(st.sampled_from(("cut", "overwrite", "overwrite", "overwrite", "insert")))
        piece = draw(st.binary(min_size=1, max_size=8) | st.just(b"\xff" * 8) | st.just(bytes(4)))
        if what == "cut":
            del content[place:]
        else:
            content[place : place + (len(piece) if what == "overwrite" else 0)] = piece
    return bytes(content)


image = damaged(st.sampled_from(sorted(SEEDS)).map(SEEDS.get)) | st.binary(max_size=64)
file_name = st.builds(
    "{}{}".format,
    st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=12),
    st.sampled_from((".png", ".jpg", ".gif", ".TIFF", ".webp", ".txt", "")),
).filter(lambda name: name not in (".", ".."))
thorough = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], derandomize=True
)


@pytest.fixture(scope="module")
def fresh_folder(tmp_path_factory):
    import helpers.strategies  # noqa: F401 - load the network library before the clock starts

    return lambda: Path(tmp_path_factory.mktemp("case"))


def read_all(folder: Path):
    """Read a folder in both ways and report on it; only documented errors are allowed."""
    started = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            X, y, skipped = load_folder(folder, 8)
            assert X.shape == (len(y), 8, 8, 3) and X.dtype == np.uint8
            assert all(": " in line for line in skipped)
            data = from_folder(folder, 8, max_skipped=1)
            assert "in the largest" in repr(reports.report(data, folder))
        except DOCUMENTED as error:
            assert len(str(error)) > 20, "an error must say what is wrong and what to do"
    assert time.monotonic() - started < SECONDS


@given(st.lists(image, min_size=8, max_size=8))
@settings(thorough, max_examples=200)
def test_1600_damaged_images(fresh_folder, contents):
    folder = fresh_folder()
    for k, content in enumerate(contents):
        inner = folder / "ab"[k % 2]
        inner.mkdir(exist_ok=True)
        (inner / f"{k}.png").write_bytes(content)
    for k in range(8):  # so that there is something to split and to report on
        Image.new("RGB", (9, 9), (20 * k, 0, 0)).save(folder / "ab"[k % 2] / f"whole{k}.png")
    read_all(folder)


tree = st.recursive(
    image | st.just("loop") | st.just("nowhere"),
    lambda inner: st.dictionaries(file_name, inner, max_size=4),
    max_leaves=12,
)


def plant(folder: Path, branches: dict):
    """Create files, folders and links; names that this system does not support are skipped."""
    for name, content in branches.items():
        path = folder / name
        try:
            if isinstance(content, dict):
                path.mkdir()
                plant(path, content)
            elif isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.symlink_to(folder if content == "loop" else folder / "nowhere" / "at all")
        except (OSError, ValueError):
            continue


@given(st.dictionaries(file_name, tree, max_size=4))
@settings(thorough, max_examples=300)
def test_300_odd_folders(fresh_folder, branches):
    folder = fresh_folder()
    plant(folder, branches)
    read_all(folder)


@given(st.text(max_size=300) | st.just("x" * 5000) | st.just("~nobody-of-this-name/images"))
@settings(thorough, max_examples=100)
def test_paths_that_do_not_exist(path):
    for read in (load_folder, archives.unzip):
        try:
            read(path)
        except DOCUMENTED as error:
            assert str(error)


def _archive(compression) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name in ("a/1.png", "a/2.png", "b/1.png", "b/2.png"):
            archive.writestr(name, SEEDS["PNG", "RGB"])
    return buffer.getvalue()


archive_bytes = damaged(
    st.sampled_from((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2)).map(
        {kind: _archive(kind) for kind in (0, 8, 12, 14)}.get
    )
)


@given(archive_bytes, st.integers(0, 400), st.binary(min_size=1, max_size=4))
@settings(thorough, max_examples=300)
def test_300_damaged_archives(fresh_folder, content, from_the_end, piece):
    """The list of members is at the end of a zip file, so the damage is there, too."""
    folder = fresh_folder()
    place = max(0, len(content) - from_the_end)
    (folder / "images.zip").write_bytes(content[:place] + piece + content[place + len(piece) :])
    started = time.monotonic()
    try:
        inside = archives.unzip(folder / "images.zip", folder / "out")
    except (*DOCUMENTED, OSError) as error:
        assert str(error) and not (folder / "out").exists()
    else:
        assert inside.is_relative_to(folder / "out")
        read_all(inside)
    assert {p.name for p in folder.iterdir()} <= {"images.zip", "out"}
    assert time.monotonic() - started < SECONDS
