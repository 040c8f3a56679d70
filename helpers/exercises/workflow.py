"""What students need for exercise 07.6, the whole workflow: images, a small network, and a recorder.

A Keras `History` holds losses and accuracies only. After the second `compile`, nothing in the model shows
which layers were frozen at first, or at which learning rate the head was trained. So a callback, `Recorder`,
notes what trains in each call of `model.fit`.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from helpers.data.image_sets import ImageSet, builtin
from helpers.exercises.designs import weighted_layers
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.backend import keras

NO_INPUT = "Keras does not know the input shape of this model: begin the model with keras.Input((32, 32, 3))."


def images() -> ImageSet:
    """Return the images of the exercise: drawn micrographs of 32 x 32 pixels in five classes.

    Example:
        >>> images().X_train.shape
        (200, 32, 32, 3)
    """
    return builtin("micrographs", 40, 40, 40)


def small_network() -> keras.Model:
    """Return a small pre-trained network without its top, for computers without ImageNet weights.

    It is the shipped model "photos", without its preprocessing. So, like the networks of
    `keras.applications`, it does not accept pixels: it was trained on values from -1 to 1.

    Returns:
        A trainable model from (batch, height, width, 3) to activations (batch, height / 16, width / 16,
        128); its layers are named as in VGG16, block1 to block4.

    Example:
        >>> [layer.name for layer in small_network().layers[1:4]]
        ['block1_conv1', 'block1_conv1_bn', 'block1_conv1_relu']
    """
    whole = fresh(Backbone("photos"))
    part = keras.Model(whole.get_layer("block1_conv1").input, whole.output, name="small_network")
    network = keras.models.clone_model(part)
    network.set_weights(part.get_weights())
    return network


@dataclass(frozen=True)
class Stage:
    """One call of `model.fit`.

    Args:
        learning_rate: of the optimiser, the largest at the beginning of the call and after each epoch.
        from_logits: whether the loss expects logits; None for a loss that does not show it.
        trainable: the weights that could change, as "layer/weight".
        changed: the weights that did change.
        val_accuracy: the validation accuracy after each epoch, 0..1; empty if it was not measured.

    Example:
        >>> Stage(1e-3, True, {"head/kernel"}, {"head/kernel"}, (0.5, 0.75)).val_accuracy[-1]
        0.75
    """

    learning_rate: float
    from_logits: bool | None
    trainable: set[str]
    changed: set[str]
    val_accuracy: tuple[float, ...]


class Recorder(keras.callbacks.Callback):
    """Note what trains in each call of `model.fit(..., callbacks=[history])`.

    Attributes:
        stages: one `Stage` for each completed call with the latest model.
        weights: the names of all weights of that model.

    Example:
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="head")])
        >>> model.compile("sgd", "mse")
        >>> history = Recorder()
        >>> _ = model.fit(np.ones((4, 2)), np.ones((4, 3)), verbose=0, callbacks=[history])
        >>> sorted(history.stages[0].changed)
        ['head/bias', 'head/kernel']
    """

    def __init__(self) -> None:
        super().__init__()
        self.stages: list[Stage] = []
        self.weights: set[str] = set()

    def set_model(self, model: keras.Model) -> None:
        """Forget the stages of another model: students build theirs more than once."""
        if model is not self.model:
            self.stages = []
        super().set_model(model)

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Note the settings of this call, and the weights before it.

        Raises:
            ValueError: If the model has no weights yet, because Keras does not know its input shape.
        """
        if not self.model.built:
            raise ValueError(NO_INPUT)
        trainable = {id(weight) for weight in self.model.trainable_weights}
        self._before = _checksums(self.model)
        self._settings = {
            "from_logits": _from_logits(self.model.loss),
            "trainable": {name for name, weight in _named_weights(self.model) if id(weight) in trainable},
        }
        self._rates = [float(self.model.optimizer.learning_rate)]
        self._val_accuracy: list[float] = []

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Note the validation accuracy, of whatever kind, and the rate that another callback may have set."""
        self._rates.append(float(self.model.optimizer.learning_rate))
        found = [value for name, value in (logs or {}).items() if name.startswith("val_") and "acc" in name]
        self._val_accuracy += [float(value) for value in found[:1]]

    def on_train_end(self, logs: dict | None = None) -> None:
        """Note which weights have changed."""
        after = _checksums(self.model)
        changed = {name for name, checksum in after.items() if checksum != self._before[name]}
        self.weights = set(after)
        rate, accuracy = max(self._rates), tuple(self._val_accuracy)
        self.stages.append(Stage(rate, changed=changed, val_accuracy=accuracy, **self._settings))


def weight_names(layer: keras.layers.Layer) -> list[str]:
    """Return the names of the weights of a layer, as "layer/weight"."""
    return [f"{layer.name}/{weight.name}" for weight in layer.weights]


def _named_weights(model):
    return [
        pair
        for layer in weighted_layers(model)
        for pair in zip(weight_names(layer), layer.weights, strict=True)
    ]


def _checksums(model):
    return {
        name: zlib.crc32(np.ascontiguousarray(keras.ops.convert_to_numpy(weight)))
        for name, weight in _named_weights(model)
    }


def _from_logits(loss):
    """Return whether a loss expects logits; None for a function of the student's own.

    The names and functions of Keras expect probabilities.
    """
    if not (isinstance(loss, str) or str(getattr(loss, "__module__", "")).startswith("keras.")):
        return None
    return bool(getattr(loss, "get_config", dict)().get("from_logits", False))
