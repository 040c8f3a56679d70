"""Names against probes: nothing is tuned on test images, and the table is what the study measures."""

import numpy as np
import pytest

from helpers.data import captioned, synthetic
from helpers.studies import zero_shot
from helpers.studies.engine.tables import read_results


def cell(way, images, target=zero_shot.HELD_OUT, shift=zero_shot.NONE, seed=0):
    return {"target": target, "shift": shift, "images": images, "way": way, "seed": seed}


def test_the_table_holds_every_cell_once():
    cells = zero_shot.cells()
    held = read_results("zero_shot")[[*cells[0]]].itertuples(index=False, name=None)
    assert sorted(held) == sorted(tuple(each.values()) for each in cells)


def stored(cell):
    rows = read_results("zero_shot")
    for column, value in cell.items():
        rows = rows[rows[column] == value]
    return rows.iloc[0]


@pytest.mark.parametrize(
    "chosen",
    [
        cell(zero_shot.NAMES, 0),
        cell(zero_shot.ONE, 0),
        cell(zero_shot.NAMES, 0, shift="night"),
        cell(zero_shot.NAMES, 0, target=zero_shot.NEW),
        cell(zero_shot.STARTED, 2),
        cell(zero_shot.PAIR, 5),
    ],
    ids=lambda chosen: f"{chosen['target']}, {chosen['shift']}, {chosen['way']}",
)
def test_a_cell_measured_again_is_that_of_the_table(chosen):
    assert zero_shot.measure(chosen)["accuracy"] == pytest.approx(stored(chosen)["accuracy"], abs=0.02)


def test_test_images_are_no_training_images(monkeypatch):
    monkeypatch.setattr(zero_shot.image_text, "image_codes", lambda X: X.reshape(len(X), -1))
    train, y_train = zero_shot._codes(zero_shot.SEEN, "none", "train", 77, "pair")
    test, y_test = zero_shot._codes(zero_shot.SEEN, "none", "test", 77, "pair")
    zero_shot._codes.cache_clear()
    assert len(train) == 12 * zero_shot.SIZES[-1] and len(test) == 12 * zero_shot.TEST
    assert not {row.tobytes() for row in train} & {row.tobytes() for row in test}
    for y in (y_train, y_test):
        assert np.bincount(y[:24]).tolist() == [2] * 12


def test_closest_words_are_known_and_describe_every_new_shape():
    assert [*zero_shot.CLOSEST] == [*synthetic.CLASSES["new_shapes"]]
    assert {word for text in zero_shot.CLOSEST.values() for word in text.split()} <= {*captioned.SHAPES}
    assert zero_shot.name_codes(zero_shot.NEW).shape == (10, 64)


def made_up(classes=3, images=30):
    rng = np.random.default_rng(0)
    middles, y = rng.normal(size=(classes, 5)), np.arange(images) % classes
    return middles[y] + rng.normal(size=(images, 5)), y, middles


def test_a_probe_from_names_begins_at_the_names_and_leaves_them_with_a_large_C():
    X, y, names = made_up()
    small, large = (zero_shot._fitted(X, y, C, names)(X) for C in (1e-9, 1e3))
    np.testing.assert_allclose(small, X @ names.T, atol=1e-5)
    assert (large.argmax(axis=1) == y).mean() > (small.argmax(axis=1) == y).mean()


def test_a_probe_from_useless_names_is_a_plain_probe():
    X, y, _ = made_up()
    started = zero_shot._fitted(X, y, 0.5, np.zeros((3, 5)))(X)
    plain = zero_shot._fitted(X, y, 0.5)(X)
    assert (started.argmax(axis=1) == plain.argmax(axis=1)).mean() > 0.9


def test_validation_chooses_C_only_where_there_are_enough_images(monkeypatch):
    asked = []

    def choose(learn, rows, y, grid, seed):
        asked.append(len(rows))
        return type("Choice", (), {"number": 3})

    codes = {}
    for part in ("train", "test"):
        X, y, _ = made_up(3, 99)
        codes[part] = X, y
    monkeypatch.setattr(zero_shot, "_codes", lambda target, shift, part, seed, network: codes[part])
    monkeypatch.setattr(zero_shot, "choose", choose)
    found = [zero_shot.measure(cell(zero_shot.PAIR, images))["C"] for images in (1, 2, 5)]
    assert found == [0.1, 0.1, 1.0] and asked == [15]
