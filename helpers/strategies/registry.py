"""Every strategy in one place: name, appearance in figures, dials, source of the method, and its class.

Figures, labs, studies, sharing and the advisor read this registry, so that a new strategy is a class and one
`register(Entry(...))`. Importing it does not import Keras: a class is loaded when it is needed.
"""

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helpers.networks.rates import Rates

if TYPE_CHECKING:
    from helpers.networks.backbones import Backbone
    from helpers.strategies import Strategy

RATES = ("lr", "head_lr", "base_lr")  # dials that are learning rates
FEW_WEIGHTS = ("biases", "BatchNorm", "LoRA")  # what FewParameters can train


@dataclass(frozen=True)
class Entry:
    """What the series knows about one strategy.

    Args:
        name: as in tables, figures and shared lines.
        title: what the strategy does, in one line.
        estimator: the class, as "package.module:Class".
        colour: of its lines and bars, "#rrggbb".
        marker: of its points, as Matplotlib names it.
        citation: the source of the method.
        dials: the constructor's arguments that a user may choose, each with the value a lab starts from.
            A layer starts from "middle" or "last", a first block from "last" or "all", a single block from
            "first", a learning rate from a number or from that of the source model: "head" or "backbone".
        uses_source: whether it starts from a source model.
        trains_network: whether `fit` trains a network epoch by epoch, and so takes `validation`,
            `on_epoch` and `stop`.
        after_lecture: whether the method is newer than the lecture. The lab lists it last; boards and rules,
            which judge the lecture, leave it out.

    Example:
        >>> LINEAR_PROBE.name, LINEAR_PROBE.colour, LINEAR_PROBE.trains_network
        ('Linear probe', '#0072B2', False)
        >>> LINEAR_PROBE.make(C=1.0)
        LinearProbe(C=1.0)
    """

    name: str
    title: str
    estimator: str
    colour: str
    marker: str
    citation: str
    dials: Mapping[str, Any] = field(default_factory=dict)
    uses_source: bool = True
    trains_network: bool = False
    after_lecture: bool = False

    @property
    def is_baseline(self) -> bool:
        """Whether it is a trivial baseline: no source model, and no network to train."""
        return not (self.uses_source or self.trains_network)

    def first_rates(self, source: Rates) -> dict[str, float]:
        """Return the learning rates among the dials, each with the value that a lab starts from.

        Args:
            source: the rates of the source model.

        Example:
            >>> FINE_TUNE.first_rates(Rates(head=1e-2, backbone=3e-5))
            {'head_lr': 0.01, 'base_lr': 3e-05}
        """
        rates = {name: value for name, value in self.dials.items() if name in RATES}
        return {n: getattr(source, value) if isinstance(value, str) else value for n, value in rates.items()}

    def load(self) -> "type[Strategy]":
        """Return the class."""
        return pkgutil.resolve_name(self.estimator)

    def make(self, backbone: "Backbone | None" = None, **dials: Any) -> "Strategy":
        """Return an unfitted estimator.

        Args:
            backbone: the source model; None is the built-in shapes model. A strategy without a source
                ignores it.
            **dials: arguments of the constructor.
        """
        if self.uses_source and backbone is not None:
            dials["backbone"] = backbone
        return self.load()(**dials)


REGISTRY: dict[str, Entry] = {}


def register(entry: Entry) -> Entry:
    """Add a strategy; figures, labs, studies and shared lines know it from then on.

    Raises:
        ValueError: the name, or the colour and marker together, are taken.
    """
    for known in REGISTRY.values():
        if entry.name == known.name:
            raise ValueError(f"There is already a strategy {entry.name!r}. Choose another name.")
        if (entry.colour, entry.marker) == (known.colour, known.marker):
            raise ValueError(
                f"{known.name!r} already has the colour {entry.colour!r} and the marker {entry.marker!r}. "
                "Choose others."
            )
    REGISTRY[entry.name] = entry
    return entry


def get(name: str) -> Entry:
    """Return a strategy by its name.

    Raises:
        ValueError: there is no such strategy.
    """
    if name not in REGISTRY:
        raise ValueError(f"There is no strategy {name!r}. Use one of {', '.join(map(repr, REGISTRY))}.")
    return REGISTRY[name]


def entries() -> list[Entry]:
    """Return the strategies of the lecture, the trivial baseline first."""
    return [entry for entry in REGISTRY.values() if not entry.after_lecture]


def names() -> list[str]:
    """Return the names of the strategies to compare: those of the lecture without the trivial baseline."""
    return [entry.name for entry in entries() if not entry.is_baseline]


def names_after_lecture() -> list[str]:
    """Return the names of the strategies that are newer than the lecture.

    Example:
        >>> names_after_lecture()
        ['L2-SP', 'Head2Toe', 'Surgical fine-tune', 'Few parameters']
    """
    return [entry.name for entry in REGISTRY.values() if entry.after_lecture]


def cheapest_first() -> list[str]:
    """Return the names of the strategies to compare: frozen features, then a late block, then all layers.

    A network from scratch comes last: it trains BatchNorm, too.
    """
    compared = [entry for entry in entries() if not entry.is_baseline]
    order = sorted(
        compared, key=lambda e: (e.trains_network, e.dials.get("from_block") != "last", not e.uses_source)
    )
    return [entry.name for entry in order]


NEAREST_COLOURS = register(
    Entry(
        name="Nearest colours",
        title="Nearest neighbours on colour histograms, without any network",
        estimator="helpers.strategies.frozen:NearestColours",
        colour="#000000",
        marker="x",
        citation="Swain & Ballard 1991",
        dials={"neighbours": 5},
        uses_source=False,
    )
)
FROM_SCRATCH = register(
    Entry(
        name="From scratch",
        title="A network trained from random weights, without a source model",
        estimator="helpers.strategies.trained:FromScratch",
        colour="#555555",
        marker="o",
        citation="He et al. 2018",
        dials={"lr": 2e-3},
        uses_source=False,
        trains_network=True,
    )
)
LINEAR_PROBE = register(
    Entry(
        name="Linear probe",
        title="A linear classifier on the features of a frozen backbone",
        estimator="helpers.strategies.frozen:LinearProbe",
        colour="#0072B2",
        marker="v",
        citation="Razavian et al. 2014",
        dials={"layer": "last", "C": 0.1},
    )
)
EARLIER_LAYER_SVM = register(
    Entry(
        name="Earlier-layer SVM",
        title="A support vector machine on the features of an earlier layer",
        estimator="helpers.strategies.frozen:EarlierLayerSVM",
        colour="#56B4E9",
        marker="s",
        citation="Donahue et al. 2014",
        dials={"layer": "middle", "C": 0.01},
    )
)
FINE_TUNE = register(
    Entry(
        name="Fine-tune",
        title="A new head and the last blocks of the backbone, trained together",
        estimator="helpers.strategies.trained:FineTune",
        colour="#E69F00",
        marker="^",
        citation="Yosinski et al. 2014",
        dials={"from_block": "last", "head_lr": "head", "base_lr": "backbone"},
        trains_network=True,
    )
)
FULL_FINE_TUNE = register(
    Entry(
        name="Full fine-tune",
        title="A new head and the whole backbone, trained together",
        estimator="helpers.strategies.trained:FullFineTune",
        colour="#D55E00",
        marker="D",
        citation="Girshick et al. 2014",
        dials={"head_lr": "head", "base_lr": "backbone"},
        trains_network=True,
    )
)
PROBE_THEN_FINE_TUNE = register(
    Entry(
        name="Probe, then fine-tune",
        title="A linear probe as the first head, then fine-tuning (LP-FT)",
        estimator="helpers.strategies.trained:ProbeThenFineTune",
        colour="#009E73",
        marker="P",
        citation="Kumar et al. 2022",
        dials={"from_block": "all", "head_lr": "backbone", "base_lr": "backbone", "C": 0.1},
        trains_network=True,
    )
)
L2_SP = register(
    Entry(
        name="L2-SP",
        title="A new head and the whole backbone, pulled towards the weights of the source",
        estimator="helpers.strategies.l2_sp:L2SP",
        colour="#CC79A7",
        marker="h",
        citation="Li et al. 2018",
        dials={"strength": 0.1, "head_lr": "head", "base_lr": "backbone"},
        trains_network=True,
        after_lecture=True,
    )
)
HEAD2TOE = register(
    Entry(
        name="Head2Toe",
        title="A linear classifier on the features of all blocks that a group lasso selects",
        estimator="helpers.strategies.head2toe:Head2Toe",
        colour="#882255",
        marker="p",
        citation="Evci et al. 2022",
        dials={"sparsity": 0.1, "C": 0.1},
        after_lecture=True,
    )
)
SURGICAL = register(
    Entry(
        name="Surgical fine-tune",
        title="A new head and one block of the backbone, trained together",
        estimator="helpers.strategies.partly_tuned:SurgicalFineTune",
        colour="#44AA99",
        marker="*",
        citation="Lee et al. 2023",
        dials={"block": "first", "head_lr": "head", "base_lr": "backbone"},
        trains_network=True,
        after_lecture=True,
    )
)
FEW_PARAMETERS = register(
    Entry(
        name="Few parameters",
        title="A new head and few weights of the backbone: its biases, its BatchNorm, or LoRA",
        estimator="helpers.strategies.partly_tuned:FewParameters",
        colour="#999933",
        marker="X",
        citation="Ben Zaken et al. 2022; Frankle et al. 2021; Hu et al. 2022",
        dials={"which": "biases", "head_lr": "head", "base_lr": 3e-3},
        trains_network=True,
        after_lecture=True,
    )
)
