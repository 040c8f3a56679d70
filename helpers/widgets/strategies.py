"""The Strategy Lab: choose a target and a strategy, run it live, compare. Used in notebook 05."""

import html
import math
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING

import ipywidgets as ui
import numpy as np

from helpers import plots
from helpers.data import image_sets
from helpers.environment import runs_in_background
from helpers.findings import sharing
from helpers.studies.engine import runner, statistics
from helpers.widgets.figure_lab import side_by_side
from helpers.widgets.static import Picture, StaticPicture

if TYPE_CHECKING:
    from helpers.networks.backbones import Backbone

SIZES = (5, 10, 20, 50, 100, 200, 500)
WATCHED = 200  # validation pictures that the curve follows; the leaderboard scores all
RATES = [f"{digit}e-{power}" for power in (5, 4, 3, 2) for digit in (1, 3)]
SOURCES = {"built-in shapes": "shapes", "photographs (Tiny ImageNet)": "photos"}
DIALS = ("target", "images", "source", "strategy", "depth", "head_rate", "base_rate", "seed", "repeats")
DEFAULT_RATES = {
    "From scratch": "3e-3",
    "Fine-tune": "3e-3",
    "Full fine-tune": "3e-3",
    "Probe, then fine-tune": "3e-4",
}


def strategy_lab(
    data: image_sets.ImageSet | None = None, backbone: "Backbone | None" = None
) -> "StrategyLab":
    """Open the Strategy Lab: choose a target and a strategy, run it, compare.

    Args:
        data: a `helpers.data.image_sets.ImageSet` of your own, for example from `from_folder`;
            None offers the built-in targets.
        backbone: a `helpers.networks.backbones.Backbone`; None offers the shipped source models.

    Returns:
        The widget. `lab.results` holds a dict for every run.

    Example:
        >>> strategy_lab(from_folder("my_pictures"))  # doctest: +SKIP
    """
    return StrategyLab(data, backbone)


class StrategyLab(StaticPicture, ui.VBox):
    """The widget that `strategy_lab` returns."""

    def __init__(self, data: image_sets.ImageSet | None = None, backbone: "Backbone | None" = None) -> None:
        self._data = {data.name: data} if data is not None else {}
        self._fixed_backbone = backbone
        self._runs: dict[tuple, dict] = {}  # settings with seed -> result: the same run twice counts once
        self._busy = threading.Lock()
        self._stop = threading.Event()
        self._drawing = threading.Lock()  # a run draws from its thread, a dropdown from the kernel's
        self._figure, self._axes = plots.figure(12, 5.4, columns=2)
        self._history: dict[str, list[float]] = {}
        self._title = "Press Run"
        self._make_controls(list(self._data) or list(image_sets.BUILTIN[1:]))
        self._draw()
        rows = [
            side_by_side(self.target, self.images, self.source),
            side_by_side(self.strategy, self.depth),
            side_by_side(self.head_rate, self.base_rate),
            side_by_side(self.seed, self.repeats),
            side_by_side(self.run_button, self.stop_button, self.progress, self.status),
        ]
        super().__init__([*rows, self.picture, self.board, self.lines])
        self.add_class("strategy-lab")

    @property
    def results(self) -> list[dict]:
        """One dict a finished run: target, source, strategy, setting, images, seed, accuracy, …"""
        return list(self._runs.values())

    @property
    def alt(self) -> str:
        """What the picture shows, in words."""
        runs = "; ".join(f"{r['strategy']}, {r['images']} a class: {r['accuracy']:.1%}" for r in self.results)
        return f"Strategy Lab: learning curve, and accuracy by images a class. {runs or 'No runs yet.'}"

    def _make_controls(self, targets):
        wide = {"style": {"description_width": "150px"}, "layout": ui.Layout(width="400px")}

        def control(kind, name, label, **options):
            widget = kind(description=label, **options, **wide)
            widget.add_class(f"lab-{name}")
            return widget

        def choice(name, label, options, value=None):
            return control(
                ui.Dropdown,
                name,
                label,
                options=options,
                value=value if value is not None else options[0],
            )

        def slider(name, label, options, value):
            return control(ui.SelectionSlider, name, label, options=options, value=value)

        sources = list(SOURCES) if self._fixed_backbone is None else [self._fixed_backbone.name]
        own = bool(self._data)
        self.target = choice("target", "target", targets)
        self.images = slider(
            "images", "images a class", self._sizes(), self._sizes()[min(2, len(self._sizes()) - 1)]
        )
        self.source = choice(
            "source",
            "source model",
            sources,
            sources[1] if own and len(sources) > 1 else sources[0],
        )
        self.strategy = choice("strategy", "strategy", list(plots.COLOURS), "Linear probe")
        self.depth = choice("depth", "layer or first block", ["last layer"])
        self.head_rate = slider("head-rate", "rate of the head", RATES, "3e-3")
        self.base_rate = slider("base-rate", "rate of the backbone", RATES, "3e-4")
        self.seed = control(ui.BoundedIntText, "seed", "first seed", value=0, min=0, max=9999)
        self.repeats = control(ui.IntSlider, "repeats", "repeats (seeds)", value=1, min=1, max=10)
        self.run_button = ui.Button(
            description="Run",
            button_style="primary",
            icon="play",
            tooltip="Run the chosen strategy",
        )
        self.stop_button = ui.Button(
            description="Stop",
            disabled=True,
            icon="stop",
            tooltip="Stop training, keep what has been learnt",
        )
        self.progress = ui.FloatProgress(min=0, max=1, layout=ui.Layout(width="250px"))
        self.status = ui.HTML("ready")
        self.picture = Picture(format="png", layout=ui.Layout(width="100%", max_width="960px"))
        self.board = ui.HTML()
        self.lines = ui.Textarea(
            description="to share",
            placeholder="A line for every finished run appears here: copy them for your class",
            layout=ui.Layout(width="100%", max_width="960px"),
        )
        for name, widget in (
            ("run", self.run_button),
            ("stop", self.stop_button),
            ("progress", self.progress),
            ("status", self.status),
            ("picture", self.picture),
            ("board", self.board),
            ("lines", self.lines),
        ):
            widget.add_class(f"lab-{name}")
        self.run_button.on_click(self._on_run)
        self.stop_button.on_click(lambda button: self._stop.set())
        self.strategy.observe(self._on_choice, "value")
        self.source.observe(self._on_choice, "value")
        self.target.observe(lambda change: self._draw(), "value")
        self._on_choice()

    def _sizes(self):
        """Sizes that the target has enough training images for."""
        if not self._data:
            return list(SIZES)
        (data,) = self._data.values()
        fewest = int(np.unique(data.y_train, return_counts=True)[1].min())
        return [size for size in SIZES if size < fewest] + [fewest]

    def _on_choice(self, change=None):
        """Show only the dials that the chosen strategy has."""
        name = self.strategy.value
        trains = name in DEFAULT_RATES
        self.head_rate.disabled = not trains
        self.base_rate.disabled = not trains or name == "From scratch"
        if change is not None and trains and change["owner"] is self.strategy:
            self.head_rate.value = DEFAULT_RATES[name]
        if name in ("Linear probe", "Earlier-layer SVM"):
            names = self._layer_names()
            # Other networks name their layers in other ways; what comes last is always to be had.
            options = [la for la in names[:-1] if la.endswith(("_pool", "_relu"))] + [names[-1]]
            value = options[-1] if name == "Linear probe" else self._early(options)
        elif name in ("Fine-tune", "Probe, then fine-tune"):
            options = ["all", *self._block_names()]
            value = options[-1] if name == "Fine-tune" else "all"
        else:
            options, value = ["all"], "all"
        self.depth.options, self.depth.disabled = options, len(options) == 1
        self.depth.value = value

    def _layer_names(self):
        """Known without loading Keras for the shipped models, so that the lab opens at once."""
        if self._fixed_backbone is not None:
            return self._fixed_backbone.layer_names
        return [
            f"block{block}_{part}" for block in range(1, 5) for part in ("conv1_relu", "conv2_relu", "pool")
        ]

    def _block_names(self):
        if self._fixed_backbone is not None:
            return list(self._fixed_backbone.blocks)
        return [f"block{block}" for block in range(1, 5)]

    @staticmethod
    def _early(options):
        return "block2_pool" if "block2_pool" in options else options[len(options) // 3]

    def _chosen(self):
        return SimpleNamespace(**{name: getattr(self, name).value for name in DIALS})

    def _strategy(self, chosen):
        from helpers import strategies as s
        from helpers.networks.backbones import Backbone

        base = self._fixed_backbone or Backbone(SOURCES[chosen.source])
        rates = {"head_lr": float(chosen.head_rate), "base_lr": float(chosen.base_rate)}
        depth, name = chosen.depth, chosen.strategy
        if name == "Linear probe":
            return s.LinearProbe(base, depth), depth
        if name == "Earlier-layer SVM":
            return s.EarlierLayerSVM(base, depth), depth
        if name == "From scratch":
            return s.FromScratch(lr=rates["head_lr"]), f"rate {chosen.head_rate}"
        setting = f"from {depth}, rates {chosen.base_rate} / {chosen.head_rate}"
        if name == "Full fine-tune":
            return s.FullFineTune(base, **rates), setting
        kind = s.FineTune if name == "Fine-tune" else s.ProbeThenFineTune
        return kind(base, from_block=depth, **rates), setting

    def _on_run(self, button):
        if not self._busy.acquire(blocking=False):
            return  # a second press while a run is under way
        self._stop.clear()
        self.run_button.disabled, self.stop_button.disabled = True, False
        chosen = self._chosen()  # now: dials that move while it trains are for the next run
        if runs_in_background():
            threading.Thread(target=self._run, args=(chosen,), daemon=True).start()
        else:
            self._run(chosen)

    def _run(self, chosen):
        try:
            self._run_all(chosen)
        except KeyboardInterrupt:  # Colab's own stop button
            self.status.value = "stopped"
        except Exception as error:  # whatever went wrong is shown, and the lab stays usable
            self.status.value = f"<b>error:</b> {html.escape(str(error))}"
        finally:
            self.run_button.disabled, self.stop_button.disabled = False, True
            self._busy.release()

    def _run_all(self, chosen):
        self.progress.value = 0
        self.status.value = "loading the network library …"
        name, images, target = chosen.strategy, chosen.images, chosen.target
        if target not in self._data:
            self._data[target] = image_sets.builtin(target)
        data = self._data[target]
        for index in range(chosen.repeats):
            seed = chosen.seed + index
            strategy, setting = self._strategy(chosen)
            self._history = {"accuracy": [], "val_accuracy": []}
            self._title = f"{name}, {images} images a class, seed {seed}"
            self.status.value = f"running {index + 1} of {chosen.repeats} …"
            watch = {}
            if name in DEFAULT_RATES:
                watch = {
                    "validation": watched(data),
                    "stop": self._stop,
                    "on_epoch": self._on_epoch(index, chosen.repeats, strategy),
                }
            result = runner.run(strategy, data, images, seed, **watch)
            if self._stop.is_set():  # half-trained: not comparable, so not on the board
                self.status.value = f"stopped after {len(self._history['accuracy'])} epochs"
                return
            key = (target, chosen.source, name, setting, images, seed)
            self._runs[key] = {
                "target": target,
                "source": chosen.source,
                "strategy": name,
                "setting": setting,
                "images": images,
                "seed": seed,
                **result,
            }
            self.progress.value = (index + 1) / chosen.repeats
            self.lines.value = "\n".join(map(sharing.to_line, self.results))
            self._draw()
        self.status.value = f"done: {result['accuracy']:.1%} in {result['seconds']:.1f} s"

    def _on_epoch(self, index, repeats, strategy):
        def show(epoch, logs):
            for key, values in self._history.items():
                values.append(logs[key])
            self.progress.value = (index + (epoch + 1) / strategy.epochs_) / repeats
            self.status.value = f"epoch {epoch + 1} of {strategy.epochs_}"
            self._draw()

        return show

    def _draw(self):
        table = [row for row in statistics.summary(self.results) if row["target"] == self.target.value]
        best = {}  # the figure has a line a strategy: its best setting for each size
        for row in table:
            best.setdefault((row["strategy"], row["images"]), row)
        with self._drawing:
            drawn = plots.lab_picture(
                self._figure, self._axes, self._history, self._title, list(best.values())
            )
            self.show(drawn)
        self.board.value = results_table(table)


def watched(data: image_sets.ImageSet) -> tuple[np.ndarray, np.ndarray]:
    """The validation pictures that the curve follows, drawn once: scoring all would outlast an epoch."""
    chosen = np.random.default_rng(0).permutation(len(data.X_validation))[:WATCHED]
    return data.X_validation[chosen], data.y_validation[chosen]


def results_table(table: list[dict]) -> str:
    """The leaderboard as HTML, from rows of `helpers.studies.engine.statistics.summary`."""
    if not table:
        return "<p>No runs of this target yet.</p>"
    head = (
        "strategy",
        "setting",
        "source model",
        "images a class",
        "runs",
        "validation accuracy (95 % interval)",
        "seconds",
    )
    cells = [
        (
            row["strategy"],
            row["setting"],
            row["source"],
            row["images"],
            row["runs"],
            f"{row['mean']:.1%}" + (f" ± {row['interval']:.1%}" if row["runs"] > 1 else ""),
            "" if math.isnan(row["seconds"]) else f"{row['seconds']:.1f}",
        )
        for row in table
    ]
    lines = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(c))}</td>" for c in row) + "</tr>" for row in cells
    )
    names = "".join(f"<th scope=col style='text-align:left'>{name}</th>" for name in head)
    style = "border-collapse:separate; border-spacing:1em 0"  # else two columns read as one
    return (
        f"<table aria-label='Leaderboard' style='{style}'><thead><tr>{names}</tr></thead>"
        f"<tbody>{lines}</tbody></table>"
    )
