"""Thousands of pictures in bounded memory; the study `many_pictures` measures the full size."""

import sys

import pytest

from benchmarks.many_images import IMAGE_SIZE, peaks
from helpers.studies.engine import tables

MOST = 2 * 2**30


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is asked the POSIX way")
def test_memory_grows_with_the_pictures_and_no_faster():
    pictures = 2000
    found = {name: peak for name, _, peak in peaks(pictures, train=False)}
    array = pictures * IMAGE_SIZE * IMAGE_SIZE * 3
    # Read once, split once, thumbnails for the comparison; the rest does not depend on the pictures.
    assert found["reading"] - found["start"] < 2 * array + 50 * 2**20
    assert found["report"] - found["start"] < 2 * array + pictures * 15_000 + 150 * 2**20
    assert found["similarity"] < 1.5 * 2**30


def test_ten_thousand_pictures_were_advised_on_and_run_in_two_gigabytes():
    rows = tables.read_results("many_pictures")
    stored = {int(r["pictures"]): float(r["mib_after_run"]) for r in rows}
    assert stored[10_000] * 2**20 < MOST
    # Ten times the pictures take their own bytes more, in the array and its shares, not ten times all.
    assert (stored[10_000] - stored[1000]) * 2**20 < 4 * 9000 * IMAGE_SIZE * IMAGE_SIZE * 3
