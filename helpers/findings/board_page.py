"""Write what the board shows as Markdown: five sentences to say aloud, then the tables behind them."""

import pandas as pd

from helpers.findings import board, rules
from helpers.findings.after_lecture import all_layers
from helpers.findings.board import LP_FT, SCRATCH
from helpers.findings.trivial import NEAR, marked
from helpers.studies._targets import TARGETS
from helpers.studies.engine.statistics import interval, over_targets
from helpers.studies.engine.tables import read_results

REMOVED = (
    "Two sets of earlier boards are gone. The training images of one of them, blood cells, were augmented "
    "copies: 200 images of a class came from 16 originals, so that draws, folds and seeds shared cells. The "
    "other, lung tissue, was nearly solved by colour alone. Count originals, and try a trivial baseline, "
    "before you measure on a set."
)


CHANGED = (
    "One configuration was changed after rows had been measured. Where all layers of our small network train "
    "from its source weights, BatchNorm kept the statistics of the source in the fourth, longest one, while "
    "a network from random weights always learns its own. The study `same_recipe`, which sees test images "
    "of two targets, showed that training from scratch had the better configurations. Now BatchNorm learns "
    "in the fourth, too. It was measured anew in all rows of these strategies, and a new choice was made."
)

APART = (
    f"On these targets, a rule loses less if it asks an earlier layer to be {rules.FAR} standard errors "
    "ahead instead of one. So this became the advisor's rule, until "
    f"{len(rules.KEPT_APART)} other targets were measured that had been kept apart: when the rule was "
    "changed, only the accuracies of their linear probes and SVMs were known. The change does not hold "
    "there, and the old rule came back. Few targets cannot tune a rule."
)


def page(runs: pd.DataFrame) -> str:
    """Return the page of the board.

    Args:
        runs: as `helpers.findings.board.rows` returns them.
    """
    parts = [
        "# What the board shows",
        "Written by `python -m helpers board` from `datasets/results/board.csv`, `all_layers.csv` and "
        "`trivial_baselines.csv`. Every strategy chooses one of four configurations by validation within the "
        "training images, learns from all of them, and is scored once on the test images.",
        "*Fine-tune* and *Probe, then fine-tune* train MobileNet from block11 on, without augmentation. Of "
        "VGG16, only the latter was measured; it trains block5. Of our small network, it trains everything.",
        CHANGED,
        "## In five sentences",
        "\n".join(f"{k}. {text}" for k, text in enumerate(sentences(runs), 1)),
        # given: definition
        "Intervals in square brackets are 95 % intervals (Student's t) with targets as the unit.",
        "## The targets",
        _targets(runs),
        REMOVED,
        "## Does the lecture's rule win?",
        _verdicts(runs),
        "## An earlier layer, or the last one?",
        _earlier(runs),
        "## All layers at once?",
        _all_layers(runs),
        "## What is tuning worth?",
        _tuning(runs),
        "## Which rule loses least?",
        *_rules(runs),
        "## All strategies",
        *_columns(runs),
    ]
    return "\n\n".join(parts) + "\n"


def sentences(runs: pd.DataFrame) -> list[str]:
    """Return what a lecturer can say aloud about the board, each sentence with its number and interval.

    Args:
        runs: as `helpers.findings.board.rows` returns them.
    """
    counted = board.counted(runs)
    judged = board.decided(board.verdicts(counted))
    words = ("beats", "ties with", "loses to")
    won, tied, lost_cells = (int((judged["verdict"] == word).sum()) for word in words)
    lost = rules.compared(counted).dropna()
    losses = rules.summary(lost)
    best = losses.drop(index=["textbook", *rules.AFTERWARDS]).iloc[0]
    earlier = board.head_to_head(counted, board.SVM, board.PROBE)
    gain = {kind: _gain(earlier[earlier["likeness"] == kind]) for kind in ("different", "similar")}
    gains = board.tuning_gains(counted)
    name = gains["mean"].idxmax()
    tuned = gains.loc[name]
    flipped, cells = board.flips(counted)
    few, many = (_source_helps(counted, which) for which in (0, 1))
    return [
        f"The lecture's rule wins in {won} of {len(judged)} cells, ties in {tied} and loses in {lost_cells}; "
        f"on average it loses {_range(losses.loc['textbook'], '')} points to the best strategy.",
        f"On targets that differ from the source, an earlier layer gains {gain['different']} points over the "
        f"last one; on similar ones {gain['similar']}.",
        f"Of the rules that stood before the last targets were measured, *{best.name}* loses "
        f"least: {_range(best, '')} points; its lead over the lecture's rule is "
        f"{_range_of_lead(lost, best.name, 'textbook')}.",
        f"Tuning has the largest mean gain for *{name}*: {_range(tuned)} points over {tuned['targets']} "
        f"targets, on {tuned['top']} {tuned['most']:+.1f}; it changes {flipped} of {cells} verdicts.",
        f"*{LP_FT}* gains {few} points over our small network from scratch with few images per class, and "
        f"{many} with many.",
    ]


def _range(row, sign="+") -> str:
    """The mean with its interval; losses need no sign."""
    return "{} [{}, {}]".format(*(format(row[key], f"{sign}z.1f") for key in ("mean", "low", "high")))


def _over(values: pd.Series) -> str:
    return _range(dict(zip(("mean", "low", "high"), over_targets(values), strict=True)))


def _gain(verdicts):
    return _over(verdicts.set_index("target")["gap"])


def _source_helps(runs, which):
    """LP-FT minus from scratch, at the smaller (0) or larger (1) judged corner."""
    found = {}
    for target, source in board.columns(runs):
        part = board.column(runs, target, source)
        sizes = [size for size in board.judged_sizes(part) if LP_FT in board.cell(part, size)]
        if len(sizes) > 1:
            here = board.cell(part, (sizes[0], sizes[-1])[which]).mean()
            found[target, source] = 100 * (here[LP_FT] - here[SCRATCH])
    return _over(pd.Series(found).rename_axis(["target", "source"]))


def _table(header, rows) -> str:
    lines = [f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def _targets(runs):
    trivial = read_results("trivial_baselines").query("images > 0")
    near, rows = marked(runs, trivial), []
    for name, target in TARGETS.items():
        part = trivial[trivial["target"] == name]
        part = part[part["images"] == part["images"].max()]
        scores = part.groupby("strategy")["accuracy"].mean()
        rows.append(
            (
                f"{name}*" if name in near else name,
                target.likeness,
                target.reason,
                f"{part['images'].iloc[0]} ({part['originals'].min()} originals)",
                *(f"{100 * scores[which]:.1f}" for which in ("colours", "thumbnail")),
            )
        )
    header = ("target", "likeness", "why", "most images per class", "colours", "8×8 thumbnail")
    return (
        "Likeness and reason were written down before anything ran. The last two columns are the accuracy in "
        "percent of two trivial baselines with the most images: five nearest neighbours on histograms of "
        f"colours, and on a thumbnail. A star marks a target where one of them is within {NEAR:.0f} points "
        "of the best strategy: averages leave it out.\n\n" + _table(header, rows)
    )


def _verdicts(runs):
    rows = [
        (
            f"{v['target']} ({v['likeness']})",
            *(v["source"], v["images"], v["textbook"], v["verdict"], v["rival"]),
            *(board.in_points(v), v["seeds"]),
        )
        for v in board.verdicts(runs).to_dict("records")
    ]
    header = (
        "target",
        "source",
        "images per class",
        "the rule says",
        "",
        "the best other (for most seeds)",
        "points",
        "seeds",
    )
    return (
        "Compared with the best other strategy of its cell, on the same draws of training images; for each "
        "seed, that one is the best for the other seeds. A tie means that this number of seeds does not show "
        "which one is better. There is no verdict where each draw takes all training images of the target: "
        "seeds then say nothing about other images. At the large size, most draws of the real targets share "
        "most of their images, and all share the test images, so other images can differ more than the "
        "intervals say. Where training all layers was not measured, fine-tuning from a late block stands for "
        "it.\n\n" + _table(header, rows)
    )


def _earlier(runs):
    found = board.head_to_head(runs, board.SVM, board.PROBE)
    unstarred = found[found["target"].isin(board.counted(runs)["target"])]
    counts = unstarred.groupby(["likeness", "verdict"]).size().unstack(fill_value=0)
    said = "; ".join(
        f"{kind}: {counts.loc[kind].get('beats', 0)} wins, {counts.loc[kind].get('ties with', 0)} ties, "
        f"{counts.loc[kind].get('loses to', 0)} losses"
        for kind in counts.index
    )
    rows = [
        (
            f"{v['target']} ({v['likeness']})",
            *(v["source"], v["images"], v["verdict"], board.in_points(v), v["seeds"]),
        )
        for v in found.to_dict("records")
    ]
    header = ("target", "source", "images per class", "the earlier layer … the last layer", "points", "seeds")
    return (
        "The lecture's third scenario: an SVM on an earlier layer, against a linear probe on the last layer. "
        "The layer and the strength of the probe are chosen by validation within the training images. "
        f"Cells of targets without a star that are {said}.\n\n" + _table(header, rows)
    )


def _all_layers(runs):
    table, draw = read_results("all_layers"), ["target", "source", "images", "seed"]
    scores = runs.pivot(index=draw, columns="strategy", values="accuracy")[[board.PROBE, board.SVM]]
    scores = table.set_index(draw)[["accuracy"]].join(scores)
    rows = [
        (*cell, *(_cell(part[name].dropna()) for name in scores))
        for cell, part in scores.groupby(draw[:-1], sort=False)
    ]
    said = "\n".join(f"- {' '.join(str(found).split())}" for found in all_layers(table, runs))
    header = ("target", "source", "images per class", "five layers", "the last layer", "an earlier layer")
    return (
        "Head2Toe (Evci et al. 2022), newer than the lecture: a group lasso selects features of many "
        "layers, and a linear classifier learns from them. Here they are five: the four among which the SVM "
        "chooses, averaged over the image, and the last. Draws and protocol are those of the board; the last "
        "two columns are the linear probe and the SVM on these draws. Many images are the largest size up to "
        f"100 per class. We told the sizes apart when the means over both were known.\n\n{said}\n\n"
        + _table(header, rows)
    )


def _tuning(runs):
    gains = board.tuning_gains(board.counted(runs))
    rows = [
        (name, int(row["targets"]), _range(row), f"{100 * row['left']:.0f} %")
        for name, row in gains.iterrows()
    ]
    header = ("strategy", "targets", "points over its default", "runs that left the default")
    return (
        "The strategies were measured on different numbers of targets, so the gains are not a ranking.\n\n"
        + _table(header, rows)
    )


def _rules(runs):
    lost = rules.compared(board.counted(runs)).dropna()
    apart = rules.kept_apart(lost)
    yield (
        "Each rule decides in each single draw, as a user has it, and loses against the strategy with the "
        "highest mean in this cell. That one is known only afterwards, so that no rule reaches zero."
    )
    yield from _losses(lost[~apart])
    yield APART
    yield from _losses(lost[apart])
    real, drawn = (rules.summary(lost[rules.builtin(lost) == chosen])["mean"] for chosen in (False, True))
    yield (
        "Two rules came last, when all of these were measured, so that no target tests them. "
        f"*{_capital(rules.VALIDATED)}* lets probe, SVM, LP-FT and a network from scratch validate all of "
        f"their configurations if there are at least {rules.MANY} images per class. Its lead over "
        f"*{rules.UNLESS}* is {_range_of_lead(lost, rules.VALIDATED, rules.UNLESS)}. "
        f"*{_capital(rules.PROBE_UNLESS)}*: on real targets, where LP-FT trains the last blocks, it loses "
        f"{real[rules.PROBE_UNLESS]:.1f} points and *{rules.UNLESS}* {real[rules.UNLESS]:.1f}. On the "
        "built-in ones, where LP-FT trains all of our small network, they lose "
        f"{drawn[rules.PROBE_UNLESS]:.1f} and {drawn[rules.UNLESS]:.1f}."
    )
    vgg16 = lost[lost.index.get_level_values("source") == "VGG16"]
    if len(vgg16):
        means = rules.summary(vgg16)["mean"]
        yield (
            f"With VGG16 alone, on {vgg16.index.unique('target').size} targets with the fewest images: "
            f"{means[rules.PROBE_UNLESS]:.1f} and {means[rules.UNLESS]:.1f}."
        )


def _losses(lost):
    targets = lost.index.unique("target").size
    if targets < 2:  # given: definition
        yield "Too few of these targets are measured so far."
        return
    rows = [
        (name, _range(row, ""), f"{row['worst']:.1f}", _range_of_lead(lost, name, f"always {LP_FT}"))
        for name, row in rules.summary(lost).iterrows()
    ]
    header = ("rule", "points lost", "worst target", f"points less than always {LP_FT}")
    yield f"{len(lost)} draws of {targets} targets:"
    yield _table(header, rows)


def _capital(text):
    return text[0].upper() + text[1:]


def _range_of_lead(lost, name, rival):
    if name == rival:
        return ""
    return _range(dict(zip(("mean", "low", "high"), rules.lead(lost, name, rival), strict=True)))


def _columns(runs):
    for target, source in board.columns(runs):
        part = board.column(runs, target, source)
        sizes = sorted(part.index.unique("images"))
        yield f"### {target}, source {source}"
        yield _table(
            ("strategy", *(f"{n} per class" for n in sizes)),
            [(name, *(_cell(part.loc[n, name].dropna()) for n in sizes)) for name in part],
        )


def _cell(accuracy):
    if not len(accuracy):
        return "not measured"
    if len(accuracy) < board.ENOUGH:
        return f"{100 * accuracy.mean():.1f} ({len(accuracy)} seed{'s' * (len(accuracy) > 1)})"
    mean, half = interval(accuracy)
    return f"{100 * mean:.1f} ± {100 * half:.1f}"
