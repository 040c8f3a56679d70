"""VGG16 and photographs if they are available, otherwise the shipped model with a visible notice.

The environment variable TRANSFER_DATA_DIR can name a folder with data that are already on this computer:
image sets such as flowers/, and weights/vgg16*.h5. Otherwise, both are downloaded once
(`helpers.data.catalogue`).
"""

import html
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.data import catalogue
from helpers.data.folder_contents.layouts import layout_of
from helpers.data.image_sets import ImageSet, builtin, from_folder
from helpers.data.validation import check_integer
from helpers.networks.backbones import Backbone, shared
from helpers.networks.hardware import has_gpu

PHOTOS = ("flowers", "cats_vs_dogs", "hymenoptera")
REMEDIES = (
    "connect to the internet and try again (the weights are 59 MB; they are downloaded only once)",
    "put vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5 into the sub-folder weights of a folder, and set "
    "the environment variable TRANSFER_DATA_DIR to that folder",
    'use your own weights file: Backbone("VGG16", "path/to/file.h5")',
)


@dataclass(frozen=True)
class Setting:
    """The backbone and images of notebook 07, with a banner if they are substitutes.

    Args:
        backbone: VGG16 or the shipped model.
        data: the image set.
        notes: what is missing, and how to get it; empty if nothing is missing.

    Example:
        >>> print(Setting(Backbone("photos"), builtin("micrographs", 2, 1, 1), ("No internet.",)))
        Backbone photos, images micrographs (10 for training, 32 x 32 pixels).
        No internet.
    """

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
        """One sentence on the backbone and the images."""
        size = self.data.X_train.shape[1]
        return (
            f"Backbone {self.backbone.title}, images {self.data.name} "
            f"({len(self.data.X_train)} for training, {size} x {size} pixels)."
        )


def setting(n_train: int = 40) -> Setting:
    """Return VGG16 and photographs if available, else the shipped model "photos" and synthetic images.

    Without the weights of VGG16, photographs are not downloaded either. They are read at the size of the
    source's images: 224 pixels for VGG16, 64 for the shipped model.

    Args:
        n_train: training images per class; with a GPU, four times as many. For validation, there are a
            quarter as many; for the test, 5/4 as many, unless the photographs have a test folder.

    Raises:
        ValueError: If n_train is not an integer of at least 4, or the weights file is not that of VGG16.
    """
    n_train = check_integer("n_train", n_train, 4)
    backbone, notes = vgg16()
    shared(backbone)  # names a wrong weights file now, not in the middle of the notebook
    folder, reason = photographs(), "Photographs were not found"
    if folder is None and backbone.name == "VGG16":
        try:
            folder = catalogue.folder(PHOTOS[0])
        except (OSError, ValueError) as error:
            reason = _reason(error)
    if folder is not None:
        # On a CPU with two cores, few enough that notebook 07 runs in ten minutes.
        images = n_train * 4 if has_gpu() else n_train
        size = 224 if backbone.name == "VGG16" else 64
        if layout_of(folder).splits:  # a fifth of the training folder becomes the validation split
            return Setting(backbone, from_folder(folder, size, per_class=images * 5 // 4), notes)
        return Setting(backbone, from_folder(folder, size, (0.4, 0.1, 0.5), per_class=images * 5 // 2), notes)
    notes += (
        f"{reason}. Synthetic images replace them. To use photographs, set the environment variable "
        f"TRANSFER_DATA_DIR to a folder that contains one of {', '.join(PHOTOS)}.",
    )
    return Setting(backbone, builtin("micrographs", n_train, n_train // 4, 40), notes)


def vgg16() -> tuple[Backbone, tuple[str, ...]]:
    """Return VGG16 without its top layers and no notes, or the shipped model with reason and remedies."""
    try:
        return Backbone("VGG16", str(catalogue.weights("vgg16_notop"))), ()
    except OSError as error:
        reason = f"The ImageNet weights of VGG16 could not be loaded. {_reason(error)}."
        remedies = "Remedies: " + "; or ".join(REMEDIES) + "."
        used = (
            'Until then, the shipped model "photos" replaces it: a smaller one, trained on photographs of '
            "64 x 64 pixels."
        )
        return Backbone("photos"), (reason, remedies, used)


def vgg16_with_weights() -> Backbone:
    """Return VGG16 without its top layers, for work that needs its weights.

    Raises:
        FileNotFoundError: The weights are neither on this computer nor can they be downloaded.
    """
    found, notes = vgg16()
    if notes:
        raise FileNotFoundError(" ".join(notes[:2]))  # the third one says what notebook 07 does instead
    return found


def _reason(error):
    """Return what went wrong, without the remedy of the download: the notes list their own."""
    return str(error).partition(" Or put ")[0].rstrip(".")


def photographs() -> Path | None:
    """Return the first known folder of photographs in TRANSFER_DATA_DIR, or None."""
    own = catalogue.data_folder()
    found = [own / name for name in PHOTOS if (own / name).is_dir()] if own else []
    return found[0] if found else None


def guess_names(images: np.ndarray, most: int = 3) -> list[str]:
    """Predict the ImageNet classes of images with the complete VGG16.

    The first call downloads its weights (528 MB).

    Args:
        images: uint8 (n, height, width, 3).
        most: number of classes per image.

    Returns:
        One line per image, or a single line with the reason if the weights cannot be loaded.
    """
    from helpers.networks.backend import keras
    from helpers.networks.seeding import seeded

    module = keras.applications.vgg16
    large = keras.ops.convert_to_numpy(keras.ops.image.resize(images.astype("float32"), (224, 224)))
    try:
        weights = str(catalogue.weights("vgg16"))
        with seeded(0):
            model = module.VGG16(weights=weights)
        shares = model.predict(module.preprocess_input(large), verbose=0)
        named = module.decode_predictions(shares, top=most)  # downloads the class names, 35 kB
    except Exception as error:  # without a network, Keras raises many types of errors
        return [f"The complete VGG16 could not be loaded: connect to the internet. {_reason(error)}."]
    return [", ".join(f"{name} {share:.0%}" for _, name, share in guesses) for guesses in named]
