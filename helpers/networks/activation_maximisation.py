"""Activation maximisation: images that activate one channel of a network as strongly as possible.

Erhan et al. 2009, "Visualizing higher-layer features of a deep network". The pixels are found by gradient
ascent, with the network frozen. Without restraint they become noise, so three means of Olah et al. 2017,
"Feature visualization", keep them readable: the image is the inverse Fourier transform of a spectrum in
which all frequencies learn equally fast; its colour channels are decorrelated as those of photographs; and
it has to work after a random shift, zoom and rotation.
"""

from collections.abc import Sequence

import numpy as np

from helpers.data.validation import check_integer
from helpers.networks.backbones import Backbone, shared
from helpers.networks.backend import keras
from helpers.networks.seeding import seeded

layers, ops = keras.layers, keras.ops

RATE = 0.05  # of Adam
SHIFT, ZOOM, TURN = 0.1, 0.15, 10 / 360  # at most, as parts of the image's side, of its size, of a full turn
# From decorrelated colours to RGB: a square root of the covariance of colours in ImageNet, as published
# with Lucid, the code of Olah et al.
_COLOURS = np.array([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], "float32")


class Spectra(keras.layers.Layer):
    """Turn the number of an image into the image, whose Fourier spectrum is the weight that trains.

    Args:
        images: number of images.
        size: their side in pixels.
        seed: random seed of the spectra at the start.

    Example:
        >>> tuple(Spectra(images=3, size=16, seed=0)(np.array([0, 2])).shape)
        (2, 16, 16, 3)
    """

    def __init__(self, images: int, size: int, seed: int) -> None:
        super().__init__(name="spectra")
        frequencies = np.fft.fftfreq(size)
        radius = np.maximum(np.hypot(frequencies[:, None], frequencies), 1 / size)
        self.amplitudes = (size / 4 / radius).astype("float32")  # photographs have spectra of about 1 / f
        start = keras.initializers.RandomNormal(stddev=0.01, seed=seed)
        self.spectra = self.add_weight(shape=(images, 2, 3, size, size), initializer=start)

    def call(self, numbers: keras.KerasTensor) -> keras.KerasTensor:
        """Return the images with these numbers, float32 (batch, size, size, 3) with values 0..255."""
        parts = ops.take(self.spectra, numbers, axis=0) * self.amplitudes
        colours, _ = ops.ifft2((parts[:, 0], parts[:, 1]))
        to_rgb = _COLOURS.T / np.linalg.norm(_COLOURS, axis=0).max()
        return 255 * ops.sigmoid(ops.transpose(colours, (0, 2, 3, 1)) @ to_rgb)


def preferred_images(
    backbone: Backbone,
    layer: str,
    channels: Sequence[int],
    size: int = 128,
    steps: int = 128,
    seed: int = 0,
) -> np.ndarray:
    """Compute an image for each channel that activates it as strongly as possible, averaged over the map.

    Where the layer includes a ReLU, the value before it counts: after it, a channel that is off everywhere
    would have no gradient.

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        layer: the name of the layer.
        channels: the indices of the channels.
        size: side of the images in pixels.
        steps: number of steps of gradient ascent.
        seed: random seed of the first images, and of the shifts, zooms and rotations.

    Returns:
        uint8 (channels, size, size, 3).

    Raises:
        ValueError: If the layer or a channel does not exist.

    Example:
        >>> preferred_images(Backbone("shapes"), "block1_conv2", [3, 8], size=16, steps=2).shape
        (2, 16, 16, 3)
    """
    if layer not in backbone.layer_names:
        raise ValueError(f"Unknown layer {layer!r}. Use one of {', '.join(backbone.layer_names)}.")
    network = before_activation(shared(backbone).model, layer)
    most = network.output_shape[-1] - 1
    wanted = np.eye(most + 1)[[check_integer("channel", channel, 0, most) for channel in channels]]
    numbers = keras.Input((), dtype="int32")
    spectra = Spectra(len(wanted), size, seed)
    x = spectra(numbers)
    x = layers.RandomTranslation(SHIFT, SHIFT, fill_mode="reflect", seed=seed)(x)
    x = layers.RandomZoom((-ZOOM, ZOOM), fill_mode="reflect", seed=seed + 1)(x)
    x = layers.RandomRotation(TURN, fill_mode="reflect", seed=seed + 2)(x)
    search = keras.Model(numbers, layers.GlobalAveragePooling2D()(network(x)))
    search.compile(
        keras.optimizers.Adam(RATE),
        lambda wanted, activations: -ops.sum(wanted * activations),
        jit_compile=False,  # the random layers do not compile with XLA
    )
    every = np.arange(len(wanted))
    search.fit(every, wanted, batch_size=len(every), epochs=steps, shuffle=False, verbose=0)
    return ops.convert_to_numpy(spectra(every)).round().astype("uint8")


def before_activation(model: keras.Model, layer: str) -> keras.Model:
    """Cut a network after a layer, without the activation function that the layer may include.

    Example:
        >>> from helpers.networks.backbones import load
        >>> cut = before_activation(load(Backbone("VGG16", "random")), "block1_conv1")
        >>> bool(cut.predict(np.zeros((1, 8, 8, 3)), verbose=0).min() < 0)
        True
    """
    last = model.get_layer(layer)
    if not hasattr(last, "activation"):
        return keras.Model(model.input, last.output)
    with seeded(0):
        linear = type(last).from_config({**last.get_config(), "activation": None})
    cut = keras.Model(model.input, linear(last.input))
    linear.set_weights(last.get_weights())
    linear.trainable = False
    return cut
