"""The labs of notebook 04."""

import functools

from helpers.plots import layers as draw
from helpers.studies.engine import statistics, tables
from helpers.widgets.figure_lab import FigureLab, choice, slider, whole


def frozen_block_dial() -> FigureLab:
    """Number of frozen blocks → accuracy, trained parameters and seconds (measured over seeds)."""
    rows = tables.read_results("frozen_blocks")
    controls = {
        "frozen": whole("frozen blocks", 2, 0, 4),
        "target": choice("target", list(dict.fromkeys(r["target"] for r in rows))),
        "images": choice("images a class", list(dict.fromkeys(r["images"] for r in rows))),
    }

    def show(axes, frozen, target, images):
        left, right = axes
        here = [r for r in rows if (r["target"], r["images"]) == (target, images)]
        draw.block_stack(left, frozen)
        mean, half = draw.by_frozen(right, here, frozen)[frozen]
        right.set_title(f"{target}, {images} images a class")
        chosen = [r for r in here if r["frozen"] == str(frozen)]
        seconds = statistics.interval([float(r["seconds"]) for r in chosen])[0]
        return (
            f"{frozen} frozen blocks: {mean:.1%} ± {half:.1%} right, "
            f"{int(chosen[0]['trainable_parameters']):,} parameters train, {seconds:.0f} seconds a run."
        )

    return FigureLab(show, controls, "frozen-block-dial")


def transferability_lab() -> FigureLab:
    """Target, source and images a class → accuracy of an SVM on every layer's codes (measured)."""
    rows = tables.read_results("layers")
    controls = {
        name: choice(label, list(dict.fromkeys(r[name] for r in rows)))
        for name, label in (("target", "target"), ("source", "source model"), ("images", "images a class"))
    }

    def show(axes, **chosen):
        (axis,) = axes
        here = [r for r in rows if all(r[name] == value for name, value in chosen.items())]
        best, points = draw.by_layer(axis, here)
        axis.set_title("{target}, {images} images a class, source {source}".format(**chosen))
        mean, half = max(points)
        last = points[-1][0]
        return f"Best layer: {best} with {mean:.1%} ± {half:.1%}. The last layer reaches {last:.1%}."

    return FigureLab(show, controls, "transferability-lab", columns=1, height=5.5)


def feature_map_lab() -> FigureLab:
    """Layer and picture → the busiest feature maps of the shapes model."""
    layers = [f"block{block}_{part}" for block in range(1, 5) for part in ("conv1_relu", "pool")]
    controls = {
        "layer": slider("layer", [(name.removesuffix("_relu")[5:], name) for name in layers], layers[0]),
        "picture": choice("picture", sorted(_pictures())),
    }

    def show(axes, layer, picture):
        maps = _maps(layer, picture)
        axes[0].imshow(_pictures()[picture], interpolation="nearest")
        axes[0].set_title(picture)
        for axis, values in zip(axes[1:], maps, strict=False):
            axis.imshow(values, cmap="viridis", interpolation="nearest")
        for axis in axes:
            axis.set_axis_off()
        axes[1].set_title(layer, loc="left")
        rows, columns = maps.shape[1:]
        return f"The six busiest maps of {layer}, picture: {picture}. Each holds {rows} x {columns} values."

    return FigureLab(show, controls, "feature-map-lab", columns=7, height=2.5)


@functools.cache
def _pictures():
    from helpers.data.image_sets import builtin

    data = builtin("shapes", 1, 0, 0, seed=4)
    return dict(zip(data.y_train.tolist(), data.X_train, strict=True))


@functools.cache
def _maps(layer, picture):
    from helpers.networks.backbones import Backbone
    from helpers.networks.explain import feature_maps

    return feature_maps(Backbone("shapes"), layer, _pictures()[picture])[:6]
