import math

import pytest

from helpers import experiments
from helpers.datasets import builtin
from helpers.strategies import LinearProbe


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
    (line,) = experiments.summary([row("Linear probe", s, a) for s, a in enumerate((0.5, 0.6, 0.7))])
    assert line["mean"] == pytest.approx(0.6) and line["runs"] == 3
    assert line["interval"] == pytest.approx(4.303 * 0.1 / math.sqrt(3), rel=1e-3)


def test_one_run_has_no_interval_and_best_comes_first():
    table = experiments.summary([row("Linear probe", 0, 0.5), row("Fine-tune", 0, 0.8)])
    assert [line["strategy"] for line in table] == ["Fine-tune", "Linear probe"]
    assert math.isnan(table[0]["interval"])


@pytest.mark.parametrize(
    "textbook, word",
    [
        ((0.9, 0.91, 0.92), "beats"),
        ((0.7, 0.95, 0.8), "ties with"),
        ((0.5, 0.51, 0.52), "loses to"),
    ],
)
def test_verdicts_are_paired(textbook, word):
    rows = [row("Linear probe", s, a) for s, a in enumerate(textbook)]
    rows += [row("Fine-tune", s, a) for s, a in enumerate((0.8, 0.82, 0.81))]
    (line,) = experiments.verdicts(rows)
    assert f"Linear probe {word} Fine-tune" in line


def test_a_run_is_repeatable_and_scores_what_it_says():
    data = builtin("new_shapes", 20, 20, 20)
    one, two = (experiments.run(LinearProbe(), data, 5, seed=3) for _ in range(2))
    assert one["accuracy"] == two["accuracy"] > 0.3
    other = experiments.run(LinearProbe(), data, 5, seed=3, held_out="test")
    assert other["accuracy"] != one["accuracy"] or other["seconds"] != one["seconds"]


def test_the_stored_board_is_complete_and_can_be_recomputed():
    rows = experiments.read_results("scenarios")
    seeds = {r["seed"] for r in rows}
    assert len(seeds) >= 3
    names = experiments.strategies(None)
    assert len(rows) == len(seeds) * 2 * 2 * len(names)
    # A linear probe is quick and has no randomness of its own: compute one stored cell again.
    stored = next(
        r
        for r in rows
        if (r["target"], r["strategy"], int(r["images"]), r["seed"])
        == ("new_shapes", "Linear probe", experiments.SMALL, "1")
    )
    again = experiments.run(LinearProbe(), builtin("new_shapes"), experiments.SMALL, 1, "test")
    assert again["accuracy"] == pytest.approx(float(stored["accuracy"]), abs=0.005)


def test_a_stopped_table_continues_without_repeating(tmp_path):
    cells = [{"strategy": name, "seed": seed} for seed in range(3) for name in ("Probe, then fine-tune", "b")]
    calls = []

    def measure(cell):
        calls.append(tuple(cell.values()))
        if len(calls) == 4:
            raise KeyboardInterrupt
        return {"accuracy": 0.123456789}

    with pytest.raises(KeyboardInterrupt):
        experiments.complete("table", cells, measure, tmp_path)
    experiments.complete("table", cells, measure, tmp_path)
    experiments.complete("table", cells, measure, tmp_path)
    assert len(calls) == 7 and len(set(calls)) == 6
    rows = experiments.read_results("table", tmp_path)
    assert [(r["strategy"], int(r["seed"])) for r in rows] == [tuple(c.values()) for c in cells]
    assert rows[0]["accuracy"] == "0.12346"
    assert "python -m helpers.studies table" in (tmp_path / "table.csv").read_text().splitlines()[0]


def test_a_missing_table_says_how_to_make_it(tmp_path):
    with pytest.raises(FileNotFoundError, match="python -m helpers.studies nothing"):
        experiments.read_results("nothing", tmp_path)


def test_interval_is_student_t():
    mean, half = experiments.interval([1.0, 2.0, 3.0])
    assert mean == 2 and half == pytest.approx(4.303 / math.sqrt(3), rel=1e-3)


def test_out_of_distribution_is_paired_by_seed():
    scores = {"Linear probe": (0.8, 0.6), "Full fine-tune": (0.9, 0.5), "Probe, then fine-tune": (0.95, 0.65)}
    rows = [
        {
            "strategy": way,
            "shift": shift,
            "seed": str(seed),
            "accuracy": value + 0.02 * seed + 0.001 * k * seed,
        }
        for k, (way, pair) in enumerate(scores.items())
        for shift, value in zip(("none", "noise"), pair, strict=True)
        for seed in range(3)
    ]
    mean, lines = experiments.out_of_distribution(rows)
    assert mean["Full fine-tune"] == pytest.approx(0.521)
    assert lines[0].startswith("in distribution: Full fine-tune beats Linear probe (+10.")
    assert lines[3].startswith("out of distribution: Full fine-tune loses to Linear probe")
