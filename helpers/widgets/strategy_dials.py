"""The dials of each strategy in the Strategy Lab, and the values from which they start."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpers.networks.rates import Rates, rates_of
from helpers.strategies import registry

if TYPE_CHECKING:
    from helpers.networks.backbones import Backbone

RATES = [f"{digit}e-{power}" for power in (5, 4, 3, 2) for digit in (1, 3)]
SHIPPED = {
    "built-in shapes": "shapes",
    "photographs (Tiny ImageNet)": "photos",
    "shapes without labels (SimCLR, after the lecture)": "simclr",
}


@dataclass(frozen=True)
class SourceDials:
    """What a source model offers to the dials of a strategy.

    Args:
        title: of the source, as the lab lists it.
        backbone: the source model; None is the shipped one of this title, for which Keras is not loaded, so
            that the lab opens at once.

    Example:
        >>> SourceDials("built-in shapes").first("Fine-tune")
        {'depth': 'block4', 'head_rate': '1e-2', 'base_rate': '3e-4'}
    """

    title: str
    backbone: "Backbone | None" = None

    @property
    def rates(self) -> Rates:
        """The learning rates that suit this source."""
        return self.backbone.rates if self.backbone else rates_of(SHIPPED[self.title])

    @property
    def layers(self) -> list[str]:
        """The names of the layers, first to last."""
        if self.backbone:
            return [*self.backbone.layer_names]
        return [f"{block}_{part}" for block in self.blocks for part in ("conv1_relu", "conv2_relu", "pool")]

    @property
    def blocks(self) -> list[str]:
        """The names of the blocks, first to last."""
        return list(self.backbone.blocks) if self.backbone else [f"block{k}" for k in range(1, 5)]

    def depths(self, name: str) -> tuple[list[str], str]:
        """Return the layers, blocks or kinds of weights to choose from, and the initial choice.

        Args:
            name: of the strategy.
        """
        dials = registry.get(name).dials
        if "layer" in dials:
            # Other networks name their layers in other ways; the last one is always available.
            options = [la for la in self.layers[:-1] if la.endswith(("_pool", "_relu"))] + [self.layers[-1]]
            return options, options[-1] if dials["layer"] == "last" else _early(options)
        if "from_block" in dials:
            options = ["all", *self.blocks]
            return options, options[-1] if dials["from_block"] == "last" else "all"
        if "block" in dials:
            options = self.blocks or ["first"]
            return options, options[0]
        if "which" in dials:
            return list(registry.FEW_WEIGHTS), dials["which"]
        return ["all"], "all"

    def first(self, name: str) -> dict[str, Any]:
        """Return the value from which each dial starts: depth, and those learning rates that there are.

        Args:
            name: of the strategy.
        """
        rates = registry.get(name).first_rates(self.rates)
        found = {"depth": self.depths(name)[1]}
        for rate, dial in (("head_lr", "head_rate"), ("lr", "head_rate"), ("base_lr", "base_rate")):
            if rate in rates:
                found[dial] = _nearest(rates[rate])
        return found


def _early(layers):
    return "block2_pool" if "block2_pool" in layers else layers[len(layers) // 3]


def _nearest(rate):
    """Return the step of the sliders that is closest to a learning rate, in orders of magnitude."""
    return min(RATES, key=lambda step: abs(math.log(float(step) / rate)))
