"""Rows without names for exercise 09.2: what tuning each part gives on six shifts of notebook 09."""

import pandas as pd

from helpers.studies.engine.tables import read_results

NAMES = {
    "A": "in threes",
    "B": "fog",
    "C": "upside down",
    "D": "passed on",
    "E": "pixelated",
    "F": "exchanged by night",
}
PARTS = ["nothing", "block1", "head", "block1 and head", "all"]


def anonymous() -> pd.DataFrame:
    """Return the mean test accuracy in percent of each tuned part (columns) on shifts A to F (rows).

    The runs are those of the study `judging`, on the shifts that judged the first version of the rule.

    Example:
        >>> anonymous().loc["D", "nothing"]
        '0 %'
    """
    means = read_results("judging").groupby(["shift", "tuned"])["accuracy"].mean().unstack()
    rows = means.loc[list(NAMES.values()), PARTS].map("{:.0%}".format)
    return rows.map(lambda text: text.replace("%", " %")).set_axis(list(NAMES), axis="index")
