"""VGG16 and photographs where they can be had; otherwise the shipped model, said aloud.

Used in notebook 07. `TRANSFER_DATA_DIR` names a folder with data that are already on this computer:
class folders such as flowers/, and weights/vgg16*.h5. Otherwise both are downloaded once
(`helpers.data.catalogue`).
"""

import html
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.data import catalogue
from helpers.data.image_sets import ImageSet, builtin, from_folder
from helpers.networks.backbones import Backbone
from helpers.networks.hardware import has_gpu

PHOTOS = ("flowers", "cats_vs_dogs", "hymenoptera")
REMEDIES = (
    "connect to the internet and run this cell again (the weights are 59 MB, and are kept)",
    "put vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5 into weights/ of a folder, and name that folder "
    "in the environment variable TRANSFER_DATA_DIR",
    'give a weights file: Backbone("VGG16", "path/to/file.h5")',
)


@dataclass(frozen=True)
class Setting:
    """What notebook 07 works with: backbone, pictures, and a banner where they are second choice."""

    backbone: Backbone
    data: ImageSet
    notes: tuple[str, ...]

    def _repr_html_(self) -> str:
        if not self.notes:
            return f"<p role='status'>{html.escape(self.summary)}</p>"
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        return (
            "<div role='alert' style='border:3px solid #D55E00; background:#FFF4EC; color:#000; "
            "padding:10px'>"
            f"<b>Reduced version.</b> {html.escape(self.summary)}<ul>{notes}</ul></div>"
        )

    def __repr__(self) -> str:
        return "\n".join([self.summary, *self.notes])

    @property
    def summary(self) -> str:
        size = self.data.X_train.shape[1]
        return (
            f"Backbone {self.backbone.name}, pictures {self.data.name} "
            f"({len(self.data.X_train)} for training, {size} x {size} pixels)."
        )


def setting(n_train: int = 100) -> Setting:
    """VGG16 and photographs if they can be had, else the shipped `photos` model and drawn pictures.

    Without the weights no photographs are downloaded either.

    Args:
        n_train: at most so many pictures a class and split without a GPU, half as many for VGG16;
            with a GPU, 600.
    """
    backbone, notes = vgg16()
    folder, reason = photographs(), "No photographs were found"
    if folder is None and backbone.name == "VGG16":
        try:
            folder = catalogue.folder(PHOTOS[0])
        except (OSError, ValueError) as error:
            reason = _reason(error)
    if folder is not None:
        fast = has_gpu()
        size = 224 if backbone.name == "VGG16" and fast else 96
        # Counted out so that a CPU with two cores gets through notebook 07 in ten minutes.
        few = max(5, n_train // 2) if backbone.name == "VGG16" else n_train
        data = from_folder(folder, size, (0.6, 0.2, 0.2), per_class=600 if fast else few)
        return Setting(backbone, data, notes)
    notes += (
        f"{reason}: the target is drawn. Name a folder that holds one of {', '.join(PHOTOS)} in "
        "TRANSFER_DATA_DIR.",
    )
    return Setting(backbone, builtin("micrographs", n_train, 20, 40), notes)


def vgg16() -> tuple[Backbone, tuple[str, ...]]:
    """The ImageNet VGG16 without its top, or the shipped model with the reason and the remedies."""
    own = catalogue.data_folder()
    if own and (found := sorted((own / "weights").glob("vgg16*notop*.h5"))):
        return Backbone("VGG16", str(found[0])), ()
    try:
        return Backbone("VGG16", str(catalogue.weights("vgg16_notop"))), ()
    except OSError as error:
        reason = f"The ImageNet weights of VGG16 could not be had. {_reason(error)}."
        remedies = "Remedies: " + "; or ".join(REMEDIES) + "."
        used = 'Until then the shipped model "photos" stands in: smaller, trained on 64 x 64 photographs.'
        return Backbone("photos"), (reason, remedies, used)


def _reason(error):
    """What went wrong, without the remedies of the download: the notes have their own."""
    return str(error).partition(" Or put ")[0].rstrip(".")


def photographs() -> Path | None:
    """The first known folder of photographs in TRANSFER_DATA_DIR, or None."""
    own = catalogue.data_folder()
    found = [own / name for name in PHOTOS if (own / name).is_dir()] if own else []
    return found[0] if found else None


def guess_names(pictures: np.ndarray, most: int = 3) -> list[str]:
    """What the complete VGG16, with its 1000 classes, calls some pictures.

    Downloads its weights (528 MB) the first time. Where they cannot be had, says so.

    Args:
        pictures: uint8 (n, height, width, 3).
        most: names a picture.

    Returns:
        A line a picture, or one line with the reason.
    """
    from helpers.networks.backend import keras

    module = keras.applications.vgg16
    large = keras.ops.convert_to_numpy(keras.ops.image.resize(pictures.astype("float32"), (224, 224)))
    try:
        model = module.VGG16(weights=str(catalogue.weights("vgg16")))
        shares = model.predict(module.preprocess_input(large), verbose=0)
        named = module.decode_predictions(shares, top=most)  # downloads the names, 35 kB
    except Exception as error:  # Keras raises many kinds without a network
        return [f"The complete VGG16 could not be had: connect to the internet. {_reason(error)}."]
    return [", ".join(f"{name} {share:.0%}" for _, name, share in guesses) for guesses in named]
