"""What the rules lose on the board, as paragraphs of its page."""

import math
from collections.abc import Iterator

import pandas as pd

from helpers.findings import board, rules
from helpers.findings.board import LP_FT
from helpers.findings.markdown import PARTS, table, with_interval
from helpers.strategies import registry

FULL = registry.FULL_FINE_TUNE.name

APART = (
    f"The advisor followed the rule *{rules.ANY_AHEAD}* before. On the nine targets that were measured "
    f"then, a rule which asks an earlier layer to be {rules.FAR} standard errors ahead, and trains no "
    "network from scratch to decide, lost less. So it became the advisor's rule. "
    f"{len(rules.KEPT_APART)} targets had been kept apart to judge the change: their linear probes and SVMs "
    "were known, and of pacs_sketch fine-tuned networks, too. A rule had been judged by one draw of it, but "
    "by none of the other three. (The numbers are those of today's rows; some were added later.)"
)
BACK = (
    "The advisor asks for one standard error again, still without a network from scratch, whose "
    f"validation takes most of the time. No target was kept apart to judge this rule, *{rules.UNLESS}*. Few "
    "targets cannot tune a rule."
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
        f"{lead(lost[apart], rules.UNLESS, rules.FAR_AHEAD)} points. So few targets show neither that the "
        f"change was right nor that it was wrong. {BACK} (The advisor's first rule loses "
        f"{kept[rules.ANY_AHEAD]:.1f} points there; its lead over this one, over all targets, is "
        f"{lead(lost, rules.ANY_AHEAD, rules.UNLESS)}.)"
    )
    yield _defaults(runs)
    yield _always_full(runs)
    real, drawn = (rules.summary(lost[rules.builtin(lost) == chosen])["mean"] for chosen in (False, True))
    yield (
        "Two rules came last, when most of these rows were known, so that no target tests them. "
        f"*{_capital(rules.VALIDATED)}* lets probe, SVM, LP-FT and a network from scratch validate all of "
        f"their configurations if there are at least {rules.MANY} images per class. Its lead over "
        f"*{rules.UNLESS}* is {lead(lost, rules.VALIDATED, rules.UNLESS)}. "
        f"*{_capital(rules.PROBE_UNLESS)}*: on real targets, where LP-FT trains the last blocks, it loses "
        f"{real[rules.PROBE_UNLESS]:.1f} points and *{rules.UNLESS}* {real[rules.UNLESS]:.1f}. On the "
        "built-in ones, where LP-FT trains all of our small network, they lose "
        f"{drawn[rules.PROBE_UNLESS]:.1f} and {drawn[rules.UNLESS]:.1f}."
    )
    yield (
        "With VGG16 alone, the network of the lecture, and the fewest images, LP-FT was measured after the "
        "advisor's rule stood, on the same targets:"
    )
    yield from _losses(lost[lost.index.get_level_values("source") == "VGG16"])


def cells(lost: pd.DataFrame) -> int:
    """Return the number of cells in which rules were judged.

    Args:
        lost: of `rules.regrets`.
    """
    return lost.groupby(["target", "source", "images"]).ngroups


def targets(lost: pd.DataFrame) -> int:
    """Return the number of targets in which rules were judged.

    Args:
        lost: of `rules.regrets`.
    """
    return lost.index.unique("target").size


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
    counted = board.counted(runs)
    tuned, untuned = (
        rules.draws(counted.assign(accuracy=counted[column]), rules.NEEDED)
        for column in ("accuracy", "default_accuracy")
    )
    said = []
    for name in (rules.UNLESS, "textbook"):
        rule = rules.RULES[name]
        choices = [
            (one.accuracy, other.accuracy, rule(one)) for one, other in zip(tuned, untuned, strict=True)
        ]
        lost = rules.regrets(tuned, {name: rule})[name]
        lost += [
            100 * (one.get(chosen, math.nan) - other.get(chosen, math.nan)) for one, other, chosen in choices
        ]
        said.append(with_interval(rules.summary(lost.to_frame()).iloc[0], ""))
    return (
        "These tables score every strategy with the configuration that validation chose. The advisor fits "
        "defaults. If its choice is scored with the default, and the best strategy as here, it loses "
        f"{said[0]} points, and the lecture's rule {said[1]}."
    )


def _always_full(runs):
    asked = rules.draws(board.counted(runs), (*rules.NEEDED, FULL))
    if not asked:
        return "Training all layers was not measured."
    always = {name: rules.always(name) for name in (FULL, LP_FT)}
    lost = rules.regrets(asked, always)
    means = rules.summary(lost)
    return (
        "*Always full fine-tuning* can be judged on built-in targets only "
        f"({targets(lost)} targets, {len(lost)} draws): it loses "
        f"{with_interval(means.loc[FULL], '')} points there, and *always {LP_FT}* "
        f"{with_interval(means.loc[LP_FT], '')}."
    )


def _losses(lost):
    rows = [
        (name, with_interval(row, ""), f"{row['worst']:.1f}", lead(lost, name, f"always {LP_FT}"))
        for name, row in rules.summary(lost).iterrows()
    ]
    header = ("rule", "points lost", "worst target", f"points less than always {LP_FT}")
    yield f"{len(lost)} draws of {targets(lost)} targets:"
    yield table(header, rows)


def _capital(text):
    return text[0].upper() + text[1:]
