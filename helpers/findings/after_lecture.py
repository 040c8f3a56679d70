"""Papers after the lecture, in miniature: what each claims, and what the built-in targets say.

Where a claim speaks of "the best" of several parts, each seed takes the part that was best for the other
seeds. So no score has helped to choose the part that it judges.
"""

import pandas as pd

from helpers.findings import board
from helpers.findings.papers import LITTLE, Finding, finding
from helpers.studies.engine.statistics import best_elsewhere

SINGLE = ("block1", "block2", "block3", "block4", "head")
# What Lee et al. 2023 found best for each kind of shift, of a network with four blocks.
PREDICTED = {
    "input": ("block1",),
    "feature": ("block2", "block3"),
    "label": ("head",),
    "conditional": ("head",),
}
_NAMES = {"block1": "the first block", "head": "the head"}


def by_seed(runs: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return accuracies by seed (rows) and tuned part (columns), as means over the shifts of a kind.

    A seed that lacks a run is left out.

    Args:
        runs: of the study `surgical`, or of one with the same columns.
        kind: of the shifts.

    Raises:
        ValueError: the table has no runs for this kind.
    """
    here = runs[runs["kind"] == kind]
    if here.empty:
        raise ValueError(f"The table has no runs for shifts of the kind {kind!r}.")
    wide = here.pivot(index="seed", columns=["tuned", "shift"], values="accuracy").dropna()
    return wide.T.groupby("tuned").mean().T


def lee(runs: pd.DataFrame) -> list[Finding]:
    """Lee et al. 2023: the kind of shift decides which part to tune, and that part beats tuning all.

    Args:
        runs: of the study `surgical`.
    """
    found = []
    for kind, parts in PREDICTED.items():
        scores, others = by_seed(runs, kind), [part for part in SINGLE if part not in parts]
        predicted, name = best_elsewhere(scores, parts), _NAMES.get(parts[0], "a middle block")
        found += [
            finding(f"{kind} shifts: {name} beats all layers", predicted - scores["all"]),
            finding(
                f"{kind} shifts: {name} beats the best other part", predicted - best_elsewhere(scores, others)
            ),
        ]
    return found


def few_parameters(runs: pd.DataFrame) -> list[Finding]:
    """Few parameters suffice: Frankle et al. 2021, Ben Zaken et al. 2022 and Hu et al. 2022.

    Their claims are about ways that train far fewer weights than all: BatchNorm beats the head alone, and
    biases or LoRA reach what all weights reach. For the latter, a loss below two points counts as reached. In
    all of these runs, BatchNorm keeps the statistics of the source.

    Args:
        runs: of the study `few_parameters`.
    """
    found = []
    for target, score in _by_target(runs[runs["batchnorm"] == "keep"], "target", "way"):
        found += [
            finding(f"{target}: BatchNorm and head beat the head", score["BatchNorm"] - score["head"]),
            *(
                finding(
                    f"{target}: {way} and head lose less than {100 * LITTLE:.0f} points to all weights",
                    score[way] - score["all"],
                    margin=LITTLE,
                )
                for way in ("biases", "LoRA, rank 1", "LoRA, rank 4")
            ),
        ]
    return found


def distorted(runs: pd.DataFrame) -> list[Finding]:
    """Kumar et al. 2022: full fine-tuning distorts features, a probe as the first head prevents much of it.

    Args:
        runs: of the study `replay`.
    """
    similarity, accuracy = (
        runs.pivot(index="seed", columns="way", values=column) for column in ("block4", "accuracy")
    )
    return [
        finding(
            "LP-FT changes the last block less than full fine-tuning",
            similarity["LP-FT"] - similarity["full fine-tuning"],
            unit="CKA",
        ),
        finding("LP-FT beats full fine-tuning", accuracy["LP-FT"] - accuracy["full fine-tuning"]),
    ]


def adapted(runs: pd.DataFrame, detector: pd.DataFrame) -> list[Finding]:
    """Li et al. 2017: BatchNorm's statistics of the target, without a label, beat those of the source.

    Args:
        runs: of the study `surgical`; its shifts of the inputs are judged.
        detector: of the study `adapted_detector`.
    """
    inputs = runs[runs["kind"] == "input"]
    night = detector.pivot(index="seed", columns="images", values="by_night")
    return [
        *(
            finding(f"{shift}: new statistics beat the old ones", score["statistics"] - score["nothing"])
            for shift, score in _by_target(inputs, "shift", "tuned")
        ),
        finding("pedestrians by night: statistics of 40 images beat the old ones", night[40] - night[0]),
    ]


def weight_slider(runs: pd.DataFrame) -> list[Finding]:
    """Weights between two networks (Wortsman et al. 2022), and soups (Wortsman et al. 2022, "Model soups").

    Halfway to the fine-tuned network, accuracy out of distribution is higher than at its end, and that on the
    target hardly lower. A soup beats its members on average. Out of distribution are the source and the
    shifts that the network has not seen.

    Args:
        runs: of the study `weight_slider`.
    """
    found = []
    for target in runs["target"].unique():
        here = runs[runs["target"] == target].set_index(["way", "share", "seed"]).sort_index()
        half, end = here.loc["line", 0.5], here.loc["line", 1.0]
        members, soup = here.loc["members", 1.0], here.loc["soup", 1.0]
        found += [
            *(
                finding(f"{target}: halfway beats fine-tuned on {name}", half[column] - end[column])
                for name, column in (
                    ("the source", "source_accuracy"),
                    ("unseen shifts", "unseen_accuracy"),
                )
            ),
            finding(
                f"{target}: halfway loses less than {100 * LITTLE:.0f} points on the target",
                half["target_accuracy"] - end["target_accuracy"],
                margin=LITTLE,
            ),
            *(
                finding(f"{target}: a soup beats its members on {name}", soup[column] - members[column])
                for name, column in (
                    ("the target", "target_accuracy"),
                    ("unseen shifts", "unseen_accuracy"),
                )
            ),
        ]
    return found


def l2_sp(runs: pd.DataFrame) -> list[Finding]:
    """Li et al. 2018: a pull towards the source weights beats fine-tuning without it.

    Args:
        runs: of the study `l2_sp`.
    """
    return [
        finding(f"{target}: L2-SP beats full fine-tuning", score["L2-SP"] - score["full fine-tuning"])
        for target, score in _by_target(runs, "target", "way")
    ]


def all_layers(runs: pd.DataFrame, rows: pd.DataFrame) -> list[Finding]:
    """Evci et al. 2022: selected features of all layers beat those of the last layer.

    Ours are of five layers: the four among which the board's SVM chooses, and the last. Targets are the unit:
    each counts once, with its mean over sources, sizes and seeds. Targets that a trivial baseline nearly
    solves are left out. The sizes were told apart when the means over both were known.

    Args:
        runs: of the study `all_layers`.
        rows: of the board, with the same draws of images.
    """
    counted, small = board.counted(rows), runs["images"] == board.SMALL
    groups = {
        "all targets": runs,
        "different targets": runs[runs["target"].map(board.LIKENESS) == "different"],
        f"all targets, {board.SMALL} images per class": runs[small],
        "all targets, many images per class": runs[~small],
    }
    rivals = {board.PROBE: "the last one", board.SVM: "an earlier one, chosen by validation"}
    return [
        finding(f"{group}: five layers beat {rival}", gains[name], over="targets")
        for group, gains in ((group, all_layers_gains(part, counted)) for group, part in groups.items())
        for name, rival in rivals.items()
    ]


def all_layers_gains(runs: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return what features of five layers gain over one layer, as means by target.

    Args:
        runs: of the study `all_layers`.
        rows: of the board. Only draws count that both tables have.

    Returns:
        Accuracy minus that of the linear probe and of the earlier-layer SVM: one column each.
    """
    place = ["target", "source", "images", "seed"]
    frozen = rows.pivot(index=place, columns="strategy", values="accuracy")
    gains = frozen[[board.PROBE, board.SVM]].rsub(runs.set_index(place)["accuracy"], axis=0)
    return gains.dropna().groupby("target").mean()


def without_labels(runs: pd.DataFrame, images: int = 20) -> list[Finding]:
    """Chen et al. 2020: features that were learned without labels serve a linear probe.

    Their claims: such features beat random ones by far, and come close to those learned with labels.

    Args:
        runs: of the study `unlabelled_source`.
        images: per class.
    """
    found = []
    for target, score in _by_target(runs[runs["images"] == images], "target", "source"):
        found += [
            finding(f"{target}: SimCLR beats random weights", score["simclr"] - score["random"]),
            finding(
                f"{target}: SimCLR loses less than {100 * LITTLE:.0f} points to learning with labels",
                score["simclr"] - score["shapes"],
                margin=LITTLE,
            ),
        ]
    return found


def zero_shot(runs: pd.DataFrame) -> list[Finding]:
    """Radford et al. 2021: names do as well as a probe with a few images per class, and resist shifts.

    Their claims: without any image of the target, captions match a linear probe on the same codes with four
    images per class (Figure 6); several captions per class beat one; names lose less under a shift than a
    trained classifier; and a probe on the codes of the pair beats one on those of a network that has learned
    from labels. The start of a probe from names is that of Wortsman et al. 2022.

    Args:
        runs: of the study `zero_shot`.
    """
    known = _zero_shot_scores(runs, "held out")
    names = known["names", 0]
    found = [
        *(
            finding(
                f"names with 0 images beat a {way} with {size} per class", names - known[way, size], ours=ours
            )
            for way, size, ours in (
                ("probe on the pair", 1, False),
                ("probe on the pair", 2, False),
                ("probe on the pair", 5, True),  # more images than in the paper's claim
                ("probe on shapes", 50, True),
            )
        ),
        finding("names: several captions beat one", names - known["one caption", 0]),
        *(
            finding(
                f"{size} per class: a probe that starts from names beats a probe on the pair",
                known["probe from names", size] - known["probe on the pair", size],
            )
            for size in (1, 5, 50)
        ),
    ]
    probe = known["probe on the pair", 50]
    for shift in ("night", "noise", "blur"):
        there = _zero_shot_scores(runs, "held out", shift)
        lost = names - there["names", 0], probe - there["probe on the pair", 50]
        found.append(finding(f"{shift}: names lose less than a probe with 50 per class", lost[1] - lost[0]))
    for target in ("held out", "new shapes"):
        few = _zero_shot_scores(runs, target)
        difference = few["probe on the pair", 5] - few["probe on shapes", 5]
        found.append(finding(f"{target}, 5 per class: a probe on the pair beats one on shapes", difference))
    return found


def images_to_catch_up(runs: pd.DataFrame, way: str) -> int | None:
    """Return the fewest images per class at which names no longer beat a probe; None if they always do.

    Names beat it if the 95 % interval of the difference, seed by seed, lies above zero.

    Args:
        runs: of the study `zero_shot`.
        way: of the probe, such as "probe on the pair".
    """
    scores = _zero_shot_scores(runs, "held out")
    for size in sorted(scores[way]):
        if finding(way, scores["names", 0] - scores[way, size]).verdict != "reproduced":
            return size
    return None


def _zero_shot_scores(runs, target, shift="none"):
    """Accuracies by seed (rows), and by way and images per class (columns)."""
    here = runs[(runs["target"] == target) & (runs["shift"] == shift)]
    return here.pivot(index="seed", columns=["way", "images"], values="accuracy")


def _by_target(runs, target, way):
    """Yield each target with its accuracies by seed (rows) and way (columns)."""
    for name, here in runs.groupby(target, sort=False):
        yield name, here.pivot(index="seed", columns=way, values="accuracy")
