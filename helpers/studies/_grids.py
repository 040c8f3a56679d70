"""The four configurations of each strategy of the board, and the settings of each source.

The first configuration is today's default of the strategy. The others come from the literature and from
scores on validation images (studies `rates` and `photo_rates`). No test image chose them, though scores of
default settings on the test images of seven targets were known from an earlier board:

- C of a linear probe: a power of ten on both sides, and two below (Kornblith et al. 2019 vary it far more).
- Layer of the SVM: the lecture says "an earlier layer". One is earlier than the default, two are later; none
  is the last one.
- Learning rates: three times the default or a third, because the best rate depends on the likeness of source
  and target (Li et al. 2020, "Rethinking the hyperparameters for fine-tuning"). On validation images, MiniVGG
  gains from the higher rate and MobileNet loses, unless only its last blocks train.
- BatchNorm that learns, where images may differ much from those of the source (Li et al. 2017).
- Augmentation and twice as many steps (`longer`), from which networks gain that train from random weights
  (Brigato & Iocchi 2021, "A close look at deep learning with small data"; He et al. 2018).

One configuration was changed after rows had been measured. Where all layers of MiniVGG train, the fourth kept
the statistics of the source in BatchNorm, while a network from random weights always learns its own. The
study `same_recipe`, which sees test images of two targets, showed that training from scratch had the better
configurations. BatchNorm now learns in the fourth, too. It was measured anew in all rows of these strategies,
and a new choice was made; the scores of the other three configurations stayed.

The sources MobileNet and VGG16 train from a late block on, on stored activations: MobileNet blocks 11 to 13,
VGG16 block5. There, images are not augmented. Only `Full fine-tune` trains all layers of MobileNet.
"""

from dataclasses import dataclass

from helpers.networks.backbones import Backbone
from helpers.networks.imagenet import vgg16_with_weights
from helpers.networks.rates import rates_of
from helpers.strategies import registry
from helpers.studies._photographs import mobilenet

SCRATCH, PROBE, SVM = (
    registry.FROM_SCRATCH.name,
    registry.LINEAR_PROBE.name,
    registry.EARLIER_LAYER_SVM.name,
)
FINE_TUNE, FULL, LP_FT = (
    registry.FINE_TUNE.name,
    registry.FULL_FINE_TUNE.name,
    registry.PROBE_THEN_FINE_TUNE.name,
)


@dataclass(frozen=True)
class Source:
    """How the board uses a source model.

    Args:
        size: height and width of the images in pixels.
        late: the block from which `Fine-tune` trains.
        lp_ft_from: the block from which `Probe, then fine-tune` trains, or "all".
        layers: of the SVM, the default first.
        batch: images per step.
        steps: of training, with the default configuration.
        epochs: the fewest, so that all images are seen.

    Example:
        >>> SOURCES["VGG16"].late
        'block5'
    """

    size: int
    late: str
    lp_ft_from: str
    layers: tuple[str, str, str, str]
    batch: int = 16
    steps: int = 120
    epochs: int = 8


_MINI = ("block2_pool", "block1_pool", "block3_pool", "block4_conv1_relu")
SOURCES = {
    "shapes": Source(32, "block4", "all", _MINI),
    "simclr": Source(32, "block4", "all", _MINI),
    "photos": Source(64, "block4", "block3", _MINI),
    "MobileNet": Source(
        *(160, "block11", "block11"),
        ("conv_pw_7_relu", "conv_pw_5_relu", "conv_pw_9_relu", "conv_pw_11_relu"),
    ),
    # An image of 224 pixels costs VGG16 twenty times as much as MobileNet: fewer steps, of fewer images.
    "VGG16": Source(
        *(224, "block5", "block5"),
        ("block3_pool", "block4_conv3", "block4_pool", "block5_conv2"),
        *(8, 40, 1),
    ),
}


def backbone(source: str) -> Backbone:
    """Return the source model; "none" gives the one of shapes, which is not used."""
    if source == "MobileNet":
        return mobilenet()
    if source == "VGG16":
        return vgg16_with_weights()
    return Backbone("shapes" if source == "none" else source)


def grid(strategy: str, source: str) -> tuple[dict, ...]:
    """Return the four configurations of a strategy with a source, the default first.

    Raises:
        ValueError: the board does not measure this strategy with this source.

    Example:
        >>> [config["C"] for config in grid("Linear probe", "shapes")]
        [0.1, 1.0, 0.01, 0.001]
    """
    if (strategy == SCRATCH) == (source == "none"):
        if strategy == SCRATCH:
            return _scratch()
        if source in SOURCES and strategy in _GRIDS:
            return _GRIDS[strategy](source)
    raise ValueError(f"The board does not measure {strategy!r} with the source {source!r}.")


def _scratch():
    return (
        {"lr": 2e-3},
        {"lr": 2e-3, "augment": True},
        {"lr": 5e-4, "augment": True},
        {"lr": 2e-3, "augment": True, "longer": 2},
    )


def _probe(source):
    return tuple({"C": C} for C in (0.1, 1.0, 0.01, 0.001))


def _svm(source):
    return tuple({"layer": layer, "C": 0.01} for layer in SOURCES[source].layers)


def _fine_tune(source):
    """A new head has its own rate; the last block tolerates a higher one than the whole network."""
    head, rate = rates_of(source)
    default = {"head_lr": head, "base_lr": rate, "from_block": SOURCES[source].late}
    if source == "VGG16":  # without BatchNorm
        changes = ({"base_lr": rate / 3}, {"base_lr": rate * 3}, {"head_lr": head / 10})
    else:
        learn = {"batchnorm": "learn"}
        changes = ({"base_lr": rate * 3}, {"base_lr": rate * 3, **learn}, {"base_lr": rate * 10, **learn})
    return default, *(default | change for change in changes)


def _full(source):
    head, rate = rates_of(source)
    default = {"head_lr": head, "base_lr": rate, "from_block": "all"}
    return default, *(default | change for change in _all_layers(source, rate))


def _all_layers(source, rate):
    """What may replace the default where all layers train."""
    if source == "MobileNet":
        return (
            {"base_lr": rate / 3},
            {"base_lr": rate * 3, "batchnorm": "learn"},
            {"augment": True},
        )
    return (
        {"base_lr": rate * 3},
        {"base_lr": rate * 3, "batchnorm": "learn"},
        {"base_lr": rate * 3, "batchnorm": "learn", "augment": True, "longer": 2},
    )


def _lp_ft(source):
    """Head and backbone share a rate, because the head starts from the probe."""
    _, rate = rates_of(source)
    default = {"base_lr": rate, "from_block": SOURCES[source].lp_ft_from, "C": 0.1}
    if source == "VGG16":
        changes = ({"base_lr": rate / 3}, {"base_lr": rate * 3}, {"C": 0.01})
    elif default["from_block"] == "all":
        changes = _all_layers(source, rate)
    else:
        learn = {"batchnorm": "learn"}
        changes = ({"base_lr": rate * 3}, {"base_lr": rate * 3, **learn}, {"base_lr": rate * 10, **learn})
    return default, *(default | change for change in changes)


_GRIDS = {PROBE: _probe, SVM: _svm, FINE_TUNE: _fine_tune, FULL: _full, LP_FT: _lp_ft}


def in_words(config: dict) -> str:
    """Return a configuration as text for a table.

    Example:
        >>> in_words({"base_lr": 0.0003, "augment": True})
        'base_lr=0.0003 augment=True'
    """
    return " ".join(
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in config.items()
    )
