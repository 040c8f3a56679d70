"""The recorded training: what it holds, and that it is what the study measures."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from helpers.studies import _surgery, replay
from helpers.studies.engine.recording import FILE, Recording
from helpers.studies.engine.tables import read_results


@pytest.fixture(scope="module")
def short():
    """One epoch, and few images."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_surgery, "EPOCHS", 1)
        patch.setattr(replay, "IMAGES", 8)
        patch.setattr(replay, "VALIDATION", 4)
        seen = []
        yield replay.record(3, seen.append), seen


def test_a_recording_begins_at_the_source_and_the_probe_stays_there(short):
    recording, seen = short
    assert recording.steps.tolist() == [0, 2] and recording.codes.shape == (3, 2, 20, 2)
    np.testing.assert_allclose(recording.similarity[:, 0], 1, atol=1e-4)
    probe, tuned = replay.WAYS.index(replay.PROBE), replay.WAYS.index(replay.FULL)
    np.testing.assert_array_equal(recording.codes[probe, 1], recording.codes[:, 0][tuned])
    assert not np.array_equal(recording.codes[tuned, 1], recording.codes[tuned, 0])
    assert recording.similarity[tuned, 1].max() < 1
    assert seen == pytest.approx([k / 6 for k in range(1, 7)])


def test_two_recordings_at_once_are_those_of_one_after_the_other(monkeypatch):
    """They train the same network: a student can press the button of a second lab."""
    monkeypatch.setattr(_surgery, "EPOCHS", 1)
    monkeypatch.setattr(replay, "IMAGES", 8)
    monkeypatch.setattr(replay, "VALIDATION", 4)
    alone = [replay.record(seed) for seed in (1, 2)]
    with ThreadPoolExecutor(2) as threads:
        together = [*threads.map(replay.record, (1, 2))]
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one.similarity, other.similarity, atol=1e-3)
        np.testing.assert_array_equal(one.accuracy, other.accuracy)


def test_lp_ft_begins_with_the_head_that_a_probe_has_learned(short):
    recording, _ = short
    first = dict(zip(recording.ways, recording.accuracy[:, 0], strict=True))
    assert first[replay.LP_FT] > first[replay.FULL] == first[replay.PROBE]


def test_a_recording_is_read_as_it_was_written(short, tmp_path):
    recording, _ = short
    with pytest.raises(FileNotFoundError, match="Make it: python -m helpers replay"):
        Recording.load(tmp_path / "none.npz")
    recording.save(tmp_path / "one.npz")
    again = Recording.load(tmp_path / "one.npz")
    for name in ("ways", "steps", "classes", "codes", "accuracy", "similarity"):
        np.testing.assert_array_equal(getattr(again, name), getattr(recording, name))


def test_the_stored_recording_is_small_and_ends_as_the_table_says():
    assert FILE.stat().st_size < 1_000_000
    recording, rows = Recording.load(), read_results("replay").query("seed == 0").set_index("way")
    for way, accuracy, similarity in zip(
        recording.ways, recording.accuracy, recording.similarity, strict=True
    ):
        assert accuracy[-1] == pytest.approx(rows.loc[way, "accuracy"], abs=1e-4)
        assert similarity[-1] == pytest.approx(rows.loc[way, [*_surgery.BLOCKS]].to_numpy(float), abs=1e-4)
