"""The seed of a cell draws its images: otherwise every interval over seeds would be too narrow."""

import importlib
import sys

import numpy as np
import pytest
from sklearn import model_selection

from helpers.data import image_sets, splits
from helpers.networks import basics
from helpers.strategies import silent_bugs
from helpers.studies.engine import all_studies

DRAWING = (  # where a function that draws images is defined, and the place of its seed
    ("builtin", image_sets, 4),
    ("n_per_class", splits, 3),
    ("digits", basics, 1),
    ("default_rng", np.random, 0),
    ("train_test_split", model_selection, None),  # its seed is named random_state
)


class Drawn(Exception):
    """Ends a measurement: images have been drawn with the seed of the cell."""


@pytest.fixture
def watched(monkeypatch):
    """All that draws images raises `Drawn` for seed 1, wherever it has been imported to."""
    monkeypatch.delenv("TRANSFER_DATA_DIR", raising=False)
    ours = [module for name, module in sys.modules.items() if name.startswith("helpers.")]
    for name, home, place in DRAWING:
        real = getattr(home, name)

        def draw(*arguments, real=real, place=place, **named):
            unnamed = arguments[place] if place is not None and len(arguments) > place else None
            if named.get("seed", named.get("random_state", unnamed)) == 1:
                raise Drawn
            return real(*arguments, **named)

        for module in [home, *ours]:
            if vars(module).get(name) is real:
                monkeypatch.setattr(module, name, draw)


STUDIES = [importlib.import_module(f"helpers.studies.{name}") for name in all_studies.names()]


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__.rpartition(".")[2])
def test_the_seed_of_a_cell_draws_its_images(study, watched):
    cell = next((cell for cell in study.cells() if cell.get("seed") == 1), None)
    if cell is None:
        pytest.skip("it has one seed only")
    try:
        with pytest.raises(Drawn):
            study.measure(cell)
    except FileNotFoundError as error:
        pytest.skip(str(error))


def test_the_seed_of_a_silent_bug_draws_its_images(watched):
    with pytest.raises(Drawn):
        silent_bugs.train("healthy", 1)
