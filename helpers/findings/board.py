"""What the board says: where the textbook's rule wins, ties or loses, and where the curves cross.

The board is every strategy on every target, over sizes and seeds: the tables `board` (built-in world) and
`board_photos` (real pictures) in datasets/results/. `python -m helpers board` writes docs/board.md.
Used in notebook 05.
"""

from helpers.environment import ROOT
from helpers.strategies.registry import STRATEGIES
from helpers.studies.engine.statistics import by_seed, interval, paired
from helpers.studies.engine.tables import read_results

PAGE = ROOT / "docs" / "board.md"
LARGE = 100  # images a class from which a set counts as large
SMALL = 10  # the small size that figures show
ENOUGH = 3  # seeds from which on a cell is judged: with two, the interval says next to nothing
LIKENESS = {  # said before anything was measured: do target and source look alike?
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
}
BASELINE = "Nearest colours"


def rows() -> list[dict]:
    """All rows of both tables."""
    return read_results("board") + read_results("board_photos")


def columns(table: list[dict]) -> list[tuple[str, str]]:
    """(target, source) of each column with a size that has enough seeds, in the order of the table."""
    found = dict.fromkeys((r["target"], r["source"]) for r in table if r["source"] != "none")
    return [pair for pair in found if sizes(column(table, *pair))]


def column(table: list[dict], target: str, source: str) -> list[dict]:
    """Rows of one column: with this source, and those that use none."""
    return [r for r in table if r["target"] == target and r["source"] in (source, "none")]


def scores(part: list[dict], strategy: str, images: int) -> dict[str, float]:
    """Accuracy by seed of one strategy at one size."""
    return by_seed(part, strategy=strategy, images=images)


def sizes(part: list[dict]) -> list[int]:
    """Images a class for which all strategies have enough seeds in common."""

    def common(images):
        return set.intersection(*(set(scores(part, s, images)) for s in STRATEGIES))

    return [n for n in sorted({int(r["images"]) for r in part}) if len(common(n)) >= ENOUGH]


def textbook(likeness: str, images: int) -> str:
    """The lecture's strategy for a similar or different set with so many images a class."""
    if images >= LARGE:
        return "Full fine-tune"
    return "Linear probe" if likeness == "similar" else "Earlier-layer SVM"


def verdicts(table: list[dict]) -> list[dict]:
    """Compare each cell's textbook strategy with the best other one, paired by seed.

    The rival is the best of five in the same table, which flatters it: the textbook has the harder side.

    Returns:
        A dict a cell: target, source, images, likeness, textbook, rival, verdict ("beats", "ties with",
        "loses to"), gap and half (points, mean of the paired differences and half of its 95 %
        interval), seeds.
    """
    found = []
    for target, source in columns(table):
        part, likeness = column(table, target, source), LIKENESS[target, source]
        for images in sizes(part):
            rule = textbook(likeness, images)
            means = {s: interval([*scores(part, s, images).values()])[0] for s in STRATEGIES if s != rule}
            rival = max(means, key=means.__getitem__)
            one, other = scores(part, rule, images), scores(part, rival, images)
            word, gap, half = paired(one, other)
            found.append(
                {
                    "target": target,
                    "source": source,
                    "images": images,
                    "likeness": likeness,
                    "textbook": rule,
                    "verdict": word,
                    "rival": rival,
                    "gap": 100 * gap,
                    "half": 100 * half,
                    "seeds": len(one.keys() & other.keys()),
                }
            )
    return found


def sentence(verdict: dict) -> str:
    """A verdict in words."""
    points = f"{verdict['gap']:+z.1f} ± {verdict['half']:.1f} points"
    where = f"{verdict['target']}, {verdict['images']} a class"
    return f"{where}: {verdict['textbook']} {verdict['verdict']} {verdict['rival']} ({points})"


def crossing(part: list[dict], one: str = "Full fine-tune", other: str = "Linear probe") -> int | None:
    """From how many images a class on does one strategy beat another?

    Args:
        part: one column of the board.

    Returns:
        The smallest measured size from which on, at every larger one too, the 95 % interval of the paired
        difference lies above zero; None where that never happens.
    """
    first = None
    for images in reversed(sizes(part)):
        if paired(scores(part, one, images), scores(part, other, images))[0] != "beats":
            break
        first = images
    return first


def page(table: list[dict]) -> str:
    """What the board says, as Markdown."""
    judged = verdicts(table)
    counts = {word: sum(v["verdict"] == word for v in judged) for word in ("beats", "ties with", "loses to")}
    seeds = sorted({v["seeds"] for v in judged})
    lines = [
        "# What the board says",
        "",
        "Written by `python -m helpers board` from `datasets/results/board.csv` and `board_photos.csv`. Test "
        f"accuracy in percent: mean over {' to '.join(map(str, dict.fromkeys((seeds[0], seeds[-1]))))} seeds "
        "± half of the 95 % interval.",
        "",
        "## Does the lecture's rule win?",
        "",
        f"Against the best of the other five strategies, seed by seed, it wins in {counts['beats']} of "
        f"{len(judged)} cells, ties in {counts['ties with']} and loses in {counts['loses to']}. The rival is "
        "picked as the best in the same table, so the rule has the harder side.",
        "",
        "An interval says what other seeds would change: the training pictures drawn, and the chance in "
        "training. Where a size takes all the pictures there are (500 a class in the built-in world, 100 of "
        "the digits) nothing is drawn, and what has no chance in training comes out the same every time: "
        "± 0.0 is no certainty there. The test pictures are the same for all seeds.",
        "",
        "| target | source | images a class | the rule says | | the best other | points | seeds |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {v['target']} ({v['likeness']}) | {v['source']} | {v['images']} | {v['textbook']} | "
            f"{v['verdict']} | {v['rival']} | {v['gap']:+z.1f} ± {v['half']:.1f} | {v['seeds']} |"
            for v in judged
        ),
        "",
        "## From how many images a class on does it pay?",
        "",
        "The smallest size from which on the first strategy beats the second at every size measured.",
        "",
        "| target | source | full fine-tuning beats the probe | LP-FT beats the probe | "
        "scratch beats the probe |",
        "|---|---|---|---|---|",
    ]
    for target, source in columns(table):
        part = column(table, target, source)
        points = (crossing(part, s) for s in ("Full fine-tune", "Probe, then fine-tune", "From scratch"))
        lines.append(f"| {target} | {source} | {' | '.join(str(p or 'never seen') for p in points)} |")
    lines += ["", "## All strategies, and what colour alone can do", ""]
    for target, source in columns(table):
        part = column(table, target, source)
        lines += [
            f"### {target}, source {source}",
            "",
            f"| strategy | {' | '.join(f'{n} a class' for n in sizes(part))} |",
            "|---" * (1 + len(sizes(part))) + "|",
            *(
                f"| {s} | {' | '.join(_cell(part, s, n) for n in sizes(part))} |"
                for s in (BASELINE, *STRATEGIES)
            ),
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _cell(part, strategy, images):
    mean, half = interval([*scores(part, strategy, images).values()])
    return f"{100 * mean:.1f} ± {100 * half:.1f}"
