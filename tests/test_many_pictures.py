"""Thousands of pictures in bounded memory; `python -m benchmarks.many_pictures` measures the full size."""

import sys

import pytest

from benchmarks.many_pictures import peaks


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is asked the POSIX way")
def test_memory_grows_with_the_pictures_and_no_faster():
    pictures, size = 2000, 64
    found = {name: peak for name, _, peak in peaks(pictures, size, run=False)}
    array = pictures * size * size * 3
    # Read once, split once, thumbnails for the comparison; the rest does not depend on the pictures.
    assert found["read"] - found["start"] < 2 * array + 50 * 2**20
    assert found["report"] - found["start"] < 2 * array + pictures * 15_000 + 150 * 2**20
    assert found["similarity"] < 1.5 * 2**30
