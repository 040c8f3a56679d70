"""Learning rates that suit a network: of a new head, and of the pre-trained backbone.

They belong to the network: a rate that teaches one backbone destroys another. Does not import Keras.

How `MEASURED` was chosen, on validation images:

- head: among 1e-3, 3e-3, 1e-2 and 3e-2 on a frozen backbone, over three targets and three seeds per source
  (study `rates`). 1e-2 has the best mean rank for MobileNet and VGG16. For the sources shapes and photos
  (both MiniVGG), 3e-2 is slightly better; the smaller one of the best two was taken.
- backbone: one rate for the last block alone and for all layers, by mean rank over targets and strategies.
  MobileNet: studies `rates` and `photo_rates`, four targets. VGG16: study `rates` for block5 with this head
  rate, three targets; study `vgg16_full`, two targets with two sizes each, for block5 and for all layers,
  with a new head at 1e-3 or 3e-4. When all layers train with a new head, three times as much costs
  accuracy; MobileNet tolerates it in the last block alone, and in all layers after a probe.
  shapes and photos: in the study `rates`, 3e-4 and 1e-3 differ by less than the spread of the targets.
  1e-3 suits the last block; all layers of photos lose ten points with it on sketches.
  MiniVGG with random weights was not measured: it has the rates of shapes.
"""

from typing import NamedTuple


class Rates(NamedTuple):
    """Learning rates of Adam for fine-tuning.

    Args:
        head: of a new head, which starts from random weights.
        backbone: of the pre-trained layers that train.

    Example:
        >>> Rates(head=3e-3, backbone=3e-4)._replace(head=1e-3)
        Rates(head=0.001, backbone=0.0003)
    """

    head: float
    backbone: float


_MINI_VGG = Rates(head=1e-2, backbone=3e-4)
MEASURED = {
    "shapes": _MINI_VGG,
    "simclr": _MINI_VGG,  # those of shapes: not measured
    "photos": _MINI_VGG,
    "MiniVGG": _MINI_VGG,  # random weights: not measured
    "MobileNet": Rates(head=1e-2, backbone=3e-5),
    "VGG16": Rates(head=1e-2, backbone=3e-5),
}
CAUTIOUS = Rates(head=1e-3, backbone=1e-5)


def rates_of(name: str) -> Rates:
    """Return the learning rates that suit a network.

    Args:
        name: of the backbone, as in `helpers.networks.backbones.Backbone`.

    Returns:
        The rates measured for this network (`MEASURED`). For any other network a cautious choice
        (`CAUTIOUS`): Adam's default for the head, and for the backbone the rate of the Keras guide to
        fine-tuning. Then `helpers.strategies.find_rates` may suggest better ones.

    Example:
        >>> rates_of("photos")
        Rates(head=0.01, backbone=0.0003)
        >>> rates_of("ResNet50") == CAUTIOUS
        True
    """
    return MEASURED.get(name, CAUTIOUS)
