"""Labs of the definitions: domain and task compared, and a detector at dusk."""

import functools

import numpy as np

from helpers.data.documents import LABELS, LANGUAGES, MIXES, domain_and_task
from helpers.findings.comparison import compare
from helpers.plots.style import PALETTE
from helpers.widgets.figure_lab import FigureLab, choice, slider


def domain_task_lab() -> FigureLab:
    """Compare a chosen target with a fixed source: English documents on three topics."""
    controls = {
        "language": choice("target language", LANGUAGES),
        "mix": choice("target topics", list(MIXES)),
        "labels": choice("target labels", list(LABELS)),
        "size": slider("documents per sample", [50, 100, 200, 400], 200),
    }
    return FigureLab(_draw_comparison, controls, "domain-task-lab", columns=1, height=2.8)


def _draw_comparison(axes, language, mix, labels, size):
    rows = _compared(language, mix, labels, size)
    (axis,) = axes
    axis.set_axis_off()
    axis.set(xlim=(0, 4), ylim=(0, 1))
    looks = {True: ("differ", PALETTE[1], "white"), False: ("no difference\nfound", "#E8F1F8", "black")}
    for place, row in enumerate(rows):
        word, back, ink = looks.get(row.differs, ("cannot be\ncompared", "#DDDDDD", "black"))
        box = {"boxstyle": "round,pad=0.8", "facecolor": back, "edgecolor": "#444444"}
        axis.text(place + 0.5, 0.45, word, ha="center", va="center", fontsize=18, color=ink, bbox=box)
        if row.p is not None:
            axis.text(place + 0.5, 0.06, f"p = {row.p:.2g}", ha="center", va="center", fontsize=15)
        axis.text(place + 0.5, 0.88, row.name, ha="center", va="center", fontsize=17)
    return repr(rows)


@functools.lru_cache(maxsize=64)
def _compared(language, mix, labels, n):
    return compare(domain_and_task(n=n, seed=0), domain_and_task(language, mix, labels, n, seed=1))


def night_lab() -> FigureLab:
    """Show the accuracy of a detector by darkness and by the images that it was trained on."""
    controls = {
        "darkness": slider("darkness", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0], 0.3),
        "trained": choice("detector trained", ["by day", "by night", "by day and night"]),
    }
    return FigureLab(_draw_night, controls, "night-lab")


def _draw_night(axes, darkness, trained):
    left, right = axes
    levels, scores = _night_scores(trained)
    place = int(np.argmin(np.abs(levels - darkness)))
    rows = _dusk(darkness)[0][:8].reshape(2, 4, 32, 32, 3)
    sheet = rows.transpose(0, 2, 1, 3, 4).reshape(64, 128, 3)
    left.imshow(sheet, interpolation="nearest")
    left.set_axis_off()
    left.set_title(f"darkness {darkness:g}")
    right.plot(levels, scores, "o-", color=PALETTE[0], markersize=9)
    right.plot(levels[place], scores[place], "D", color=PALETTE[1], markersize=16)
    right.axhline(0.5, color="black", linestyle=":")
    right.text(0, 0.51, "chance")
    right.set(xlabel="darkness", ylabel="accuracy", ylim=(0.4, 1.02), title=f"detector trained {trained}")
    return f"A detector trained {trained} has an accuracy of {scores[place]:.0%} at darkness {darkness:g}."


@functools.lru_cache(maxsize=16)
def _dusk(darkness, n=300, seed=5):
    """Mix images of the same streets by day (darkness 0) and by night (darkness 1)."""
    from helpers.data.synthetic import streets

    (day, y), (night, _) = streets(n, seed), streets(n, seed, night=True)
    return ((1 - darkness) * day + darkness * night).round().astype(np.uint8), y


@functools.lru_cache(maxsize=4)
def _night_scores(trained):
    """Return all levels of darkness, and the accuracy of a linear probe on the photo model for each."""
    from helpers.networks.backbones import Backbone
    from helpers.strategies import LinearProbe

    moments = {"by day": (0.0,), "by night": (1.0,), "by day and night": (0.0, 1.0)}[trained]
    train = [_dusk(moment, seed=6) for moment in moments]
    X, y = (np.concatenate([t[k] for t in train]) for k in (0, 1))
    model = LinearProbe(Backbone("photos"), layer="block3_pool").fit(X, y)
    levels = np.arange(11) / 10
    return levels, np.array([model.score(*_dusk(float(level))) for level in levels])
