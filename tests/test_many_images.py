"""Thousands of images in bounded memory; `benchmarks.many_images` measures the full size."""

import sys

import pytest

from benchmarks.many_images import IMAGE_SIZE, peaks
from helpers.studies.engine import tables

MOST = 2 * 2**30


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is asked the POSIX way")
def test_memory_grows_with_the_images_and_no_faster():
    images = 2000
    found = {name: peak for name, _, peak in peaks(images, train=False)}
    array = images * IMAGE_SIZE * IMAGE_SIZE * 3
    # Read once, split once, thumbnails for the comparison; the rest does not depend on the images.
    assert found["reading"] - found["start"] < 2 * array + 50 * 2**20
    assert found["report"] - found["start"] < 2 * array + images * 15_000 + 150 * 2**20
    assert found["similarity"] < 1.5 * 2**30


def test_ten_thousand_images_fit_into_two_gigabytes():
    stored = tables.read_results("many_pictures").set_index("images")["mib_after_run"]
    assert stored[10_000] * 2**20 < MOST
    # Nine thousand more images add their own bytes, in the array and its splits, and no more.
    assert (stored[10_000] - stored[1000]) * 2**20 < 4 * 9000 * IMAGE_SIZE * IMAGE_SIZE * 3
