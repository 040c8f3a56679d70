"""The registry of strategies, and how little a seventh one needs: a class and an entry."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import plots
from helpers.data.image_sets import builtin
from helpers.findings import sharing
from helpers.networks.backbones import Backbone
from helpers.networks.features import CNNCodes
from helpers.strategies import LinearProbe, registry
from helpers.strategies.export import to_keras
from helpers.studies.engine import runner
from helpers.widgets import strategy_lab

HELPERS = Path(__file__).parents[2] / "helpers"


class MaxProbe(LinearProbe):
    """A linear probe on the largest activation of each channel, not on their mean."""

    def _codes(self):
        return CNNCodes(self.backbone, self.layer, "max")


@pytest.fixture
def seventh(monkeypatch):
    monkeypatch.setattr(registry, "REGISTRY", dict(registry.REGISTRY))
    return registry.register(
        registry.Entry(
            name="Max probe",
            title="A linear classifier on the largest activations",
            estimator=f"{__name__}:MaxProbe",
            colour="#CC79A7",
            marker="*",
            citation="made up",
            dials={"layer": "last", "C": 0.1},
        )
    )


def test_a_seventh_strategy_appears_in_the_lab_and_its_runs_can_be_shared(seventh):
    lab = strategy_lab(builtin("new_shapes", 5, 5, 0), Backbone("shapes"))
    lab.strategy.value = seventh.name
    assert seventh.title in lab.about.value and lab.head_rate.disabled and not lab.depth.disabled
    lab._run_all([lab._chosen()])
    (result,) = lab.results.to_dict("records")
    assert result["strategy"] == "Max probe" and result["setting"] == "block4_pool"
    assert sharing.from_line(lab.lines.value)["strategy"] == "Max probe"


def test_a_seventh_strategy_is_run_by_studies_and_in_the_figure_of_the_board(seventh):
    cell = {"strategy": seventh.name}
    strategy = runner.strategy_of(cell, Backbone("photos"), batch_size=16)
    assert isinstance(strategy, MaxProbe) and strategy.backbone == Backbone("photos")
    row = {"strategy": [seventh.name], "images": 10, "mean": 0.5, "interval": 0.1, "target": "new_shapes"}
    figure = plots.scenario_board(pd.DataFrame(row), 10, 100)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["Max probe"]
    assert figure.axes[0].patches[0].get_facecolor()[:3] == pytest.approx(np.array([0xCC, 0x79, 0xA7]) / 255)


def test_a_seventh_strategy_can_be_exported(seventh):
    data = builtin("new_shapes", 5, 5, 0)
    fitted = seventh.make().fit(data.X_train, data.y_train)
    scores = to_keras(fitted).predict(data.X_validation, verbose=0)
    np.testing.assert_allclose(scores, fitted.decision_function(data.X_validation), atol=1e-3)


def test_an_unknown_strategy_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="no strategy 'Max probe'. Use one of .*'Linear probe'"):
        registry.get("Max probe")


def test_names_and_looks_are_taken_once(seventh):
    with pytest.raises(ValueError, match="already a strategy 'Max probe'"):
        registry.register(seventh)
    with pytest.raises(ValueError, match="'Linear probe' already has the colour '#0072B2'"):
        registry.register(
            registry.Entry("Other", "", "", registry.LINEAR_PROBE.colour, registry.LINEAR_PROBE.marker, "")
        )


def test_the_trivial_baseline_is_not_compared():
    assert [entry.name for entry in registry.entries() if entry.is_baseline] == ["Nearest colours"]
    assert len(registry.names()) == 6 and registry.NEAREST_COLOURS.name not in registry.names()


def test_no_other_module_spells_the_name_of_a_strategy():
    """Exercises may: there, names are values of a table that students type."""
    names = {entry.name for entry in registry.entries()}
    spelled = [
        f"{path.relative_to(HELPERS)}:{node.lineno} {node.value!r}"
        for path in sorted(HELPERS.rglob("*.py"))
        if path.name != "registry.py" and "exercises" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in names
    ]
    assert not spelled, "take the name from helpers.strategies.registry:\n" + "\n".join(spelled)
