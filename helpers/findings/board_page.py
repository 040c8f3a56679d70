"""Write what the board shows as Markdown: five sentences to say aloud, then the tables behind them."""

import pandas as pd

from helpers.findings import board, rules, rules_page
from helpers.findings.after_lecture import all_layers
from helpers.findings.board import LP_FT, SCRATCH
from helpers.findings.markdown import over, over_and_without, table, with_interval
from helpers.findings.trivial import NEAR, marked
from helpers.studies._grids import SOURCES
from helpers.studies._learners import BUILTIN_BATCH
from helpers.studies._targets import TARGETS
from helpers.studies.engine.statistics import interval
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
SEEN = ("micrographs", "streets_night")  # whose test images `same_recipe` had seen when `CHANGED` was done

ORIGINALS = (
    "Originals are what remains if near copies and files of one declared group count once. The digits come "
    "from 43 writers, whom the set does not name; spoken digits count speakers. Solar cells of one module, "
    "and several views of one object in trashnet, cannot be told from the files."
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
        "training images, learns from all of them, and is scored on the test images. So is its default, "
        "which is shown only where the text says so.",
        _training(),
        f"{CHANGED} {_unseen(runs)}",
        "## In five sentences",
        "\n".join(f"{k}. {text}" for k, text in enumerate(sentences(runs), 1)),
        # given: definition
        "Intervals in square brackets are 95 % intervals with targets as the unit (Student's t: a bootstrap "
        "over so few targets is too narrow). Verdicts and averages leave out the starred target.",
        "## The targets",
        _targets(runs),
        REMOVED,
        "## Does the lecture's rule win?",
        _verdicts(runs),
        "## An earlier layer, or the last one?",
        _earlier(runs),
        "## All layers at once?",
        _all_layers(runs),
        "## Does VGG16 gain from training its last block?",
        _vgg16(runs),
        "## What is tuning worth?",
        _tuning(runs),
        "## Which rule loses least?",
        *rules_page.paragraphs(runs),
        "## All strategies",
        *_columns(runs),
    ]
    return "\n\n".join(parts) + "\n"


def _training():
    usual, slow = SOURCES["MobileNet"], SOURCES["VGG16"]
    return (
        # given: definition
        "*Fine-tune* trains MobileNet from block11 on and the last block of our small network. *Probe, then "
        "fine-tune* trains the same part of MobileNet, block5 of VGG16, and all of our small network. By "
        f"default, networks train {usual.steps} steps of {usual.batch} images ({BUILTIN_BATCH} of the "
        f"built-in ones), and see each image at least {usual.epochs} times; VGG16 trains {slow.steps} steps "
        f"of {slow.batch} and sees each image at least once. Augmentation is in three of the four "
        "configurations from scratch, and in one of the four where all layers of our small network start "
        "from a source; in both, one of the four has twice as many steps. The SVM on an earlier layer sees "
        "more than the linear probe on the last one: means of the four quarters of the image. *Full "
        "fine-tune* was measured for our small network only, and the photo model does not train at all: "
        "the hours that were planned did not carry more."
    )


def sentences(runs: pd.DataFrame) -> list[str]:
    """Return what a lecturer can say aloud about the board, each sentence with its number and interval.

    Args:
        runs: as `helpers.findings.board.rows` returns them.
    """
    counted = board.counted(runs)
    lost = rules.compared(counted).dropna()
    losses = rules.summary(lost)
    earlier = board.head_to_head(counted, board.SVM, board.PROBE).set_index("target")
    different, similar = (
        earlier.loc[earlier["likeness"] == kind, "gap"] for kind in ("different", "similar")
    )
    gains = board.tuning_gains(counted)
    everywhere = gains[gains["targets"] == gains["targets"].max()]
    flipped, cells = board.flips(counted)
    few, many = (_source_helps(counted, which) for which in (0, 1))
    always = f"always {LP_FT}"
    return [
        f"The lecture's rule {_score(counted)} with a verdict; on average over {rules_page.targets(lost)} "
        f"targets ({rules_page.cells(lost)} cells), it loses {with_interval(losses.loc['textbook'], '')} "
        "points to the strategy that proved best afterwards, partly by luck.",
        "On targets that differ from the source, an earlier layer gains "
        f"{over_and_without(different)} points over the last one; on similar ones {over(similar)}.",
        f"The advisor's rule, *{rules.UNLESS}*, loses {with_interval(losses.loc[rules.UNLESS], '')} points; "
        f"its lead over the lecture's rule is {rules_page.lead(lost, rules.UNLESS, 'textbook')}, and over "
        f"*{always}* {over_and_without(lost[always] - lost[rules.UNLESS])}.",
        f"Of {len(everywhere)} strategies that were measured on {everywhere['targets'].max()} targets, "
        f"{_tuned(everywhere)}; with the defaults for all, {flipped} of {cells} verdicts would be others.",
        f"*{LP_FT}* gains {over(few)} points over our small network from scratch with 5 images per class, "
        f"and {over_and_without(many)} with 50 or 100; on real targets it starts from another network, "
        "MobileNet, which sees larger images.",
    ]


def _tuned(gains):
    """Name the strategies to which tuning is worth something."""
    sure = gains[gains["low"] > 0]
    if sure.empty:
        return "tuning shows a gain for none"
    named = (f"*{name}* ({with_interval(row)} points)" for name, row in sure.iterrows())
    return f"tuning shows a gain for {' and '.join(named)}"


def _score(runs):
    verdicts = board.decided(board.verdicts(runs))["verdict"]
    won, tied, lost = (int((verdicts == word).sum()) for word in ("beats", "ties with", "loses to"))
    return f"wins in {won}, ties in {tied} and loses in {lost} of {len(verdicts)} cells"


def _unseen(runs):
    """What the board says without the targets whose test images led to a change."""
    part = board.counted(runs)
    part = part[~part["target"].isin(SEEN)]
    lost = rules.regrets(rules.draws(part, rules.NEEDED), {"textbook": rules.textbook})
    loss = rules.summary(lost.dropna()).iloc[0]
    said = f"the lecture's rule {_score(part)}, and loses {with_interval(loss, '')} points"
    return f"Without these two targets, {said}."


def _source_helps(runs, which):
    """LP-FT minus from scratch, at the smaller (0) or larger (1) judged corner."""
    found = {}
    for target, source in board.columns(runs):
        part = board.column(runs, target, source)
        sizes = [size for size in board.judged_sizes(part) if LP_FT in board.cell(part, size)]
        if len(sizes) > 1:
            here = board.cell(part, (sizes[0], sizes[-1])[which]).mean()
            found[target, source] = 100 * (here[LP_FT] - here[SCRATCH])
    return pd.Series(found).rename_axis(["target", "source"])


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
        "Likeness and reason were written down before the runs of this board. But seven of these targets had "
        "been on an earlier board, with all strategies, and a probe and an earlier layer had been measured "
        "on others when the set was chosen. The "
        "last two columns are the accuracy in percent of two trivial baselines with the most images: five "
        f"nearest neighbours on histograms of colours, and on a thumbnail. {ORIGINALS} A star marks a "
        f"target where one of the baselines is within {NEAR:.0f} points of the best strategy at the largest "
        "size that both were "
        "measured with: averages leave it out.\n\n" + table(header, rows)
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
        "seed, that one is the best for the other seeds, so it can change from seed to seed. For the "
        f"lecture's rule, a target between similar and different counts as different, and {board.LARGE} "
        "images per class are many. A tie means that this number of seeds does not show "
        "which one is better. There is no verdict where each draw takes all training images of the target: "
        "seeds then say nothing about other images. At the large size, most draws of the real targets share "
        "most of their images, and all share the test images, so other images can differ more than the "
        "intervals say. Where training all layers was not measured, fine-tuning from a late block stands for "
        "it.\n\n" + table(header, rows)
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
        "The lecture's third scenario, at all sizes: an SVM on an earlier layer (means of the four "
        "quarters of the image), against a linear probe on the last layer (a mean over all of it). "
        "The layer and the strength of the probe are chosen by validation within the training images. "
        f"Cells of targets without a star that are {said}.\n\n" + table(header, rows)
    )


def _all_layers(runs):
    five, draw = read_results("all_layers"), ["target", "source", "images", "seed"]
    scores = runs.pivot(index=draw, columns="strategy", values="accuracy")[[board.PROBE, board.SVM]]
    scores = five.set_index(draw)[["accuracy"]].join(scores)
    rows = [
        (*cell, *(_cell(part[name].dropna()) for name in scores))
        for cell, part in scores.groupby(draw[:-1], sort=False)
    ]
    said = "\n".join(f"- {' '.join(str(found).split())}" for found in all_layers(five, runs))
    header = ("target", "source", "images per class", "five layers", "the last layer", "an earlier layer")
    return (
        "Head2Toe (Evci et al. 2022), newer than the lecture: a group lasso selects features of many "
        "layers, and a linear classifier learns from them. Here they are five: the four among which the SVM "
        "chooses, averaged over the image, and the last. Draws and protocol are those of the board; the last "
        "two columns are the linear probe and the SVM on these draws. Many images are the largest size up to "
        f"100 per class. We told the sizes apart when the means over both were known.\n\n{said}\n\n"
        + table(header, rows)
    )


def _vgg16(runs):
    gains = board.vgg16_gains(board.counted(runs))
    rows = [(target, *(f"{gain:+z.1f}" for gain in row)) for target, row in gains.iterrows()]
    few, many = (over(gains[size]) for size in gains)
    return (
        f"*{LP_FT}*, which trains block5 of VGG16, minus the linear probe on the same draws: {few} points "
        f"over {len(gains)} targets with few images per class (5, three draws a target), {many} with many "
        "(100, or 50 where a target has no more; one draw a target, so that a single row says little).\n\n"
        + table(("target", "few images", "many images"), rows)
    )


def _tuning(runs):
    gains = board.tuning_gains(board.counted(runs))
    rows = [
        (name, int(row["targets"]), with_interval(row), f"{100 * row['left']:.0f} %")
        for name, row in gains.iterrows()
    ]
    header = ("strategy", "targets", "points over its default", "runs that left the default")
    return (
        "The strategies were measured on different numbers of targets, so the gains are not a ranking.\n\n"
        + table(header, rows)
    )


def _columns(runs):
    for target, source in board.columns(runs):
        part = board.column(runs, target, source)
        sizes = sorted(part.index.unique("images"))
        yield f"### {target}, source {source}"
        yield table(
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
