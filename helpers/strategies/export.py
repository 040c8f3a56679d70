"""Export a fitted strategy as files that work without this project."""

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np

from helpers import strategies
from helpers.data.image_files import deep_pixels, file_kinds, metadata, reading, value_range
from helpers.data.image_sets import ImageSet
from helpers.networks.applications import ReverseChannels
from helpers.networks.augmentation import RandomShift
from helpers.networks.backend import keras
from helpers.networks.features import pooled
from helpers.networks.heads import all_layers, set_trainable_from
from helpers.networks.seeding import seeded
from helpers.strategies import frozen

SCRIPT = Path(__file__).parent / "templates" / "predict.py"
# Modules that the script needs.
TAKEN_ALONG = tuple(
    Path(str(module.__file__)) for module in (reading, metadata, file_kinds, value_range, deep_pixels)
)


def to_keras(strategy: "strategies.Strategy | keras.Model") -> keras.Model:
    """Return one Keras model from raw pixels to a score for each class, of Keras' own layers only.

    After `model.save("model.keras")`, `keras.saving.load_model` reads the file in any Python with Keras; it
    does not need this package.

    Args:
        strategy: fitted; or a Keras model, such as one of `helpers.networks.heads.classifier`. For a linear
            probe or an SVM, backbone, pooling and classifier become one model.

    Returns:
        A copy, not compiled. Random shifts, which only training uses, are left out.

    Raises:
        TypeError: neither a strategy nor a Keras model.
        sklearn.exceptions.NotFittedError: `fit` has not been called.
        ValueError: the strategy has no network, such as the nearest colours, or the file of its backbone's
            weights has been overwritten since `fit`.
        OSError: that file is missing.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("new_shapes", 5, 0, 0)
        >>> to_keras(strategies.LinearProbe().fit(data.X_train, data.y_train)).output_shape
        (None, 10)
    """
    from sklearn.utils.validation import check_is_fitted

    if isinstance(strategy, keras.Model):
        return _self_contained(strategy)
    if not isinstance(strategy, strategies.Strategy):
        raise TypeError(
            f"A fitted strategy or a Keras model is needed. Received: {type(strategy).__name__}. Of a search "
            "or a pipeline, pass the strategy in it, such as search.best_estimator_."
        )
    check_is_fitted(strategy, "model_")
    if isinstance(strategy.model_, keras.Model):
        return _self_contained(strategy.model_)
    if not hasattr(strategy, "backbone"):
        raise ValueError(f"{type(strategy).__name__} has no network to export. Use another strategy.")
    codes, scaler, *chosen, linear = strategy.model_
    kept = [choice.get_support() for choice in chosen]  # of Head2Toe, which leaves some features out
    kernel, bias = frozen.dense_weights(scaler, linear, *kept)
    # Of the codes: set_params may have given the strategy another backbone since it was fitted.
    parts = [part for _, part in codes.transformer_list] if chosen else [codes]
    for part in parts:
        part.check_weights()
    base = set_trainable_from(parts[0].network(), None)
    ends = [base.get_layer(part.layer_).output for part in parts]
    base = keras.Model(base.input, ends if chosen else ends[0])
    head = keras.layers.Dense(kernel.shape[1], kernel_initializer="zeros", dtype="float32", name="head")
    pixels = keras.Input(base.input.shape[1:], name="pixels")
    # The backbone stays one layer, in which `explain.grad_cam` finds the last activations.
    maps = base(pixels) if chosen else [base(pixels)]
    features = [pooled(x, part.pooling) for x, part in zip(maps, parts, strict=True)]
    model = keras.Model(pixels, head(keras.layers.Concatenate()(features) if chosen else features[0]))
    head.set_weights([kernel, bias])
    return _self_contained(model)


def _self_contained(model):
    """A copy from Keras' own layers only: RGB to BGR becomes a convolution with 0s and 1s."""

    def replaced(layer):
        if isinstance(layer, ReverseChannels):
            return keras.layers.Conv2D(3, 1, use_bias=False, trainable=False, name=layer.name)
        if isinstance(layer, RandomShift):
            return keras.layers.Identity(name=layer.name)
        return layer.__class__.from_config(layer.get_config())

    with seeded(0):
        copy = keras.models.clone_model(model, clone_function=replaced, recursive=True)
    for old, new in zip(all_layers(model), all_layers(copy), strict=True):
        if isinstance(old, ReverseChannels):
            new.set_weights([np.eye(3, dtype="float32")[::-1].reshape(1, 1, 3, 3)])
        elif old.weights:
            new.set_weights(old.get_weights())
    return copy


def export(strategy: "strategies.Strategy", folder: Path | str, data: ImageSet | None = None) -> Path:
    """Write a model, its labels, and predict.py with the modules it needs; all run without this project.

    Args:
        strategy: fitted.
        folder: created if missing.
        data: the set that the strategy learned from. If its images have more than 8 bits per channel,
            predict.py stretches new images as they were stretched. Without it, predict.py says so when
            such an image comes that uses few of its values.

    Returns:
        The folder, with model.keras, labels.json, predict.py, reading.py and others.

    Raises:
        TypeError: not a strategy.
        sklearn.exceptions.NotFittedError: `fit` has not been called.
        NotADirectoryError: the folder is a file.
        ValueError, OSError: as for `to_keras`.
    """
    folder = Path(folder).expanduser()
    if any(place.exists() and not place.is_dir() for place in (folder, *folder.parents)):
        raise NotADirectoryError(
            f"The exported files need a folder. Received a path that is a file, or is below one: "
            f"{str(folder)!r}. Choose another name."
        )
    if isinstance(strategy, keras.Model):
        raise TypeError(
            "A Keras model does not know its labels and the size of its images, which predict.py needs. Pass "
            "a fitted strategy, such as FineTune; or write the model alone: "
            "to_keras(model).save('model.keras')."
        )
    model = to_keras(strategy)
    folder.mkdir(parents=True, exist_ok=True)
    height, width = map(int, strategy.image_shape_[:2])
    about = {
        "labels": [str(name) for name in strategy.classes_],
        "size": [width, height],
        "ranges": dict(data.ranges) if data is not None else {},
    }
    # All files are written before the first is moved: a full disk leaves the last export whole.
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        part = Path(temporary)
        model.save(part / "model.keras")
        (part / "labels.json").write_text(json.dumps(about, indent=2), encoding="utf-8")
        write_script(part)
        for path in part.iterdir():
            path.replace(folder / path.name)
    return folder


def write_script(folder: Path) -> None:
    """Write predict.py and the modules that it needs; outside the package, these import each other."""
    shutil.copyfile(SCRIPT, folder / SCRIPT.name)
    for module in TAKEN_ALONG:
        text = module.read_text(encoding="utf-8").replace("\nfrom helpers.data.image_files.", "\nfrom ")
        (folder / module.name).write_text(text, encoding="utf-8")
