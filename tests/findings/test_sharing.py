import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import helpers
from helpers.findings import lines, sharing
from helpers.studies.engine import statistics

RUN = {
    "target": "new_shapes",
    "source": "built-in shapes",
    "strategy": "Fine-tune",
    "setting": "from block4, rates 3e-4 / 3e-3",
    "images": 10,
    "seed": 3,
    "accuracy": 0.893,
}


def test_a_line_is_short_and_comes_back():
    line = sharing.to_line(RUN)
    assert len(line) < 120 and "\n" not in line
    assert sharing.from_line(f"  {line} ") == RUN | {"version": helpers.__version__}


@example(" a name", "", 1, 0.0)
@given(st.text(min_size=1), st.text(), st.integers(1, sharing.MOST_IMAGES), st.floats(0, 1))
def test_any_name_survives(target, setting, images, accuracy):
    run = RUN | {"target": target, "setting": setting, "images": images, "accuracy": accuracy}
    line = sharing.to_line(run)
    assert len(line.splitlines()) == 1
    assert sharing.from_line(line) == run | {"accuracy": round(accuracy, 4), "version": helpers.__version__}


@given(st.integers(0, 200), st.sampled_from("0123456789abcxyz;#. "))
def test_a_changed_character_is_noticed(place, character):
    line = sharing.to_line(RUN)
    place %= len(line)
    damaged = line[:place] + character + line[place + 1 :]
    if damaged.strip() != line:
        with pytest.raises(ValueError):
            sharing.from_line(damaged)


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"strategy": "Luck"}, "no strategy"),
        ({"accuracy": 1.5}, "between 0 and 1"),
        ({"images": 0}, "between 1 and 100,000"),
        ({"images": 10**9}, "between 1 and 100,000"),
        ({"seed": "one"}, "numbers"),
    ],
)
def test_what_cannot_be_is_refused(change, reason):
    with pytest.raises(ValueError, match=reason):
        sharing.from_line(sharing.to_line(RUN | change))


def test_a_class_gets_an_interval_and_repeats_count_once():
    lines = [sharing.to_line(RUN | {"seed": s, "accuracy": 0.8 + s / 100}) for s in range(5)]
    merged = sharing.merge("\n".join([*lines, "", lines[0], "hello", lines[1][:-1]]))
    assert (len(merged.results), merged.repeated, len(merged.refused)) == (5, 1, 2)
    (row,) = statistics.summary(merged.results).to_dict("records")
    assert row["runs"] == 5 and row["mean"] == pytest.approx(0.82) and row["interval"] > 0
    assert merged.conflicting == ()
    assert "checksum" in merged.refused[1] and "whole line" in merged.refused[0]


def test_text_of_a_chat_beside_the_lines_does_no_harm():
    one, other = (sharing.to_line(RUN | {"seed": seed}) for seed in (0, 1))
    merged = sharing.merge(f"10:31 An: {one} thanks\nBao: {other} {one}")
    assert merged.results["seed"].tolist() == [0, 1] and merged.repeated == 1 and merged.refused == ()


def test_lines_of_other_versions_count_and_are_named(monkeypatch):
    old = lines.encode([*(RUN[name] for name in sharing.FIELDS[:-1]), "0.8000"])
    monkeypatch.setattr(helpers, "__version__", "0.8.0")
    other = sharing.to_line(RUN | {"seed": 7})
    monkeypatch.undo()
    merged = sharing.merge(f"{old}\n{other}\n{sharing.to_line(RUN | {'seed': 8})}")
    assert len(merged.results) == 3 and merged.other_versions == ("0.8.0", "older")


def test_a_run_told_again_with_another_accuracy_is_listed():
    right, wrong = (sharing.to_line(RUN | {"accuracy": accuracy}) for accuracy in (0.9, 0.1))
    merged = sharing.merge("\n".join([right, wrong, right]))
    assert merged.results["accuracy"].tolist() == [0.9] and merged.repeated == 1
    (conflict,) = merged.conflicting
    assert conflict.startswith(wrong) and "0.9000 of the same run" in conflict


def most_measured(runs):
    return sharing.most_measured(pd.DataFrame(runs, columns=[*RUN])).to_dict("records")


def of_way(runs, accuracy, **way):
    return [RUN | way | {"seed": seed, "accuracy": accuracy} for seed in range(runs)]


@pytest.mark.parametrize("way", [{"setting": "all"}, {"source": "built-in photographs"}])
def test_a_lucky_run_does_not_stand_for_a_strategy(way):
    many, lucky = of_way(20, 0.93), of_way(1, 0.97, **way)
    probe = of_way(1, 0.5, strategy="Linear probe")
    assert most_measured(lucky + probe + many) == probe + many


def test_of_equally_many_runs_the_first_are_taken():
    one, other = of_way(2, 0.8), of_way(2, 0.9, setting="all")
    assert most_measured(one + other) == one and most_measured(other + one) == other
    assert most_measured([]) == []
