"""The shipped source models: weights and recipes in `datasets/source_models/`."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from helpers.environment import ROOT
from helpers.networks.backend import keras

WEIGHTS_DIR = ROOT / "datasets" / "source_models"
SHIPPED = {"shapes": 32, "simclr": 32, "photos": 64}  # name -> image size of the pre-training, in pixels
# The same for the networks of keras.applications whose published weights did not see 224 pixels.
NOT_224 = {
    "EfficientNetV2B1": 240,
    "EfficientNetV2B2": 260,
    "EfficientNetV2B3": 300,
    "EfficientNetV2S": 384,
    "EfficientNetV2M": 480,
    "EfficientNetV2L": 480,
    "InceptionResNetV2": 299,
    "InceptionV3": 299,
    "NASNetLarge": 331,
    "Xception": 299,
}


def save_source_model(name: str, model: keras.Model, record: dict) -> Path:
    """Save the weights of a MiniVGG in half precision (without pickle), and its recipe.

    Args:
        name: "shapes", "simclr" or "photos".
        model: the backbone.
        record: the recipe and the measured accuracies.

    Returns:
        The path of the weights.
    """
    WEIGHTS_DIR.mkdir(parents=True, exist_ok=True)
    path = WEIGHTS_DIR / f"{name}.npz"
    halves: dict[str, Any] = {w.path: np.asarray(w).astype("float16") for w in model.weights}
    np.savez_compressed(path, **halves)
    path.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")
    return path


def source_record(name: str) -> dict:
    """Return the recipe and the measured accuracies of a shipped source model.

    Example:
        >>> source_record("shapes")["classes"]
        10
    """
    return json.loads((WEIGHTS_DIR / f"{name}.json").read_text())
