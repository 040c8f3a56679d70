"""Head2Toe: features of all blocks, of which a group lasso selects some."""

import pickle

import numpy as np
import pytest

from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone
from helpers.networks.explain import grad_cam, map_layers
from helpers.strategies import LinearProbe
from helpers.strategies.export import to_keras
from helpers.strategies.head2toe import GroupLasso, Head2Toe, block_ends, selected


@pytest.fixture(scope="module")
def data():
    return builtin("micrographs", 20, 40, 20)


def test_a_group_lasso_keeps_what_separates_the_classes_and_less_with_more_sparsity():
    rng = np.random.default_rng(0)
    y = np.repeat(["a", "b", "c"], 40)
    X = rng.normal(size=(120, 30))
    X[:, 4] += 3 * (y == "b")
    X[:, 17] += 2 * (y == "c")
    kept = {s: (GroupLasso(s).fit(X, y).coef_ != 0).any(axis=0) for s in (0.01, 0.5, 0.9)}
    assert np.flatnonzero(kept[0.5]).tolist() == [4, 17]
    assert kept[0.01].sum() > 10 and kept[0.9].sum() == 1
    weights = GroupLasso(0.5).fit(X, y).coef_[:, [4, 17]]
    assert (weights != 0).all()  # all classes use a feature, or none does


def test_it_learns_from_all_blocks_and_says_from_which(data):
    model = Head2Toe(sparsity=0.3).fit(data.X_train, data.y_train)
    kept = model.kept()
    assert [*kept] == block_ends(Backbone("shapes"))
    assert sum(kept.values()) == model.model_[-1].coef_.shape[1] < 384
    assert sum(count > 0 for count in kept.values()) > 1
    assert model.score(data.X_validation, data.y_validation) > 0.7
    np.testing.assert_allclose(model.predict_proba(data.X_validation).sum(axis=1), 1, rtol=1e-5)


def test_the_keras_model_and_a_pickle_say_the_same_and_there_is_no_map_of_one_layer(data):
    model = Head2Toe(batchnorm="adapt").fit(data.X_train, data.y_train)
    exported = to_keras(model)
    answers = exported.predict(data.X_validation, verbose=0).argmax(axis=1)
    np.testing.assert_array_equal(model.classes_[answers], model.predict(data.X_validation))
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_allclose(again.predict_proba(data.X_test), model.predict_proba(data.X_test), atol=1e-5)
    assert map_layers(exported) == []
    with pytest.raises(ValueError, match="takes features of several layers"):
        grad_cam(exported, data.X_validation[0], 0)


def test_adapted_statistics_change_what_it_sees_and_a_frozen_backbone_cannot_learn_them(data):
    kept, adapted = (Head2Toe(batchnorm=way).fit(data.X_train, data.y_train) for way in ("keep", "adapt"))
    gap = np.abs(kept.predict_proba(data.X_test) - adapted.predict_proba(data.X_test)).max()
    assert gap > 0.01
    with pytest.raises(ValueError, match="batchnorm must be 'keep' or 'adapt', not 'learn'"):
        Head2Toe(batchnorm="learn").fit(data.X_train, data.y_train)


def test_more_features_than_the_last_layer_has(data):
    everything = Head2Toe(sparsity=0.02).fit(data.X_train, data.y_train)
    last = LinearProbe().fit(data.X_train, data.y_train)
    assert everything.trainable_parameters_ > last.trainable_parameters_


@pytest.mark.parametrize("sparsity", [0, 0.95, -0.1, "0.1", np.nan])
def test_a_sparsity_that_keeps_nothing_or_everything_is_refused(sparsity, data):
    with pytest.raises(ValueError, match="sparsity must be .*Received"):
        Head2Toe(sparsity=sparsity).fit(data.X_train, data.y_train)


def test_two_classes_and_a_backbone_without_blocks():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(40, 6))
    y = (X[:, 2] > 0.0).astype(int)
    scaler, choice, classifier = selected(0.5, 0.1)
    chosen = choice.fit(scaler.fit_transform(X), y)
    assert np.flatnonzero(chosen.get_support()).tolist() == [2]
    assert classifier.fit(X[:, [2]], y).score(X[:, [2]], y) > 0.7
    with pytest.raises(ValueError, match="have no block numbers"):
        block_ends(Backbone("InceptionV3", "random"))
