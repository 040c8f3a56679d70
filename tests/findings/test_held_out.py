import numpy as np
import pytest

from helpers.findings.held_out import held_out

TRUTH = np.array(["cup"] * 6 + ["glass"] * 6)


def answers(cup):
    cup = np.array(cup, float)
    return held_out(TRUTH, np.stack([cup, 1 - cup], axis=1), [f"{k}.jpg" for k in range(len(cup))])


def test_the_surest_mistakes_come_first_and_the_surest_right_answers_last():
    found = answers([0.9, 0.4, 0.6, 0.8, 0.8, 0.8, 0.95, 0.3, 0.2, 0.2, 0.2, 0.01])
    assert found.wrong.nonzero()[0].tolist() == [1, 6]
    assert found.order[:3].tolist() == [6, 1, 2] and found.order[-1] == 11


def test_the_mistakes_are_named_with_their_probabilities():
    text = answers([0.9, 0.4, 0.6, 0.8, 0.8, 0.8, 0.95, 0.3, 0.2, 0.2, 0.2, 0.01]).in_words()
    assert text.startswith("Held-out accuracy 83.3% on 12 images (95 % confidence interval 55.2% to 95.3%).")
    assert (
        "Mistakes: 6.jpg is glass, predicted as cup (probability 95%); 1.jpg is cup, predicted as glass "
        "(probability 60%)." in text
    )
    assert "probably somewhere in this interval" in text


def test_no_more_is_claimed_than_the_interval_allows():
    """9 of 12 is above chance, but the interval begins below one half; 10 of 12 begins above it."""
    right = [0.9] * 6 + [0.1] * 6
    assert "not show that the model is better" in answers([0.1] * 3 + right[3:]).in_words()
    assert "not show that the model is better" not in answers([0.1] * 2 + right[2:]).in_words()


def test_guessing_is_the_share_of_the_largest_class():
    """With 90 % of one class, answering with it always is no achievement."""
    truth = np.array(["cup"] * 18 + ["glass"] * 2)
    found = held_out(truth, np.tile([1.0, 0.0], (20, 1)), [""] * 20)
    assert "not show that the model is better than guessing" in found.in_words()


def test_no_mistakes_and_many_mistakes():
    assert answers([0.9] * 6 + [0.1] * 6).in_words().endswith("There are no mistakes.")
    assert answers([0.1] * 6 + [0.9] * 6).in_words().endswith("; and 7 more.")


@pytest.mark.parametrize(
    ("probabilities", "named"),
    [
        (np.ones(12), r"shape \(12, 2\). Received: shape \(12,\)"),
        (np.ones((12, 3)), r"shape \(12, 3\)"),
        (np.full((12, 2), np.nan), "numbers from 0 to 1"),
        (np.full((12, 2), 1.5), "numbers from 0 to 1"),
    ],
)
def test_what_are_no_probabilities_is_refused(probabilities, named):
    with pytest.raises(ValueError, match=named):
        held_out(TRUTH, probabilities, [""] * 12)
