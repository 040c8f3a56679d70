"""Which strategy suits your images? A recommendation from measurements.

`python -m helpers advise FOLDER` prints a report and a recommendation; `--run` also runs it.
"""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.model_selection import cross_val_score

from helpers import strategies
from helpers.data.image_sets import ImageSet, training_sample
from helpers.data.validation import check_integer
from helpers.findings import recommender
from helpers.findings.html_table import html_table
from helpers.networks.backbones import Backbone
from helpers.strategies import probes, registry
from helpers.studies.engine.statistics import standard_error

LEAST_SIDE = 16  # pixels: the four pooling layers of the shipped models leave nothing of smaller images
SHIPPED = (Backbone("photos"), Backbone("shapes"))
SAID = {
    "similar": "The last layer is better: its features suit your classes.",
    "different": "The middle layer is better: the features of the last one do not suit your classes.",
    "undecided": "The difference is too small to say which layer suits your classes better.",
}
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
        reasons: sentences.
        probes: (source or "none", name of the probe, cross-validated accuracy), the best first.
        ranking: (strategy, expected gain over a linear probe, 0..1), the best first.

    Example:
        >>> Recommendation("Linear probe", strategies.LinearProbe(), ("Few images.",), (), ())
        Recommended: Linear probe
        - Few images.
        Ranking, expected points over a linear probe:
    """

    name: str
    strategy: "strategies.Strategy"
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


def recommend(data: ImageSet, backbones: Sequence[Backbone] = SHIPPED, most: int = 1000) -> Recommendation:
    """Recommend a strategy from the images per class and from quick probes on training images.

    Two cheap classifiers score every source in cross-validation; the best source is chosen. A short training
    from random weights measures what can be learned without a source. The strategies are ranked by their
    gains over a linear probe in the most similar situations of the board.
    `helpers.findings.recommender.regrets` measures how much accuracy this loses on unseen targets.

    Args:
        data: the images; only the training set is used.
        backbones: sources to choose from.
        most: number of training images that the probes use at most, but at least 3 of each class.

    Raises:
        ValueError: a class has fewer than 3 training images, or the images are too small for a source.
    """
    X, y = training_sample(data, most, least=probes.FOLDS)
    images, seen = _images_per_class(data.y_train), _images_per_class(y)
    probed = {backbone: probes.quick_probes(X, y, backbone) for backbone in backbones}
    best = max(backbones, key=lambda backbone: max(probed[backbone].values()))
    scratch = probes.scratch_probe(X, y)
    situation = recommender.Situation(
        seen, len(data.classes), probed[best]["probe"], probed[best]["svm"], scratch
    )
    board = recommender.Recommender(recommender.stored())
    gains = board.gains(situation)
    name = next(iter(gains))
    likeness = _likeness(situation, len(y))
    colours = float(cross_val_score(strategies.NearestColours(), X, y, cv=probes.FOLDS).mean())
    reasons = (
        f"{images} training images per class (median), {len(data.classes)} classes"
        + (f"; the quick probes used {seen} per class." if seen < images else "."),
        f"The best source is {best.name}: {situation.probe:.1%} with a linear probe on its last layer, "
        f"{situation.svm:.1%} with an SVM on its middle layer. {SAID[likeness]}",
        f"Nearest colours, without any network, reach {colours:.1%}"
        + (f", no less than the linear probe: {COLOURS_WIN}." if colours >= situation.probe else "."),
        f"Gains of {name} over a linear probe, in the most similar situations of the board or in yours: "
        + "; ".join(board.evidence(situation, name))
        + ".",
        _textbook(likeness, images, name),
    )
    found = [*((b.name, scores) for b, scores in probed.items()), ("none", {"scratch": scratch})]
    quick = sorted(
        ((source, PROBE_NAMES[kind], score) for source, scores in found for kind, score in scores.items()),
        key=lambda probe: -probe[2],
    )
    strategy = registry.get(name).make(best)
    return Recommendation(name, strategy, reasons, tuple(quick), tuple(gains.items()))


def _images_per_class(y):
    return int(np.median(np.unique(y, return_counts=True)[1]))


def _likeness(situation, images):
    """Say which layer is better, if the difference is larger than the standard error of a proportion."""
    share = max(situation.probe, situation.svm)
    if abs(situation.probe - situation.svm) <= standard_error(share, images):
        return "undecided"
    return "similar" if situation.probe > situation.svm else "different"


def _textbook(likeness, images, name):
    from helpers.findings.board import textbook

    rules = {
        textbook(kind, images)
        for kind in (("similar", "different") if likeness == "undecided" else [likeness])
    }
    return f"The lecture's rule for this size and similarity is {' or '.join(sorted(rules))}" + (
        ", too." if name in rules else "; in situations like yours, another one is expected to be better."
    )


def advise(folder: Path | str, image_size: int = 64, run_it: bool = False) -> Iterator[str]:
    """Yield a report, the similarity and a recommendation for a folder, each as soon as it is ready.

    Args:
        folder: one sub-folder per class, or a zip file of such a folder.
        image_size: side in pixels at which images are read.
        run_it: also train the recommended strategy and score the test set once.

    Raises:
        ValueError: the folder or its images cannot be used; the message says why.
        OSError: a file cannot be read.
    """
    from helpers.data.duplicates import without_leaks
    from helpers.findings.reports import read, report
    from helpers.findings.similarity import similarity

    size = check_integer("--image-size", image_size, LEAST_SIDE, 1024)
    data, opened = read(folder, size)
    summary = report(data, opened)
    yield str(summary)
    if leaks := int(np.sum(~summary.copies.clean)):
        yield f"training and validation images left out, because a later split has a copy: {leaks}"
        data = without_leaks(data, summary.copies)
    alike = similarity(data, SHIPPED)
    yield f"\nHow similar are they to the images that each source model learned from?\n{alike}\n"
    advice = recommend(data)
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
    fitted = advice.strategy.fit(data.X_train, data.y_train)
    X, y = data.split(part)
    return (
        f"{advice.name}: {accuracy_in_words(y, fitted.predict(X), part)}\n"
        f"Nearest colours: {colour_baseline(data, part):.1%}; "
        f"always the largest class: {majority_baseline(data, part):.1%}"
    )
