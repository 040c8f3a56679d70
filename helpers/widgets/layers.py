"""Labs of the two approaches: frozen blocks, layers to transfer, feature maps."""

import functools

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
        points = draw.by_layer(axis, here)
        axis.set_title(f"{target}, {images} images per class, source {source}")
        best, last = points["mean"].idxmax(), points["mean"].iloc[-1]
        mean, half = points.loc[best]
        return f"Best layer: {best}, validation accuracy {mean:.1%} ± {half:.1%}. Last layer: {last:.1%}."

    return FigureLab(show, controls, "transferability-lab", columns=1, height=5.5)


def feature_map_lab() -> FigureLab:
    """Show the most active feature maps of the shapes model, by layer and image."""
    layers = [f"block{block}_{part}" for block in range(1, 5) for part in ("conv1_relu", "pool")]
    controls = {
        "layer": slider("layer", [(name.removesuffix("_relu")[5:], name) for name in layers], layers[0]),
        "image": choice("image", sorted(_images())),
    }

    def show(axes, layer, image):
        maps = _maps(layer, image)
        axes[0].imshow(_images()[image], interpolation="nearest")
        axes[0].set_title(image)
        for axis, values in zip(axes[1:], maps, strict=False):
            axis.imshow(values, cmap="viridis", interpolation="nearest")
        for axis in axes:
            axis.set_axis_off()
        axes[1].set_title(layer, loc="left")
        rows, columns = maps.shape[1:]
        return f"The six most active feature maps of {layer} ({image}), {rows} x {columns} values each."

    return FigureLab(show, controls, "feature-map-lab", columns=7, height=2.5)


@functools.cache
def _images():
    from helpers.data.image_sets import builtin

    data = builtin("shapes", 1, 0, 0, seed=4)
    return dict(zip(data.y_train.tolist(), data.X_train, strict=True))


@functools.cache
def _maps(layer, image):
    from helpers.networks.backbones import Backbone
    from helpers.networks.explain import feature_maps

    return feature_maps(Backbone("shapes"), layer, _images()[image])[:6]
