"""Checks of functions that change a Keras network. The functions are tried on small networks."""

from collections.abc import Iterator

import numpy as np

from helpers.exercises.attempts import Failed, Late, attempt, shown
from helpers.networks.backbones import block_of
from helpers.networks.backend import keras
from helpers.networks.seeding import seeded

SEED = 0  # of the weights of a network whose statistics are judged
CLOSE = 0.1  # BatchNorm's statistics may be this share of the way off


def small_network(blocks: int = 4) -> keras.Model:
    """Return a frozen network with random weights, with layers named as in the networks of this series.

    Args:
        blocks: number of blocks, each with a convolution, BatchNorm, ReLU and pooling.

    Example:
        >>> [layer.name for layer in small_network(1).layers[1:]]
        ['block1_conv1', 'block1_conv1_bn', 'block1_conv1_relu', 'block1_pool']
    """
    x = inputs = keras.Input((None, None, 3))
    for name in (f"block{number}" for number in range(1, blocks + 1)):
        x = keras.layers.Conv2D(4, 3, padding="same", use_bias=False, name=f"{name}_conv1")(x)
        x = keras.layers.BatchNormalization(name=f"{name}_conv1_bn")(x)
        x = keras.layers.ReLU(name=f"{name}_conv1_relu")(x)
        x = keras.layers.MaxPooling2D(name=f"{name}_pool")(x)
    network = keras.Model(inputs, x)
    network.trainable = False
    return network


def unfreezing(answer: object) -> str | None:
    """Check `unfreeze_from(base, first)` of exercise 04.1, on a network that is frozen at the beginning."""
    base = small_network()

    def problem_after(first):
        call = f'unfreeze_from(base, "{first}")'
        try:
            count = attempt(answer, base, first, slow=True)
        except Failed as failure:
            return f"{call} {failure}."
        problem = next(_wrong_layers(base, first), None) or _wrong_count(base, count)
        return problem and f"After {call}, {problem}"

    if not callable(answer):
        return "Give the function itself, without calling it: answer = unfreeze_from."
    return next(filter(None, map(problem_after, ("block3", "block1", "block4"))), None)


def _wrong_layers(base, first):
    variables = {id(weight) for weight in base.trainable_weights}
    trains = {layer for layer in base.layers if variables & {id(weight) for weight in layer.weights}}
    if not trains:
        yield "no layer is trainable. Inside a frozen model nothing trains: set base.trainable = True first."
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            if layer.trainable:
                yield (
                    f"{layer.name} is trainable. BatchNorm must stay frozen in all blocks: test each layer "
                    "with isinstance(layer, keras.layers.BatchNormalization)."
                )
        elif layer.weights and (layer in trains) != (block_of(layer.name) >= first):
            state, place = ("trainable", "before") if layer in trains else ("frozen", "in or after")
            yield f"{layer.name} is {state}, although it is {place} {first}."


def _wrong_count(base, count):
    expected = sum(int(np.prod(weight.shape)) for weight in base.trainable_weights)
    if isinstance(count, (int, float, np.number)) and count == expected:
        return None
    return (
        f"the right layers train, but the function returns {shown(count)}. {expected} parameters are "
        "trainable: add the sizes of base.trainable_weights; np.prod(weight.shape) is one size."
    )


def shortening(answer: object) -> str | None:
    """Check `first_blocks(base, n)` of exercise 06.1: a shorter network, and its smallest image."""
    base = small_network()
    images = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype("float32")

    def problem_with(n):
        call = f"first_blocks(base, {n})"
        try:
            result = attempt(answer, base, n, slow=True)
        except Failed as failure:
            return f"{call} {failure}."
        if not (isinstance(result, tuple) and len(result) == 2):
            return f"{call} returns {shown(result)}, but a pair (network, side) is expected."
        problem = next(_wrong_network(base, result[0], n, images), None) or _wrong_side(result[1], n)
        return problem and f"{call}: {problem}"

    if not callable(answer):
        return "Give the function itself, without calling it: answer = first_blocks."
    return next(filter(None, map(problem_with, (2, 4, 1))), None)


def _wrong_network(base, network, n, images):
    if not isinstance(network, keras.Model):
        yield f"the first value is {shown(network)}, but a Keras model is expected."
    expected = keras.Model(base.input, base.get_layer(f"block{n}_pool").output)(images)
    found = attempt(network, images, slow=True)
    if found.shape != expected.shape:
        yield (
            f"the output has the shape {tuple(found.shape[1:])}, but that of block{n}_pool has "
            f"{tuple(expected.shape[1:])}. Does your network end with the pooling layer of block {n}?"
        )
    if not np.allclose(found, expected, atol=1e-4):
        yield (
            f"the shape is right, but not the values of block{n}_pool. The pre-trained weights must stay: "
            "new layers and clone_model have random ones. Or is a layer missing?"
        )


def _wrong_side(side, n):
    if not (isinstance(side, (int, float, np.number)) and side >= 1):
        return (
            f"the second value is {shown(side)}, but the side of the smallest image is expected, in pixels."
        )
    if side == 2**n:
        return None
    if side > 2**n:
        return f"the network is right, but an image of {side // 2:g} pixels still gives an output."
    return f"the network is right, but {n} pooling layers leave nothing of an image of {side:g} pixels."


def refreshing(answer: object) -> str | None:
    """Check `refresh(model, X)` of exercise 06.4: only BatchNorm's statistics change."""
    if not callable(answer):
        return "Give the function itself, without calling it: answer = refresh."
    model, X = _stale()
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    before = [weight.numpy() for weight in model.weights]
    momenta = [layer.momentum for layer in norms]
    try:
        attempt(answer, model, X, slow=True)
    except Failed as failure:
        late = isinstance(failure, Late)
        advice = " With a lower momentum, a few calls of the model are enough." if late else ""
        return f"refresh(model, X) {failure}.{advice}"
    for weight, old in zip(model.weights, before, strict=True):
        if "moving" not in weight.path and not np.allclose(weight.numpy(), old):
            return (
                f"The weight {weight.path} has changed. Only the moving averages may change: call the "
                "model, without training it."
            )
    return next(_stale_statistics(model, norms, X), None) or next(_other_momenta(norms, momenta), None)


def _other_momenta(norms, before) -> Iterator[str]:
    for layer, old in zip(norms, before, strict=True):
        if layer.momentum != old:
            yield (
                f"The moving averages are right, but the momentum of {layer.name} was {old:g} and is now "
                f"{layer.momentum:g}. In a further training, the averages would follow other batches than "
                "before: at 0, the last one alone. Put the old value of every layer back."
            )


def _stale():
    """Return a network whose BatchNorm layers know nothing of its images, and the images.

    It has few layers, so that a student may call it a thousand times with its own momentum. Its weights are
    the same at each check: with some others, batches differ so much that a right answer is just too far off.
    """
    layers = [keras.Input((4, 4, 3))]
    with seeded(SEED):
        for number, momentum in ((1, 0.99), (2, 0.98)):
            layers.append(keras.layers.Conv2D(4, 1, activation="relu", use_bias=False, name=f"conv{number}"))
            layers.append(keras.layers.BatchNormalization(momentum=momentum, name=f"conv{number}_bn"))
        model = keras.Sequential([*layers, keras.layers.GlobalAveragePooling2D()])
    return model, np.random.default_rng(0).normal(4, 3, (64, 4, 4, 3)).astype("float32")


def _stale_statistics(model, norms, X) -> Iterator[str]:
    x = X
    for layer in model.layers:
        if layer in norms:
            found = np.concatenate([layer.moving_mean.numpy(), layer.moving_variance.numpy()])
            wanted = np.concatenate([np.mean(x, (0, 1, 2)), np.var(x, (0, 1, 2))])
            first = np.repeat([0.0, 1.0], len(found) // 2)  # of a new layer
            covered = 1 - np.linalg.norm(found - wanted) / np.linalg.norm(first - wanted)
            if np.allclose(found, first):
                yield (
                    f"The moving averages of {layer.name} are still those of a new layer. BatchNorm updates "
                    "them when it runs in training mode: model(batch, training=True)."
                )
            if covered < 1 - CLOSE:
                yield (
                    f"The moving averages of {layer.name} have covered {max(covered, 0):.0%} of the way. At "
                    "each call they keep a share of their old value, layer.momentum (0.99 at first). Lower "
                    "it for all BatchNorm layers first, or call the model more often."
                )
            x = (x - np.mean(x, (0, 1, 2))) / np.sqrt(np.var(x, (0, 1, 2)) + layer.epsilon)
        else:
            x = keras.ops.convert_to_numpy(layer(x))
