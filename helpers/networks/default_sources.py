"""Source models for images of your own: ImageNet models if their weights are at hand, and the shipped ones.

The weights come from `TRANSFER_DATA_DIR`, from Keras' cache, or are downloaded once
(`helpers.data.catalogue`). Without them, the shipped models remain, and a note says what is lost.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.data import catalogue
from helpers.environment import cache_dir
from helpers.networks.backbones import Backbone, check_backbone
from helpers.networks.hardware import has_gpu
from helpers.networks.source_models import SHIPPED

NAMES = (*catalogue.NETWORKS, "photos", "shapes")
LOST = (
    "The shipped models remain. They learned from fewer and smaller images, so on photographs expect a much "
    "lower accuracy. To use {name}, connect to the internet once, or put its weights into the sub-folder "
    "weights of a folder, and set the environment variable TRANSFER_DATA_DIR to that folder."
)


@dataclass(frozen=True)
class Sources:
    """Source models, and where their weights come from or why they are missing.

    Args:
        backbones: the source models.
        notes: one sentence or two for each model whose weights are not shipped.
        missing: names of the models whose weights are not available.

    Example:
        >>> sources = Sources((Backbone("photos"), Backbone("shapes")), notes=(), missing=())
        >>> sources.image_size
        64
        >>> sources
        Source models: photos (64 pixels), shapes (32 pixels).
    """

    backbones: tuple[Backbone, ...]
    notes: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def image_size(self) -> int:
        """Side in pixels of the largest images that one of the models was trained on."""
        return max(backbone.image_size for backbone in self.backbones)

    @property
    def summary(self) -> str:
        """The models, each with the size of the images that it was trained on."""
        named = (f"{backbone.title} ({backbone.image_size} pixels)" for backbone in self.backbones)
        return f"Source models: {', '.join(named)}."

    def __repr__(self) -> str:
        return "\n".join([self.summary, *self.notes])

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        text = f"<b>{html.escape(self.summary)}</b><ul>{notes}</ul>"
        if not self.missing:
            return f"<div role='status'>{text}</div>"
        style = "border:3px solid #D55E00; background:#FFF4EC; color:#000; padding:10px"
        return f"<div role='alert' style='{style}'>{text}</div>"


def default_sources(names: Sequence[str] | None = None) -> Sources:
    """Return source models for images of your own; the first call may download weights.

    Args:
        names: some of "MobileNet", "VGG16", "photos" and "shapes". None is all but VGG16; with a GPU, all.

    Returns:
        The models whose weights are available; the shipped ones if none is.

    Raises:
        ValueError: If a name is unknown.

    Example:
        >>> [backbone.name for backbone in default_sources(["photos", "shapes"]).backbones]
        ['photos', 'shapes']
    """
    if names is None:
        names = [name for name in NAMES if name != "VGG16" or has_gpu()]
    check_names(names)
    backbones, notes, missing = [], [], []
    for name in names:
        if name in SHIPPED:
            backbones.append(Backbone(name))
            continue
        key, options = catalogue.NETWORKS[name]
        try:
            path = catalogue.weights(key)
        except OSError as error:
            missing.append(name)
            reason = str(error).partition(" Or put ")[0]
            notes.append(f"{name} is missing. {reason} {LOST.format(name=name)}")
        else:
            backbones.append(Backbone(name, str(path), options))
            notes.append(f"{name}, trained on ImageNet: {_origin(key, path)}")
    shipped = (Backbone("photos"), Backbone("shapes"))
    return Sources(tuple(backbones) or shipped, tuple(notes), tuple(missing))


def check_names(names: Sequence[str]) -> None:
    """Check the names of source models, before anything is downloaded.

    Raises:
        ValueError: If a name is unknown.

    Example:
        >>> check_names(["music"])
        Traceback (most recent call last):
        ValueError: Unknown source model 'music'. Choose from: MobileNet, VGG16, photos, shapes.
    """
    for name in names:
        if name not in NAMES:
            raise ValueError(f"Unknown source model {name!r}. Choose from: {', '.join(NAMES)}.")


def at_hand() -> list[Backbone]:
    """Return the ImageNet models whose weights are on this computer; nothing is downloaded.

    Example:
        >>> all(backbone.image_size == 224 for backbone in at_hand())
        True
    """
    found = catalogue.networks_at_hand().items()
    return [Backbone(name, str(path), catalogue.NETWORKS[name][1]) for name, path in found]


def cheapest_first(backbones: Sequence[Backbone]) -> list[Backbone]:
    """Sort source models by the size of their images, which decides what they cost; shipped ones go first.

    Raises:
        TypeError: If the argument is not a sequence of backbones.
        ValueError: If it is empty.

    Example:
        >>> [backbone.name for backbone in cheapest_first([Backbone("photos"), Backbone("shapes")])]
        ['shapes', 'photos']
    """
    if isinstance(backbones, (str, Backbone)):
        raise TypeError(
            f"backbones must be a list of source models. Received: {backbones!r}. Pass it in a list."
        )
    if not (checked := [check_backbone(backbone) for backbone in backbones]):
        raise ValueError("backbones must contain at least one source model, such as Backbone('shapes').")
    return sorted(checked, key=lambda backbone: (backbone.image_size, backbone.name not in SHIPPED))


def _origin(key: str, path: Path) -> str:
    """Say how large a weights file is and where it comes from."""
    size = f"{path.stat().st_size / 1e6:.1f} MB"
    if path.is_relative_to(cache_dir()):
        return f"{size}, downloaded once from {catalogue.entry(key).sources[0].url}."
    place = "the cache of Keras" if path.parent == catalogue.keras_cache() else "TRANSFER_DATA_DIR/weights"
    return f"{size}, {path.name} in {place}."
