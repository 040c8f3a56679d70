"""Reading of single files: damaged metadata, sizes, orientation, unusual colours, and names."""

import io
import os
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers.data.image_files import reading
from helpers.data.image_files.reading import (
    decode,
    find_images,
    printable,
    read_image,
    try_image,
    upright_size,
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # of odd metadata
thorough = settings(
    deadline=None, max_examples=500, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
BLOCKS = np.random.default_rng(0).integers(0, 256, (5, 8, 3), np.uint8)
IMAGE = Image.fromarray(np.kron(BLOCKS, np.ones((8, 8, 1), np.uint8)))


def saved(kind, image=IMAGE, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pixels(content, side=16):
    return decode(io.BytesIO(content), (side, side))


# --- metadata ---


def png_with(chunks, at_end=False, crc=None, **options):
    raw = saved("PNG", **options)
    made = b"".join(
        struct.pack(">I", len(body)) + kind + body + (crc or struct.pack(">I", zlib.crc32(kind + body)))
        for kind, body in chunks
    )
    place = len(raw) - 12 if at_end else 33  # before the end, or after the header
    return raw[:place] + made + raw[place:]


def jpeg_with(*segments):
    raw = saved("JPEG", quality=95)
    made = b"".join(b"\xff" + marker + struct.pack(">H", len(s) + 2) + s for marker, s in segments)
    return raw[:2] + made + raw[2:]


def tiff_with(tag, kind, count, value, compression="raw"):
    """Write a TIFF file whose first tag of metadata is changed."""
    raw = bytearray(saved("TIFF", description="d" * 40, software="some software", compression=compression))
    (place,) = struct.unpack_from("<I", raw, 4)
    (tags,) = struct.unpack_from("<H", raw, place)
    entries = range(place + 2, place + 2 + 12 * tags, 12)
    entry = next(k for k in entries if struct.unpack_from("<H", raw, k)[0] in (270, 305))
    struct.pack_into("<HHII", raw, entry, tag, kind, count, value)
    return bytes(raw)


LONG = b"prompt and workflow of an image generator; " * 40_000
VIEWABLE = {
    "EXIF is not EXIF": jpeg_with((b"\xe1", b"Exif\0\0some camera wrote nonsense here")),
    "EXIF cut off": jpeg_with((b"\xe1", b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01")),
    "bytes between segments": saved("JPEG", quality=95).replace(b"\xff\xdb", b"\0\0\xff\xff\xdb", 1),
    "MPF": jpeg_with((b"\xe2", b"MPF\0II*\0\xff\xff\0\0\0\0")),
    "colour profile": jpeg_with((b"\xe2", b"ICC_PROFILE\0\x01")),
    "Photoshop": jpeg_with((b"\xed", b"Photoshop 3.0\0008BIM\x03\xed\0\0\0\0\0\x20")),
    "long zTXt": png_with([(b"zTXt", b"parameters\0\0" + zlib.compress(LONG))]),
    "long iTXt": png_with([(b"iTXt", b"workflow\0\x01\0\0\0" + zlib.compress(LONG))]),
    "long iTXt at the end": png_with([(b"iTXt", b"workflow\0\x01\0\0\0" + zlib.compress(LONG))], at_end=True),
    "long iCCP": png_with([(b"iCCP", b"scanner\0\0" + zlib.compress(bytes(range(256)) * 6000))]),
    "eXIf": png_with([(b"eXIf", b"nonsense")]),
    "EXIF as text": png_with([(b"tEXt", b"Raw profile type exif\0\nexif\n      20\nzzzz not hexadecimal")]),
    "transparency too short": png_with([(b"tRNS", b"\0")]),
    "checksum": png_with([(b"tEXt", b"a\0b")], crc=b"\0\0\0\0"),
    "cut off in metadata": png_with([(b"tEXt", b"a\0" + b"b" * 50)], at_end=True)[:-30],
    "TIFF count": tiff_with(270, 2, 2**32 - 1, 8),
    "TIFF place": tiff_with(282, 5, 1, 2**32 - 1),
    "TIFF EXIF": tiff_with(34665, 4, 1, 2**31),
}


@pytest.mark.parametrize("name", VIEWABLE)
def test_damaged_metadata_does_not_cost_the_image(name, tmp_path):
    path = tmp_path / "x"
    path.write_bytes(VIEWABLE[name])
    kind = "JPEG" if VIEWABLE[name].startswith(b"\xff\xd8") else "PNG"
    np.testing.assert_array_equal(read_image(path, (16, 16)), pixels(saved(kind, quality=95)))
    assert upright_size(path) == IMAGE.size


def test_the_settings_of_pillow_stay_as_they_are(tmp_path):
    from PIL import ImageFile, PngImagePlugin

    before = ImageFile.LOAD_TRUNCATED_IMAGES, PngImagePlugin.MAX_TEXT_CHUNK, Image.MAX_IMAGE_PIXELS
    pixels(VIEWABLE["long iTXt"])
    after = ImageFile.LOAD_TRUNCATED_IMAGES, PngImagePlugin.MAX_TEXT_CHUNK, Image.MAX_IMAGE_PIXELS
    assert after == before and not before[0]


def test_damaged_pixels_do_cost_the_image(tmp_path):
    for content in (saved("PNG"), saved("JPEG"), saved("TIFF", compression="tiff_lzw")):
        (tmp_path / "cut").write_bytes(content[: len(content) // 2])
        assert "damaged" in try_image(tmp_path / "cut", (16, 16))


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_without_its_end_marker_is_read(progressive, tmp_path):
    """Browsers show it; but a file that lost pixels is refused, whichever bytes are lost."""
    pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype="uint8")
    image = Image.fromarray(pixels).resize((80, 60))
    turned = Image.Exif()
    turned[274] = 3
    image.save(tmp_path / "a.jpg", progressive=progressive, exif=turned)
    whole = (tmp_path / "a.jpg").read_bytes()
    expected = try_image(tmp_path / "a.jpg", (80, 60))
    for lost in (1, 2):
        (tmp_path / "a.jpg").write_bytes(whole[:-lost])
        np.testing.assert_array_equal(try_image(tmp_path / "a.jpg", (80, 60)), expected)
    for lost in (30, 100, 300, 700):
        (tmp_path / "a.jpg").write_bytes(whole[:-lost])
        assert "JPEG file that is damaged" in try_image(tmp_path / "a.jpg", (80, 60)), lost


@pytest.mark.parametrize("segment", [b"JFIF\0", b"JFIF\0\1\1\0", b"Adobe", b"Adobe\0\x64\0"])
@pytest.mark.parametrize("marker", [0xE0, 0xEE])
def test_a_segment_that_is_too_short_does_not_cost_the_image(segment, marker, tmp_path):
    Image.new("RGB", (40, 40), (200, 30, 90)).save(tmp_path / "a.jpg", quality=95)
    whole = (tmp_path / "a.jpg").read_bytes()
    expected = try_image(tmp_path / "a.jpg", (8, 8))
    short = bytes([0xFF, marker]) + struct.pack(">H", 2 + len(segment)) + segment
    (tmp_path / "a.jpg").write_bytes(whole[:2] + short + whole[20:])  # instead of the segment of 18 bytes
    np.testing.assert_array_equal(try_image(tmp_path / "a.jpg", (8, 8)), expected)


def test_the_orientation_survives_damaged_metadata():
    exif = Image.Exif()
    exif[274] = 6
    damaged = png_with([(b"zTXt", b"x\0\0" + zlib.compress(LONG))], exif=exif)
    np.testing.assert_array_equal(pixels(damaged), pixels(saved("PNG", exif=exif)))
    assert not np.array_equal(pixels(damaged), pixels(saved("PNG")))


@given(
    st.sampled_from(
        (b"zTXt", b"iTXt", b"tEXt", b"iCCP", b"eXIf", b"pHYs", b"gAMA", b"cHRM", b"acTL", b"abCd")
    ),
    st.sampled_from((b"", b"key\0\0", b"Raw profile type exif\0", b"XML:com.adobe.xmp\0\0\0\0\0")),
    st.binary(max_size=40),
    st.booleans(),
    st.sampled_from((None, b"\0\0\0\0")),
)
@thorough
def test_any_chunk_of_metadata_leaves_the_pixels_of_a_png(kind, key, body, at_end, crc):
    exif = kind == b"eXIf" or b"exif" in key or b"xmp" in key  # may turn the image
    found = pixels(png_with([(kind, key + body)], at_end, crc), 8)
    assert exif or np.array_equal(found, pixels(saved("PNG"), 8))


@given(
    st.sampled_from([bytes([marker]) for marker in (*range(0xE1, 0xEE), 0xFE)]),
    st.sampled_from((b"", b"ICC_PROFILE\0", b"MPF\0II*\0\x08\0\0\0", b"Photoshop 3.0\0008BIM", b"MPF\0")),
    st.binary(max_size=40),
)
@thorough
def test_any_segment_of_metadata_leaves_the_pixels_of_a_jpeg(marker, key, body):
    assert np.array_equal(pixels(jpeg_with((marker, key + body)), 8), pixels(jpeg_with(), 8))


@given(st.binary(max_size=60), st.sampled_from((b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"")))
@thorough
def test_any_exif_data_leave_an_image(body, start):
    assert pixels(jpeg_with((b"\xe1", b"Exif\0\0" + start + body)), 8).shape == (8, 8, 3)


@given(
    st.sampled_from(
        (270, 282, 296, 305, 306, 315, 330, 700, 33432, 33723, 34377, 34665, 34675, 34853, 65000)
    ),
    st.integers(0, 20),
    st.sampled_from((0, 1, 40, 2**31, 2**32 - 1)) | st.integers(0, 2**32 - 1),
    st.sampled_from((0, 8, 2**32 - 1)) | st.integers(0, 2**32 - 1),
    st.sampled_from(("raw", "tiff_lzw")),
)
@thorough
def test_any_tag_of_metadata_leaves_the_pixels_of_a_tiff(tag, kind, count, value, compression):
    found = pixels(tiff_with(tag, kind, count, value, compression), 8)
    np.testing.assert_array_equal(found, pixels(saved("TIFF"), 8))


# --- sizes and orientation ---


def test_a_photo_of_108_megapixels_is_read(tmp_path):
    half = Image.new("L", (12000, 9000), 30)
    half.paste(220, (6000, 0, 12000, 9000))
    half.save(tmp_path / "x.jpg", quality=30)
    found = try_image(tmp_path / "x.jpg", (16, 16))
    assert found[:, :7].max() < 40 and found[:, 9:].min() > 210
    assert upright_size(tmp_path / "x.jpg") == (12000, 9000)


@pytest.mark.parametrize("kind, limit", [("PNG", 1_000), ("PNG", 2_000), ("JPEG", 2_000)])
def test_images_with_too_many_pixels_ask_to_be_made_smaller(kind, limit, tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    monkeypatch.setattr(reading, "MOST_JPEG_PIXELS", limit)
    (tmp_path / "x").write_bytes(saved(kind))
    assert "make" in (reason := try_image(tmp_path / "x", (16, 16))) and "smaller" in reason


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG", "WEBP"])
def test_every_orientation_of_every_format_is_turned_upright(kind, orientation, tmp_path):
    upright = Image.new("RGB", (64, 32), "black")
    upright.paste("white", (0, 0, 16, 16))  # the corner top left
    stored = upright if orientation == 1 else upright.transpose(UNDO[orientation])
    exif = Image.Exif()
    exif[274] = orientation
    stored.save(tmp_path / "x", kind, exif=exif)
    found = read_image(tmp_path / "x", (64, 32))
    assert found[2:14, 2:14].min() > 200 and found[18:].max() < 50 and found[:, 20:].max() < 50
    assert upright_size(tmp_path / "x") == (64, 32)


UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


# --- colours ---


def test_lab_is_converted(tmp_path):
    Image.new("LAB", (9, 9), (255, 128, 128)).save(tmp_path / "white.tif")
    Image.new("LAB", (9, 9), (0, 128, 128)).save(tmp_path / "black.tif")
    assert read_image(tmp_path / "white.tif", (8, 8)).min() > 250
    assert read_image(tmp_path / "black.tif", (8, 8)).max() < 5


# --- names ---


def test_a_name_is_never_a_pattern_where_the_shell_expands_patterns(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reading, "SHELL_EXPANDS_PATTERNS", True)
    for name in ("photo1.png", "photoa.png"):
        (tmp_path / name).touch()
    for name in ("photo[1].png", "photo[!b].png", "photo?.png", "*.png", "**", "photo{1}.png"):
        with pytest.raises(FileNotFoundError) as error:
            find_images(name)
        assert str(error.value) == f"There is no file {name}."
    (tmp_path / "photo[1].png").touch()
    (tmp_path / "shots [a]").mkdir()
    (tmp_path / "shots [a]" / "x.png").touch()
    assert [path.name for path in find_images("photo[1].png")] == ["photo[1].png"]
    assert [path.name for path in find_images("shots [a]")] == ["x.png"]


def test_on_windows_stars_are_patterns_but_brackets_are_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reading, "SHELL_EXPANDS_PATTERNS", False)
    for name in ("photo1.png", "photo[1].png"):
        (tmp_path / name).touch()
    assert [path.name for path in find_images("*.png")] == ["photo1.png", "photo[1].png"]
    assert [path.name for path in find_images("*[1].png")] == ["photo[1].png"]
    with pytest.raises(FileNotFoundError):
        find_images("photo[2].png")


@given(st.text(st.characters(), max_size=20))
@thorough
def test_every_name_can_be_printed_on_one_line(name):
    shown = printable(name)
    shown.encode("utf-8")
    assert len(shown.splitlines()) <= 1 and (not name.isprintable() or shown == name)


@pytest.mark.skipif(os.name == "nt", reason="Windows stores names as UTF-16")
def test_a_name_that_is_not_utf_8_is_read(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.png"
    with open(path, "wb") as file:
        file.write(saved("PNG"))
    (found,) = find_images(tmp_path)
    assert try_image(found, (16, 16)).shape == (16, 16, 3) and printable(found.name) == r"caf\xe9.png"
