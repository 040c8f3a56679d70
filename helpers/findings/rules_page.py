"""What the rules lose on the board, as paragraphs of its page."""

from collections.abc import Iterator

import pandas as pd

from helpers.findings import board, rules
from helpers.findings.board import LP_FT
from helpers.findings.markdown import PARTS, table, with_interval
from helpers.strategies import registry

FULL = registry.FULL_FINE_TUNE.name

APART = (
    f"The advisor followed the rule *{rules.ANY_AHEAD}* at first. On the nine targets that were measured "
    f"then, a rule which asks an earlier layer to be {rules.FAR} standard errors ahead, and trains no "
    "network from scratch to decide, lost less. So it became the advisor's rule. "
    f"{len(rules.KEPT_APART)} targets had been kept apart to judge the change: their linear probes and SVMs "
    "were known, and fine-tuned networks on pacs_sketch had been measured, but no rule had been judged by "
    "them. (The numbers are those of today's rows; some were added later.)"
)
BACK = (
    "So the advisor asks for one standard error again, still without a network from scratch, whose "
    f"validation takes most of the time. This rule, *{rules.UNLESS}*, is younger than the measurements: no "
    "target was kept apart to judge it. Few targets cannot tune a rule."
)


def paragraphs(runs: pd.DataFrame) -> Iterator[str]:
    """Yield what each rule loses, and how the advisor's was chosen.

    Args:
        runs: as `helpers.findings.board.rows` returns them.
    """
    lost = rules.compared(board.counted(runs)).dropna()
    apart = rules.kept_apart(lost)
    kept = rules.summary(lost[apart])["mean"]
    yield (
        "Each rule decides in each single draw, as a user has it, and loses against the strategy with the "
        "highest mean in this cell. That one is known only afterwards, and it is best partly by luck."
    )
    yield from _losses(lost[~apart])
    yield APART
    yield from _losses(lost[apart])
    yield (
        f"There, *{rules.FAR_AHEAD}* loses more than the same rule with one standard error: "
        f"{lead(lost[apart], rules.UNLESS, rules.FAR_AHEAD)} points. They do not support the change. {BACK} "
        f"(The advisor's first rule loses {kept[rules.ANY_AHEAD]:.1f} points there; its lead over this one, "
        f"over all targets, is {lead(lost, rules.ANY_AHEAD, rules.UNLESS)}.)"
    )
    yield _defaults(runs)
    yield _always_full(runs)
    real, drawn = (rules.summary(lost[rules.builtin(lost) == chosen])["mean"] for chosen in (False, True))
    yield (
        "Two rules came last, when all of these were measured, so that no target tests them. "
        f"*{_capital(rules.VALIDATED)}* lets probe, SVM, LP-FT and a network from scratch validate all of "
        f"their configurations if there are at least {rules.MANY} images per class. Its lead over "
        f"*{rules.UNLESS}* is {lead(lost, rules.VALIDATED, rules.UNLESS)}. "
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


def cells(lost: pd.DataFrame) -> int:
    """Return the number of cells in which rules were judged.

    Args:
        lost: of `rules.regrets`.
    """
    return lost.groupby(["target", "source", "images"]).ngroups


def lead(lost: pd.DataFrame, name: str, rival: str) -> str:
    """Return by how many points a rule loses less than a rival, with its interval; nothing for one rule.

    Args:
        lost: of `rules.regrets`.
        name: of the rule.
        rival: the name of the other one.
    """
    if name == rival:
        return ""
    return with_interval(dict(zip(PARTS, rules.lead(lost, name, rival), strict=True)))


def _defaults(runs):
    defaults = runs.assign(accuracy=runs["default_accuracy"])
    means = rules.summary(rules.compared(board.counted(defaults)).dropna())
    return (
        "The tables score every strategy with the configuration that validation chose. The advisor fits "
        "defaults. With default configurations for all, its rule loses "
        f"{with_interval(means.loc[rules.UNLESS], '')} points and the lecture's rule "
        f"{with_interval(means.loc['textbook'], '')}."
    )


def _always_full(runs):
    asked = rules.draws(board.counted(runs), (*rules.NEEDED, FULL))
    if not asked:
        return "Training all layers was not measured."
    always = {name: rules.always(name) for name in (FULL, LP_FT)}
    lost = rules.regrets(asked, rules.RULES | always)
    means = rules.summary(lost)
    return (
        "*Always full fine-tuning* can be judged on built-in targets only "
        f"({lost.index.unique('target').size} targets, {len(lost)} draws): it loses "
        f"{with_interval(means.loc[FULL], '')} points there, and *always {LP_FT}* "
        f"{with_interval(means.loc[LP_FT], '')}."
    )


def _losses(lost):
    rows = [
        (name, with_interval(row, ""), f"{row['worst']:.1f}", lead(lost, name, f"always {LP_FT}"))
        for name, row in rules.summary(lost).iterrows()
    ]
    header = ("rule", "points lost", "worst target", f"points less than always {LP_FT}")
    yield f"{len(lost)} draws of {lost.index.unique('target').size} targets:"
    yield table(header, rows)


def _capital(text):
    return text[0].upper() + text[1:]
