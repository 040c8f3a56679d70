import multiprocessing
import os
import time

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from helpers.data import synthetic
from helpers.networks import features
from helpers.networks.backbones import Backbone, load
from helpers.networks.features import CNNCodes

SHAPES = Backbone("shapes")


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("TRANSFER_CACHE_DIR", str(tmp_path / "codes"))
    return tmp_path / "codes"


@pytest.fixture(scope="module")
def data():
    return synthetic.shapes(40, seed=1)


def test_codes_are_the_mean_of_the_layers_activations(data):
    codes = CNNCodes(SHAPES).fit_transform(data[0])
    expected = load(SHAPES).predict(data[0], verbose=0).mean(axis=(1, 2))
    np.testing.assert_allclose(codes, expected, atol=1e-5)
    assert codes.dtype == np.float32


def test_grid_separates_the_four_quarters(data):
    codes = CNNCodes(SHAPES, "block1_pool", "grid").fit_transform(data[0])
    mean = CNNCodes(SHAPES, "block1_pool").fit_transform(data[0])
    np.testing.assert_allclose(codes.reshape(40, 4, -1).mean(axis=1), mean, atol=1e-4)
    assert codes.shape[1] == 4 * mean.shape[1]


def test_images_of_two_sizes_in_one_session(own_cache):
    for size in (32, 48, 32, 64):
        X = np.zeros((3, size, size, 3), np.uint8)
        codes = CNNCodes(
            Backbone("MobileNet", "random"), "conv_pw_3_relu", "grid", cache=False
        ).fit_transform(X)
        assert codes.shape[0] == 3


def test_codes_come_from_the_cache_the_second_time(data, own_cache, monkeypatch):
    first = CNNCodes(SHAPES).fit_transform(data[0])
    assert len(list(own_cache.glob("*.npy"))) == 1
    monkeypatch.setattr(features, "extract", lambda *a, **k: pytest.fail("computed again"))
    np.testing.assert_array_equal(CNNCodes(SHAPES).fit_transform(data[0]), first)


def test_what_is_timed_is_computed_anew(data, own_cache, monkeypatch):
    first = CNNCodes(SHAPES).fit_transform(data[0])
    monkeypatch.setattr(features, "extract", lambda *given, **named: first + 1)
    with features.uncached():
        np.testing.assert_array_equal(CNNCodes(SHAPES).fit_transform(data[0]), first + 1)
    np.testing.assert_array_equal(CNNCodes(SHAPES).fit_transform(data[0]), first)


def test_other_content_is_another_entry(data, own_cache):
    X = data[0]
    changed = X.copy()
    changed[0, 0, 0, 0] ^= 1
    for codes, images in (
        (CNNCodes(SHAPES), X),
        (CNNCodes(SHAPES), changed),
        (CNNCodes(SHAPES, "block3_pool"), X),
        (CNNCodes(SHAPES, None, "max"), X),
        (CNNCodes(Backbone("MiniVGG", seed=3)), X),
    ):
        codes.fit_transform(images)
    assert len(list(own_cache.glob("*.npy"))) == 5


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"junk" * 9])
def test_a_damaged_file_is_computed_again(data, own_cache, damage):
    first = CNNCodes(SHAPES).fit_transform(data[0])
    (path,) = own_cache.glob("*.npy")
    path.write_bytes(damage(path.read_bytes()))
    np.testing.assert_array_equal(CNNCodes(SHAPES).fit_transform(data[0]), first)
    np.testing.assert_array_equal(np.load(path, allow_pickle=False), first)


def _write_often(path, value):
    for _ in range(60):
        features._write(path, np.full((200, 128), value, np.float32))


@pytest.mark.slow
def test_two_processes_writing_at_once_leave_a_whole_file(tmp_path):
    path = tmp_path / "codes.npy"
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write_often, args=(path, value)) for value in (1, 2)]
    for writer in writers:
        writer.start()
    seen = 0
    while any(writer.is_alive() for writer in writers):
        codes = features._read(path)
        if codes is not None:
            assert codes.shape == (200, 128) and len(np.unique(codes)) == 1
            seen += 1
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert seen > 0 and not list(tmp_path.glob("*.part"))


def test_a_cache_that_cannot_be_written_costs_only_time(data, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("TRANSFER_CACHE_DIR", str(tmp_path / "file" / "codes"))
    assert CNNCodes(SHAPES).fit_transform(data[0]).shape == (40, 128)


def test_only_temporary_files_of_killed_writers_are_removed(data, own_cache):
    own_cache.mkdir()
    killed, running = own_cache / "killed.part", own_cache / "running.part"
    for file in (killed, running):
        file.touch()
    two_hours_ago = time.time() - 7200
    os.utime(killed, (two_hours_ago, two_hours_ago))
    CNNCodes(SHAPES).fit_transform(data[0])
    assert not killed.exists() and running.exists()


def test_works_in_a_pipeline_and_clones(data):
    pipeline = clone(make_pipeline(CNNCodes(SHAPES), LogisticRegression(max_iter=500)))
    assert pipeline.fit(*data).score(*data) > 0.9


def test_errors_name_what_is_wrong(data):
    with pytest.raises(ValueError, match="block7_pool.*block1_conv1"):
        CNNCodes(SHAPES, "block7_pool").fit(data[0])
    with pytest.raises(TypeError, match=r"such as Backbone\('shapes'\). Received: 'shapes'"):
        CNNCodes("shapes").fit(data[0])
    with pytest.raises(ValueError, match="median"):
        CNNCodes(SHAPES, pooling="median").fit(data[0])
    with pytest.raises(ValueError, match="16, 16"):
        CNNCodes(SHAPES).fit(data[0]).transform(data[0][:, :16, :16])


@pytest.mark.parametrize(
    "backbone, layer, pooling, least",
    [
        (SHAPES, None, "avg", 16),
        (Backbone("photos"), None, "max", 16),
        (SHAPES, "block2_pool", "avg", 4),
        (SHAPES, "block2_pool", "grid", 8),
        (Backbone("VGG16", "random"), None, "avg", 32),
    ],
)
def test_images_that_are_too_small_are_refused_before_anything_is_computed(backbone, layer, pooling, least):
    codes = CNNCodes(backbone, layer, pooling, cache=False)
    small, enough = (np.zeros((2, side, side, 3), np.uint8) for side in (least - 1, least))
    with pytest.raises(ValueError, match=f"^Images of {least - 1} x {least - 1} pixels are too small"):
        codes.fit(small)
    assert codes.fit_transform(enough).shape[0] == 2
