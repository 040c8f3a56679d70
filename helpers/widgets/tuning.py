"""Labs of what to tune: the part that suits each shift, few parameters, and weights between two networks."""

import functools

import numpy as np
import pandas as pd

from helpers.data.shifts import SHIFTS
from helpers.plots import tuning as draw
from helpers.plots.style import PALETTE, powers
from helpers.studies.engine import tables
from helpers.widgets.figure_lab import FigureLab, choice, slider

WAYS = ("head", "biases", "BatchNorm", "LoRA, rank 1", "LoRA, rank 4", "all")


def surgical_lab() -> FigureLab:
    """Show ten images of a shift, and the accuracy of each tuned part, as measured over seeds."""
    rows = tables.read_results("surgical")
    controls = {
        "shift": choice("what is different", list(SHIFTS)),
        "part": choice("what is tuned", list(draw.PARTS), "all"),
    }

    def show(axes, shift, part):
        left, right = axes
        X, y = SHIFTS[shift].draw(1, seed=0)
        left.imshow(_sheet(X), interpolation="nearest")
        left.set_axis_off()
        left.set_title(f"{shift}: a shift of the kind “{SHIFTS[shift].kind}”")
        mean, half = draw.by_part(right, rows[rows["shift"] == shift], part)
        right.set_title(f"tuned: {part}")
        classes = ", ".join(np.unique(y))
        return f"{shift}, tuned: {part}. Test accuracy {mean:.1%} ± {half:.1%}. The classes are {classes}."

    return FigureLab(show, controls, "surgical-lab")


def few_parameters_lab() -> FigureLab:
    """Show how many weights of each block a way trains, and its accuracy as measured over seeds."""
    rows = tables.read_results("few_parameters")
    controls = {
        "way": choice("what trains", list(WAYS), "BatchNorm"),
        "target": choice("target", rows["target"].unique().tolist()),
    }

    def show(axes, way, target):
        left, right = axes
        trained = _trained_by_block(way)
        left.bar(range(len(trained)), list(trained.values()), color=PALETTE[0])
        left.set_xticks(range(len(trained)), list(trained))
        left.set(yscale="log", ylim=(1, 1e6), ylabel="trained parameters")
        powers(left.yaxis)
        here = rows[rows["target"] == target]
        mean, half = draw.by_way(right, here, WAYS, way).loc[way]
        right.set_title(target.replace("_", " "))
        right.legend(loc="lower right")
        return (
            f"{way}: {sum(trained.values()):,} trained parameters with ten classes. Test accuracy on "
            f"{target} {mean:.1%} ± {half:.1%}."
        )

    return FigureLab(show, controls, "few-parameters-lab")


@functools.cache
def _trained_by_block(way):
    """Number of trained parameters of each block and of the head, for a network with ten classes."""
    from helpers.networks.backbones import Backbone, fresh
    from helpers.networks.heads import all_layers, classifier, count_trainable
    from helpers.studies.few_parameters import WAYS as PREPARE

    found: dict[str, int] = {}
    for layer in all_layers(PREPARE[way](classifier(fresh(Backbone("shapes")), 10))):
        if layer.weights:
            place = layer.name.split("_")[0]
            found[place] = found.get(place, 0) + count_trainable(layer)
    return found


def _sheet(X):
    """Ten images in two rows."""
    height, width = X.shape[1:3]
    return X.reshape(2, 5, height, width, 3).swapaxes(1, 2).reshape(2 * height, 5 * width, 3)


def weight_slider_lab() -> FigureLab:
    """Move between the source classifier and a network fine-tuned on night images.

    Fine-tuning and the accuracies of all steps take some seconds, once; then the slider moves at once.
    """
    line = _line()
    controls = {"share": slider("share of the fine-tuned", line.index.tolist(), 0.5)}

    def show(axes, share):
        left, right = axes
        draw.by_share(left, line, share)
        draw.in_and_out(right, line, share)
        scores = ", ".join(f"{name} {line.at[share, column]:.0%}" for column, name in draw.SCORED.items())
        return f"Share of the fine-tuned network: {share:.1f}. Test accuracy: {scores}."

    return FigureLab(show, controls, "weight-slider-lab")


@functools.cache
def _line():
    """Accuracies between both networks on 20 images per class, by the share of the fine-tuned one."""
    from helpers.networks.interpolation import between
    from helpers.studies import weight_slider

    rates = tables.read_results("weight_slider").query("target == 'night' and seed == 0").iloc[0]
    source = weight_slider.source_weights()
    tuned = weight_slider.fine_tuned("night", 0, 0, rates[["rate", "head_rate"]].to_dict())
    shares = [k / 10 for k in range(11)]
    found = [weight_slider.scores(between(source, tuned, k), "night", 0, images=20) for k in shares]
    return pd.DataFrame(found, index=shares)
