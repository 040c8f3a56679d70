"""Learns from the board which strategy gains how much over a linear probe, and in which situation.

A situation is what a user knows before any long training: images a class, classes, and how well three quick
probes do in cross-validation on the training pictures. The prediction for a strategy is its mean gain in
the most similar situations on the board, which can be named as reasons; what the probes measure
directly is not predicted. Used by `helpers.findings.advisor`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.findings import board
from helpers.strategies.probes import PROBES
from helpers.strategies.registry import STRATEGIES
from helpers.studies.engine.statistics import interval, standard_error
from helpers.studies.engine.tables import read_results

NEIGHBOURS = 5
SVM, SCRATCH = "Earlier-layer SVM", "From scratch"


@dataclass(frozen=True)
class Situation:
    """What is known before training.

    Args:
        images: training images a class.
        classes: of the target.
        probe: cross-validated accuracy of a linear probe on the last layer.
        svm: cross-validated accuracy of an SVM on the middle layer; above `probe` where the target
            differs from the source.
        scratch: cross-validated accuracy of a short training from random weights, of `scratch_probe`.
        origin: (target, source) of the board, or nothing for a user's own pictures.
    """

    images: int
    classes: int
    probe: float
    svm: float
    scratch: float
    origin: tuple[str, str] = ("", "")

    @property
    def features(self) -> list[float]:
        """Numbers whose distance says how alike two situations are."""
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
        return f"{target} with source {source}, {self.images} a class"


@dataclass(frozen=True)
class ShiftedSituation(Situation):
    """A situation in which the shift of the source's BatchNorm statistics counts, too.

    Args:
        shift: of the last block, by `helpers.networks.batchnorm.shifts`, above 0.
    """

    shift: float = 1.0

    @property
    def features(self) -> list[float]:
        return [*super().features, float(np.log(self.shift))]


def situations(
    table: list[dict], probes: list[dict], scratch: list[dict]
) -> list[tuple[Situation, dict[str, float]]]:
    """Cells of the board with enough seeds as situations, with the mean test accuracy of each strategy there.

    What the probes say is a mean over the seeds that all three have.

    Args:
        table: rows of the board, `helpers.findings.board.rows`.
        probes: rows of the study `board_probes`.
        scratch: rows of the study `scratch_probes`.
    """
    found = []
    for target, source in board.columns(table):
        part = board.column(table, target, source)
        for images in board.sizes(part):
            key = (target, source, images)
            here = {r["seed"]: r for r in probes if (r["target"], r["source"], int(r["images"])) == key}
            short = {r["seed"]: r for r in scratch if (r["target"], int(r["images"])) == (target, images)}
            # Paired: ten pictures that happen to be easy are so for every probe.
            if not (drawn := sorted(here.keys() & short.keys())):
                continue
            rows = [{**here[seed], "scratch": short[seed]["scratch"]} for seed in drawn]
            means = {name: float(np.mean([float(r[name]) for r in rows])) for name in (*PROBES, "scratch")}
            situation = Situation(images, int(rows[0]["classes"]), **means, origin=(target, source))
            accuracy = {s: interval([*board.scores(part, s, images).values()])[0] for s in STRATEGIES}
            found.append((situation, accuracy))
    return found


def with_shifts(
    known: Sequence[tuple[Situation, dict[str, float]]], shifts: list[dict]
) -> list[tuple[Situation, dict[str, float]]]:
    """The same situations with their measured shift: what would the recommender gain by it?

    Args:
        known: of `situations`.
        shifts: rows of the study `board_shifts`.
    """
    found: dict[tuple, list[float]] = {}
    for row in shifts:
        key = (row["target"], row["source"], int(row["images"]))
        found.setdefault(key, []).append(float(row["last"]))
    return [
        (ShiftedSituation(**vars(s), shift=float(np.mean(found[*s.origin, s.images]))), accuracy)
        for s, accuracy in known
    ]


class Recommender:
    """Ranks the six strategies in a situation by what they gained in the most similar ones.

    Args:
        known: of `situations`.
        errors: standard errors by which a gain that the probes measure is believed to be smaller. One is
            the rule of Breiman et al. 1984, *Classification and Regression Trees*: no new choice for what
            may be chance. On ten pictures, gains are mostly that.
    """

    def __init__(self, known: Sequence[tuple[Situation, dict[str, float]]], errors: float = 1) -> None:
        self._errors = errors
        self._situations = [situation for situation, _ in known]
        self._gains = np.array(
            [[accuracy[s] - accuracy["Linear probe"] for s in STRATEGIES] for _, accuracy in known]
        )
        features = np.array([s.features for s in self._situations])
        self._scale = features.std(axis=0) + 1e-9
        self._features = features / self._scale

    def neighbours(self, situation: Situation) -> list[int]:
        """Places of the most similar situations, the most similar first."""
        distance = np.linalg.norm(self._features - np.array(situation.features) / self._scale, axis=1)
        return np.argsort(distance, kind="stable")[:NEIGHBOURS].tolist()

    def gains(self, situation: Situation) -> dict[str, float]:
        """Expected accuracy of each strategy minus that of a linear probe, the largest first.

        Two need no neighbours: the quick probes measure them on the target itself. Of those, standard errors
        are taken off.
        """
        mean = self._gains[self.neighbours(situation)].mean(axis=0)
        for strategy, (gain, error) in _measured(situation).items():
            mean[STRATEGIES.index(strategy)] = gain - self._errors * error
        return {STRATEGIES[k]: float(mean[k]) for k in np.argsort(-mean, kind="stable")}

    def evidence(self, situation: Situation, strategy: str) -> list[str]:
        """What a strategy gained in each of the most similar situations, as sentences."""
        if strategy in (measured := _measured(situation)):
            gain, error = measured[strategy]
            return [f"in cross-validation on your pictures: {100 * gain:+z.1f} ± {100 * error:.1f} points"]
        k = STRATEGIES.index(strategy)
        return [
            f"{self._situations[i]}: {100 * self._gains[i, k]:+z.1f} points"
            for i in self.neighbours(situation)
        ]


def _measured(situation):
    """{strategy: (gain over the linear probe, its standard error)} of what the probes measure themselves.

    The error is that of two proportions of the pictures seen. They are the same pictures, so it is too
    large rather than too small.
    """
    pictures = situation.images * situation.classes

    def gain(share):
        errors = (standard_error(s, pictures) for s in (share, situation.probe))
        return share - situation.probe, math.hypot(*errors)

    return {SVM: gain(situation.svm), SCRATCH: gain(situation.scratch)}


def agreement(known: Sequence[tuple[Situation, dict[str, float]]]) -> float:
    """Share of situations that two quick probes place as a person did who only looked at the pictures.

    "Different" to the probes is a target for which the middle layer does better than the last, to the
    person what `helpers.findings.board.LIKENESS` says.
    """
    return float(np.mean([(s.svm > s.probe) == (board.LIKENESS[s.origin] == "different") for s, _ in known]))


def regrets(
    known: Sequence[tuple[Situation, dict[str, float]]],
    asked: Sequence[tuple[Situation, dict[str, float]]] | None = None,
    choose_source: bool = False,
    errors: float = 1,
) -> dict[str, list[float]]:
    """Accuracy lost against the best strategy, in points, by rule and situation.

    The recommender judges each target without having seen it: all its rows, from every source and size,
    are left out. The other rules know nothing that would have to be left out.

    Args:
        known: of `situations`: what the recommender learns from.
        asked: in which the rules decide; None for those known.
        choose_source: only where there are several sources: all rules take the one with the best quick
            probe, as `advisor.recommend` does, and lose against the best strategy on any source.
        errors: as for `Recommender`.

    Returns:
        For "recommender", "textbook" and each "always ..." a list, one value a situation asked.
    """
    asked = known if asked is None else asked
    rules = ("recommender", "textbook", *(f"always {s}" for s in STRATEGIES))
    lost: dict[str, list[float]] = {rule: [] for rule in rules}
    for choice in _by_target_and_size(asked) if choose_source else [[pair] for pair in asked]:
        situation, accuracy = max(choice, key=lambda pair: max(pair[0].probe, pair[0].svm))
        best = max(max(scores.values()) for _, scores in choice)
        others = [pair for pair in known if pair[0].origin[0] != situation.origin[0]]
        chosen = {
            "recommender": next(iter(Recommender(others, errors).gains(situation))),
            "textbook": board.textbook(board.LIKENESS[situation.origin], situation.images),
        } | {f"always {s}": s for s in STRATEGIES}
        for rule, strategy in chosen.items():
            lost[rule].append(100 * (best - accuracy[strategy]))
    return lost


def _by_target_and_size(pairs) -> list[list]:
    """The situations that differ in nothing but the source, where there are several."""
    found: dict[tuple, list] = {}
    for pair in pairs:
        found.setdefault((pair[0].origin[0], pair[0].images), []).append(pair)
    return [sources for sources in found.values() if len(sources) > 1]


def stored() -> list[tuple[Situation, dict[str, float]]]:
    """The situations of the stored tables."""
    return situations(board.rows(), read_results("board_probes"), read_results("scratch_probes"))


def single_draws() -> list[tuple[Situation, dict[str, float]]]:
    """The same situations as one draw of pictures shows them, which is all that a user has: one a seed."""
    table, probes, scratch = board.rows(), read_results("board_probes"), read_results("scratch_probes")
    return [
        pair
        for seed in sorted({row["seed"] for row in scratch})
        for pair in situations(
            table, *([row for row in rows if row["seed"] == seed] for rows in (probes, scratch))
        )
    ]
