"""Labs of the two approaches: frozen blocks, layers to transfer, what layers look for."""

from pathlib import Path

import numpy as np

from helpers.data import sample_photographs
from helpers.data.image_files.reading import read_image
from helpers.networks import vgg16_channels
from helpers.plots import layers as draw
from helpers.studies.engine import tables
from helpers.widgets.figure_lab import FigureLab, choice, slider, whole


def frozen_block_dial() -> FigureLab:
    """Show accuracy and costs of fine-tuning by the number of frozen blocks, as measured over seeds."""
    rows = tables.read_results("frozen_blocks")
    controls = {
        "frozen": whole("frozen blocks", 2, 0, 4),
        "target": choice("target", rows["target"].unique().tolist()),
        "images": choice("images per class", rows["images"].unique().tolist()),
    }

    def show(axes, frozen, target, images):
        left, right = axes
        here = rows.query("target == @target and images == @images")
        draw.block_stack(left, frozen)
        mean, half = draw.by_frozen(right, here, str(frozen)).loc[str(frozen)]
        right.set_title(f"{target}, {images} images per class")
        costs = here.groupby("frozen")[["trainable_parameters", "seconds"]].mean().loc[str(frozen)]
        return (
            f"{frozen} frozen blocks: test accuracy {mean:.1%} ± {half:.1%}, "
            f"{costs['trainable_parameters']:,.0f} trainable parameters, {costs['seconds']:.0f} s per run."
        )

    return FigureLab(show, controls, "frozen-block-dial")


def transferability_lab() -> FigureLab:
    """Show the accuracy of an SVM on the CNN codes of each layer, as measured over seeds."""
    rows = tables.read_results("layers")
    controls = {
        name: choice(label, rows[name].unique().tolist())
        for name, label in (("target", "target"), ("source", "source model"), ("images", "images per class"))
    }

    def show(axes, target, source, images):
        (axis,) = axes
        here = rows.query("target == @target and source == @source and images == @images")
        points, best = draw.by_layer(axis, here)
        axis.set_title(f"{target}, {images} images per class, source {source}")
        axis.set_ylabel("validation accuracy")
        (mean, half), last = points.loc[best], points["mean"].iloc[-1]
        return f"Best layer: {best}, validation accuracy {mean:.1%} ± {half:.1%}. Last layer: {last:.1%}."

    return FigureLab(show, controls, "transferability-lab", columns=1, height=5.5)


def vgg16_transferability_lab() -> FigureLab:
    """Show the same for VGG16 and real images; cross-validation over all draws chooses the layer."""
    rows = tables.read_results("vgg16_layers")
    controls = {
        name: choice(label, rows[name].unique().tolist())
        for name, label in (("target", "target"), ("images", "images per class"))
    }

    def show(axes, target, images):
        (axis,) = axes
        here = rows.query("target == @target and images == @images")
        points, chosen = draw.by_layer(axis, here, chosen_by="cross_validated")
        axis.set_title(f"{target}, {images} images per class, source VGG16")
        axis.set_ylabel("test accuracy")
        (mean, half), last = points.loc[chosen], points["mean"].iloc[-1]
        return (
            f"Best layer in cross-validation, mean over draws: {chosen}, test accuracy {mean:.1%} ± "
            f"{half:.1%}. Last layer: {last:.1%}."
        )

    return FigureLab(show, controls, "vgg16-transferability-lab", columns=1, height=5.5)


def channel_lab(photograph: str | None = None) -> FigureLab:
    """Show what channels of VGG16 look for, from edges to parts, and where a photograph activates them.

    Args:
        photograph: the path of an image of your own, for which VGG16 computes the feature maps. Without it,
            the lab needs no weights: all images are stored.

    Raises:
        OSError: If the image cannot be read, or VGG16's weights are neither on this computer nor can they
            be downloaded.
    """
    images = {name: sample_photographs.sample_photograph(name) for name in sample_photographs.NAMES}
    credits = {name: sample_photographs.credit(name) for name in images}
    own = {}
    if photograph:
        name = Path(photograph).name
        images = {name: read_image(photograph, (sample_photographs.SIDE,) * 2)} | images
        own[name] = vgg16_channels.compute_maps(images[name])
    controls = {
        "layer": slider("layer", [(name[:6], name) for name in vgg16_channels.SIDES], "block1_conv2"),
        "image": choice("photograph", list(images)),
    }

    def show(axes, layer, image):
        maps = own[image][layer] if image in own else vgg16_channels.stored_maps(layer, image)
        best = vgg16_channels.most_varying(maps)[: vgg16_channels.PER_PHOTOGRAPH]
        channels = np.array(vgg16_channels.channels(layer))[best]
        draw.looked_for(axes, images[image], channels, vgg16_channels.preferred(layer)[best], maps[best])
        field = vgg16_channels.FIELDS[layer]
        return (
            f"{layer}, six channels. Above: the images that they look for. Below: where they find it in the "
            f"photograph ({image}). One value of a feature map depends on {field} x {field} of its 224 x 224 "
            f"pixels.\n{credits.get(image, '')}"
        )

    return FigureLab(show, controls, "channel-lab", columns=7, height=4.2, rows=2)
