"""What the board shows: where the textbook's rule wins, ties or loses, and where the curves cross.

The board is every strategy on every target, over sizes and seeds: the tables `board` (built-in images) and
`board_photos` (real images) in datasets/results/. `python -m helpers board` writes docs/board.md.
"""

from collections.abc import Mapping

import pandas as pd

from helpers.environment import ROOT
from helpers.strategies import registry
from helpers.studies.engine.statistics import interval, paired, summary
from helpers.studies.engine.tables import read_results

PAGE = ROOT / "docs" / "board.md"
LARGE = 100  # images per class from which a set counts as large
SMALL = 10  # the small size that figures show
ENOUGH = 3  # the fewest seeds of a cell that is judged: with two, the interval is too wide to be useful
LIKENESS = {  # stated before anything was measured: do target and source look alike?
    ("new_shapes", "shapes"): "similar",
    ("micrographs", "shapes"): "different",
    ("streets_night", "shapes"): "different",
    ("digits", "shapes"): "different",
    **{
        (target, source): likeness
        for source in ("photos", "MobileNet")
        for target, likeness in (
            ("hymenoptera", "similar"),
            ("flowers", "similar"),
            ("cats_vs_dogs", "similar"),
            ("lung_histology", "different"),
            ("blood_cells", "different"),
        )
    },
    ("flowers", "VGG16"): "similar",
    ("pacs_sketch", "VGG16"): "different",
    ("trashnet", "VGG16"): "similar",
    ("plankton", "VGG16"): "different",
}
RUN = ["target", "source", "strategy", "images", "seed"]  # columns that identify a run


def rows() -> pd.DataFrame:
    """Return all runs of both tables, with the provenance of both.

    Example:
        >>> rows().query("source == 'MobileNet'")["target"].nunique()
        5
    """
    parts = [read_results(name) for name in ("board", "board_photos")]
    # Each run once: two processes measured some of them twice, with the same accuracy.
    table = pd.concat(parts).drop_duplicates(RUN, keep="last", ignore_index=True)
    table.attrs["provenance"] = [line for part in parts for line in part.attrs["provenance"]]
    return table


def vgg16_rows() -> pd.DataFrame:
    """Return the runs with VGG16 at 224 pixels, from the study `vgg16_stages`, as a table like `rows`.

    They are not part of the board, because training all layers of VGG16 needs a GPU. "Fine-tune" is the
    recipe: first the head, then block5 with it. "From scratch" is MiniVGG at 64 pixels.

    Example:
        >>> "VGG16" in vgg16_rows()["source"].unique()
        True
    """
    runs = read_results("vgg16_stages").replace({"strategy": {"Head, then block5": registry.FINE_TUNE.name}})
    runs = runs[runs["strategy"].isin(registry.names())]
    source = runs["strategy"].map(lambda name: "VGG16" if registry.get(name).uses_source else "none")
    return runs.assign(source=source, seconds=float("nan"))


def columns(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the (target, source) pairs with a size that has enough seeds, in the order of the table.

    Args:
        table: runs of the board, as `rows` returns them.
    """
    found = table.loc[table["source"] != "none", ["target", "source"]].drop_duplicates()
    pairs = [*found.itertuples(index=False, name=None)]
    return [pair for pair in pairs if sizes(column(table, *pair))]


def runs(table: pd.DataFrame, target: str, source: str) -> pd.DataFrame:
    """Return the runs of one target with this source, and those that use no source."""
    return table.query("target == @target and source in [@source, 'none']")


def stored(target: str, source: str) -> pd.DataFrame:
    """Return the mean test accuracy of each strategy on one column of the board, with its interval.

    Args:
        target: any name; a target that the board does not have gives no rows.
        source: likewise.

    Returns:
        As `helpers.studies.summary`.
    """
    found = runs(rows(), target, source)
    return summary(found[found["strategy"].isin(registry.names())])


def column(table: pd.DataFrame, target: str, source: str) -> pd.DataFrame:
    """Return one column of the board.

    Returns:
        Accuracy with a row for each (images, seed) and a column for each strategy.

    Example:
        >>> accuracy = column(rows(), "micrographs", "shapes").loc[10]  # 10 images per class
        >>> print(f"{accuracy['Linear probe'].mean():.2f}")
        0.77
    """
    part = runs(table, target, source)
    return part.pivot(index=["images", "seed"], columns="strategy", values="accuracy")


def compared(part: pd.DataFrame) -> list[str]:
    """Return the strategies that one column of the board compares, in the order of the registry."""
    return [name for name in registry.names() if name in part]


def sizes(part: pd.DataFrame) -> list[int]:
    """Return the images per class for which all strategies have enough seeds in common.

    Args:
        part: one column of the board, as `column` returns it.
    """
    seeds = part[compared(part)].dropna().groupby("images").size()
    return seeds.index[seeds >= ENOUGH].tolist()


def textbook(likeness: str, images: int) -> str:
    """Return the lecture's strategy for a similar or different set with so many images per class."""
    if images >= LARGE:
        return registry.FULL_FINE_TUNE.name
    return (registry.LINEAR_PROBE if likeness == "similar" else registry.EARLIER_LAYER_SVM).name


def verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """Compare the textbook strategy of each cell with the best other one, paired by seed.

    The rival is chosen as the best in the same table, which favours it: the textbook has the harder task.

    Args:
        table: runs of the board, as `rows` returns them.

    Returns:
        One row per cell: target, source, images, likeness, textbook, verdict ("beats", "ties with",
        "loses to"), rival, gap and half (points: mean of the paired differences, and half of its 95 %
        interval), seeds.

    Example:
        >>> judged = verdicts(rows())
        >>> sorted(judged["verdict"].unique())
        ['beats', 'loses to', 'ties with']
    """
    found = []
    for target, source in columns(table):
        part = column(table, target, source)
        for images in sizes(part):
            cell = {"target": target, "source": source, "images": images}
            found.append(cell | _verdict(part, images, LIKENESS[target, source]))
    return pd.DataFrame(found)


def _verdict(part, images, likeness):
    here = part.loc[images]
    rule = textbook(likeness, images)
    rival = here[[s for s in compared(part) if s != rule]].mean().idxmax()
    word, gap, half = paired(here[rule], here[rival])
    return {
        "likeness": likeness,
        "textbook": rule,
        "verdict": word,
        "rival": rival,
        "gap": 100 * gap,
        "half": 100 * half,
        "seeds": len(here[[rule, rival]].dropna()),
    }


def sentence(verdict: Mapping) -> str:
    """Return a row of `verdicts` in words."""
    points = f"{verdict['gap']:+z.1f} ± {verdict['half']:.1f} points"
    where = f"{verdict['target']}, {verdict['images']} per class"
    return f"{where}: {verdict['textbook']} {verdict['verdict']} {verdict['rival']} ({points})"


def crossing(
    part: pd.DataFrame, one: str = registry.FULL_FINE_TUNE.name, other: str = registry.LINEAR_PROBE.name
) -> int | None:
    """Return the images per class from which on one strategy beats another.

    Args:
        part: one column of the board, as `column` returns it.
        one: the strategy that may win.
        other: the strategy that it is compared with.

    Returns:
        The smallest measured size from which on, at every larger one too, the 95 % interval of the paired
        difference lies above zero; None if there is no such size.
    """
    first = None
    for images in reversed(sizes(part)):
        if paired(part.loc[images, one], part.loc[images, other])[0] != "beats":
            break
        first = images
    return first


def page(table: pd.DataFrame) -> str:
    """Return what the board shows, as Markdown.

    Args:
        table: runs of the board, as `rows` returns them.
    """
    judged = verdicts(table)
    counts = judged["verdict"].value_counts()
    won, tied, lost = (counts.get(word, 0) for word in ("beats", "ties with", "loses to"))
    least, most = judged["seeds"].min(), judged["seeds"].max()
    lines = [
        "# What the board shows",
        "",
        "Written by `python -m helpers board` from `datasets/results/board.csv` and `board_photos.csv`. Test "
        f"accuracy in percent: mean over {least if least == most else f'{least} to {most}'} seeds "
        "± half of the 95 % confidence interval.",
        "",
        "## Does the lecture's rule win?",
        "",
        f"Compared with the best other strategy, seed by seed, it wins in {won} of "
        f"{len(judged)} cells, ties in {tied} and loses in {lost}. The rival is chosen as the best in the "
        "same table, so the rule has the harder task.",
        "",
        "An interval shows how much the mean would change with other seeds: another draw of the training "
        "images, and other random numbers in training. Single runs scatter more widely. "
        "Where a size takes all the images there are (500 per "
        "class of the built-in images, 100 of the digits), nothing is drawn, and a strategy without random "
        "numbers gives the same result for every seed: ± 0.0 does not mean certainty there. The test images "
        "are the same for all seeds.",
        "",
        "| target | source | images per class | the rule says | | the best other | points | seeds |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {v['target']} ({v['likeness']}) | {v['source']} | {v['images']} | {v['textbook']} | "
            f"{v['verdict']} | {v['rival']} | {v['gap']:+z.1f} ± {v['half']:.1f} | {v['seeds']} |"
            for v in judged.to_dict("records")
        ),
        "",
        "## From how many images per class on is training worth it?",
        "",
        "The smallest size from which on the first strategy beats the second at every measured size.",
        "",
        "| target | source | full fine-tuning beats the probe | LP-FT beats the probe | "
        "scratch beats the probe |",
        "|---|---|---|---|---|",
    ]
    parts = {pair: column(table, *pair) for pair in columns(table)}
    for (target, source), part in parts.items():
        rivals = (registry.FULL_FINE_TUNE, registry.PROBE_THEN_FINE_TUNE, registry.FROM_SCRATCH)
        points = (crossing(part, rival.name) for rival in rivals)
        lines.append(f"| {target} | {source} | {' | '.join(str(p or 'at no size') for p in points)} |")
    lines += ["", "## All strategies, and what colour alone can do", ""]
    for (target, source), part in parts.items():
        lines += [
            f"### {target}, source {source}",
            "",
            f"| strategy | {' | '.join(f'{n} per class' for n in sizes(part))} |",
            "|---" * (1 + len(sizes(part))) + "|",
            *(
                f"| {s} | {' | '.join(_cell(part.loc[n, s]) for n in sizes(part))} |"
                for s in (registry.NEAREST_COLOURS.name, *compared(part))
            ),
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _cell(accuracy):
    mean, half = interval(accuracy.dropna())
    return f"{100 * mean:.1f} ± {100 * half:.1f}"
