"""The shipped source models: weights and recipes in `datasets/source_models/`."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from helpers.environment import ROOT
from helpers.networks.backend import keras

WEIGHTS_DIR = ROOT / "datasets" / "source_models"
SHIPPED = {"shapes": 32, "photos": 64}  # name -> the image size it was pre-trained at


def save_source_model(name: str, model: keras.Model, record: dict) -> Path:
    """Write a MiniVGG's weights in half precision (no pickle), and its recipe beside them."""
    WEIGHTS_DIR.mkdir(parents=True, exist_ok=True)
    path = WEIGHTS_DIR / f"{name}.npz"
    halves: dict[str, Any] = {w.path: np.asarray(w).astype("float16") for w in model.weights}
    np.savez_compressed(path, **halves)
    path.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")
    return path


def source_record(name: str) -> dict:
    """The recipe and the measured accuracy of a shipped source model."""
    return json.loads((WEIGHTS_DIR / f"{name}.json").read_text())
