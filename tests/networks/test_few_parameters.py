"""Each way trains the weights that its paper names, and training changes no other ones."""

import numpy as np
import pytest

from helpers.data.synthetic import streets
from helpers.networks import few_parameters
from helpers.networks.backbones import mini_vgg
from helpers.networks.backend import keras
from helpers.networks.batchnorm import adapt_batchnorm
from helpers.networks.heads import classifier, count_trainable, split_frozen
from helpers.strategies.training import fit

CHANNELS = 4 + 4 + 6 + 6
HEAD = 6 * 2 + 2
LORA = 2 * (9 * (3 + 4 + 4 + 6) + CHANNELS)  # of rank 2
WAYS = {  # way -> the number of weights that train, and their names
    "train_head": (HEAD, {"kernel", "bias"}),
    "train_biases": (HEAD + CHANNELS, {"kernel", "bias", "beta"}),
    "train_batchnorm": (HEAD + 2 * CHANNELS, {"kernel", "bias", "gamma", "beta"}),
    "train_lora": (HEAD + LORA, {"kernel", "bias", "lora_kernel_a", "lora_kernel_b"}),
    "train_all": (HEAD + 9 * (3 * 4 + 4 * 4 + 4 * 6 + 6 * 6), {"kernel", "bias"}),
}
OPTIONS = {"train_lora": {"rank": 2}}
LEARN = {"batchnorm": "learn"}


def network():
    return classifier(mini_vgg(widths=(4, 6)), 2)


@pytest.mark.parametrize(
    ("way", "options"),
    [*((way, OPTIONS.get(way, {})) for way in WAYS), ("train_biases", LEARN), ("train_batchnorm", LEARN)],
)
def test_the_weights_that_train_are_those_of_the_paper(way, options):
    model, (X, y) = network(), streets(20)
    before = model(X)
    assert getattr(few_parameters, way)(model, **options) is model
    np.testing.assert_array_equal(model(X), before)  # nothing has been learned yet
    number, names = WAYS[way]
    assert count_trainable(model) == number
    assert {weight.name for weight in model.trainable_weights} == names
    first = {weight.path: np.array(weight) for weight in model.weights}
    fit(model, X, y, epochs=1, batch_size=20, seed=0, head_lr=0.1, base_lr=0.1)
    moved = {weight.path for weight in model.weights if not np.array_equal(weight, first[weight.path])}
    trained = {weight.path for weight in model.trainable_weights}
    statistics = {path for path in moved if "moving" in path}
    # A factor of LoRA has a gradient of zero as long as the other one is zero.
    assert {path for path in trained - moved if not path.endswith("lora_kernel_a")} == set()
    assert moved <= trained | statistics
    assert bool(statistics) == (options == LEARN)


def test_lora_depends_on_its_seed_and_needs_a_rank():
    one, same, other = (few_parameters.train_lora(network(), seed=seed) for seed in (1, 1, 2))
    first, again, different = (
        [np.array(w) for w in m.trainable_weights if w.name == "lora_kernel_a"] for m in (one, same, other)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, different, strict=True))
    with pytest.raises(ValueError, match="rank must be an integer of at least 1"):
        few_parameters.train_lora(network(), rank=0)


@pytest.mark.parametrize("way", ["train_biases", "train_batchnorm"])
def test_statistics_can_be_adapted_before_the_few_weights_train(way):
    model, (X, _) = getattr(few_parameters, way)(network()), streets(20)
    trains, count = [weight.path for weight in model.trainable_weights], count_trainable(model)
    adapt_batchnorm(model, X)
    assert [weight.path for weight in model.trainable_weights] == trains
    assert count_trainable(model) == count == WAYS[way][0]


def test_the_frozen_part_ends_where_the_first_weights_train():
    frozen, _ = split_frozen(few_parameters.train_batchnorm(network()))
    assert frozen.layers[-1].name == "block1_conv1"  # the layer before the first BatchNorm


def test_statistics_are_kept_or_learned():
    with pytest.raises(ValueError, match="batchnorm must be 'keep' or 'learn'. Received: 'adapt'"):
        few_parameters.train_biases(network(), batchnorm="adapt")


def test_a_network_without_batchnorm_has_none_to_train():
    plain = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3, name="block1_conv1")])
    with pytest.raises(ValueError, match="no BatchNorm to train. Use train_biases or train_lora"):
        few_parameters.train_batchnorm(classifier(plain, 2))
    assert count_trainable(few_parameters.train_biases(classifier(plain, 2))) == 2 + 6
