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
from helpers.data.image_sets import MAX_SKIPPED, ImageSet, reduced
from helpers.data.splits import training_sample
from helpers.data.validation import check_integer, check_positive
from helpers.findings import recommender
from helpers.findings.html_table import html_table
from helpers.networks.backbones import Backbone
from helpers.networks.default_sources import cheapest_first
from helpers.networks.rates import MEASURED
from helpers.strategies import probes, registry

LEAST_SIDE = 16  # pixels: the four pooling layers of the shipped models leave nothing of smaller images
MOST_SECONDS = 30  # of training; with the quick probes, the advice on a few hundred images takes a minute
SAID = {
    "similar": "The last layer is better ({difference}): its features suit your classes.",
    "different": "The middle layer is better ({difference}): the features of the last one do not suit your "
    "classes.",
    "undecided": "The difference ({difference}) is too small to say which layer suits your classes better.",
}
UNTRAINED = "Its weights are random: it has learned from no images, so only its architecture is transferred."
COLOURS_WIN = "either colours alone separate your classes, or copies and series of images reveal them"
PROBE_NAMES = {
    "probe": "last layer, linear probe",
    "svm": "middle layer, SVM",
    "scratch": "short training from scratch",
}


@dataclass(frozen=True)
class Recommendation:
    """A strategy with reasons, and the measurements behind them.

    Args:
        name: of the strategy, as in figures and tables.
        strategy: unfitted, with the best source model.
        image_size: side in pixels of the images that it learns from: `data.at_most(image_size)`.
        reasons: sentences.
        probes: (source or "none", name of the probe, cross-validated accuracy), the best first.
        ranking: (strategy, expected gain over a linear probe, 0..1), the best first. Of two that gain the
            same, the cheaper one is first.

    Example:
        >>> Recommendation("Linear probe", strategies.LinearProbe(), 32, ("Few images.",), (), ())
        Recommended: Linear probe
        - Few images.
        Ranking, expected points over a linear probe:
    """

    name: str
    strategy: "strategies.Strategy"
    image_size: int
    reasons: tuple[str, ...]
    probes: tuple[tuple[str, str, float], ...]
    ranking: tuple[tuple[str, float], ...]

    def __repr__(self):
        ranking = "; ".join(f"{name} {100 * gain:+z.1f}" for name, gain in self.ranking)
        return "\n".join(
            [
                f"Recommended: {self.name}",
                *(f"- {reason}" for reason in self.reasons),
                f"Ranking, expected points over a linear probe: {ranking}".rstrip(),
            ]
        )

    def _repr_html_(self):
        reasons = "".join(f"<li>{html.escape(reason)}</li>" for reason in self.reasons)
        quick = [(source, probe, f"{score:.1%}") for source, probe, score in self.probes]
        ranking = [(name, f"{100 * gain:+z.1f}") for name, gain in self.ranking]
        return (
            f"<p role='status'><b>Recommended: {html.escape(self.name)}</b></p><ul>{reasons}</ul>"
            + html_table("Ranking", ranking, ("strategy", "expected points over a linear probe"))
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
    """Recommend a strategy from the images per class and from quick probes on training images.

    Two cheap classifiers score every source in cross-validation; the best source is chosen, and the cheapest
    one of several that are equally good. Each source sees the images at the size that it was trained on, if
    they are at least as large. A short training from random weights measures what can be learned without a
    source. The strategies are ranked by their gains over a linear probe in the most similar situations of
    the board, but none can gain more than the probe leaves; of two that gain the same, the cheaper one comes
    first. The first one that trains in the given time is recommended; better ones that take longer are named.
    `helpers.findings.recommender.regrets` measures how much accuracy the ranking loses on unseen targets.

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
    small = reduced(X, probes.SCRATCH_SIZE)
    scratch = probes.scratch_probe(small, y, groups, rival=max(probed[best].values()))
    situation = recommender.Situation(
        seen, len(data.classes), probed[best]["probe"], probed[best]["svm"], scratch
    )
    board = recommender.Recommender(recommender.stored())
    gains = _capped(board.gains(situation), 1 - situation.probe)
    chosen, *slower = _plans(data, best, gains, seconds)
    likeness, difference = _likeness(situation)
    colours = probes.cross_validated(strategies.NearestColours(), small, y, groups)
    reasons = (
        f"{images} training images per class (median), {len(data.classes)} classes"
        + (f"; the quick probes used {seen} per class." if seen < images else "."),
        f"The best source is {_with_size(best, data)}: {situation.probe:.1%} with a linear probe on its last "
        f"layer, {situation.svm:.1%} with an SVM on its middle layer. "
        + (f"{UNTRAINED} " if best.is_random else "")
        + _ties(tied)
        + SAID[likeness].format(difference=difference),
        f"Nearest colours, without any network, reach {colours:.1%}"
        + (f", no less than the linear probe: {COLOURS_WIN}." if colours >= situation.probe else "."),
        _evidence(board, situation, gains, chosen, slower),
        *_learning_rates(chosen, best),
        *(_slower(board, situation, gains, plan, seconds) for plan in slower),
        _textbook(likeness, images, chosen.name, gains),
    )
    found = [*((b.title, scores) for b, scores in probed.items()), ("none", {"scratch": scratch})]
    quick = sorted(
        ((source, PROBE_NAMES[kind], score) for source, scores in found for kind, score in scores.items()),
        key=lambda probe: -probe[2],
    )
    return Recommendation(
        chosen.name, chosen.strategy, chosen.image_size, reasons, tuple(quick), tuple(gains.items())
    )


def _capped(gains, left):
    """Cap the expected gains at what is left to gain, and sort them anew: of equal ones, the cheaper first.

    Other targets may have gained more than this one can.
    """

    def cost(name):
        return (
            name != recommender.PROBE,
            registry.get(name).trains_network,
            registry.names().index(name),
        )

    capped = {name: min(gain, left) for name, gain in gains.items()}
    return {name: capped[name] for name in sorted(capped, key=lambda name: (-capped[name], cost(name)))}


def _plans(data, backbone, gains, seconds):
    """Return the best strategy that trains in time, then the better ones that do not, the best first."""
    from helpers.strategies.durations import TIMED, training_seconds

    slower = []
    for name in gains:
        entry = registry.get(name)
        strategy = entry.make(backbone)
        X = reduced(data.X_train[:TIMED], probes.image_size_of(strategy))
        takes = 0.0
        if entry.trains_network:
            takes = training_seconds(strategy, X, len(data.y_train), len(data.classes))
        plan = _Plan(name, strategy, X.shape[1], takes)
        if takes <= seconds:
            return [plan, *slower]
        slower.append(plan)
    raise AssertionError("A linear probe trains no network, so it is always in time.")


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


def _at_most(situation, gain):
    left = 1 - situation.probe
    return f" No more than {100 * left:.1f} points are left to gain." if gain >= left else ""


def _evidence(board, situation, gains, chosen, slower):
    """Say why the chosen strategy should be better than a linear probe, or why nothing else should be."""
    if situation.probe == 1:  # given: definition
        return "No other strategy can be expected to be better: the linear probe is already at 100 %."
    if evidence := board.evidence(situation, chosen.name):
        return (
            f"Gains of {chosen.name} over a linear probe, in the most similar situations of the board or in "
            f"yours: {'; '.join(evidence)}."
            + _at_most(situation, gains[chosen.name])
            + (f" {_duration(chosen)}." if chosen.seconds else "")
        )
    skipped = {chosen.name, *(plan.name for plan in slower)}
    name = next(name for name in gains if name not in skipped)
    return (
        f"No other strategy is expected to be better{' in this time' if slower else ''}. The next best is "
        f"{name}; its gains over a linear probe, in the most similar situations of the board or in yours: "
        f"{'; '.join(board.evidence(situation, name))}."
    )


def _learning_rates(plan, backbone):
    """Name the learning rates of a fine-tuned backbone; say whether they were measured for it."""
    rates = registry.get(plan.name).first_rates(backbone.rates)
    if "base_lr" not in rates:
        return
    text = f"Learning rates: {rates['head_lr']:g} for the head, {rates['base_lr']:g} for the backbone"
    if backbone.is_random:
        yield f"{text}. They suit pre-trained weights; for random ones, helpers.strategies.find_rates helps."
    elif backbone.name in MEASURED:
        yield f"{text}, as measured for {backbone.name}."
    else:
        yield f"{text}, a cautious choice: helpers.strategies.find_rates suggests others for {backbone.name}."


def _slower(board, situation, gains, plan, seconds):
    more = 60 * math.ceil(1.5 * plan.seconds / 60)  # the estimate is a rough one
    return (
        f"{plan.name} is expected to gain {100 * gains[plan.name]:.1f} points over a linear probe "
        f"({'; '.join(board.evidence(situation, plan.name))}).{_at_most(situation, gains[plan.name])} "
        f"{_duration(plan)}, more than the limit of "
        f"{seconds:.0f} s. To allow it, raise the limit: seconds={more} in Python, --seconds {more} in the "
        "terminal."
    )


def _duration(plan):
    minutes = f"{plan.seconds / 60:.0f} min" if plan.seconds > 120 else f"{plan.seconds:.0f} s"
    return f"On this computer it trains for about {minutes}"


def _images_per_class(y):
    return int(np.median(np.unique(y, return_counts=True)[1]))


def _likeness(situation):
    """Say which layer is better, if their difference is larger than two of its standard errors.

    Returns:
        "similar", "different" or "undecided"; the difference in words.
    """
    gain, error = recommender.measured(situation)[recommender.SVM]
    difference = f"by {100 * abs(gain):.1f} ± {100 * 2 * error:.1f} points, two standard errors"
    if abs(gain) <= 2 * error:
        return "undecided", difference.removeprefix("by ")
    return ("different" if gain > 0 else "similar"), difference


def _textbook(likeness, images, name, gains):
    from helpers.findings.board import textbook

    rules = {
        textbook(kind, images)
        for kind in (("similar", "different") if likeness == "undecided" else [likeness])
    }
    ruled = max(gains[rule] for rule in rules)
    if name in rules:
        also = ", too."
    elif gains[name] > ruled:
        also = f"; in situations like yours, {name} is expected to be better."
    elif gains[name] == ruled:
        also = f"; it is not expected to be better than {name}, which costs less."
    else:
        also = "; it is expected to be better, but takes longer than the limit."
    return f"The lecture's rule for this size and similarity is {' or '.join(sorted(rules))}{also}"


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
    from helpers.networks.default_sources import default_sources

    if image_size is not None:
        check_integer("--image-size", image_size, LEAST_SIDE, 1024)
    check_positive("--seconds", seconds)
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
