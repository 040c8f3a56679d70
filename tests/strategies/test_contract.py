"""One contract for every strategy of the registry: all that scikit-learn's tools ask of a classifier."""

import inspect
import pickle
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.metrics import ConfusionMatrixDisplay, get_scorer, roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    StratifiedShuffleSplit,
    cross_validate,
    learning_curve,
)
from sklearn.utils import get_tags

from helpers.networks.backbones import Backbone
from helpers.networks.rates import CAUTIOUS, MEASURED, Rates
from helpers.strategies import registry
from helpers.strategies.base import ONLY_WHILE_TRAINING
from helpers.strategies.durations import training_seconds
from helpers.strategies.export import to_keras

FOLDS = StratifiedKFold(2, shuffle=True, random_state=0)
ONCE = StratifiedShuffleSplit(1, train_size=0.5, random_state=0)
NETWORKS = pytest.mark.parametrize(
    "trained", [entry for entry in registry.entries() if entry.trains_network], ids=lambda entry: entry.name
)
QUICK = {"epochs": 1, "batch_size": 16}
WRONG = {  # argument of a constructor -> values
    "C": [0, -1, "x", float("nan"), float("inf")],
    "lr": [0, -1, None, float("inf"), float("nan")],
    "head_lr": [-1, "x", True, float("inf"), float("nan")],
    "base_lr": [0, float("inf"), float("nan")],
    "neighbours": [0, -1, "x"],
    "epochs": [0, "8"],
    "batch_size": [0, None],
    "batchnorm": ["keeps", None, True],
    "seed": [-1, 2**32, None, 0.5],
}


def quick(entry):
    """The strategy with its defaults, but trained for one epoch only."""
    strategy = entry.make()
    return strategy.set_params(**{name: QUICK[name] for name in QUICK if name in strategy.get_params()})


def coloured(classes, per_class):
    """Noisy images of one colour per class, 16 x 16 pixels, and labels that are strings."""
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (classes, 1, 1, 3))
    which = np.arange(classes * per_class) % classes
    X = colours[which] + rng.integers(-20, 21, (len(which), 16, 16, 3))
    return np.clip(X, 0, 255).astype("uint8"), np.array([f"class {k}" for k in range(classes)])[which]


@pytest.fixture(scope="module", params=registry.entries(), ids=lambda entry: entry.name)
def entry(request):
    return request.param


@pytest.fixture(scope="module")
def two():
    return coloured(2, 16)


@pytest.fixture(scope="module")
def fitted(entry, two):
    return quick(entry).fit(*two)


def test_parameters_are_what_the_constructor_says(entry):
    strategy = quick(entry)
    assert clone(strategy).get_params() == strategy.get_params()
    assert set(strategy.get_params(deep=False)) == set(inspect.signature(entry.load()).parameters)
    assert is_classifier(strategy) and not get_tags(strategy).input_tags.two_d_array


def test_dials_of_the_registry_start_from_the_defaults_of_the_class(entry):
    defaults = entry.make().get_params()
    for name, start in entry.dials.items():
        assert defaults[name] == (None if name == "layer" or start in ("head", "backbone") else start)
    assert entry.uses_source == ("backbone" in defaults)
    assert entry.trains_network == ("epochs" in defaults)


@NETWORKS
def test_without_rates_a_strategy_takes_those_of_its_backbone(trained, two):
    """The lab starts from the same ones: both follow the registry."""
    source = (
        Backbone("MobileNet", "random", (("alpha", 0.25),)) if trained.uses_source else Backbone("shapes")
    )
    X, y = two
    X = X.repeat(2, axis=1).repeat(2, axis=2)
    fitted = trained.make(source, epochs=1).fit(X, y)
    first = trained.first_rates(source.rates)
    assert fitted.rates_ == Rates(*(first.get(name, first.get("lr")) for name in ("head_lr", "base_lr")))
    if trained.uses_source:
        assert fitted.rates_.backbone == MEASURED["MobileNet"].backbone < MEASURED["photos"].backbone
        fitted.set_params(head_lr=1e-3, base_lr=2e-5).fit(X, y)
        assert fitted.rates_ == Rates(head=1e-3, backbone=2e-5)


def test_a_network_without_measured_rates_gets_cautious_ones():
    assert Backbone("DenseNet121").rates == CAUTIOUS
    assert CAUTIOUS.backbone <= min(rates.backbone for rates in MEASURED.values())


def test_two_classes_have_one_score_each(fitted, two):
    X, y = two
    scores = fitted.decision_function(X)
    assert scores.shape == (len(X),)
    np.testing.assert_array_equal(fitted.predict(X), fitted.classes_[(scores > 0).astype(int)])
    assert get_scorer("roc_auc")(fitted, X, y) == roc_auc_score(y == "class 1", scores)


def test_more_classes_have_a_score_for_each(entry):
    X, names = coloured(3, 8)
    y = np.searchsorted(np.unique(names), names) + 7  # labels may be any numbers
    fitted = quick(entry).fit(X, y)
    scores = fitted.decision_function(X)
    assert scores.shape == (len(X), 3)
    np.testing.assert_array_equal(fitted.predict(X), scores.argmax(axis=1) + 7)
    if hasattr(fitted, "predict_proba"):
        assert 0 <= get_scorer("roc_auc_ovr")(fitted, X, y) <= 1


def test_probabilities_sum_to_one_and_agree_with_the_prediction(entry, fitted, two):
    X, _ = two
    assert hasattr(fitted, "predict_proba") == (entry is not registry.EARLIER_LAYER_SVM)
    assert hasattr(fitted, "predict_log_proba") == hasattr(fitted, "predict_proba")
    if hasattr(fitted, "predict_proba"):
        shares = fitted.predict_proba(X)
        assert shares.shape == (len(X), 2) and shares.min() >= 0
        np.testing.assert_allclose(shares.sum(axis=1), 1)
        np.testing.assert_array_equal(fitted.predict(X), fitted.classes_[shares.argmax(axis=1)])
        np.testing.assert_allclose(np.exp(fitted.predict_log_proba(X)), shares, rtol=1e-5)


def test_a_pickle_says_the_same(fitted, two):
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_allclose(copy.decision_function(two[0]), fitted.decision_function(two[0]), atol=1e-4)
    assert copy.classes_.tolist() == ["class 0", "class 1"]


def test_the_exported_network_has_the_same_scores(entry, fitted, two):
    if entry.is_baseline:
        with pytest.raises(ValueError, match="NearestColours has no network to export"):
            to_keras(fitted)
    else:
        scores = to_keras(fitted).predict(two[0], verbose=0)
        np.testing.assert_allclose(scores[:, 1] - scores[:, 0], fitted.decision_function(two[0]), atol=1e-3)


def test_images_of_another_size_than_those_learned_from_are_refused(fitted, two):
    with pytest.raises(ValueError, match="Resize them to the same size"):
        fitted.predict(two[0][:, :15])


def test_a_confusion_matrix_counts_every_image(fitted, two):
    shown = ConfusionMatrixDisplay.from_estimator(fitted, *two)
    plt.close(shown.figure_)
    assert shown.confusion_matrix.sum() == len(two[0])
    assert np.trace(shown.confusion_matrix) == np.sum(fitted.predict(two[0]) == two[1])


@pytest.mark.slow
def test_cross_validation_scores_accuracy_and_roc_auc_and_hands_arguments_on(entry, two):
    epochs = []
    params = {"on_epoch": lambda epoch, logs: epochs.append(epoch)} if entry.trains_network else None
    scoring = ["accuracy", "roc_auc"]
    found = cross_validate(quick(entry), *two, scoring=scoring, cv=FOLDS, params=params, error_score="raise")
    for scores in (found["test_accuracy"], found["test_roc_auc"]):
        assert scores.shape == (2,) and np.all((0 <= scores) & (scores <= 1))
    if entry.trains_network:
        assert epochs == [0, 0]  # one epoch in each fold: too short to learn
    else:
        assert found["test_roc_auc"].min() == 1  # the others can separate two colours


@pytest.mark.parametrize("name, remedy", [("sample_weight", "n_per_class"), ("validaton", "validation|X, y")])
def test_unknown_arguments_of_fit_are_refused_by_name(entry, two, name, remedy):
    with pytest.raises(TypeError, match=f"fit does not take '{name}'.*({remedy})"):
        quick(entry).fit(*two, **{name: np.ones(len(two[0]))})


def test_wrong_arguments_of_the_constructor_are_refused_by_name_in_fit(entry, two):
    names = WRONG.keys() & quick(entry).get_params()
    assert names
    for name, value in [(known, wrong) for known in names for wrong in WRONG[known]]:
        strategy = quick(entry).set_params(**{name: value})
        with pytest.raises(ValueError, match=rf"^{name} must be .* Received: {re.escape(repr(value))}$"):
            strategy.fit(*two)


@NETWORKS
def test_validation_must_be_images_of_the_same_size_with_known_labels(trained, two):
    X, y = two
    for wrong, error, message in [
        (0.2, TypeError, r"^validation must be a pair \(images, labels\). Received: 0.2$"),
        ((X,), TypeError, "^validation must be a pair"),
        (
            (X[:, :8, :8], y),
            ValueError,
            r"validation images have shape \(8, 8, 3\), but fit saw \(16, 16, 3\)",
        ),
        ((X, y[1:]), ValueError, "^validation must have one label per image. Received: 32 images"),
        ((X[:1], ["zz"]), ValueError, "^validation contains the label 'zz', .* Remove these images.$"),
        ((X[:1], [None]), ValueError, "^validation contains the label None"),
    ]:
        with pytest.raises(error, match=message):
            quick(trained).fit(X, y, validation=wrong)


@NETWORKS
def test_on_epoch_must_be_callable(trained, two):
    with pytest.raises(TypeError, match="^on_epoch must be callable.* Received: 3$"):
        quick(trained).fit(*two, on_epoch=3)


def test_only_a_network_is_watched_while_it_trains(entry, two):
    for name in ONLY_WHILE_TRAINING:
        if entry.trains_network:
            assert name in inspect.signature(entry.load().fit).parameters
        else:
            with pytest.raises(TypeError, match=f"'{name}'.*trains no network"):
                quick(entry).fit(*two, **{name: None})


@pytest.mark.slow
def test_a_learning_curve_has_a_score_for_each_size(entry, two):
    sizes, _, scores = learning_curve(quick(entry), *two, train_sizes=[8, 16], cv=ONCE, error_score="raise")
    assert sizes.tolist() == [8, 16] and scores.shape == (2, 1) and np.isfinite(scores).all()


@pytest.mark.slow
def test_calibrated_probabilities_sum_to_one(entry, two):
    calibrated = CalibratedClassifierCV(quick(entry), cv=FOLDS).fit(*two)
    np.testing.assert_allclose(calibrated.predict_proba(two[0]).sum(axis=1), 1)
    assert set(calibrated.predict(two[0])) <= set(two[1])


@pytest.mark.slow
def test_a_grid_search_runs_in_two_processes(entry, two):
    name = next(dial for dial in ("C", "neighbours", "lr", "base_lr") if dial in entry.dials)
    start = entry.first_rates(Backbone("shapes").rates).get(name, entry.dials[name])
    values = [start, 2 * start]
    search = GridSearchCV(quick(entry), {name: values}, cv=ONCE, n_jobs=2, error_score="raise").fit(*two)
    assert search.best_params_[name] in values and set(search.predict(two[0])) <= set(two[1])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The number of unique classes")
def test_a_thousand_classes(entry):
    X, y = coloured(1000, 1)
    strategy = quick(entry)
    if "C" in entry.dials:
        strategy.set_params(C=1e-3)  # fewer steps until it converges
    fitted = strategy.fit(X, y)
    assert fitted.decision_function(X[:5]).shape == (5, 1000)
    assert set(fitted.predict(X[:5])) <= set(y)


def test_a_fit_that_fails_in_the_middle_keeps_what_the_last_one_has_learned(entry, fitted, two, monkeypatch):
    X, y = two
    learned, scores = dict(vars(fitted)), fitted.decision_function(X)
    for error in (ValueError, MemoryError, KeyboardInterrupt):

        def fails(self, *_, error=error):
            self.model_ = self.trainable_parameters_ = None
            raise error

        monkeypatch.setattr(entry.load(), "_train" if entry.trains_network else "_fit", fails)
        with pytest.raises(error):
            fitted.fit(X.repeat(2, axis=2), np.char.add("other ", y))  # of another size, with other labels
        assert vars(fitted) == learned
    with pytest.raises(ValueError, match="at least two classes"):
        fitted.fit(X, np.zeros(len(X)))
    np.testing.assert_array_equal(fitted.decision_function(X), scores)
    assert set(fitted.predict(X)) <= {"class 0", "class 1"}


def test_a_first_fit_that_fails_leaves_an_unfitted_strategy(entry, two, monkeypatch):
    strategy = quick(entry)

    def fails(self, *_):
        raise MemoryError

    monkeypatch.setattr(entry.load(), "_train" if entry.trains_network else "_fit", fails)
    with pytest.raises(MemoryError):
        strategy.fit(*two)
    with pytest.raises(NotFittedError):
        strategy.predict(two[0])


@pytest.mark.parametrize("rate, error", [(1e30, ValueError), (1e-3, KeyboardInterrupt)])
def test_a_network_survives_a_second_training_that_explodes_or_is_interrupted(rate, error, two):
    strategy = registry.FROM_SCRATCH.make(**QUICK).fit(*two)
    scores, history = strategy.decision_function(two[0]), strategy.history_

    def interrupted(epoch, logs):
        raise KeyboardInterrupt

    with pytest.raises(error):
        strategy.set_params(lr=rate, epochs=3).fit(*two, on_epoch=interrupted if rate < 1 else None)
    np.testing.assert_array_equal(strategy.decision_function(two[0]), scores)
    assert strategy.history_ is history


def test_a_duration_is_not_estimated_for_wrong_arguments(two):
    with pytest.raises(ValueError, match="epochs must be .* Received: 0"):
        training_seconds(registry.FINE_TUNE.make(epochs=0), two[0], images=20, classes=2)


@pytest.mark.parametrize("layered", [registry.LINEAR_PROBE, registry.EARLIER_LAYER_SVM])
def test_an_empty_layer_name_is_not_taken_for_the_default(layered, two):
    with pytest.raises(ValueError, match="layer ''"):
        layered.make(layer="").fit(*two)
