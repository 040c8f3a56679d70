"""Parameter-efficient fine-tuning: which few weights of a classifier train.

BatchNorm keeps the statistics of the source. Where its own weights train, `batchnorm="learn"` gives it those
of the target.
"""

from helpers.data.validation import check_integer
from helpers.networks.backend import keras
from helpers.networks.heads import all_layers

RANK = 4  # of LoRA's updates


def train_head(model: keras.Model) -> keras.Model:
    """Train the head only: the linear probe, by gradient descent.

    Args:
        model: of `helpers.networks.heads.classifier`; it changes, here and in the other functions.
    """
    return _only(model, ())


def train_biases(model: keras.Model, batchnorm: str = "keep") -> keras.Model:
    """Train the biases and the head (BitFit).

    The offset of BatchNorm is the bias of a convolution before it. Source: Ben Zaken et al. 2022, "BitFit:
    Simple parameter-efficient fine-tuning for transformer-based masked language-models".

    Args:
        model: as for `train_head`.
        batchnorm: the statistics of BatchNorm: "keep" those of the source, or "learn" those of the target.

    Raises:
        ValueError: batchnorm is something else.

    Example:
        >>> from helpers.networks.backbones import Backbone, fresh
        >>> from helpers.networks.heads import classifier, count_trainable
        >>> count_trainable(train_biases(classifier(fresh(Backbone("shapes")), 10)))
        1930
    """
    return _statistics(_only(model, ("bias", "beta")), batchnorm)


def train_batchnorm(model: keras.Model, batchnorm: str = "keep") -> keras.Model:
    """Train scale and offset of BatchNorm, and the head.

    Source: Frankle et al. 2021, "Training BatchNorm and only BatchNorm: On the expressive power of random
    features in CNNs".

    Args:
        model: as for `train_head`.
        batchnorm: as for `train_biases`.

    Raises:
        ValueError: the model has no BatchNorm, or batchnorm is neither "keep" nor "learn".
    """
    if not any(map(_is_batchnorm, all_layers(model))):
        raise ValueError(f"{model.name!r} has no BatchNorm to train. Use train_biases or train_lora.")
    return _statistics(_only(model, ("gamma", "beta"), _is_batchnorm), batchnorm)


def train_lora(model: keras.Model, rank: int = RANK, seed: int = 0) -> keras.Model:
    """Train an update of low rank of each convolution, and the head (LoRA).

    A kernel of height x width x channels x filters gets the product of a kernel with `rank` filters and a
    matrix (rank, filters), which starts at zero. BatchNorm keeps the statistics of the source. Source:
    Hu et al. 2022, "LoRA: Low-rank adaptation of large language models"; computed by Keras (`enable_lora`).

    Args:
        model: as for `train_head`, without LoRA so far.
        rank: of the updates.
        seed: of their first factor.

    Raises:
        ValueError: rank is not an integer of at least 1, or the model has LoRA already.
    """
    rank = check_integer("rank", rank, 1)
    _only(model, ())
    for place, layer in enumerate(all_layers(model)):
        # Not those with one kernel per channel: their updates would not be smaller.
        if type(layer) is keras.layers.Conv2D:
            layer.trainable = True
            layer.enable_lora(rank, a_initializer=keras.initializers.HeUniform(seed=seed + place))
            if layer.use_bias:
                layer.bias.trainable = False
    return model


def train_all(model: keras.Model) -> keras.Model:
    """Train all weights but those of BatchNorm, which keeps the statistics of the source."""
    model.trainable = True
    for layer in all_layers(model):
        layer.trainable = not _is_batchnorm(layer)
    return model


def _only(model, names, chosen=lambda layer: True):
    """Train the head, and the weights of these names in the chosen layers."""
    model.trainable = True
    for layer in all_layers(model):
        if layer.name == "head":
            continue
        wanted = [chosen(layer) and weight.name in names for weight in layer.weights]
        layer.trainable = any(wanted)
        if layer.trainable:
            for weight, trains in zip(layer.weights, wanted, strict=True):
                weight.trainable = trains
    return model


def _statistics(model, batchnorm):
    """Let BatchNorm layers that train keep the statistics that they have, or learn new ones."""
    if batchnorm not in ("keep", "learn"):
        raise ValueError(f"batchnorm must be 'keep' or 'learn'. Received: {batchnorm!r}.")
    for layer in filter(_is_batchnorm, all_layers(model) if batchnorm == "keep" else ()):
        chosen = [weight for weight in layer.weights if weight.trainable]
        layer.trainable = False  # Keras: while others train, it then uses its stored statistics
        for weight in chosen:
            weight.trainable = True
    return model


def _is_batchnorm(layer):
    return isinstance(layer, keras.layers.BatchNormalization)
