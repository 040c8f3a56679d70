"""How the board chooses a configuration within the training images."""

import numpy as np
import pytest

from helpers.studies._choice import FEW, choose, folds

RIGHT, WRONG = {"right": True}, {"right": False}


class Classes:
    """A made-up strategy: its right configuration knows the class of every row, any other says 0."""

    def __init__(self, y):
        self.y, self.calls = y, []

    def __call__(self, config, rows):
        def predict(others):
            self.calls.append((config, set(rows.tolist()), set(others.tolist())))
            return self.y[others] if config["right"] else np.zeros(len(others), int)

        return predict


def balanced(images, classes=2):
    return np.arange(images) % classes


@pytest.mark.parametrize("images", [12, FEW, 3 * FEW])
@pytest.mark.parametrize("place", range(4))
def test_the_right_configuration_is_chosen(images, place):
    grid = [WRONG] * 4
    grid[place] = RIGHT
    y = balanced(images)
    found = choose(Classes(y), np.arange(images), y, grid, seed=0)
    assert found.number == place and found.scores[place] == 1
    assert {found.scores[k] for k in range(4) if k != place} <= {0.5}


def test_a_tie_goes_to_the_first():
    y = balanced(12)
    assert choose(Classes(y), np.arange(12), y, [WRONG, RIGHT, RIGHT], seed=0).number == 1
    assert choose(Classes(y), np.arange(12), y, [WRONG] * 4, seed=0).number == 0


@pytest.mark.parametrize(("images", "times", "validated"), [(FEW, 3, FEW), (FEW + 6, 1, (FEW + 6) // 3)])
def test_few_images_all_validate_and_of_many_a_third(images, times, validated):
    y, learn = balanced(images), Classes(balanced(images))
    found = choose(learn, np.arange(images), y, [WRONG, RIGHT], seed=0)
    assert found.validated == validated and len(learn.calls) == 2 * times
    for _, learned, held_out in learn.calls:
        assert not learned & held_out and learned | held_out == set(range(images))


def test_only_the_training_rows_are_learned_from_and_predicted():
    """Half of the rows are others, such as test images: nothing may depend on them."""
    rows = np.arange(0, 60, 2)
    labels = balanced(60, 3)
    poisoned = labels.copy()
    poisoned[1::2] = 0
    found = []
    for y in (labels, poisoned):
        learn = Classes(y)
        found.append(choose(learn, rows, y[rows], [WRONG, RIGHT], seed=0))
        assert set.union(*(learned | held_out for _, learned, held_out in learn.calls)) == set(rows.tolist())
    assert found[0] == found[1]


def test_all_configurations_are_validated_on_the_same_images():
    y, learn = balanced(30), Classes(balanced(30))
    choose(learn, np.arange(30), y, [WRONG, RIGHT, WRONG, WRONG], seed=0)
    for start in range(0, len(learn.calls), 4):
        assert len({tuple(sorted(held)) for _, _, held in learn.calls[start : start + 4]}) == 1


@pytest.mark.parametrize("images", [24, 2 * FEW])
@pytest.mark.parametrize("several", [2, 3, 5])
def test_images_of_one_group_stay_together(images, several):
    y, groups = balanced(images), np.arange(images) // 2 % several
    parts = folds(y, 0, groups)
    assert len(parts) == (min(3, several) if images <= FEW else 1)
    for train, held_out in parts:
        assert len(train) and len(held_out)
        assert not {*groups[train]} & {*groups[held_out]}


def test_the_seed_draws_the_folds():
    y = balanced(30)
    first, again, other = (folds(y, seed)[0][1].tolist() for seed in (0, 0, 1))
    assert first == again != other


def test_what_cannot_be_validated_is_refused():
    with pytest.raises(ValueError, match="one group"):
        folds(balanced(12), 0, np.zeros(12))
    with pytest.raises(ValueError, match=r"3 training images per class\. Received: 2"):
        folds(balanced(4), 0)
