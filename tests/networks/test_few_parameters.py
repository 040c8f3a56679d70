"""Each way trains the weights that its paper names, and training changes no other ones."""

import numpy as np
import pytest

from helpers.data.synthetic import streets
from helpers.networks import few_parameters
from helpers.networks.backbones import mini_vgg
from helpers.networks.backend import keras
from helpers.networks.heads import classifier, count_trainable
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


def network():
    return classifier(mini_vgg(widths=(4, 6)), 2)


@pytest.mark.parametrize("way", WAYS)
def test_the_weights_that_train_are_those_of_the_paper(way):
    model, (X, y) = network(), streets(20)
    before = model(X)
    assert getattr(few_parameters, way)(model, **OPTIONS.get(way, {})) is model
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
    assert bool(statistics) == (way in ("train_biases", "train_batchnorm"))


def test_lora_depends_on_its_seed_and_needs_a_rank():
    one, same, other = (few_parameters.train_lora(network(), seed=seed) for seed in (1, 1, 2))
    first, again, different = (
        [np.array(w) for w in m.trainable_weights if w.name == "lora_kernel_a"] for m in (one, same, other)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, different, strict=True))
    with pytest.raises(ValueError, match="rank must be an integer of at least 1"):
        few_parameters.train_lora(network(), rank=0)


def test_a_network_without_batchnorm_has_none_to_train():
    plain = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3, name="block1_conv1")])
    with pytest.raises(ValueError, match="no BatchNorm to train. Use train_biases or train_lora"):
        few_parameters.train_batchnorm(classifier(plain, 2))
    assert count_trainable(few_parameters.train_biases(classifier(plain, 2))) == 2 + 6
