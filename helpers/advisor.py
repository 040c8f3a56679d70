"""Which strategy for your pictures? Measured, not guessed. Used in notebook 08.

`python -m helpers.advisor FOLDER` prints a report and a recommendation; `--run` also runs it.
"""

import argparse
import html
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import cross_val_score

from helpers import recommender, strategies
from helpers.datasets import ImageSet
from helpers.experiments import strategies as strategies_by_name
from helpers.models import Backbone

SHIPPED = (Backbone("photos"), Backbone("shapes"))
SAID = {
    "similar": "The last layer does better, as it does for pictures like those the source learnt from.",
    "different": "The middle layer does better, as it does for pictures unlike those the source learnt from.",
    "undecided": "The two are too close to tell whether your pictures are like those the source learnt from.",
}
PROBE_NAMES = {
    "probe": "last layer, linear probe",
    "svm": "middle layer, SVM",
    "scratch": "short training from scratch",
}


@dataclass(frozen=True)
class Recommendation:
    """A strategy with reasons, and what they rest on.

    Args:
        name: of the strategy, as figures and tables use it.
        strategy: unfitted, with the best source model.
        reasons: sentences.
        probes: (source or "none", which probe, cross-validated accuracy), the best first.
        ranking: (strategy, expected gain over a linear probe, 0..1), the best first.
    """

    name: str
    strategy: "strategies.Strategy"
    reasons: tuple[str, ...]
    probes: tuple[tuple[str, str, float], ...]
    ranking: tuple[tuple[str, float], ...]

    def __repr__(self):
        ranking = "; ".join(f"{name} {100 * gain:+.1f}" for name, gain in self.ranking)
        return "\n".join(
            [
                f"Recommended: {self.name}",
                *(f"- {reason}" for reason in self.reasons),
                f"Ranking, expected points over a linear probe: {ranking}",
            ]
        )

    def _repr_html_(self):
        reasons = "".join(f"<li>{html.escape(reason)}</li>" for reason in self.reasons)
        probes = [(source, probe, f"{score:.1%}") for source, probe, score in self.probes]
        ranking = [(name, f"{100 * gain:+.1f}") for name, gain in self.ranking]
        return (
            f"<p role='status'><b>Recommended: {html.escape(self.name)}</b></p><ul>{reasons}</ul>"
            + _table("Ranking", ("strategy", "expected points over a linear probe"), ranking)
            + _table("Quick probes", ("source model", "probe", "accuracy in cross-validation"), probes)
        )


def _table(label, head, rows):
    columns = "".join(f"<th scope=col>{name}</th>" for name in head)
    lines = "".join("<tr>" + "".join(f"<td>{html.escape(v)}</td>" for v in row) + "</tr>" for row in rows)
    return f"<table aria-label='{label}'><thead><tr>{columns}</tr></thead><tbody>{lines}</tbody></table>"


def recommend(data: ImageSet, backbones: Sequence[Backbone] = SHIPPED, most: int = 1000) -> Recommendation:
    """Recommend a strategy from images a class and from quick probes on training pictures.

    Two cheap classifiers judge every source in cross-validation; the best source is taken. A short training
    from random weights says what can be learnt without any. What each strategy gained over a linear probe in
    the most similar situations on the board of notebook 05 ranks the strategies.
    `helpers.recommender.regrets` says what this loses on targets it has not seen.

    Args:
        data: the pictures; only the training split is looked at.
        backbones: sources to choose from.
        most: training pictures that the probes use at most.

    Raises:
        ValueError: a class with fewer than 3 training pictures.
    """
    classes, counts = np.unique(data.y_train, return_counts=True)
    if counts.min() < recommender.FOLDS:
        name = str(classes[counts.argmin()])
        raise ValueError(
            f"Class {name!r} has {counts.min()} training pictures; the probes need {recommender.FOLDS}. "
            "Add some."
        )
    chosen = np.random.default_rng(0).permutation(len(data.X_train))[:most]
    X, y = data.X_train[chosen], data.y_train[chosen]
    probed = {backbone: recommender.quick_probes(X, y, backbone) for backbone in backbones}
    best = max(backbones, key=lambda backbone: max(probed[backbone].values()))
    images = int(np.median(counts))
    scratch = recommender.scratch_probe(X, y)
    situation = recommender.Situation(
        images, len(classes), probed[best]["probe"], probed[best]["svm"], scratch
    )
    board = recommender.Recommender(recommender.stored())
    gains = board.gains(situation)
    name = next(iter(gains))
    likeness = _likeness(situation, len(y))
    colours = float(cross_val_score(strategies.NearestColours(), X, y, cv=recommender.FOLDS).mean())
    reasons = (
        f"{images} training images a class (median), {len(classes)} classes.",
        f"The best source is {best.name}: {situation.probe:.1%} with a linear probe on its last layer, "
        f"{situation.svm:.1%} with an SVM on its middle layer. {SAID[likeness]}",
        f"Nearest colours, without any network, get {colours:.1%}"
        + (": on your pictures a network has hardly more to tell." if colours >= situation.probe else "."),
        f"{name} gained over a linear probe, on the board in the most similar situations or on yours: "
        + "; ".join(board.evidence(situation, name))
        + ".",
        _textbook(likeness, images, name),
    )
    found = [*((b.name, scores) for b, scores in probed.items()), ("none", {"scratch": scratch})]
    probes = sorted(
        ((source, PROBE_NAMES[kind], score) for source, scores in found for kind, score in scores.items()),
        key=lambda probe: -probe[2],
    )
    strategy = strategies_by_name(best)[name]
    return Recommendation(name, strategy, reasons, tuple(probes), tuple(gains.items()))


def _likeness(situation, pictures):
    """Which layer does better, if that can be told: the standard error of a proportion decides."""
    share = max(situation.probe, situation.svm)
    if abs(situation.probe - situation.svm) <= math.sqrt(share * (1 - share) / pictures):
        return "undecided"
    return "similar" if situation.probe > situation.svm else "different"


def _textbook(likeness, images, name):
    from helpers.board import textbook

    rules = {
        textbook(kind, images)
        for kind in (("similar", "different") if likeness == "undecided" else [likeness])
    }
    return f"The lecture's rule for this size and likeness says {' or '.join(sorted(rules))}" + (
        ", too." if name in rules else "; in situations like yours, another one was expected to do better."
    )


def main(argv: Sequence[str] | None = None) -> None:
    from helpers.reports import read, report
    from helpers.similarity import similarity

    parser = argparse.ArgumentParser(
        prog="python -m helpers.advisor", description="Which strategy for your pictures?"
    )
    parser.add_argument("folder", help="a folder with one sub-folder a class, or a zip file of one")
    parser.add_argument(
        "--image-size", type=int, default=64, help="side in pixels at which pictures are read"
    )
    parser.add_argument(
        "--run", action="store_true", help="also run the recommended strategy and test it once"
    )
    arguments = parser.parse_args(argv)
    try:
        data, folder = read(arguments.folder, arguments.image_size)
        print(report(data, folder))
        print(f"\nHow similar are they to what each source model learnt from?\n{similarity(data, SHIPPED)}\n")
        advice = recommend(data)
    except (ValueError, OSError) as error:
        print("python -m helpers.advisor: " + " ".join(str(error).split()), file=sys.stderr)
        raise SystemExit(2) from None
    print(advice)
    if arguments.run:
        print(run(data, advice))


def run(data: ImageSet, advice: Recommendation) -> str:
    """Train the recommended strategy and score it once on the test pictures, in words.

    Where there are no test pictures, validation is scored, and the words say so.
    """
    from helpers.reports import colour_baseline, majority_baseline, right

    part = "test" if len(data.y_test) else "validation"
    fitted = advice.strategy.fit(data.X_train, data.y_train)
    guesses = fitted.predict(getattr(data, f"X_{part}"))
    return (
        f"{advice.name}: {right(getattr(data, f'y_{part}'), guesses, part)}\n"
        f"Nearest colours: {colour_baseline(data, part):.1%}; "
        f"always the largest class: {majority_baseline(data, part):.1%}"
    )


if __name__ == "__main__":
    main()
