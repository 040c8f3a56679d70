"""Which strategy suits your images? A recommendation from measurements.

`python -m helpers advise FOLDER` prints a report and a recommendation; `--run` also runs it.
"""

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers import strategies
from helpers.data.folder_contents import groups as image_groups
from helpers.data.image_sets import MAX_SKIPPED, ImageSet, reduced
from helpers.data.splits import training_sample
from helpers.data.validation import check_integer, check_positive, check_share
from helpers.findings import board, rules
from helpers.findings.board import LP_FT, PROBE, SVM
from helpers.findings.html_table import html_table
from helpers.networks.backbones import Backbone
from helpers.networks.default_sources import cheapest_first
from helpers.networks.rates import MEASURED
from helpers.strategies import probes, registry

LATE = ("MobileNet", "VGG16")  # of these, LP-FT trains the last blocks on the board, of others everything
COLOURS_SIZE = 64  # pixels
LEAST_SIDE = 16  # pixels: the four pooling layers of the shipped models leave nothing of smaller images
MOST_SECONDS = 30  # of training; with the quick probes, the advice on a few hundred images takes a minute
SAID = {
    "similar": "The last layer is better ({difference}): its features suit your classes.",
    "different": "The middle layer is better ({difference}): its features suit your classes better.",
    "undecided": "The difference ({difference}) is too small to say which layer suits your classes better.",
}
UNTRAINED = "Its weights are random: it has learned from no images, so only its architecture is transferred."
COLOURS_WIN = "either colours alone separate your classes, or copies and series of images reveal them"
PROBE_NAMES = {"probe": "last layer, linear probe", "svm": "middle layer, SVM"}


@dataclass(frozen=True)
class Recommendation:
    """A strategy with reasons, and the measurements behind them.

    Args:
        name: of the strategy, as in figures and tables.
        strategy: unfitted, with the best source model.
        image_size: side in pixels of the images that it learns from: `data.at_most(image_size)`.
        reasons: sentences.
        probes: (source, name of the probe, cross-validated accuracy), the best first.

    Example:
        >>> Recommendation("Linear probe", strategies.LinearProbe(), 32, ("Few images.",), ())
        Recommended: Linear probe
        - Few images.
    """

    name: str
    strategy: "strategies.Strategy"
    image_size: int
    reasons: tuple[str, ...]
    probes: tuple[tuple[str, str, float], ...]

    def __repr__(self):
        return "\n".join([f"Recommended: {self.name}", *(f"- {reason}" for reason in self.reasons)])

    def _repr_html_(self):
        reasons = "".join(f"<li>{html.escape(reason)}</li>" for reason in self.reasons)
        quick = [(source, probe, f"{score:.1%}") for source, probe, score in self.probes]
        return (
            f"<p role='status'><b>Recommended: {html.escape(self.name)}</b></p><ul>{reasons}</ul>"
            + html_table("Quick probes", quick, ("source model", "probe", "accuracy in cross-validation"))
        )


class _Plan(NamedTuple):
    """A strategy, the size of the images that it would see, and the seconds that it would train."""

    name: str
    strategy: "strategies.Strategy"
    image_size: int
    seconds: float


def recommend(
    data: ImageSet,
    backbones: Sequence[Backbone],
    seconds: float = MOST_SECONDS,
    most: int = probes.SAMPLE,
) -> Recommendation:
    """Recommend a strategy from quick probes on training images: LP-FT, unless one of them is ahead.

    Two cheap classifiers score every source in cross-validation; the best source is chosen, and the cheapest
    one of several that are equally good. Each source sees the images at the size that it was trained on, if
    they are at least as large. The SVM on an earlier layer is recommended if it is ahead of the linear probe
    by more than one standard error; otherwise LP-FT: of MobileNet and VGG16 it trains the last blocks, as
    on the board, and of other networks everything. If that does not train in the given time, the better of
    the two cheap classifiers is recommended, and the text says so. `helpers.findings.rules` measures how much
    accuracy this rule (`unless_ahead`) loses on the targets of the board.

    Args:
        data: the images; only the training set is used.
        backbones: sources to choose from, such as those of
            `helpers.networks.default_sources.default_sources`.
        seconds: longest time of training, estimated for this computer.
        most: number of training images that the probes use at most, but at least 3 of each class.

    Raises:
        ValueError: a class has fewer than 3 training images, the images are too small for a source, there is
            no source, or a number is not above 0.
        TypeError: a source is not a Backbone.
    """
    check_positive("seconds", seconds)
    check_integer("most", most, 1)
    cheapest = cheapest_first(backbones)
    X, y, groups = training_sample(data, most, least=probes.FOLDS)
    images, seen = _images_per_class(data.y_train), _images_per_class(y)
    probed = {b: probes.quick_probes(reduced(X, b.image_size), y, b, groups) for b in cheapest}
    reached = {b: max(probed[b].values()) for b in cheapest}
    best, *tied = (b for b in reached if reached[b] == max(reached.values()))
    scores = {PROBE: probed[best]["probe"], SVM: probed[best]["svm"]}
    chosen, *slower = _plans(data, best, _preferred(scores, len(y)), seconds)
    likeness, difference = _likeness(scores, len(y))
    small = reduced(X, COLOURS_SIZE)
    colours = probes.cross_validated(strategies.NearestColours(), small, y, groups)
    reasons = (
        f"{images} training images per class (median), {len(data.classes)} classes"
        + (f"; the quick probes used {seen} per class." if seen < images else "."),
        f"The best source is {_with_size(best, data)}: {scores[PROBE]:.1%} with a linear probe on its last "
        f"layer, {scores[SVM]:.1%} with an SVM on its middle layer. "
        + (f"{UNTRAINED} " if best.is_random else "")
        + _ties(tied)
        + SAID[likeness].format(difference=difference),
        f"Nearest colours, without any network, reach {colours:.1%}"
        + (f", no less than the linear probe: {COLOURS_WIN}." if colours >= scores[PROBE] else "."),
        _evidence(chosen, best, scores, len(y)),
        *_many(images, best),
        *_learning_rates(chosen, best),
        *(_slower(plan, seconds) for plan in slower),
        _textbook(likeness, images, chosen.name),
    )
    quick = [(b.title, PROBE_NAMES[kind], score) for b in probed for kind, score in probed[b].items()]
    quick.sort(key=lambda probe: -probe[2])
    return Recommendation(chosen.name, chosen.strategy, chosen.image_size, reasons, tuple(quick))


def _preferred(scores, images):
    """Return strategies, the preferred one first; the last one trains no network, so it is always in time."""
    if scores[PROBE] == 1:
        return [PROBE]  # nothing is left to gain
    if rules.ahead(scores[SVM], scores[PROBE], images):
        return [SVM]
    return [LP_FT, max((PROBE, SVM), key=scores.__getitem__)]


def _plans(data, backbone, names, seconds):
    """Return the first strategy that trains in time, then those before it that do not."""
    from helpers.strategies.durations import TIMED, training_seconds

    slower = []
    for name in names:
        entry = registry.get(name)
        strategy = entry.make(backbone, **_late(name, backbone))
        X = reduced(data.X_train[:TIMED], backbone.image_size)
        takes = 0.0
        if entry.trains_network:
            takes = training_seconds(strategy, X, len(data.y_train), len(data.classes))
        plan = _Plan(name, strategy, X.shape[1], takes)
        if takes <= seconds:
            return [plan, *slower]
        slower.append(plan)
    raise AssertionError("The last strategy trains no network, so it is always in time.")


def _late(name, backbone):
    """Let LP-FT train what it trains on the board."""
    return {"from_block": "last"} if name == LP_FT and backbone.name in LATE else {}


def _with_size(backbone, data):
    """Name a source and the size of the images that it saw, and say if it was trained on larger ones."""
    size = min(data.X_train.shape[1], backbone.image_size)
    text = f"{backbone.title} on images of {size} pixels"
    return text if size == backbone.image_size else f"{text} (it was trained on {backbone.image_size})"


def _ties(others):
    """Name the sources that are as good as the chosen one, but no cheaper."""
    if not others:
        return ""
    names = " and ".join(backbone.title for backbone in others)
    return f"As good, but on images that are no smaller: {names}. "


def _evidence(chosen, backbone, scores, images):
    """Say why the chosen strategy should be better than others."""
    if scores[PROBE] == 1:  # given: definition
        return "No other strategy can be expected to be better: the linear probe is already at 100 %."
    gain, error = rules.gain(scores[SVM], scores[PROBE], images)
    if rules.ahead(scores[SVM], scores[PROBE], images):
        return (
            "The SVM is ahead of the linear probe in cross-validation on your images, by "
            f"{100 * gain:.1f} ± {100 * error:.1f} points, one standard error."
        )
    if chosen.name != LP_FT:
        best = "linear probe" if chosen.name == PROBE else "SVM on the middle layer"
        return f"Of what trains in this time, the {best} is the best in cross-validation on your images."
    late = backbone.name in LATE
    lost = rules.stored_losses(builtin_ones=not late)
    targets, source = ("real", "MobileNet or VGG16") if late else ("built-in", "shapes")
    return (
        "The SVM is not clearly ahead of the linear probe. Then LP-FT is the first guess. "
        f"{_duration(chosen)}. On the {lost.targets} {targets} targets of the board, with {source} and "
        f"settings chosen by validation, this rule loses {lost.rule:.1f} points to the strategy that is "
        f"best afterwards, and the lecture's rule {lost.textbook:.1f}. With a linear probe instead of "
        f"LP-FT, the rule loses {lost.with_probe:.1f}; a probe takes seconds, so try both."
    )


def _many(images, backbone):
    """Say that validation can decide, if there are enough images for it."""
    if images < rules.MANY:
        return
    lost = rules.stored_losses(builtin_ones=backbone.name not in LATE)
    yield (
        f"With {images} images per class, validation can decide: compare LP-FT, the SVM and a network from "
        "scratch on your validation images, each with a few learning rates. On the board, a rule that does "
        f"so from {rules.MANY} images per class on loses {lost.validated:.1f} points. (It was made when all "
        "targets had been measured.)"
    )


def _learning_rates(plan, backbone):
    """Name the learning rate of LP-FT, one for head and backbone; say whether it was measured."""
    rates = registry.get(plan.name).first_rates(backbone.rates)
    if "base_lr" not in rates:
        return
    text = f"Learning rate: {rates['base_lr']:g} for all that trains, since the probe is already in the head"
    if backbone.is_random:
        yield f"{text}. It suits pre-trained weights; for random ones, helpers.strategies.find_rates helps."
    elif backbone.name in MEASURED:
        yield f"{text}. For this backbone it was measured."
    else:
        yield (
            f"{text}. It is a cautious choice: helpers.strategies.find_rates suggests one for "
            f"{backbone.name}."
        )


def _slower(plan, seconds):
    more = 60 * math.ceil(1.5 * plan.seconds / 60)  # the estimate is a rough one
    return (
        f"{plan.name} may be better. {_duration(plan)}, more than the limit of {seconds:.0f} s. To allow it, "
        f"raise the limit: seconds={more} in Python, --seconds {more} in the terminal."
    )


def _duration(plan):
    minutes = f"{plan.seconds / 60:.0f} min" if plan.seconds > 120 else f"{plan.seconds:.0f} s"
    return f"On this computer it trains for about {minutes}"


def _images_per_class(y):
    return int(np.median(np.unique(y, return_counts=True)[1]))


def _likeness(scores, images):
    """Say which layer is better, if their difference is larger than two of its standard errors.

    Returns:
        "similar", "different" or "undecided"; the difference in words.
    """
    gain, error = rules.gain(scores[SVM], scores[PROBE], images)
    difference = f"by {100 * abs(gain):.1f} ± {100 * 2 * error:.1f} points, two standard errors"
    if abs(gain) <= 2 * error:
        return "undecided", difference.removeprefix("by ")
    return ("different" if gain > 0 else "similar"), difference


def _textbook(likeness, images, name):
    kinds = ("similar", "different") if likeness == "undecided" else [likeness]
    ruled = {board.textbook(kind, images, registry.names()) for kind in kinds}
    also = ", too" if name in ruled else ""
    return f"The lecture's rule for this size and similarity is {' or '.join(sorted(ruled))}{also}."


def advise(
    folder: Path | str,
    image_size: int | None = None,
    run_it: bool = False,
    sources: Sequence[str] | None = None,
    seconds: float = MOST_SECONDS,
    groups: str | Mapping | None = None,
    max_skipped: float = MAX_SKIPPED,
) -> Iterator[str]:
    """Yield sources, report, similarity and recommendation for a folder, each as soon as it is ready.

    Args:
        folder: one sub-folder per class, or a zip file of such a folder.
        image_size: side in pixels at which images are read; None is the size of the images that the source
            models were trained on, or less if the images would not fit into memory.
        run_it: also train the recommended strategy and score the test set once.
        sources: names of source models; None as in `helpers.networks.default_sources.default_sources`.
        seconds: longest time of training, estimated for this computer.
        groups: which images belong together, as for `helpers.data.image_sets.from_folder`; max_skipped
            likewise.
        max_skipped: see groups.

    Raises:
        ValueError: the folder, its images or a name cannot be used; the message says why.
        OSError: a file cannot be read.
    """
    from helpers.data.folders import largest_size
    from helpers.findings.reports import opened, read, report, to_learn_from
    from helpers.findings.similarity import similarity
    from helpers.networks.default_sources import check_names, default_sources

    if image_size is not None:
        check_integer("--image-size", image_size, LEAST_SIDE, 1024)
    check_positive("--seconds", seconds)
    check_share("--max-skipped", max_skipped)
    image_groups.check_argument(groups, "--groups")
    check_names(sources or ())
    place = opened(folder)
    room = largest_size(place)  # looks into the folder before anything is downloaded
    found = default_sources(sources)
    yield f"{found}\n"
    size = image_size or min(room, found.image_size)
    if image_size is None and size < found.image_size:
        yield f"Images of {found.image_size} pixels would not fit into memory: read at {size} pixels.\n"
    data, _ = read(place, size, groups, max_skipped)
    summary = report(data, place)
    yield str(summary)
    data, said = to_learn_from(data, summary.copies, probes.FOLDS)
    yield from said
    alike = similarity(data, found.backbones)
    yield f"\nHow similar are they to the images that each source model learned from?\n{alike}\n"
    advice = recommend(data, found.backbones, seconds)
    yield str(advice)
    if run_it:
        yield run(data, advice)


def run(data: ImageSet, advice: Recommendation) -> str:
    """Train the recommended strategy and score the test set once, in words.

    Without a test set, the validation set is scored, and the text says so.

    Args:
        data: trained on its training set.
        advice: of `recommend`.
    """
    from helpers.findings.reports import accuracy_in_words, colour_baseline, majority_baseline

    part = "test" if len(data.y_test) else "validation"
    seen = data.at_most(advice.image_size)
    fitted = advice.strategy.fit(seen.X_train, seen.y_train)
    X, y = seen.split(part)
    return (
        f"{advice.name}: {accuracy_in_words(y, fitted.predict(X), part)}\n"
        f"Nearest colours: {colour_baseline(data, part):.1%}; "
        f"always the largest class: {majority_baseline(data, part):.1%}"
    )
