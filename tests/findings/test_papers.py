"""Claims of papers: judged on made-up tables first, then what the measured tables say."""

import importlib
import random
import re
from datetime import date
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from legibility import faults

from helpers.data.judging_shifts import EXAM_SHIFTS
from helpers.findings import after_lecture, board, papers
from helpers.findings.judged_advice import always, judge
from helpers.plots import papers as draw
from helpers.strategies import registry
from helpers.studies.engine.statistics import paired
from helpers.studies.engine.tables import read_results

REAL = ("plankton", "elpv_solar")  # targets that notebook 06 shows
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def test_a_claim_is_reproduced_only_where_the_whole_interval_is_above_zero():
    assert papers.finding("x", [0.1, 0.11, 0.12]).verdict == "reproduced"
    assert papers.finding("x", [0.1, -0.1, 0.12]).verdict == "no clear difference"
    assert papers.finding("x", [-0.1, -0.11, -0.12]).verdict == "the opposite"
    assert papers.finding("x", [0.0, 0.0]).verdict == "no clear difference"


def test_a_finding_tells_numbers_seeds_and_unit():
    one = papers.finding("fish swim", [0.1, 0.2, 0.3])
    assert str(one) == "fish swim: no clear difference (+20.0 ± 24.8 points, 3 seeds)"
    assert "(+0.20 ± 0.25 CKA, 3 seeds)" in str(papers.finding("fish swim", [0.1, 0.2, 0.3], "CKA"))


def test_one_seed_is_no_evidence():
    with pytest.raises(ValueError, match="two seeds"):
        papers.finding("fish swim", [0.1])


def test_the_verdict_agrees_with_the_paired_comparison():
    rng = np.random.default_rng(0)
    for _ in range(50):
        one, other = (pd.Series(rng.normal(m, 0.1, 5)) for m in (0.5, 0.6))
        word, mean, half = paired(one, other)
        found = papers.finding("one is better", one - other)
        assert (found.mean, found.half) == (pytest.approx(mean), pytest.approx(half))
        assert {"beats": "reproduced", "ties with": "clear", "loses to": "opposite"}[word] in found.verdict


def table(keys, **accuracy):
    """Rows of three seeds that differ by a little; each accuracy is named by its values, joined by _."""
    rows = [
        (*map(typed, name.split("_")), seed, value + 0.001 * seed * k)
        for k, (name, value) in enumerate(accuracy.items())
        for seed in range(3)
    ]
    return pd.DataFrame(rows, columns=[*keys, "seed", "accuracy"])


def typed(value):
    return int(value) if value.isdigit() else value


def verdicts(findings):
    return {f.claim: f.verdict for f in findings}


def test_yosinski_on_a_world_that_agrees():
    rows = table(
        ("target", "way", "blocks"),
        near_scratch_0=0.5,
        near_frozen_1=0.9,
        near_frozen_4=0.8,
        near_tuned_1=0.92,
        near_tuned_4=0.95,
        far_scratch_0=0.5,
        far_frozen_1=0.9,
        far_frozen_4=0.4,
        far_tuned_1=0.92,
        far_tuned_4=0.95,
    )
    found = papers.yosinski(rows)
    assert [one.verdict for one in found] == ["reproduced"] * 6 + ["yes"] * 3, "far, fine-tuned: our addition"
    assert found[0].mean == pytest.approx(0.4, abs=0.01) and found[0].seeds == 3


def test_kumar_in_and_out_of_distribution():
    rows = [
        {"strategy": way, "shift": shift, "seed": seed, "accuracy": value + 0.001 * k * seed}
        for k, (way, values) in enumerate(
            {
                "Linear probe": (0.8, 0.5, 0.7),
                "Full fine-tune": (0.9, 0.4, 0.6),
                "Probe, then fine-tune": (0.95, 0.55, 0.75),
            }.items()
        )
        for shift, value in zip(("none", "noise", "dark"), values, strict=True)
        for seed in range(3)
    ]
    rows = pd.DataFrame(rows)
    inside, outside = papers.distorted(rows)
    assert inside["Linear probe"][0] == 0.8 and outside["Full fine-tune"][0] == pytest.approx(0.5)
    assert set(verdicts(papers.kumar(rows)).values()) == {"reproduced"}
    assert papers.kumar(rows)[1].mean == pytest.approx(0.1, abs=0.01)


def made_up(**accuracy):
    rows = named(table(("strategy", "images"), **accuracy), "micrographs")
    return rows.assign(source=rows["strategy"].map({"Full fine-tune": "shapes", "From scratch": "none"}))


def named(rows, target):
    names = {"F": "Full fine-tune", "S": "From scratch"}
    return rows.assign(strategy=rows["strategy"].map(names), target=target)


def test_raghu_benefit_by_size():
    rows = made_up(F_5=0.7, S_5=0.3, F_50=0.9, S_50=0.7, F_500=0.98, S_500=0.99)
    by_size = papers.benefit(rows, "micrographs", "shapes")
    assert by_size.mean().round(1).to_dict() == {5: 0.4, 50: 0.2, 500: 0.0}
    assert [*by_size] == [5, 50, 500]
    told = verdicts(papers.raghu(rows))
    assert told["micrographs: transfer helps more with 5 than with 500 images per class"] == "reproduced"
    assert "opposite" in told["micrographs: with 500 images per class, fine-tuning beats random weights"]


def test_raghu_names_a_rival_that_differs_in_more_than_its_weights():
    rows = made_up(F_5=0.7, S_5=0.3, F_50=0.9, S_50=0.7).replace({"source": {"shapes": "MobileNet"}})
    first, *lines = map(str, papers.raghu(rows, source="MobileNet"))
    for line in (first, *lines):
        assert "MobileNet (ImageNet, full fine-tuning)" in line and " yes" in line
        assert "our small network from scratch" in re.sub(r"\s+", " ", line)
        assert max(map(len, line.splitlines())) <= papers.LINE and line.splitlines()[-1].startswith("    ")


def test_raghu_waits_for_two_sizes_and_leaves_out_what_is_half_measured():
    rows = made_up(F_5=0.7, S_5=0.3, F_50=0.9)
    with pytest.raises(ValueError, match="two sizes of micrographs"):
        papers.raghu(rows)


def test_he_on_a_scratch_that_catches_up():
    rows = named(table(("strategy", "epochs"), F_1=0.6, F_8=0.99, S_1=0.2, S_8=0.99), "t")
    assert set(verdicts(papers.he(rows)).values()) == {"reproduced"}
    overtaken = rows.assign(accuracy=1 - rows["accuracy"])  # the gap has another sign, and the same size
    assert verdicts(papers.he(overtaken))["t: the gap is smaller after 8 epochs than after 1"] == "reproduced"
    rows.loc[rows["strategy"] == "From scratch", "accuracy"] = 0.2  # ... and on one that never does
    told = verdicts(papers.he(rows))
    assert told["t: after 1 epoch, fine-tuning is ahead"] == "reproduced"
    assert "opposite" in told["t: the gap is smaller after 8 epochs than after 1"]
    assert "opposite" in told["t: after 8 epochs, random weights are less than 2 points behind"]


def ranked(order):
    rows = [
        {"target": "t", "source": k, "seed": s, "fine_tuned": k} | dict.fromkeys(papers.SCORES, v)
        for s in range(3)
        for k, v in enumerate(order)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("order, tau", [([1, 2, 3, 4], 1), ([4, 3, 2, 1], -1), ([1, 3, 2, 4], 2 / 3)])
def test_kendalls_tau_counts_pairs(order, tau):
    assert papers.kendall(ranked(order), "t", "leep")[0] == pytest.approx(tau)


def test_taus_of_all_scores():
    rows = ranked([1, 3, 2, 4])
    rows["h_score"] = rows["fine_tuned"]
    found = papers.taus(rows, "t")
    assert [*found] == [*papers.SCORES.values()] and [*found.index] == [0, 1, 2]
    assert found["H-score"].tolist() == [1, 1, 1] and found["LEEP"][0] == pytest.approx(2 / 3)


def test_early_layers():
    rows = [
        {"target": "t", "layer": layer, "seed": s, "fine_tuned": tuned + 0.01 * s, "random": 0.3}
        for s in range(3)
        for layer, tuned in (("block1_pool", 0.9), ("block4_pool", 0.5))
    ]
    assert [*verdicts(papers.early_layers(pd.DataFrame(rows))).values()] == ["reproduced", "yes"]


# --- the measured tables ---

STUDIES = {
    "yosinski": papers.yosinski,
    "model_ranking": papers.ranking,
    "same_recipe": papers.same_recipe,
    "scratch_catches_up": papers.he,
    "distortion": papers.kumar,
    "cka_finetuning": papers.early_layers,
}


@pytest.mark.parametrize("name", STUDIES)
def test_every_claim_is_judged_over_seeds(name):
    assert min(f.seeds for f in STUDIES[name](read_results(name))) >= 5


# Comparing the images of a shift takes long, so only these are judged again: others every day.
SHIFTS_OF_TODAY = random.Random(str(date.today())).sample([*EXAM_SHIFTS], 2)


def after_the_lecture():
    """The claims that notebook 09 judges."""
    runs, judging = read_results("surgical"), read_results("judging")
    exam = judging[judging["shift"].isin(SHIFTS_OF_TODAY)]
    of_exam = judging[judging["shift"].isin([*EXAM_SHIFTS])]
    return [
        *after_lecture.lee(runs),
        *judge(exam),
        *always("block1 and head", of_exam),
        *after_lecture.without_labels(read_results("unlabelled_source")),
        *after_lecture.adapted(runs, read_results("adapted_detector")),
        *after_lecture.few_parameters(read_results("few_parameters")),
        *after_lecture.distorted(read_results("replay")),
        *after_lecture.weight_slider(read_results("weight_slider")),
        *after_lecture.l2_sp(read_results("l2_sp")),
        *after_lecture.all_layers(read_results("all_layers"), board.rows()),
        *after_lecture.zero_shot(read_results("zero_shot")),
    ]


def test_verdicts_that_notebooks_show_are_those_of_the_tables():
    """A table that grew changes what a notebook has printed: run that notebook again, and read its prose."""
    rows = board.rows()
    columns = [(target, "shapes") for target in ("micrographs", "streets_night", "digits")]
    columns += [(target, "MobileNet", board.LP_FT) for target in REAL]
    now = {str(f) for name, judge in STUDIES.items() for f in judge(read_results(name))}
    now |= {str(f) for column in columns for f in papers.raghu(rows, *column)}
    now |= {str(f) for f in after_the_lecture()}
    shown = {
        line
        for path in NOTEBOOKS.glob("*.ipynb")
        for cell in nbformat.read(path, 4).cells
        for output in cell.get("outputs", [])
        for line in re.split(r"\n(?!    )", output.get("text", ""))
        if re.search(r":\s+(reproduced|yes|no clear difference|the opposite)\s+\(", line)
    }
    assert len(shown) > 25
    others = tuple(f"{shift}: the advice (" for shift in EXAM_SHIFTS if shift not in SHIFTS_OF_TODAY)
    assert {line for line in shown if not line.startswith(others)} <= now


PROSE = {  # what notebooks 04, 05 and 06 say in their own words: another verdict asks for other words
    "yosinski": {
        "freezing four instead of one costs the far target more": "reproduced",
        "near: four frozen blocks are worse than one": "the opposite",
        "far: four blocks, fine-tuned, beat four frozen ones": "yes",
    },
    "same_recipe": {
        "micrographs: the weights of shapes beat random ones, with one recipe": "no clear difference",
        "streets_night: the weights of shapes beat random ones, with one recipe": "no clear difference",
    },
    "scratch_catches_up": {
        "micrographs: after 1 epoch, fine-tuning is ahead": "the opposite",
        "micrographs: the gap is smaller after 64 epochs than after 1": "reproduced",
        "micrographs: after 64 epochs, random weights are less than 2 points behind": "reproduced",
        "new_shapes: the gap is smaller after 64 epochs than after 1": "reproduced",
        "new_shapes: after 64 epochs, random weights are less than 2 points behind": "the opposite",
    },
}


@pytest.mark.parametrize("name", PROSE)
def test_prose_says_what_the_table_says(name):
    told = verdicts(STUDIES[name](read_results(name)))
    assert {claim: told[claim] for claim in PROSE[name]} == PROSE[name]


def test_prose_about_the_benefit_of_transfer_says_what_the_board_says():
    assert papers.raghu(board.rows())[0].verdict == "reproduced"
    of = {target: papers.raghu(board.rows(), target, "MobileNet", board.LP_FT) for target in REAL}
    said = {target: [one.verdict for one in found] for target, found in of.items()}
    assert said["plankton"] == ["no clear difference", "yes", "yes"]
    assert said["elpv_solar"][1:] == ["no clear difference"] * 2
    late = papers.benefit(board.rows(), "elpv_solar", "MobileNet", registry.FINE_TUNE.name)
    assert papers.finding("late blocks are ahead", late[100]).verdict == "reproduced"


def test_prose_about_all_layers_says_what_the_table_says():
    found = after_lecture.all_layers(read_results("all_layers"), board.rows())
    told = [one.verdict for one in found]
    assert told[:4] == ["no clear difference"] * 4, "over both sizes"
    assert told[4::2] == ["the opposite", "reproduced"], "few images, many images, against the last layer"
    assert told[5::2] == ["no clear difference"] * 2


@pytest.mark.parametrize("name", STUDIES)
def test_tables_hold_cells_of_their_studies(name):
    cells = importlib.import_module(f"helpers.studies.{name}").cells()
    held = read_results(name)[[*cells[0]]].itertuples(index=False, name=None)
    assert set(held) <= {tuple(cell.values()) for cell in cells}


# --- figures, of made-up tables as large as the real ones ---


def moved():
    ways = [("scratch", 0), *((way, n) for way in ("frozen", "tuned") for n in (1, 2, 3, 4))]
    names = {f"{target}_{way}_{n}": 0.3 + 0.1 * n for target in ("near", "far") for way, n in ways}
    return table(("target", "way", "blocks"), **names)


def trained_longer():
    rows = table(("epochs",), **{f"{2**k}": 0.5 + 0.07 * k for k in range(7)})
    return pd.concat(
        rows.assign(target=target, strategy=way)
        for target in ("micrographs", "new_shapes")
        for way in ("From scratch", "Full fine-tune")
    )


def candidates():
    names = ("never trained", "photos", "shapes", "shapes, 80 steps", "shapes, 320 steps", "streets")
    rows = ranked([2, 1, 3, 5, 4, 6])
    return rows.assign(source=rows["source"].map(dict(enumerate(names))), target="micrographs")


@pytest.mark.parametrize(
    "make",
    [
        lambda: draw.transferred_blocks(moved(), trained_longer()),
        lambda: draw.longer_training(trained_longer()),
        lambda: draw.ranked_sources(candidates(), "micrographs"),
        lambda: draw.shrinking_benefit(
            made_up(F_5=0.7, S_5=0.3, F_50=0.9, S_50=0.7, F_500=0.98, S_500=0.99), [("micrographs", "shapes")]
        ),
    ],
    ids=["transferred_blocks", "longer_training", "ranked_sources", "shrinking_benefit"],
)
def test_figures_are_legible_and_told_in_words(make):
    drawing = make()
    assert faults(drawing) == [] and len(drawing.alt.split()) > 10


def test_the_figure_of_blocks_draws_every_mean():
    drawing = draw.transferred_blocks(moved(), trained_longer())
    near, _ = drawing.axes
    frozen = near.containers[1].lines[0]
    np.testing.assert_array_equal(frozen.get_xdata(), [1, 2, 3, 4])
    np.testing.assert_allclose(frozen.get_ydata(orig=False), [0.4, 0.5, 0.6, 0.7], atol=0.02)
    assert near.get_legend_handles_labels()[1].count("none transferred, 64 epochs") == 1
    assert "near, none transferred, 64 epochs: 9" in drawing.alt
