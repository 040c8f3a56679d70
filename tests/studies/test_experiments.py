import csv
import math
import os
import re
import time
import weakref

import joblib
import numpy as np
import pandas as pd
import pytest

from helpers.data.image_sets import builtin
from helpers.data.splits import n_per_class
from helpers.networks.backend import keras
from helpers.strategies import LinearProbe, NearestColours
from helpers.studies import _networks, model_ranking, source_quality
from helpers.studies.engine import runner, statistics, tables


def row(strategy, seed, accuracy, images=10, target="new_shapes"):
    return {
        "target": target,
        "source": "shapes",
        "strategy": strategy,
        "images": images,
        "seed": seed,
        "accuracy": accuracy,
        "seconds": 1.0,
    }


def test_summary_gives_mean_and_t_interval():
    runs = pd.DataFrame([row("Linear probe", s, a) for s, a in enumerate((0.5, 0.6, 0.7))])
    (line,) = statistics.summary(runs).to_dict("records")
    assert line["mean"] == pytest.approx(0.6) and line["runs"] == 3
    assert line["interval"] == pytest.approx(4.303 * 0.1 / math.sqrt(3), rel=1e-3)


def test_one_run_has_no_interval_and_best_comes_first():
    table = statistics.summary(pd.DataFrame([row("Linear probe", 0, 0.5), row("Fine-tune", 0, 0.8)]))
    assert table["strategy"].tolist() == ["Fine-tune", "Linear probe"]
    assert math.isnan(table["interval"][0])


def test_equal_means_stay_in_the_order_of_the_table():
    runs = pd.DataFrame([row("Linear probe", 0, 0.5), row("Fine-tune", 0, 0.5)])
    assert statistics.summary(runs)["strategy"].tolist() == ["Linear probe", "Fine-tune"]


def test_no_runs_have_an_empty_summary_with_the_same_columns():
    runs = pd.DataFrame([row("Linear probe", 0, 0.5)])
    empty = statistics.summary(pd.DataFrame(columns=runs.columns))
    assert empty.empty and [*empty] == [*statistics.summary(runs)]


def test_intervals_by_group_are_those_of_each_group():
    runs = pd.DataFrame({"layer": ["b", "b", "a"], "accuracy": [0.1, 0.3, 0.7]})
    table = statistics.intervals(runs.groupby("layer", sort=False)["accuracy"])
    assert table.index.tolist() == ["b", "a"]
    assert tuple(table.loc["b"]) == statistics.interval([0.1, 0.3])
    assert table.loc["a", "mean"] == 0.7 and math.isnan(table.loc["a", "interval"])


def test_a_run_is_repeatable_and_scores_what_it_says():
    data = builtin("new_shapes", 20, 20, 20)
    one, two = (runner.run(LinearProbe(), data, 5, seed=3) for _ in range(2))
    assert one["accuracy"] == two["accuracy"] > 0.3
    scored = []

    class Watched(LinearProbe):
        def score(self, X, y):
            scored.append(X)
            return super().score(X, y)

    for held_out in ("validation", "test"):
        runner.run(Watched(), data, 5, seed=3, held_out=held_out)
    assert np.array_equal(scored[0], data.X_validation) and np.array_equal(scored[1], data.X_test)


def test_a_stopped_table_continues_without_repeating(tmp_path):
    cells = [{"strategy": name, "seed": seed} for seed in range(3) for name in ("Probe, then fine-tune", "b")]
    calls = []

    def measure(cell):
        calls.append(tuple(cell.values()))
        if len(calls) == 4:
            raise KeyboardInterrupt
        return {"accuracy": 0.123456789}

    with pytest.raises(KeyboardInterrupt):
        tables.complete("table", cells, measure, tmp_path)
    tables.complete("table", cells, measure, tmp_path)
    tables.complete("table", cells, measure, tmp_path)
    assert len(calls) == 7 and len(set(calls)) == 6
    rows = tables.read_results("table", tmp_path)
    assert rows[["strategy", "seed"]].to_dict("records") == cells
    assert rows["accuracy"][0] == 0.12346
    assert "python -m helpers study table" in (tmp_path / "table.csv").read_text().splitlines()[0]


def _square(cell):
    return {"square": cell["n"] ** 2, "process": os.getpid()}


CELLS = [{"n": n, "seed": seed} for seed in range(2) for n in range(6)]


@pytest.mark.slow
def test_processes_share_a_table(tmp_path):
    tables.complete("table", CELLS[:5], _square, tmp_path)
    tables.complete("table", CELLS, _square, tmp_path, jobs=2)
    rows = tables.read_results("table", tmp_path)
    measured = rows.sort_values(["seed", "n"])
    assert measured[["n", "seed"]].to_dict("records") == CELLS
    assert (measured["square"] == measured["n"] ** 2).all()
    assert os.getpid() not in set(rows["process"][5:])
    assert (tmp_path / "table.csv").read_text().count("# Made by") == 2  # one for each call


@pytest.mark.slow
def test_a_dask_cluster_shares_a_table(tmp_path):
    import joblib
    from dask.distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        with joblib.parallel_config(backend="dask"):
            tables.complete("table", CELLS, _square, tmp_path)
    rows = tables.read_results("table", tmp_path)
    assert rows.sort_values(["seed", "n"])[["n", "seed"]].to_dict("records") == CELLS
    assert os.getpid() not in set(rows["process"])


class Result:
    """What is measured; it can be watched while it is in memory."""

    def __str__(self):
        return "a result"


def test_work_under_way_is_bounded(tmp_path, monkeypatch):
    """Cells leave the backlog one by one, as others are stored, and results are not kept."""
    taken, kept, most_ahead, most_kept = [], weakref.WeakSet(), 0, 0
    delayed = joblib.delayed

    def stored():
        path = tmp_path / "table.csv"
        return sum(line[0].isdigit() for line in path.read_text().splitlines()) if path.is_file() else 0

    def counting(function):
        nonlocal most_ahead
        taken.append(function)
        most_ahead = max(most_ahead, len(taken) - stored())
        return delayed(function)

    def measure(cell):
        nonlocal most_kept
        patience = time.monotonic() + 5
        while len(taken) - stored() > 6 and time.monotonic() < patience:  # a busy computer stores later
            time.sleep(0.01)
        result = Result()
        kept.add(result)
        most_kept = max(most_kept, len(kept))
        return {"result": result}

    monkeypatch.setattr(joblib, "delayed", counting)
    with joblib.parallel_config(backend="threading"):  # so that the results can be watched
        tables.complete("table", [{"n": n} for n in range(40)], measure, tmp_path, jobs=2)
    assert len(taken) == stored() == 40
    assert 2 <= most_ahead <= 10 and 1 <= most_kept <= 10, (most_ahead, most_kept)


def test_the_bar_goes_on_where_the_table_ended_and_says_how_long_it_takes(tmp_path, capsys):
    def measure(cell):
        time.sleep(0.12)  # the bar is drawn ten times a second
        return _square(cell)

    tables.complete("table", CELLS[:2], _square, tmp_path)
    capsys.readouterr()
    tables.complete("table", CELLS[:6], measure, tmp_path)
    drawn = capsys.readouterr().err
    states = re.findall(r"table: +\d+%.*?(\d)/6 \[\d\d:\d\d<(\?|\d\d:\d\d)", drawn)
    assert [int(done) for done, _ in states][:: len(states) - 1] == [2, 6], drawn
    assert any(left != "?" for done, left in states if done != "6"), drawn


def test_an_error_clears_the_bar(tmp_path, capsys):
    def measure(cell):
        if cell == CELLS[1]:
            raise OSError("The images are missing.")
        return _square(cell)

    with pytest.raises(OSError, match="missing"):
        tables.complete("table", CELLS, measure, tmp_path)
    *_, last, cleared, after = capsys.readouterr().err.split("\r")
    assert "table" in last and "\n" not in last
    assert len(cleared) >= len(last.strip()) and not (cleared.strip() or after)
    capsys.readouterr()
    tables.complete("table", CELLS, _square, tmp_path)
    assert capsys.readouterr().err.endswith("\n")  # a finished bar stays


def test_a_session_killed_before_its_first_row_ended_leaves_no_comment(tmp_path):
    table = tmp_path / "table.csv"
    tables.complete("table", CELLS[:3], _square, tmp_path)
    whole = table.read_text()
    for left in ("# Made by `x`\n", "# Made by `x`\n# Python\n3,0", "# Ma"):
        table.write_text(whole + left)
        tables.complete("table", CELLS[:3], _square, tmp_path)
        assert table.read_text() == whole


@pytest.mark.parametrize("left", ["", "# Made by `x`\n", "# Made by `x`\nwidth,square\n"])
def test_a_table_without_rows_starts_anew(tmp_path, left):
    folder = tmp_path / "results" / "of a study"
    tables.complete("whole", CELLS[:3], _square, folder)  # the folder does not exist before
    (folder / "table.csv").write_text(left)
    tables.complete("table", CELLS[:3], _square, folder, command="python -m helpers study whole")
    assert (folder / "table.csv").read_text() == (folder / "whole.csv").read_text()


@pytest.mark.parametrize("cut", [1, 3, 8])
def test_a_line_that_a_kill_cut_is_measured_again(tmp_path, cut):
    tables.complete("table", CELLS, _square, tmp_path)
    path = tmp_path / "table.csv"
    path.write_bytes(path.read_bytes()[:-cut])
    tables.complete("table", CELLS, _square, tmp_path)
    rows = tables.read_results("table", tmp_path)
    assert len(rows) == len(CELLS) and (rows["square"] == rows["n"] ** 2).all()


def test_a_table_with_other_columns_is_left_alone(tmp_path):
    tables.complete("table", CELLS, _square, tmp_path)
    before = (tmp_path / "table.csv").read_bytes()
    with pytest.raises(ValueError, match="Move the file away"):
        tables.complete("table", [{"width": 3}], _square, tmp_path)
    assert (tmp_path / "table.csv").read_bytes() == before


def test_a_missing_table_says_how_to_make_it(tmp_path):
    with pytest.raises(FileNotFoundError, match="python -m helpers study nothing"):
        tables.read_results("nothing", tmp_path)


def test_interval_is_student_t():
    mean, half = statistics.interval([1.0, 2.0, 3.0])
    assert mean == 2 and half == pytest.approx(4.303 / math.sqrt(3), rel=1e-3)


def test_studies_share_their_codes_and_their_linear_model():
    network = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Rescaling(2.0)])
    X = np.arange(96, dtype=np.uint8).reshape(2, 4, 4, 3)
    np.testing.assert_allclose(_networks.codes(network, X), 2 * X.mean(axis=(1, 2)))
    for study, steps in ((source_quality, 300), (model_ranking, 1000)):
        assert (study.codes, study.linear) == (_networks.codes, _networks.linear)
        regression = _networks.linear(study.LINEAR_STEPS)[-1]
        assert (regression.C, regression.tol, regression.max_iter) == (0.1, 1e-3, steps)


def test_fewer_than_two_seeds_in_common_say_nothing():
    with pytest.raises(ValueError, match="two seeds in common.*1"):
        statistics.paired(pd.Series({0: 1.0, 1: 0.5}), pd.Series({0: 0.9, 2: 0.4}))


def test_pairs_are_those_of_the_seeds_and_not_of_the_rows():
    one, other = pd.Series({0: 0.9, 1: 0.8, 2: 0.7}), pd.Series({2: 0.69, 1: 0.79, 0: 0.89, 3: 0.1})
    word, mean, half = statistics.paired(one, other)
    assert word == "beats" and mean == pytest.approx(0.01) and half == pytest.approx(0, abs=1e-9)
    assert statistics.paired(other, one)[0] == "loses to"


def test_leaders_are_the_best_and_what_ties_with_it():
    scores = pd.DataFrame(
        {
            "far behind": [0.1, 0.2, 0.3],
            "always a little behind": [0.79, 0.89, 0.69],  # overlaps with the best, but never wins
            "sometimes ahead": [0.9, 0.7, 0.75],
            "best": [0.8, 0.9, 0.7],
        }
    )
    assert statistics.leaders(scores) == ["best", "sometimes ahead"]
    assert statistics.leaders(-scores) == ["far behind"]


def test_leaders_compare_seeds_in_common():
    scores = pd.DataFrame({"A": [0.5, 0.6, float("nan")], "B": [0.4, 0.5, 0.9]})
    assert statistics.leaders(scores) == ["A"]  # although B has the higher mean over its own seeds
    with pytest.raises(ValueError, match="two seeds that all options have. Received: 1"):
        statistics.leaders(scores.loc[:0])


def test_models_are_paired_image_by_image():
    right = np.arange(1000) < 900
    assert statistics.paired_images(right, right)[:2] == ("ties with", 0)
    word, gap, low, high = statistics.paired_images(right, np.arange(1000) < 890)
    assert word == "beats" and gap == pytest.approx(0.01) and 0 < low < gap < high
    assert statistics.paired_images(~right, right)[0] == "loses to"
    # As many images differ, but they balance: pairs know that, two separate accuracies do not.
    assert statistics.paired_images(right, np.roll(right, 5))[0] == "ties with"
    for other in (right[:5], right[:0]):
        with pytest.raises(ValueError, match="same images"):
            statistics.paired_images(right[:0], other)


def test_nearly_best_depends_on_the_number_of_images():
    shares = {"A": 0.7, "B": 0.75, "C": 0.5}
    assert statistics.nearly_best(shares, images=100) == ["B", "A"]
    assert statistics.nearly_best(shares, images=10_000) == ["B"]
    assert statistics.nearly_best({"A": 1.0, "B": 1.0, "C": 0.99}, images=5) == ["A", "B"]


def test_a_measurement_with_other_columns_is_not_filed_under_the_wrong_ones(tmp_path):
    tables.complete("t", [{"seed": 0}], lambda cell: {"accuracy": 0.5, "seconds": 7.0}, tmp_path)
    before = (tmp_path / "t.csv").read_text()
    with pytest.raises(ValueError, match="seed, accuracy, seconds, but these were measured: seed, seconds"):
        cells = [{"seed": 0}, {"seed": 1}]
        tables.complete("t", cells, lambda cell: {"seconds": 7.0, "accuracy": 0.6}, tmp_path)
    rows = tables.read_results("t", tmp_path)
    assert (tmp_path / "t.csv").read_text().startswith(before) and len(rows) == 1


def test_a_table_belongs_to_one_process_at_a_time(tmp_path):
    cells = [{"seed": seed} for seed in range(4)]

    def measure(cell):
        with pytest.raises(RuntimeError, match="Another process is writing to"):
            tables.complete("t", cells, lambda cell: {"accuracy": 0.5}, tmp_path)
        return {"accuracy": 0.5}

    tables.complete("t", cells, measure, tmp_path)
    assert tables.read_results("t", tmp_path)["seed"].tolist() == [0, 1, 2, 3]


TABLE = """# Made by `x`, 2026-01-02
# Python 3.12
target,frozen,source,images,rate,curve,accuracy
7,0,none,10,3e-4,0.1 0.2,0.5
7,1,shapes,20,0.1,,nan
# Made by `x`, 2026-01-03
8,2,NA,20,1,0.3,0.25
"""


def test_columns_have_types_and_words_stay_words(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    rows = tables.read_results("t", tmp_path)
    assert rows["images"].dtype == "int64" and rows["rate"].dtype == rows["accuracy"].dtype == "float64"
    assert rows["target"].tolist() == ["7", "7", "8"] and rows["frozen"].tolist() == ["0", "1", "2"]
    assert rows["source"].tolist() == ["none", "shapes", "NA"]
    assert rows["curve"].tolist() == ["0.1 0.2", "", "0.3"]
    assert rows["rate"].tolist() == [0.0003, 0.1, 1.0]
    assert rows["accuracy"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("damaged", "says"),
    [
        ("", "t.csv has no rows.*python -m helpers study t"),
        (TABLE.partition("7,0")[0], "t.csv has no rows.*python -m helpers study t"),
        (TABLE + "1,2,3\n", "line 8: there are 7 columns, but this line has 3 cells, 1, 2, 3"),
        (TABLE.replace("0.25", "0.2,5"), "line 7: there are 7 columns, but this line has 8 cells"),
        (TABLE.replace("0.25", "abc"), "line 7: the column 'accuracy' mixes numbers with text.*'abc'"),
        (TABLE.replace(",10,", ",,"), "line 4: the column 'images' mixes numbers with text.*''"),
    ],
    ids=["empty", "no rows", "short line", "long line", "word for a number", "empty cell"],
)
def test_a_damaged_table_names_its_file_and_line(damaged, says, tmp_path):
    (tmp_path / "t.csv").write_text(damaged)
    with pytest.raises(ValueError, match=says) as refused:
        tables.read_results("t", tmp_path)
    assert str(tmp_path / "t.csv") in str(refused.value)
    assert re.search("Correct or delete this line|Delete it", str(refused.value))


@pytest.mark.parametrize("name", ["t", "photo_splits"])
def test_image_sizes_are_text_only_where_training_has_stages(name, tmp_path):
    (tmp_path / f"{name}.csv").write_text("image_size,accuracy\n192,0.5\n224,0.75\n")
    sizes = tables.read_results(name, tmp_path)["image_size"].tolist()
    assert sizes == ([192, 224] if name == "t" else ["192", "224"])


def test_a_table_says_where_it_comes_from(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    assert tables.read_results("t", tmp_path).query("images == 20").attrs["provenance"] == [
        "Made by `x`, 2026-01-02",
        "Python 3.12",
        "Made by `x`, 2026-01-03",
    ]


def test_cells_are_found_again_whatever_types_they_have(tmp_path):
    """A number, a text that looks like one, and a word in one column; none is measured twice."""
    cells = [{"frozen": value, "rate": 0.1, "name": "none"} for value in (0, "10", "scratch")]
    calls = []

    def measure(cell):
        calls.append(cell["frozen"])
        return {"accuracy": 0.5}

    for _ in range(2):
        tables.complete("t", cells, measure, tmp_path)
    assert calls == [0, "10", "scratch"]
    text = (tmp_path / "t.csv").read_text()
    (tmp_path / "t.csv").write_text(text.replace("10,0.1,", "10,0.10,"))
    tables.complete("t", cells, measure, tmp_path)
    assert calls == [0, "10", "scratch", "10"]  # 0.10 is the same number, but not what a cell writes


@pytest.mark.parametrize("name", [path.stem for path in tables.RESULTS.glob("*.csv")])
def test_every_value_is_what_the_file_says(name):
    """Whatever pandas does to read a table: a float is the very number, a text the very text."""
    with open(tables.RESULTS / f"{name}.csv", newline="", encoding="utf-8") as file:
        stored = [*csv.DictReader(line for line in file if not line.startswith("#"))]
    read = tables.read_results(name).to_dict("records")
    assert [
        {key: value if isinstance(value, str) else _exact(value) for key, value in row.items()}
        for row in read
    ] == [
        {key: text if isinstance(row[key], str) else _exact(text) for key, text in line.items()}
        for row, line in zip(read, stored, strict=True)
    ]


def _exact(value):
    """A number, or "nan", which as a number is not equal to itself."""
    return "nan" if np.isnan(float(value)) else float(value)


@pytest.mark.parametrize("values", [[], [[0.5, 0.6]], 0.5])
def test_an_interval_needs_values_of_one_dimension(values):
    with pytest.raises(ValueError, match="^values must have shape"):
        statistics.interval(values)


def test_a_score_does_not_choose_the_option_that_it_judges():
    lucky = pd.DataFrame({"A": [1.0, 0.0, 0.0], "B": [0.4, 0.4, 0.4]})
    assert statistics.best_elsewhere(lucky, ["A", "B"]).max() == 0.4
    with pytest.raises(ValueError, match="at least two"):
        statistics.best_elsewhere(lucky[:1], ["A"])


def test_over_targets_each_target_counts_once_and_the_interval_covers_them():
    cells = pd.Series([1.0, 1, 1, 1, 5, 3], index=pd.Index([*"aaaabc"], name="target"))
    mean, low, high = statistics.over_targets(cells)
    assert (mean, low, high) == pytest.approx((3, 3 - 4.968, 3 + 4.968), abs=1e-3)  # t(2) * 2 / sqrt(3)
    by_seed = cells.set_axis(pd.MultiIndex.from_arrays([range(6), [*"aaaabc"]], names=["seed", "target"]))
    assert statistics.over_targets(by_seed) == (mean, low, high)


def test_over_targets_covers_what_it_promises_with_few_targets():
    rng, covered = np.random.default_rng(0), 0
    for _ in range(400):
        _, low, high = statistics.over_targets(pd.Series(rng.normal(0, 1, 3), [*"abc"]))
        covered += low <= 0 <= high
    assert covered / 400 == pytest.approx(0.95, abs=0.03)


def test_over_targets_one_target_has_no_interval_and_a_missing_value_is_refused():
    assert np.isnan(statistics.over_targets(pd.Series([1.0, 2.0], ["a", "a"]))[1:]).all()
    assert statistics.over_targets(pd.Series([2.0, 2.0], ["a", "b"])) == (2, 2, 2)  # no variation
    for values in ([], [1.0, math.nan]):
        with pytest.raises(ValueError, match="Received"):
            statistics.over_targets(pd.Series(values, [*"ab"][: len(values)], dtype=float))


def test_a_stopped_run_makes_no_interval():
    assert all(map(math.isnan, statistics.interval([0.5, math.nan])))


@pytest.mark.parametrize("share, images", [(1.2, 10), (-0.1, 10), (math.nan, 10), (0.5, 0), (0.5, math.nan)])
def test_a_standard_error_is_that_of_an_accuracy(share, images):
    with pytest.raises(ValueError, match="share must be from 0 to 1, and images above 0. Received: share="):
        statistics.standard_error(share, images)


class Seen(NearestColours):
    """Keeps the images that it has learned from, and takes a seed."""

    def __init__(self, neighbours=1, seed=0):
        super().__init__(neighbours)
        self.seed = seed

    def fit(self, X, y):
        self.X_, self.y_ = X, y
        return super().fit(X, y)


def test_the_seed_of_a_run_chooses_its_images_and_the_randomness_of_its_strategy():
    """Runs that differ only in name would make every interval too narrow."""
    data = builtin("new_shapes", 20, 2, 0)
    learned = {}
    for seed in (0, 1, 2):
        strategy = Seen()
        runner.run(strategy, data, 3, seed)
        assert strategy.seed == seed
        X, y = n_per_class(data.X_train, data.y_train, 3, seed)
        np.testing.assert_array_equal(strategy.X_, X)
        np.testing.assert_array_equal(strategy.y_, y)
        learned[seed] = {image.tobytes() for image in X}
    assert learned[0] != learned[1] != learned[2] != learned[0]


def test_a_standard_error_is_that_of_a_proportion():
    assert statistics.standard_error(0.2, 100) == pytest.approx(0.04)
    assert statistics.standard_error(0.0, 100) == statistics.standard_error(1.0, 100) == 0


@pytest.mark.parametrize(
    "gap, word", [(0.04, "beats"), (0.0, "ties with"), (0.01, "ties with"), (-0.04, "loses to")]
)
def test_a_difference_within_its_interval_is_a_tie(gap, word):
    differences = np.array([-0.01, 0.0, 0.01])  # half width: 0.0248
    found, mean, half = statistics.paired(pd.Series(0.5 + gap + differences), pd.Series([0.5] * 3))
    assert found == word and mean == pytest.approx(gap, abs=1e-12) and half == pytest.approx(0.0248, abs=1e-4)
