"""The page of the board, written from a made-up table."""

import numpy as np
import pandas as pd
import pytest

from helpers.findings import board, board_page, rules
from helpers.findings.board import LIKENESS, LP_FT, PROBE, SCRATCH, SVM
from helpers.studies._targets import TARGETS

MEANS = {PROBE: 0.7, SVM: 0.6, LP_FT: 0.75, "Fine-tune": 0.72, SCRATCH: 0.4}


def made_up():
    """All sources of all targets; an earlier layer is better by 0.2 on those that differ."""
    rng, rows = np.random.default_rng(0), []
    for target, named in TARGETS.items():
        for source in (*named.sources, "none"):
            for strategy, mean in MEANS.items():
                if (strategy == SCRATCH) == (source == "none"):
                    bonus = 0.2 if strategy == SVM and LIKENESS[target] == "different" else 0
                    for images in (5, 100):
                        for seed in range(3):
                            accuracy = mean + bonus + rng.normal(0, 0.003)
                            rows.append((target, source, strategy, images, seed, accuracy))
    table = pd.DataFrame(rows, columns=["target", "source", "strategy", "images", "seed", "accuracy"])
    scores = [f"{a:.4f} 0.1000" for a in table["accuracy"]]
    return table.assign(
        default_accuracy=table["accuracy"] - 0.01, chosen=2, validated=300, validation_scores=scores
    )


@pytest.fixture
def trivial(monkeypatch):
    """Colours alone nearly solve the flowers."""
    rows = [
        (target, which, 100, 0, 0.99 if (target, which) == ("flowers", "colours") else 0.3, 77)
        for target in TARGETS
        for which in ("colours", "thumbnail")
    ]
    table = pd.DataFrame(rows, columns=["target", "strategy", "images", "seed", "accuracy", "originals"])
    probes = made_up().query("strategy == 'Linear probe'")
    tables = {"trivial_baselines": table, "all_layers": probes.assign(accuracy=probes["accuracy"] + 0.01)}
    for module in (board_page, board):
        monkeypatch.setattr(module, "read_results", tables.__getitem__)


def test_the_page_begins_with_five_sentences_that_the_table_carries(trivial):
    runs = made_up()
    rule, layer, simple, tuning, source = board_page.sentences(runs)
    different = sum(len(t.sources) for n, t in TARGETS.items() if LIKENESS[n] == "different")
    assert f"wins in {different}, ties in" in rule and "on average over 13 targets (" in rule
    assert (
        "an earlier layer gains +10.0 [" in layer and "(without " in layer and "similar ones -10.0 [" in layer
    )
    assert rules.UNLESS in simple and "its lead over the lecture's rule is +" in simple
    assert "+1.0 [+1.0, +1.0] points" in tuning and "0 of 62 verdicts" in tuning
    assert source.startswith("*Probe, then fine-tune* gains +35.0 [") and source.count("[") == 3


def test_the_page_shows_originals_marks_and_what_was_not_measured(trivial):
    runs = made_up().query("not (strategy == 'Fine-tune' and images == 5 and target == 'plankton')")
    text = board_page.page(runs)
    assert "| flowers* | similar |" in text and "(77 originals) | 99.0 |" in text
    assert "blood cells" in text and text.count("\n## ") == 9
    assert "all targets: five layers beat the last one: reproduced (+1.0 ± 0.0 points" in text
    assert "not measured" in text.split("### plankton, source photos")[1].split("###")[0]
    assert "nan" not in text.split("## Does")[1].split("## What is tuning")[0]


def test_marked_targets_do_not_count_in_the_rules(trivial):
    lost = rules.compared(board.counted(made_up()))
    assert "flowers" not in lost.index.unique("target") and not lost.isna().any().any()
    assert lost["textbook"].mean() > lost[rules.UNLESS].mean() >= 0
