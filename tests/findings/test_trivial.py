"""Targets that a trivial baseline nearly solves, on made-up tables."""

import pandas as pd
import pytest

from helpers.findings.trivial import marked


def table(rows, **same):
    keys = ["target", "strategy", "images", "seed", "accuracy"]
    return pd.DataFrame([dict(zip(keys, row, strict=True)) for row in rows]).assign(**same)


BOARD = table(
    [
        *[("tissue", "probe", 100, seed, 0.94) for seed in range(2)],
        *[("cats", "probe", 100, seed, 0.90) for seed in range(2)],
        *[("cats", "svm", 100, seed, 0.60) for seed in range(2)],
        ("cats", "probe", 5, 0, 0.52),
        ("alone", "probe", 5, 0, 0.52),
    ],
    source="photos",
)


def trivial(*rows):
    return table([*rows, ("cats", "colours", 5, 0, 0.51)])


def test_the_best_strategy_is_compared_with_the_best_baseline():
    near = trivial(
        ("tissue", "colours", 100, 0, 0.91),
        ("tissue", "thumbnail", 100, 0, 0.4),
        ("cats", "colours", 100, 0, 0.6),
    )
    assert marked(BOARD, near) == ["tissue"]


def test_only_the_largest_common_size_counts():
    """With 5 images per class, all are near guessing; a size that one table lacks is not compared."""
    assert marked(BOARD, trivial(("cats", "colours", 100, 0, 0.6))) == []
    assert marked(BOARD, trivial(("cats", "colours", 0, 0, 0.9), ("cats", "colours", 500, 0, 0.9))) == [
        "cats"
    ]


def test_means_over_seeds_are_compared_not_lucky_seeds():
    lucky = [("cats", "colours", 100, 0, 0.89), ("cats", "colours", 100, 1, 0.41)]
    assert marked(BOARD, trivial(*lucky)) == []


@pytest.mark.parametrize(
    ("accuracy", "found"), [(0.86, ["cats"]), (0.85, ["cats"]), (0.84, []), (0.95, ["cats"])]
)
def test_five_points_mark_and_six_do_not(accuracy, found):
    assert marked(BOARD, trivial(("cats", "thumbnail", 100, 0, accuracy))) == found


def test_the_best_source_counts():
    both = pd.concat([BOARD, table([("tissue", "probe", 100, 0, 0.99)], source="MobileNet")])
    near = trivial(("tissue", "colours", 100, 0, 0.91), ("cats", "colours", 100, 0, 0.6))
    assert marked(BOARD, near) == ["tissue"] and marked(both, near) == []
