"""Export a fitted strategy as files that work without this project."""

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np

from helpers import strategies
from helpers.data import reading
from helpers.networks.backbones import ReverseChannels, fresh
from helpers.networks.backend import keras
from helpers.networks.features import pooled
from helpers.networks.heads import all_layers, set_trainable_from
from helpers.strategies import frozen

SCRIPTS = (Path(__file__).parent / "templates" / "predict.py", Path(reading.__file__))  # copied as they are


def to_keras(strategy: "strategies.Strategy") -> keras.Model:
    """Return one Keras model from raw pixels to a score for each class.

    Args:
        strategy: fitted. For a linear probe or an SVM, backbone, pooling and classifier become one model.

    Raises:
        sklearn.exceptions.NotFittedError: `fit` has not been called.
        ValueError: the strategy has no network, such as the nearest colours.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("new_shapes", 5, 0, 0)
        >>> to_keras(strategies.LinearProbe().fit(data.X_train, data.y_train)).output_shape
        (None, 10)
    """
    from sklearn.utils.validation import check_is_fitted

    check_is_fitted(strategy, "model_")
    if isinstance(strategy.model_, keras.Model):
        return _self_contained(strategy.model_)
    if not hasattr(strategy, "backbone"):
        raise ValueError(f"{type(strategy).__name__} has no network to export. Use another strategy.")
    codes, scaler, linear = strategy.model_
    kernel, bias = frozen.dense_weights(scaler, linear)
    base = set_trainable_from(fresh(strategy.backbone), None)
    base = keras.Model(base.input, base.get_layer(codes.layer_).output)
    head = keras.layers.Dense(kernel.shape[1], dtype="float32", name="head")
    pixels = keras.Input(base.input_shape[1:], name="pixels")
    # The backbone stays one layer, in which `explain.grad_cam` finds the last activations.
    model = keras.Model(pixels, head(pooled(base(pixels), codes.pooling)))
    head.set_weights([kernel, bias])
    return _self_contained(model)


def _self_contained(model):
    """The same model from Keras' own layers only: RGB to BGR becomes a convolution with 0s and 1s."""
    if not any(isinstance(layer, ReverseChannels) for layer in all_layers(model)):
        return model

    def replaced(layer):
        if isinstance(layer, ReverseChannels):
            return keras.layers.Conv2D(3, 1, use_bias=False, trainable=False, name=layer.name)
        return layer.__class__.from_config(layer.get_config())

    copy = keras.models.clone_model(model, clone_function=replaced, recursive=True)
    for old, new in zip(all_layers(model), all_layers(copy), strict=True):
        if isinstance(old, ReverseChannels):
            new.set_weights([np.eye(3, dtype="float32")[::-1].reshape(1, 1, 3, 3)])
        elif old.weights:
            new.set_weights(old.get_weights())
    return copy


def export(strategy: "strategies.Strategy", folder: Path | str) -> Path:
    """Write model.keras, labels.json and predict.py with reading.py, which run without this project.

    Args:
        strategy: fitted.
        folder: created if missing.

    Returns:
        The folder.
    """
    folder = Path(folder).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    height, width = map(int, strategy.image_shape_[:2])
    about = {"labels": [str(name) for name in strategy.classes_], "size": [width, height]}
    # All files are written before the first is moved: a full disk leaves the last export whole.
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        part = Path(temporary)
        to_keras(strategy).save(part / "model.keras")
        (part / "labels.json").write_text(json.dumps(about, indent=2, ensure_ascii=False), encoding="utf-8")
        for script in SCRIPTS:
            shutil.copyfile(script, part / script.name)
        for path in part.iterdir():
            path.replace(folder / path.name)
    return folder
