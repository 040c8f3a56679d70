"""Images with more than 8 bits per channel: one range of values for a whole set."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers.data.folders import load_folder
from helpers.data.image_sets import from_folder
from helpers.data.reading import decode
from helpers.data.value_range import in_words, measured, to_8_bit


def colour_png(values):
    """Return a PNG file of 16-bit colours, which Pillow cannot write."""
    height, width, channels = values.shape

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + row.tobytes() for row in values.astype(">u2"))
    header = struct.pack(">IIBBBBB", width, height, 16, {3: 2, 4: 6}[channels], 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def colour_tiff(values, order="<", compressed=False):
    """Return a TIFF file of 16-bit colours, which Pillow cannot write."""
    height, width, channels = values.shape
    data = values.astype(f"{order}u2").tobytes()
    data = zlib.compress(data) if compressed else data
    start = 8 + len(data)  # of the directory, after the pixels
    bits = start + 2 + 12 * 10 + 4
    tags = [
        *((256, 4, 1, width), (257, 4, 1, height), (258, 3, channels, bits)),
        *((259, 4, 1, 8 if compressed else 1), (262, 4, 1, 2), (273, 4, 1, 8), (277, 4, 1, channels)),
        *((278, 4, 1, height), (279, 4, 1, len(data)), (284, 4, 1, 1)),
    ]
    directory = struct.pack(f"{order}H", 10) + b"".join(struct.pack(f"{order}HHII", *tag) for tag in tags)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", start)
    return head + data + directory + bytes(4) + struct.pack(f"{order}{channels}H", *[16] * channels)


def grey(values, kind):
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, kind)
    return buffer.getvalue()


WRITERS = {
    "grey PNG": lambda v: grey(v[..., 0].astype("uint16"), "PNG"),
    "grey TIFF": lambda v: grey(v[..., 0].astype("uint16"), "TIFF"),
    "grey TIFF, big-endian": lambda v: grey(v[..., 0].astype(">u2"), "TIFF"),
    "32-bit TIFF": lambda v: grey(v[..., 0].astype("int32"), "TIFF"),
    "colour PNG": colour_png,
    "colour PNG with transparency": lambda v: colour_png(np.dstack([v, np.full_like(v[..., 0], 65535)])),
    "colour TIFF": colour_tiff,
    "colour TIFF, big-endian": lambda v: colour_tiff(v, ">"),
    "colour TIFF, compressed": lambda v: colour_tiff(v, compressed=True),
}


def twelve_bits(seed, brightest):
    return np.random.default_rng(seed).integers(0, brightest + 1, (20, 20, 3))


def written(tmp_path, contents):
    for k, content in enumerate(contents):
        path = tmp_path / "ab"[k % 2] / f"{k}.img"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("writer", WRITERS)
def test_12_bits_are_stretched_by_the_range_of_the_whole_set(writer, tmp_path):
    """One image of the set has a quarter of the light, and stays a quarter as bright."""
    images = [twelve_bits(k, 1023 if k == 0 else 4095) for k in range(10)]
    folder = written(tmp_path, map(WRITERS[writer], images))
    X, _, skipped = load_folder(folder, 20)
    assert skipped == ()
    for k, image in enumerate(images):
        expected = image if "colour" in writer else np.repeat(image[..., :1], 3, axis=2)
        place = [*range(0, 10, 2), *range(1, 10, 2)].index(k)
        np.testing.assert_allclose(X[place], expected * (255 / 4095), atol=2)
    with pytest.warns(UserWarning, match=r"16-bit images use the values \d+ to 40\d\d.* of 0 to 65535"):
        data = from_folder(folder, 20)
    low, high = data.ranges["integer"]
    assert low < 10 and 4080 < high <= 4095


def test_a_single_bright_pixel_does_not_darken_the_set(tmp_path):
    images = [twelve_bits(k, 4095)[..., 0] for k in range(4)]
    large = [np.kron(image, np.ones((4, 4), int)).astype("uint16") for image in images]
    large[0][0, 0] = 65535
    folder = written(tmp_path, [grey(image, "PNG") for image in large])
    assert load_folder(folder, 80)[0].mean() == pytest.approx(127, abs=10)


def test_a_set_that_fills_its_range_is_read_as_it_is(tmp_path):
    images = [np.full((9, 9), 257 * value, "uint16") for value in (0, 60, 130, 255)]
    X, *_ = load_folder(written(tmp_path, [grey(image, "PNG") for image in images]), 8)
    assert X[:, 0, 0, 0].tolist() == [0, 130, 60, 255]


def test_8_bit_images_beside_16_bit_ones_are_not_stretched(tmp_path):
    dark = Image.new("L", (9, 9), 20)
    buffer = io.BytesIO()
    dark.save(buffer, "PNG")
    deep = [grey(twelve_bits(k, 4095)[..., 0].astype("uint16"), "PNG") for k in range(4)]
    X, *_ = load_folder(written(tmp_path, [*deep, buffer.getvalue()]), 8)
    assert (X[2] == 20).all()


def test_floats_are_stretched_by_one_range_too(tmp_path):
    images = [np.full((9, 9), value, "float32") for value in (-100, 0, 300, np.nan)]
    images[0][0, 0] = np.inf
    X, *_ = load_folder(written(tmp_path, [grey(image, "TIFF") for image in images]), 8)
    assert X[:, 4, 4, 0].tolist() == [0, 255, 64, 0]


def test_a_range_is_measured_on_readable_deep_images_only(tmp_path):
    (tmp_path / "note.txt").write_text("no image")
    (tmp_path / "cut.png").write_bytes(colour_png(twelve_bits(0, 4095))[:60])
    Image.new("L", (9, 9), 3).save(tmp_path / "flat.png")
    Image.new("I;16", (9, 9), 3).save(tmp_path / "constant.png")
    assert measured([tmp_path / "missing", *tmp_path.iterdir()]) == {}


@pytest.mark.parametrize("values", [[5], [0, 65535], [-1, 7], [np.nan], [np.inf, -np.inf, 4]])
@pytest.mark.parametrize("ranges", [{}, {"integer": (0, 4095)}, {"integer": (-5.5, -2)}])
def test_any_values_become_8_bit(values, ranges):
    found = to_8_bit(np.array([values], float), "integer", ranges)
    assert found.dtype == np.uint8 and found.shape == (1, len(values))


@given(
    st.lists(st.floats(width=32) | st.integers(-(2**31), 2**31), min_size=1, max_size=20),
    st.none() | st.tuples(st.integers(-70_000, 70_000), st.integers(1, 70_000)),
    st.sampled_from(("integer", "float")),
)
@settings(deadline=None, max_examples=500, derandomize=True)
def test_a_brighter_value_is_never_darker_in_8_bits(values, limits, kind):
    ranges = {} if limits is None else {kind: (limits[0], limits[0] + limits[1])}
    found = to_8_bit(np.sort(np.array([values], float)), kind, ranges)
    finite = np.isfinite(np.sort(values))
    assert found.dtype == np.uint8 and (np.diff(found[0][finite].astype(int)) >= 0).all()


def test_without_a_range_colours_are_read_as_pillow_reads_them():
    values = np.random.default_rng(0).integers(0, 65536, (20, 20, 3))
    np.testing.assert_array_equal(decode(io.BytesIO(colour_png(values)), (20, 20)), values >> 8)


def test_the_range_is_said_in_words():
    assert "16-bit" in in_words({"integer": (0, 4095)}) and in_words({}) == ""
    assert "decimal numbers use the values -1 to 0.5 of 0 to 1" in in_words({"float": (-1, 0.5)})
