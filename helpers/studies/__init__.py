"""What was measured: one module a study, each with `cells()` and `measure(cell)`.

`python -m helpers.studies NAME ...` completes datasets/results/NAME.csv for each; it continues
where it was stopped. `all` takes every study.
"""
