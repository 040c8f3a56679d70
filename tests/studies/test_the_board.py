"""The board: its targets, grids and rows. Training takes a few steps here."""

import dataclasses

import numpy as np
import pytest
from made_images import coloured_folder
from of_today import share

from helpers.networks.backbones import Backbone
from helpers.strategies import registry
from helpers.strategies.frozen import _middle
from helpers.studies import _activations, _choice, _grids, _learners, _targets, board, trivial_baselines
from helpers.studies._grids import FINE_TUNE, FULL, LP_FT, PROBE, SCRATCH, SOURCES, SVM

DROPPED = {(FINE_TUNE, "VGG16"), (FINE_TUNE, "photos"), (FULL, "MobileNet")}  # declared, but not measured
PAIRS = sorted(DROPPED | {(cell["strategy"], cell["source"]) for cell in board.cells()})


@pytest.fixture(autouse=True)
def quick(tmp_path, monkeypatch):
    """Ten images per class and part, one colour per class, and training for two steps."""
    coloured_folder(tmp_path / "flowers", 64)
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TRANSFER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setitem(
        _targets.TARGETS, "flowers", dataclasses.replace(_targets.TARGETS["flowers"], pool=10)
    )
    for name, source in SOURCES.items():
        monkeypatch.setitem(SOURCES, name, dataclasses.replace(source, steps=2, epochs=1))
    caches = (_targets.images, _activations.stored, trivial_baselines.originals)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def row(target="flowers", source="photos", strategy=PROBE, images=6, seed=0):
    names = ("target", "source", "strategy", "images", "seed")
    return board.measure(dict(zip(names, (target, source, strategy, images, seed), strict=True)))


def same(one, other):
    return {k: v for k, v in one.items() if k != "seconds"} == {
        k: v for k, v in other.items() if k != "seconds"
    }


def test_every_target_says_its_likeness_and_why():
    for name, target in _targets.TARGETS.items():
        assert target.likeness in (_targets.SIMILAR, _targets.BETWEEN, _targets.DIFFERENT), name
        assert len(target.reason) > 20 and target.sources
        assert max(board.sizes(name)) <= target.pool


@pytest.mark.parametrize(("strategy", "source"), PAIRS)
def test_each_strategy_has_four_different_configurations(strategy, source):
    configs = _grids.grid(strategy, source)
    assert len({_grids.in_words(config) for config in configs}) == len(configs) == 4


def test_what_the_board_does_not_measure_is_refused():
    for strategy, source in ((SCRATCH, "photos"), (PROBE, "none"), (PROBE, "ResNet50"), ("Magic", "photos")):
        with pytest.raises(ValueError, match=f"does not measure '{strategy}' with the source '{source}'"):
            _grids.grid(strategy, source)


@pytest.mark.parametrize(("strategy", "source"), PAIRS)
def test_the_first_configuration_is_the_default_of_the_strategy(strategy, source):
    default = _grids.grid(strategy, source)[0]
    name = {"none": "shapes", "MobileNet": "MobileNet", "VGG16": "VGG16"}.get(source, source)
    weights = ("random",) if name in ("MobileNet", "VGG16") else ()
    backbone = Backbone(name, *weights)
    made = registry.get(strategy).make(backbone)
    for key, value in default.items():
        own = getattr(made, key, None)
        if key in ("head_lr", "base_lr") and own is None:
            own = getattr(backbone.rates, {"head_lr": "head", "base_lr": "backbone"}[key])
        elif key == "layer":
            own = {"conv_pw_7": "conv_pw_7_relu"}.get(_middle(backbone), _middle(backbone))
        elif key == "from_block":
            continue  # the board trains large networks from a late block on
        assert own == pytest.approx(value) if isinstance(value, float) else own == value, key


@pytest.mark.parametrize("strategy", share([SCRATCH, PROBE, SVM, FINE_TUNE, FULL, LP_FT], 2))
def test_a_default_configuration_predicts_as_its_strategy_does(strategy):
    source = "none" if strategy == SCRATCH else "shapes"
    train, test = (_learners.pixels("streets_night", source, part) for part in ("train", "test"))
    rows = board.drawn(train.y, 8, 3)
    learn = _learners.learner("streets_night", source, strategy, seed=3)
    predict = learn(_grids.grid(strategy, source)[0], rows)
    made = registry.get(strategy).make(Backbone("shapes"))
    if "epochs" in made.get_params():
        made.set_params(epochs=2, seed=3)
    made.fit(train.X[rows], train.y[rows])
    some = np.arange(0, 400, 4)
    assert np.mean(predict("test", some) == made.predict(test.X[some])) >= 0.97


@pytest.mark.parametrize(
    ("strategy", "number"), [(SCRATCH, 3), (FULL, 2), (FULL, 3), (FINE_TUNE, 2)], ids=str
)
def test_other_configurations_can_be_fitted(strategy, number):
    """Augmentation, BatchNorm that learns, and longer training, where the default has none of them."""
    source = "none" if strategy == SCRATCH else "photos"
    config = _grids.grid(strategy, source)[number]
    assert config.get("augment") or config.get("batchnorm") == "learn"
    rows = board.drawn(_learners.pixels("flowers", source, "train").y, 4, 0)
    guesses = _learners.learner("flowers", source, strategy, 0)(config, rows)("test", np.arange(9))
    assert guesses.shape == (9,) and set(guesses.tolist()) <= {0, 1, 2}


@pytest.mark.parametrize("strategy", [PROBE, SVM, FINE_TUNE])
def test_a_row_holds_the_choice_and_the_default_beside_it(monkeypatch, strategy):
    monkeypatch.setattr(_choice, "FEW", 0)
    found = row(strategy=strategy)
    scores = [float(score) for score in found["validation_scores"].split()]
    assert len(scores) == 4 and found["chosen"] == 1 + int(np.argmax(scores))
    assert found["configuration"] == _grids.in_words(_grids.grid(strategy, "photos")[found["chosen"] - 1])
    assert found["validated"] == 6 and 0 <= found["accuracy"] <= 1 and found["seconds"] > 0
    if found["chosen"] == 1:
        assert found["default_accuracy"] == found["accuracy"]


def test_colours_are_learned_and_a_cell_can_be_repeated():
    first = row()
    assert first["accuracy"] > 0.8 and same(first, row())
    assert not same(first, row(seed=1)) or first["accuracy"] == 1


@pytest.mark.parametrize("strategy", [PROBE, FINE_TUNE])
def test_the_choice_never_sees_test_images_or_labels(monkeypatch, strategy):
    monkeypatch.setattr(_choice, "FEW", 0)
    two = _grids.grid(strategy, "photos")[:2]  # each of the four takes seconds
    monkeypatch.setattr(board, "grid", lambda *_: two)
    before, images = row(strategy=strategy), _targets.images

    def poisoned(target, part, size):
        found = images(target, part, size)
        return found if part == "train" else _targets.Images(255 - found.X, (found.y + 1) % 3)

    monkeypatch.setattr(_targets, "images", poisoned)
    _activations.stored.cache_clear()
    after = row(strategy=strategy)
    chosen = ("chosen", "configuration", "validation_scores", "validated")
    assert [after[name] for name in chosen] == [before[name] for name in chosen]
    assert after["accuracy"] != before["accuracy"]


def test_the_default_is_scored_too_if_another_configuration_is_chosen(monkeypatch):
    """A made-up strategy: the third configuration is right everywhere, the first only for class 0."""

    def learner(target, source, strategy, seed):
        def learn(config, rows):
            right = config == _grids.grid(strategy, source)[2]
            return lambda part, some: _learners.pixels(target, source, part).y[some] * right

        return learn

    monkeypatch.setattr(board, "learner", learner)
    found = row()
    assert (found["chosen"], found["accuracy"], found["validated"]) == (3, 1.0, 18)
    assert found["default_accuracy"] == pytest.approx(1 / 3)
    assert found["validation_scores"] == "0.3333 0.3333 1.0000 0.3333"


def test_a_large_draw_is_chosen_on_the_first_images_of_it_and_learns_from_all(monkeypatch):
    learned = []

    def learner(target, source, strategy, seed):
        def learn(config, rows):
            learned.append(set(rows.tolist()))
            return lambda part, some: np.zeros(len(some), int)

        return learn

    monkeypatch.setattr(board, "learner", learner)
    monkeypatch.setattr(board, "CHOSEN_ON", 4)
    row(images=10)
    assert len(learned[-1]) == 30 and set.union(*learned[:-1]) < learned[-1]
    assert len(set.union(*learned[:-1])) == 12


@pytest.mark.parametrize("option, trained", [({}, 0), ({"batchnorm": "learn"}, 2)])
def test_batchnorm_learns_only_where_a_configuration_says_so(option, trained):
    model = _learners._model("photos", {"from_block": "block4"} | option, 3, 0)
    base = next(layer for layer in model.layers if hasattr(layer, "layers"))  # the backbone
    names = [layer.name for layer in base.layers if layer.trainable_weights]
    assert sum(name.endswith("_bn") for name in names) == trained and {name[:6] for name in names} == {
        "block4"
    }


def test_a_rate_that_makes_the_loss_infinite_counts_as_guessing(monkeypatch):
    for name, source in SOURCES.items():
        monkeypatch.setitem(SOURCES, name, dataclasses.replace(source, steps=6))
    settings = _learners._settings

    def high(*arguments):
        return settings(*arguments) | {"head_lr": 1e30, "base_lr": 1e30}

    monkeypatch.setattr(_learners, "_settings", high)
    monkeypatch.setattr(_choice, "FEW", 0)
    found = row(strategy=FINE_TUNE)
    assert found["accuracy"] == pytest.approx(1 / 3) and found["chosen"] == 1


def test_a_head_without_a_class_never_prefers_it():
    X, y = np.random.default_rng(0).normal(size=(20, 5)), np.repeat([0, 2], 10)
    probe = _learners._classifier({"C": 1.0}).fit(X, y)
    kernel, bias = _learners._head(probe, 3)
    scores = X @ kernel + bias
    assert kernel.shape == (5, 3) and np.array_equal(scores.argmax(axis=1), probe.predict(X))


def test_activations_are_computed_once(monkeypatch):
    first = {
        name: np.array(values) for name, values in _activations.stored("flowers", "photos", "test").items()
    }
    assert first["block3_pool"].shape == (30, 8, 8, 96) and first["codes"].shape == (30, 128)
    _activations.stored.cache_clear()
    monkeypatch.setattr(_activations, "_compute", None)
    again = _activations.stored("flowers", "photos", "test")
    assert first.keys() == again.keys() and all(np.array_equal(first[k], again[k]) for k in first)


def test_a_missing_set_and_a_wrong_split_get_a_clear_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"images of 'trashnet' in .*TRANSFER_DATA_DIR"):
        row(target="trashnet")
    (tmp_path / "flowers" / "test" / "red").rename(tmp_path / "flowers" / "test" / "rot")
    with pytest.raises(ValueError, match="differ in their classes: red, rot"):
        row()


def test_too_few_images_and_damaged_files_get_a_clear_error(tmp_path):
    (tmp_path / "flowers" / "train" / "red" / "3.png").write_bytes(b"damaged")
    with pytest.raises(ValueError, match=r"1 files of .*red.3\.png"):
        row()
    (tmp_path / "flowers" / "train" / "red" / "3.png").unlink()
    with pytest.raises(ValueError, match="has 9 training images, but 10 are"):
        row()
    with pytest.raises(ValueError, match="Unknown target 'tulips'"):
        _targets.images("tulips", "train", 64)


def test_groups_come_from_the_names_that_a_target_declares(tmp_path, monkeypatch):
    grouped = dataclasses.replace(_targets.TARGETS["flowers"], groups=r"^(\d)\.")
    monkeypatch.setitem(_targets.TARGETS, "flowers", grouped)
    found = _targets.images("flowers", "train", 64)
    assert sorted(set(found.groups.tolist())) == list("0123456789")
    assert len(np.unique(trivial_baselines.originals("flowers"))) == 10


def test_each_cell_is_measured_once_and_corners_come_first():
    cells = board.cells()
    assert len({tuple(cell.values()) for cell in cells}) == len(cells)
    for cell in cells:
        target = _targets.TARGETS[cell["target"]]
        assert cell["images"] <= target.pool and cell["source"] in (*target.sources, "none")
    trained = [c for c in cells if c["strategy"] not in (PROBE, SVM)]
    first = {
        (c["target"], c["source"], c["strategy"], c["images"]): k for k, c in reversed([*enumerate(trained)])
    }
    for (target, source, strategy, images), place in first.items():
        if images not in board.corners(target):
            for corner in board.corners(target):
                assert first.get((target, source, strategy, corner), -1) < place


@pytest.mark.parametrize("strategy", [trivial_baselines.COLOURS, trivial_baselines.THUMBNAIL])
def test_trivial_baselines_know_colours(strategy):
    cell = {"target": "flowers", "strategy": strategy, "images": trivial_baselines.ALL, "seed": 0}
    assert trivial_baselines.measure(cell)["accuracy"] == 1
    few = trivial_baselines.measure(cell | {"images": 6})
    assert few["originals"] <= 18


def test_the_numbers_of_originals_leave_out_near_copies(tmp_path):
    folder = tmp_path / "flowers" / "train"
    (folder / "red" / "3.png").write_bytes((folder / "red" / "4.png").read_bytes())
    found = trivial_baselines.originals("flowers")
    assert len(np.unique(found)) == 29
