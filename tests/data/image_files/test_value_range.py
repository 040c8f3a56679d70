"""Images with more than 8 bits per channel: one range of values for a whole set."""

import io
import json
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers.data.folders import load_folder
from helpers.data.image_files.deep_pixels import deep_kind
from helpers.data.image_files.reading import decode, read_image, try_image
from helpers.data.image_files.value_range import Range, in_words, measured, to_8_bit
from helpers.data.image_sets import from_folder


def colour_png(values):
    """Return a PNG file of 16-bit colours, which Pillow cannot write."""
    height, width, channels = values.shape

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + row.tobytes() for row in values.astype(">u2"))
    header = struct.pack(">IIBBBBB", width, height, 16, {2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def colour_tiff(values, order="<", compressed=False, photometric=2):
    """Return a TIFF file of 16-bit colours, which Pillow cannot write."""
    height, width, channels = values.shape
    data = values.astype(f"{order}u2").tobytes()
    data = zlib.compress(data) if compressed else data
    start = 8 + len(data)  # of the directory, after the pixels
    bits = start + 2 + 12 * 10 + 4 if channels > 1 else 16
    tags = [
        *((256, 4, 1, width), (257, 4, 1, height), (258, 3, channels, bits)),
        *(
            (259, 4, 1, 8 if compressed else 1),
            (262, 4, 1, photometric),
            (273, 4, 1, 8),
            (277, 4, 1, channels),
        ),
        *((278, 4, 1, height), (279, 4, 1, len(data)), (284, 4, 1, 1)),
    ]
    directory = struct.pack(f"{order}H", 10) + b"".join(struct.pack(f"{order}HHII", *tag) for tag in tags)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", start)
    return head + data + directory + bytes(4) + struct.pack(f"{order}{channels}H", *[16] * channels)


def planar_tiff(values, order="<", compression=1):
    """Return a TIFF file of 16-bit colours with the channels apart, each in a strip."""
    height, width, channels = values.shape
    planes = [values[..., k].astype(f"{order}u2").tobytes() for k in range(channels)]
    planes = [zlib.compress(plane) for plane in planes] if compression == 8 else planes
    starts = np.cumsum([8, *map(len, planes)]).tolist()
    more = starts[-1] + 2 + 12 * 10 + 4  # values that do not fit into the directory
    tags = [
        *((256, 4, 1, width), (257, 4, 1, height), (258, 3, channels, more)),
        *((259, 4, 1, compression), (262, 4, 1, 2), (273, 4, channels, more + 2 * channels)),
        *((277, 4, 1, channels), (278, 4, 1, height), (279, 4, channels, more + 6 * channels)),
        (284, 4, 1, 2),
    ]
    directory = struct.pack(f"{order}H", 10) + b"".join(struct.pack(f"{order}HHII", *tag) for tag in tags)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", starts[-1])
    lists = struct.pack(
        f"{order}{channels}H{2 * channels}I", *[16] * channels, *starts[:-1], *map(len, planes)
    )
    return head + b"".join(planes) + directory + bytes(4) + lists


def ppm(values):
    height, width, _ = values.shape
    return b"P6\n%d %d\n65535\n" % (width, height) + values.astype(">u2").tobytes()


def plain_ppm(values):
    height, width, _ = values.shape
    return b"P3\n%d %d\n65535\n# 12 bits\n" % (width, height) + b" ".join(b"%d" % v for v in values.ravel())


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
    "grey PNG with transparency": lambda v: colour_png(
        np.dstack([v[..., 0], np.full_like(v[..., 0], 65535)])
    ),
    "colour PPM": ppm,
    "colour PPM, in plain text": plain_ppm,
    "colour TIFF": colour_tiff,
    "colour TIFF, planar": planar_tiff,
    "colour TIFF, planar, big-endian": lambda v: planar_tiff(v, ">"),
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
    low, high, _ = data.ranges["integer"]
    assert low < 10 and 4080 < high <= 4095


def test_compressed_16_bit_planes_are_refused(tmp_path):
    """Pillow keeps only their upper 8 bits: 16 levels of grey are left of 12 bits."""
    (tmp_path / "a.tif").write_bytes(planar_tiff(twelve_bits(0, 4095), compression=8))
    assert "16-bit channels stored apart" in try_image(tmp_path / "a.tif", (16, 16))


def test_planes_without_a_range_are_read_too():
    values = np.random.default_rng(0).integers(0, 65536, (20, 20, 3))
    np.testing.assert_allclose(decode(io.BytesIO(planar_tiff(values)), (20, 20)), values / 257, atol=1)


def test_inks_of_12_bits_are_stretched(tmp_path):
    inks = np.random.default_rng(0).integers(0, 4096, (20, 20, 4))
    (tmp_path / "a.tif").write_bytes(colour_tiff(inks, photometric=5))
    eight = Image.frombytes("CMYK", (20, 20), np.round(inks * (255 / 4095)).astype("uint8").tobytes())
    found = read_image(tmp_path / "a.tif", (20, 20), measured([tmp_path / "a.tif"]))
    np.testing.assert_allclose(found.astype(int), np.asarray(eight.convert("RGB")).astype(int), atol=4)


def test_white_is_zero_in_16_bits_as_in_8(tmp_path):
    values = np.arange(400).reshape(20, 20, 1) * 10
    (tmp_path / "a.tif").write_bytes(colour_tiff(values, photometric=0))
    found = read_image(tmp_path / "a.tif", (20, 20), measured([tmp_path / "a.tif"]))[..., 0]
    assert found[0, 0] == 255 and found[-1, -1] == 0


def test_a_bmp_of_5_bits_per_channel_is_not_deep(tmp_path):
    header = struct.pack("<IiiHHIIiiIIIII", 52, 4, 4, 1, 16, 3, 32, 0, 0, 0, 0, 0xF800, 0x7E0, 0x1F)
    start = struct.pack("<2sIHHI", b"BM", 14 + len(header) + 32, 0, 0, 14 + len(header))
    (tmp_path / "a.bmp").write_bytes(start + header + bytes(range(32)))
    with Image.open(tmp_path / "a.bmp") as image:
        assert image.mode == "RGB" and deep_kind(image) is None


NOISE = np.random.default_rng(0)
BLOCKS = np.kron(NOISE.integers(0, 4096, (10, 10)), np.ones((3, 3), int))
OUTLIERS = {  # 12 images: values, and the range that most have
    "a white image": (lambda k: [65535] if k == 0 else NOISE.integers(0, 4096, 900), 4095),
    "an image far brighter": (lambda k: NOISE.integers(0, 4096, 900) + 60000 * (k == 0), 4095),
    "hot pixels": (lambda k: np.where(NOISE.random(900) < 0.004, 65535, NOISE.integers(0, 4096, 900)), 4095),
    "hot pixels of any value": (
        lambda k: np.where(NOISE.random(900) < 0.02, NOISE.integers(0, 65536, 900), BLOCKS.ravel()),
        4095,
    ),
    "a white background": (
        lambda k: np.where(NOISE.random(900) < 0.6, 65535, NOISE.integers(0, 4096, 900)),
        4095,
    ),
    "missing data": (lambda k: np.where(NOISE.random(900) < 0.02, -9999.0, NOISE.random(900)), 1),
    "missing data twice": (
        lambda k: np.where(NOISE.random(900) < 0.3, [-9999.0, -3.4e38, 1e9] * 300, NOISE.random(900) * 3000),
        3000,
    ),
}


@pytest.mark.parametrize("name", OUTLIERS)
def test_outliers_do_not_take_the_grey_levels_of_all_others(name, tmp_path):
    make, brightest = OUTLIERS[name]
    for k in range(12):
        values = np.broadcast_to(make(k), 900).reshape(30, 30)
        kind = "uint16" if values.dtype.kind == "i" else "float32"
        (tmp_path / "ab"[k % 2]).mkdir(exist_ok=True)
        Image.fromarray(values.astype(kind)).save(tmp_path / "ab"[k % 2] / f"{k}.tif")
    with pytest.warns(UserWarning, match=r"\d % of the pixels have values outside and became black or white"):
        data = from_folder(tmp_path, 30)
    ((low, high, outside),) = data.ranges.values()
    assert low == pytest.approx(0, abs=0.02 * brightest) and high == pytest.approx(brightest, rel=0.02)
    assert outside > 0.003


@pytest.mark.parametrize("side", [2, 3])
def test_small_bright_objects_are_no_faulty_pixels(side, tmp_path):
    """Spots in a dark fluorescence image, of 0.4 % of its pixels, keep their levels; also at edges."""
    for k in range(12):
        image = NOISE.integers(100, 200, (90, 90))
        for row, column in ((0, 0), (40, 88), (50, 20), (70, 70), (30, 60)):
            image[row : row + side, column : column + side] = NOISE.integers(20_000, 30_000)
        Image.fromarray(image.astype("uint16")).save(tmp_path / f"{k}.png")
    found = measured(sorted(tmp_path.iterdir()))["integer"]
    assert found.low < 110 and found.high > 25_000 and found.outside < 0.002


def test_an_image_of_one_row_is_measured(tmp_path):
    Image.fromarray(np.arange(1000, dtype="uint16")[None]).save(tmp_path / "a.png")
    assert measured([tmp_path / "a.png"])["integer"][:2] == pytest.approx((0, 999), abs=5)


def test_masks_keep_all_their_values(tmp_path):
    mask = np.zeros((30, 30), "uint16")
    mask[0, :3] = 1, 2, 255
    Image.fromarray(mask).save(tmp_path / "a.png")
    assert measured([tmp_path / "a.png"])["integer"][:2] == (
        0,
        2,
    )  # one pixel in 900 is beyond the percentile
    mask[1] = 255
    Image.fromarray(mask).save(tmp_path / "a.png")
    assert measured([tmp_path / "a.png"])["integer"] == (0, 255, 0)


def test_a_range_that_json_stored_stretches_as_before():
    values = np.arange(4096, dtype="uint16")[None]
    stored = json.loads(json.dumps({"integer": Range(0.0, 4095.0, 0.01)}))
    np.testing.assert_array_equal(
        to_8_bit(values, "integer", stored), to_8_bit(values.astype(float), "integer", {"integer": (0, 4095)})
    )


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
