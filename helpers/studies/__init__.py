"""What was measured: one module per study, each with `cells()` and `measure(cell)`; `engine/` runs them.

`python -m helpers study NAME ...` completes datasets/results/NAME.csv for each study. It continues
where it was stopped; `all` takes every study.
"""

from helpers.studies.engine.statistics import interval, intervals, leaders, nearly_best, paired, summary
from helpers.studies.engine.tables import read_results

__all__ = ["interval", "intervals", "leaders", "nearly_best", "paired", "read_results", "summary"]
