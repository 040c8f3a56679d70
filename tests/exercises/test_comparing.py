"""Exercises of notebook 05 about comparisons: each typical mistake gets a reply that names it."""

import pytest

from helpers.exercises import checks, comparisons, layer_draws

SCORES = {  # of three draws: a tie of three, a clear winner, a tie of two
    2: dict(zip(layer_draws.LAYERS, (0.72, 0.80, 0.81, 0.80), strict=True)),
    3: dict(zip(layer_draws.LAYERS, (0.63, 0.73, 0.72, 0.87), strict=True)),
    4: dict(zip(layer_draws.LAYERS, (0.65, 0.76, 0.68, 0.75), strict=True)),
}
SETS = {
    2: {"block2_pool", "block3_pool", "block4_pool"},
    3: {"block4_pool"},
    4: {"block2_pool", "block4_pool"},
}


@pytest.fixture
def scores(monkeypatch):
    monkeypatch.setattr(layer_draws, "accuracies", SCORES.__getitem__)


@pytest.mark.parametrize(
    ("sets", "kept", "words"),
    [
        ({}, {"block4_pool"}, None),
        ({2: ["block4_pool", "block3_pool", "block2_pool"]}, ["block4_pool"], None),
        ({2: {"block3_pool"}}, {"block4_pool"}, "Seed 2: block3_pool has the highest accuracy, but another"),
        ({3: {"block2_pool", "block4_pool"}}, {"block4_pool"}, "Seed 3: block2_pool does not belong here"),
        ({4: {"block4_pool"}}, {"block4_pool"}, "Seed 4: block2_pool is missing"),
        ({4: "block4_pool"}, {"block4_pool"}, "Seed 4: give a set of names"),
        ({4: {"block4"}}, {"block4_pool"}, "'block4' is not one of"),
        ({}, {"block2_pool", "block4_pool"}, "Keep a layer only if it is in all of them"),
        ({}, "block4_pool", "The layers to keep: give a set of names"),
    ],
)
def test_05_4(scores, sets, kept, words):
    found = layer_draws.chosen((SETS | sets, kept))
    assert found is None if words is None else words in found
    assert "block3_pool in a tie of 3, block4_pool alone, block2_pool in a tie of 2" in layer_draws.stable(())


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ({}, None),
        ({"A": "Unequal tuning", "B": ["one target", "copies"]}, None),
        ({"B": {"copies"}}, "4 of 5 right. Think again about 'B'. A fault is missing"),
        ({"C": {"within chance"}}, "'C'. Where a difference is claimed here"),
        ({"C": {"one target"}}, "'C'. The conclusion does not claim more"),
        ({"C": None}, "'C'. Give a set of faults, or set()"),
        ({"D": {"baseline"}}, "'D'. Unknown: ['baseline']"),
        (dict.fromkeys("ABCDE", set(comparisons.FAULTS)), "0 of 5 right"),
    ],
)
def test_05_6(faults, words):
    reply = checks.check("05.6", comparisons.RIGHT | faults)
    assert reply.right if words is None else words in reply.text
