"""Predict from the board how much each strategy gains over a linear probe in a given situation.

A situation is what a user knows before any long training: images per class, classes, and the accuracy of
three quick probes in cross-validation on the training images. The prediction for a strategy is its mean gain
in the most similar situations on the board, which can be named as reasons; what the probes measure
directly is not predicted. `helpers.findings.advisor` uses it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.validation import check_positive
from helpers.findings import board
from helpers.strategies import registry
from helpers.strategies.probes import PROBES
from helpers.studies.engine.statistics import standard_error
from helpers.studies.engine.tables import read_results

NEIGHBOURS = 5
PROBE, SVM = registry.LINEAR_PROBE.name, registry.EARLIER_LAYER_SVM.name
SCRATCH = registry.FROM_SCRATCH.name


@dataclass(frozen=True)
class Situation:
    """What is known before training.

    Args:
        images: training images per class.
        classes: number of classes of the target.
        probe: cross-validated accuracy of a linear probe on the last layer.
        svm: cross-validated accuracy of an SVM on the middle layer; above `probe` where the target
            differs from the source.
        scratch: cross-validated accuracy of a short training from random weights, of `scratch_probe`.
        origin: (target, source) of the board; empty for a user's own images.

    Raises:
        ValueError: a number is out of range or NaN.

    Example:
        >>> print(Situation(10, 5, probe=0.6, svm=0.7, scratch=0.5, origin=("micrographs", "shapes")))
        micrographs with source shapes, 10 per class
    """

    images: int
    classes: int
    probe: float
    svm: float
    scratch: float
    origin: tuple[str, str] = ("", "")

    def __post_init__(self):
        for name, least, most in (
            ("images", 1, math.inf),
            ("classes", 2, math.inf),
            *((name, 0, 1) for name in ("probe", "svm", "scratch")),
        ):
            if not least <= (value := getattr(self, name)) <= most:
                limits = f"at least {least}" if most == math.inf else f"an accuracy from {least} to {most}"
                raise ValueError(f"{name} must be {limits}. Received: {value}")

    @property
    def features(self) -> list[float]:
        """Numbers whose distance measures how similar two situations are."""
        chance = 1 / self.classes
        skill = np.clip((self.probe - chance) / (1 - chance), 0.02, 0.98)  # 0 is chance, 1 is faultless
        return [
            np.log2(self.images),
            np.log(skill / (1 - skill)),
            self.svm - self.probe,
            self.scratch - self.probe,
        ]

    def __str__(self):
        target, source = self.origin
        return f"{target} with source {source}, {self.images} per class"


@dataclass(frozen=True)
class ShiftedSituation(Situation):
    """A situation that also counts the shift of the source's BatchNorm statistics.

    Args:
        shift: of the last block, by `helpers.networks.batchnorm.shifts`, above 0.

    Example:
        >>> len(ShiftedSituation(10, 5, probe=0.6, svm=0.7, scratch=0.5, shift=0.2).features)
        5
    """

    shift: float = 1.0

    def __post_init__(self):
        super().__post_init__()
        check_positive("shift", self.shift)

    @property
    def features(self) -> list[float]:
        """Numbers whose distance measures how similar two situations are, the shift included."""
        return [*super().features, float(np.log(self.shift))]


def situations(
    table: pd.DataFrame, probes: pd.DataFrame, scratch: pd.DataFrame
) -> list[tuple[Situation, dict[str, float]]]:
    """Return the cells of the board as situations, with the mean test accuracy of each strategy there.

    The accuracy of the probes is a mean over the seeds that all three have.

    Args:
        table: runs of the board, as `helpers.findings.board.rows` returns them.
        probes: rows of the study `board_probes`.
        scratch: rows of the study `scratch_probes`.
    """
    # Paired by seed: ten images that happen to be easy are easy for every probe.
    probed = probes.merge(scratch, on=["target", "images", "seed"])
    known = probed.groupby(["target", "source", "images"])[["classes", *PROBES, "scratch"]].mean()
    found = []
    for target, source in board.columns(table):
        part = board.column(table, target, source)
        for images in board.sizes(part):
            if (target, source, images) in known.index:
                means = known.loc[(target, source, images)].to_dict()
                classes = int(means.pop("classes"))
                situation = Situation(images, classes, **means, origin=(target, source))
                found.append((situation, part.loc[images, board.compared(part)].mean().to_dict()))
    return found


def with_shifts(
    known: Sequence[tuple[Situation, dict[str, float]]], shifts: pd.DataFrame
) -> list[tuple[Situation, dict[str, float]]]:
    """Return the same situations with their measured shift: what would the recommender gain by it?

    Args:
        known: of `situations`.
        shifts: rows of the study `board_shifts`.
    """
    last = shifts.groupby(["target", "source", "images"])["last"].mean()
    return [
        (ShiftedSituation(**vars(s), shift=float(last[*s.origin, s.images])), accuracy)
        for s, accuracy in known
    ]


def strategies(known: Sequence[tuple[Situation, dict[str, float]]]) -> list[str]:
    """Return the strategies that every situation has measured, in the order of the registry."""
    return [name for name in registry.names() if all(name in accuracy for _, accuracy in known)]


class Recommender:
    """Rank the strategies in a situation by their gains in the most similar ones.

    Args:
        known: of `situations`.
        errors: number of standard errors that are subtracted from a gain that the probes measure. One is
            in the spirit of Breiman et al. 1984, *Classification and Regression Trees*: no new choice for
            what may be chance (their rule takes the simplest model within one error of the best). On
            ten images, gains are mostly chance.

    Raises:
        ValueError: there are no situations to learn from.

    Example:
        >>> gains = Recommender(stored()).gains(Situation(10, 5, probe=0.6, svm=0.7, scratch=0.5))
        >>> next(iter(gains))
        'Fine-tune'
    """

    def __init__(self, known: Sequence[tuple[Situation, dict[str, float]]], errors: float = 1) -> None:
        if not known:
            raise ValueError("The recommender learns from situations. Pass at least one, such as stored().")
        self._errors = errors
        self._situations = [situation for situation, _ in known]
        self._strategies = strategies(known)
        self._gains = np.array(
            [[accuracy[s] - accuracy[PROBE] for s in self._strategies] for _, accuracy in known]
        )
        features = np.array([s.features for s in self._situations])
        self._scale = features.std(axis=0) + 1e-9
        self._features = features / self._scale

    def neighbours(self, situation: Situation) -> list[int]:
        """Return the positions of the most similar situations, the most similar first."""
        distance = np.linalg.norm(self._features - np.array(situation.features) / self._scale, axis=1)
        return np.argsort(distance, kind="stable")[:NEIGHBOURS].tolist()

    def gains(self, situation: Situation) -> dict[str, float]:
        """Return the expected accuracy of each strategy minus that of a linear probe, the largest first.

        Two need no neighbours: the quick probes measure them on the target itself. Standard errors are
        subtracted from their gains.
        """
        mean = self._gains[self.neighbours(situation)].mean(axis=0)
        for strategy, (gain, error) in measured(situation).items():
            mean[self._strategies.index(strategy)] = gain - self._errors * error
        return {self._strategies[k]: float(mean[k]) for k in np.argsort(-mean, kind="stable")}

    def evidence(self, situation: Situation, strategy: str) -> list[str]:
        """Return the gain of a strategy over a linear probe in each of the most similar situations, in words.

        For the linear probe itself, there is nothing to compare.
        """
        if strategy == PROBE:
            return []
        if strategy in (known := measured(situation)):
            gain, error = known[strategy]
            return [f"in cross-validation on your images: {100 * gain:+z.1f} ± {100 * error:.1f} points"]
        k = self._strategies.index(strategy)
        return [
            f"{self._situations[i]}: {100 * self._gains[i, k]:+z.1f} points"
            for i in self.neighbours(situation)
        ]


def measured(situation: Situation) -> dict[str, tuple[float, float]]:
    """Return {strategy: (gain over the linear probe, its standard error)} for what the probes measure.

    The error is that of two proportions of the images seen. Both see the same images, so it is too large
    rather than too small.

    Example:
        >>> gain, error = measured(Situation(20, 5, probe=0.6, svm=0.7, scratch=0.5))[SVM]
        >>> print(f"{gain:.2f} ± {error:.2f}")
        0.10 ± 0.07
    """
    images = situation.images * situation.classes

    def gain(share):
        errors = (standard_error(s, images) for s in (share, situation.probe))
        return share - situation.probe, math.hypot(*errors)

    return {SVM: gain(situation.svm), SCRATCH: gain(situation.scratch)}


def agreement(known: Sequence[tuple[Situation, dict[str, float]]]) -> float:
    """Return the share of situations that the probes place as a person did who only looked at the images.

    The probes call a target different if the middle layer has a higher accuracy than the last; the person's
    judgement is `helpers.findings.board.LIKENESS`.
    """
    return float(np.mean([(s.svm > s.probe) == (board.LIKENESS[s.origin] == "different") for s, _ in known]))


def regrets(
    known: Sequence[tuple[Situation, dict[str, float]]],
    asked: Sequence[tuple[Situation, dict[str, float]]] | None = None,
    choose_source: bool = False,
    errors: float = 1,
) -> pd.DataFrame:
    """Return the accuracy that each rule loses against the best strategy, in points.

    The recommender judges each target without having seen it: all situations of the target, with every
    source and size, are left out. The other rules learn nothing, so nothing has to be left out.

    Args:
        known: of `situations`: what the recommender learns from.
        asked: situations in which the rules decide; None for those in `known`.
        choose_source: keep only targets with several sources: all rules take the source with the best quick
            probe, as `advisor.recommend` does, and lose against the best strategy on any source.
        errors: as for `Recommender`.

    Returns:
        One row per situation, one column per rule: "recommender", "textbook" and each "always ...".
    """
    asked = known if asked is None else asked
    lost = []
    for choice in _by_target_and_size(asked) if choose_source else [[pair] for pair in asked]:
        situation, accuracy = max(choice, key=lambda pair: max(pair[0].probe, pair[0].svm))
        best = max(max(scores.values()) for _, scores in choice)
        others = [pair for pair in known if pair[0].origin[0] != situation.origin[0]]
        chosen = {
            "recommender": next(iter(Recommender(others, errors).gains(situation))),
            "textbook": board.textbook(board.LIKENESS[situation.origin], situation.images),
        } | {f"always {s}": s for s in strategies(known)}
        lost.append({rule: 100 * (best - accuracy[strategy]) for rule, strategy in chosen.items()})
    return pd.DataFrame(lost)


def _by_target_and_size(pairs) -> list[list]:
    """The situations that differ only in the source, if there are several."""
    found: dict[tuple, list] = {}
    for pair in pairs:
        found.setdefault((pair[0].origin[0], pair[0].images), []).append(pair)
    return [sources for sources in found.values() if len(sources) > 1]


def stored() -> list[tuple[Situation, dict[str, float]]]:
    """Return the situations of the stored tables."""
    return situations(board.rows(), read_results("board_probes"), read_results("scratch_probes"))


def single_draws() -> list[tuple[Situation, dict[str, float]]]:
    """Return the same situations as a single draw of images shows them, one per seed.

    A single draw is all that a user has.
    """
    table, probes, scratch = board.rows(), read_results("board_probes"), read_results("scratch_probes")
    return [
        pair
        for seed in sorted(scratch["seed"].unique())
        for pair in situations(table, probes.query("seed == @seed"), scratch)
    ]
