"""A figure of nothing, of arrays that do not fit, or of labels it cannot place is refused in plain words."""

from types import SimpleNamespace

import numpy as np
import pytest

from helpers.data import duplicates
from helpers.data.image_sets import builtin
from helpers.plots import advice, basics, definitions, evaluation, images
from helpers.strategies.rate_finder import RangeTest

X, y = np.zeros((4, 8, 8, 3), np.uint8), np.array(["a", "b", "a", "b"])
SCORES, MAPS = np.ones(4), np.zeros((4, 8, 8))


@pytest.mark.parametrize(
    ("truth", "predicted", "classes", "named"),
    [
        (["x", "y", "z"], ["x", "y", "z"], ["x", "y"], "'z'"),
        (["x", "y"], ["x", "z"], ["x", "y"], "'z'"),
        (np.array([0, 1]), np.array([1, 1]), ["cat", "dog"], "0, 1"),
        (list("abcdefg"), list("abcdefg"), ["q"], r"'a', 'b', 'c', 'd', 'e', \.\.\."),
    ],
)
def test_a_confusion_matrix_leaves_out_no_label(truth, predicted, classes, named):
    with pytest.raises(ValueError, match=f"not in classes: {named}. Add them to classes"):
        evaluation.confusion(truth, predicted, classes)


def test_a_confusion_matrix_lists_each_class_once():
    with pytest.raises(ValueError, match="classes lists 'b' several times"):
        evaluation.confusion(y, y, ["a", "b", "b"])


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        (("val_accuracy", "val_loss"), "lacks val_accuracy, val_loss.* pass validation"),
        (("loss",), "lacks loss"),
        (evaluation.CURVES, "lacks accuracy, .*. Train at least one epoch"),
    ],
)
def test_stages_without_curves_are_named(lacking, named):
    whole = {key: [0.5] for key in evaluation.CURVES}
    part = {key: values for key, values in whole.items() if key not in lacking}
    for history in (part, whole | dict.fromkeys(lacking, [])):
        with pytest.raises(ValueError, match=f"stage 'block 4' {named}"):
            evaluation.stages([whole, history], ["head", "block 4"])


def test_what_fit_returns_is_not_its_curves():
    with pytest.raises(
        TypeError, match="Received: SimpleNamespace. Of what Keras' fit returns, pass its .hist"
    ):
        evaluation.stages([SimpleNamespace(history={})], ["head"])


@pytest.mark.parametrize("most", [0, -1, 2.5, None])
def test_a_number_of_images_to_show_is_positive(most):
    data = builtin("shapes", n_train=2, n_validation=1, n_test=1)
    with pytest.raises(ValueError, match="most must be an integer of at least 1"):
        evaluation.most_wrong(X, y, y[::-1], SCORES, most)
    with pytest.raises(ValueError, match="most must be an integer of at least 1"):
        images.copies(data, duplicates.exact(data), most)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: images.image_sheet(X, y[:2]),
        lambda: evaluation.confusion(y, y[:2], ["a", "b"]),
        lambda: evaluation.most_wrong(X, y, y[:3], SCORES),
        lambda: evaluation.most_wrong(X, y, y, SCORES[:1]),
        lambda: evaluation.class_maps(X, MAPS, ["a"]),
        lambda: evaluation.stages([{}], ["a", "b"]),
    ],
)
def test_arrays_of_other_lengths_are_refused(draw):
    with pytest.raises(ValueError, match="must have the same length. Received: "):
        draw()


@pytest.mark.parametrize(
    "draw",
    [
        lambda: images.image_sheet(X[:0], y[:0]),
        lambda: images.tiles(X[:0]),
        lambda: evaluation.confusion([], [], ["a"]),
        lambda: evaluation.most_wrong(X[:0], y[:0], y[:0], SCORES[:0]),
        lambda: evaluation.class_maps(X[:0], MAPS[:0], []),
        lambda: evaluation.stages([], []),
        lambda: basics.chain_terms({}),
        lambda: definitions.cost_figure({}),
        lambda: advice.range_tests(),
    ],
)
def test_a_figure_of_nothing_is_refused(draw):
    with pytest.raises(ValueError, match="must not be empty|at least one image"):
        draw()


def test_copies_of_another_set_are_refused():
    data = builtin("shapes", n_train=2, n_validation=1, n_test=1)
    with pytest.raises(ValueError, match="data and found must have the same length"):
        images.copies(builtin("shapes", n_train=3, n_validation=1, n_test=1), duplicates.exact(data))


def test_a_range_test_without_a_finite_loss_is_refused():
    with pytest.raises(ValueError, match="no finite loss"):
        advice.range_tests(head=RangeTest(np.array([]), np.array([])))
