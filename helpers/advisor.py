"""Which strategy for your pictures? Measured, not guessed. Used in notebook 08.

`python -m helpers.advisor FOLDER` prints a report and a recommendation; `--run` also runs it.
"""

import argparse
import html
from dataclasses import dataclass

import numpy as np

from helpers import strategies
from helpers.datasets import ImageSet
from helpers.models import Backbone

SHIPPED = (Backbone("photos"), Backbone("shapes"))
LARGE = 100  # images a class from which the board calls a set large
FOLDS = 3


@dataclass(frozen=True)
class Recommendation:
    """A strategy with reasons, and the quick probes they rest on."""

    name: str
    strategy: strategies._Strategy
    reasons: tuple[str, ...]
    probes: tuple[tuple[str, str, float], ...]  # source, layer, cross-validated accuracy

    def __repr__(self):
        return "\n".join([f"Recommended: {self.name}", *(f"- {reason}" for reason in self.reasons)])

    def _repr_html_(self):
        reasons = "".join(f"<li>{html.escape(reason)}</li>" for reason in self.reasons)
        rows = "".join(
            f"<tr><td>{html.escape(source)}</td><td>{html.escape(layer)}</td><td>{score:.1%}</td></tr>"
            for source, layer, score in self.probes
        )
        return (
            f"<p role='status'><b>Recommended: {html.escape(self.name)}</b></p><ul>{reasons}</ul>"
            "<table aria-label='Quick probes'><thead><tr><th scope=col>source model</th>"
            "<th scope=col>layer</th><th scope=col>accuracy in cross-validation</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )


def recommend(data: ImageSet, backbones=SHIPPED, most: int = 1000) -> Recommendation:
    """Recommend a strategy from images a class and from quick probes on training pictures.

    A linear SVM judges every block of every source in cross-validation. Is the last block best,
    source and target are similar, else different; with the images a class that names a cell of the
    lecture's board. Where the board of notebook 05 speaks against the lecture's rule, it is followed:
    with few similar pictures and with many of any kind, LP-FT was not beaten.

    Args:
        data: the pictures; only the training split is looked at.
        backbones: sources to choose from.
        most: training pictures that the probes use at most.

    Raises:
        ValueError: a class with fewer than 3 training pictures.
    """
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    classes, counts = np.unique(data.y_train, return_counts=True)
    if counts.min() < FOLDS:
        name = str(classes[counts.argmin()])
        raise ValueError(
            f"Class {name!r} has {counts.min()} training pictures; the probes need {FOLDS}. Add some."
        )
    chosen = np.random.default_rng(0).permutation(len(data.X_train))[:most]
    X, y = data.X_train[chosen], data.y_train[chosen]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    probes = []
    for backbone in backbones:
        for layer in _ends_of_blocks(backbone):
            svm = strategies.EarlierLayerSVM(backbone, layer)
            probes.append((backbone, layer, float(cross_val_score(svm, X, y, cv=folds).mean())))
    probes.sort(key=lambda probe: -probe[2])
    best, layer, score = probes[0]
    last = next(p for p in probes if p[0] == best and p[1] == _ends_of_blocks(best)[-1])
    error = np.sqrt(score * (1 - score) / len(y))  # of one proportion, to tell best from last
    similar = score - last[2] <= error
    images = int(np.median(counts))
    large = images >= LARGE
    reasons = [
        f"{images} training images a class (median): {'large' if large else 'small'} "
        f"(the board's limit is {LARGE}).",
        f"The best source is {best.name}; its best layer for you is {layer}, {score:.1%} in "
        f"cross-validation, the last one has {last[2]:.1%}: your pictures are "
        f"{'similar to' if similar else 'different from'} those it was trained on.",
    ]
    if similar or large:
        name, strategy = "Probe, then fine-tune", strategies.ProbeThenFineTune(best)
        rule = "fine-tune through the whole network" if large else "a linear classifier on CNN codes"
        reasons.append(
            f"The lecture's rule says: {rule}. On the board of notebook 05, doing the probe first and then "
            "fine-tuning was at least as good; so do that. If it takes too long, stop after the probe."
        )
    else:
        name, strategy = f"Earlier-layer SVM on {layer}", strategies.EarlierLayerSVM(best, layer)
        reasons.append("Small and different: the lecture's rule, an SVM on an earlier layer.")
    return Recommendation(name, strategy, tuple(reasons), tuple((b.name, la, s) for b, la, s in probes))


def _ends_of_blocks(backbone):
    """The last layer of a few blocks, first to last."""
    names = backbone.layer_names
    pools = [name for name in names if name.endswith("_pool")]
    if pools:
        return pools
    relus = [name for name in names if name.startswith("conv_pw_") and name.endswith("_relu")] or list(names)
    return relus[:: max(1, len(relus) // 5)] + (
        [relus[-1]] if (len(relus) - 1) % max(1, len(relus) // 5) else []
    )


def main(argv=None):
    from helpers.archives import unzip
    from helpers.datasets import from_folder
    from helpers.reports import report

    parser = argparse.ArgumentParser(prog="python -m helpers.advisor", description=__doc__)
    parser.add_argument("folder", help="a folder with one sub-folder a class, or a zip file of one")
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--run", action="store_true", help="also run the recommended strategy")
    arguments = parser.parse_args(argv)
    try:
        folder = unzip(arguments.folder) if arguments.folder.endswith(".zip") else arguments.folder
        data = from_folder(folder, arguments.image_size)
        print(report(data))
        advice = recommend(data)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    print(advice)
    if arguments.run:
        fitted = advice.strategy.fit(data.X_train, data.y_train)
        print(f"Validation accuracy: {fitted.score(data.X_validation, data.y_validation):.1%}")


if __name__ == "__main__":
    main()
