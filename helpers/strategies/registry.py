"""The strategies by name."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.networks.backbones import Backbone
    from helpers.strategies import Strategy


TRANSFERS = (
    "Linear probe",
    "Earlier-layer SVM",
    "Fine-tune",
    "Full fine-tune",
    "Probe, then fine-tune",
)


STRATEGIES = ("From scratch", *TRANSFERS)


def strategies(backbone: "Backbone") -> dict[str, "Strategy"]:
    """The six strategies on a backbone, by the name that figures and tables use."""
    from helpers import strategies as s

    return {
        "From scratch": s.FromScratch(),
        "Linear probe": s.LinearProbe(backbone),
        "Earlier-layer SVM": s.EarlierLayerSVM(backbone),
        "Fine-tune": s.FineTune(backbone),
        "Full fine-tune": s.FullFineTune(backbone),
        "Probe, then fine-tune": s.ProbeThenFineTune(backbone),
    }
