"""A fitted strategy becomes files that work without this project. Used in notebook 08."""

import json
import tempfile
from pathlib import Path

import numpy as np

from helpers import strategies
from helpers.networks.backbones import ReverseChannels, fresh
from helpers.networks.backend import keras
from helpers.networks.heads import classifier, set_trainable_from
from helpers.strategies import frozen

SCRIPT = '''"""Predict classes: python predict.py PICTURE_OR_FOLDER ... (needs keras, its backend, pillow)."""
import glob, json, os, sys, keras, numpy as np
from PIL import Image, ImageOps
here, given = os.path.dirname(os.path.abspath(__file__)), sys.argv[1:] or sys.exit(__doc__)
model = keras.saving.load_model(os.path.join(here, "model.keras"), compile=False)
about = json.load(open(os.path.join(here, "labels.json"), encoding="utf-8"))
sys.stdout.reconfigure(errors="backslashreplace")  # a pipe on Windows may lack letters
for name in (n for g in given for n in sorted(glob.glob(f"{g}/*")) or glob.glob(g) or [g]):
    try:  # each is read as in training: upright, 8 bits, on white, the centre
        (picture := Image.open(name)).draft(None, (2 * max(about["size"]),) * 2)
        picture = ImageOps.exif_transpose(picture)
    except Exception as error: print(f"{name}: cannot be read ({error})"); continue
    if picture.mode[0] in "IF":  # 16 bits and more
        v, most = np.nan_to_num(np.asarray(picture, "f8"), True, 0, 0, 0), {"F": 1}.get(picture.mode, 65535)
        low, high = (0, most) if 0 <= v.min() and v.max() <= most else (v.min(), v.max())
        picture = Image.fromarray(np.round((v - low) * 255 / max(high - low, 1e-300)).astype("uint8"))
    picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
    pixels = np.asarray(ImageOps.fit(picture.convert("RGB"), about["size"]))[None]
    scores = np.asarray(keras.ops.softmax(model.predict(pixels, verbose=0)[0]))
    print(f"{name}: {about['labels'][int(scores.argmax())]} (score {scores.max():.2f})")
'''


def to_keras(strategy: "strategies.Strategy") -> keras.Model:
    """One Keras model from raw pixels to a score for each class.

    Args:
        strategy: fitted. For a linear probe or an SVM, backbone, pooling and classifier become one.

    Raises:
        sklearn.exceptions.NotFittedError: it has not been fitted.
        ValueError: it has no network, such as the nearest colours.
    """
    from sklearn.utils.validation import check_is_fitted

    check_is_fitted(strategy, "model_")
    if isinstance(strategy, strategies.NearestColours):
        raise ValueError("Nearest colours have no network to export: take another strategy.")
    if isinstance(strategy.model_, keras.Model):
        return _self_contained(strategy.model_)
    codes, scaler, linear = strategy.model_
    kernel, bias = frozen.dense_weights(scaler, linear)
    base = set_trainable_from(fresh(strategy.backbone), None)
    base = keras.Model(base.input, base.get_layer(codes.layer_).output)
    if codes.pooling == "avg":
        model = classifier(base, kernel.shape[1])
    else:
        x = keras.layers.AdaptiveAveragePooling2D(2)(base.output)
        x = keras.layers.Reshape((4 * x.shape[-1],))(x)
        model = keras.Model(base.input, keras.layers.Dense(kernel.shape[1], name="head")(x))
    model.get_layer("head").set_weights([kernel, bias])
    return _self_contained(model)


def _self_contained(model):
    """The same model from Keras' own layers only: RGB to BGR becomes a convolution with 0s and 1s."""
    own = [layer for layer in model._flatten_layers() if isinstance(layer, ReverseChannels)]
    if not own:
        return model

    def replaced(layer):
        if isinstance(layer, ReverseChannels):
            return keras.layers.Conv2D(3, 1, use_bias=False, trainable=False, name=layer.name)
        return layer.__class__.from_config(layer.get_config())

    copy = keras.models.clone_model(model, clone_function=replaced, recursive=True)
    for old, new in zip(model._flatten_layers(), copy._flatten_layers(), strict=True):
        if isinstance(old, ReverseChannels):
            new.set_weights([np.eye(3, dtype="float32")[::-1].reshape(1, 1, 3, 3)])
        elif not isinstance(old, keras.Model) and old.weights:
            new.set_weights(old.get_weights())
    return copy


def export(strategy: "strategies.Strategy", folder: Path | str) -> Path:
    """Write model.keras, labels.json and predict.py, which runs without this project.

    Args:
        strategy: fitted.
        folder: is made where it is missing.

    Returns:
        The folder.
    """
    folder = Path(folder).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    height, width = map(int, strategy.image_shape_[:2])
    about = {"labels": [str(name) for name in strategy.classes_], "size": [width, height]}
    # All three are written before the first is moved: a full disk leaves the last export whole.
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        part = Path(temporary)
        to_keras(strategy).save(part / "model.keras")
        (part / "labels.json").write_text(json.dumps(about, indent=2, ensure_ascii=False), encoding="utf-8")
        (part / "predict.py").write_text(SCRIPT, encoding="utf-8")
        for path in part.iterdir():
            path.replace(folder / path.name)
    return folder
