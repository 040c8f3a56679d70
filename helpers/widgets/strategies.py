"""The Strategy Lab: choose a target and a strategy, run it, and compare the results."""

import html
import math
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING

import ipywidgets as ui
import numpy as np
import pandas as pd

from helpers import plots
from helpers.data import image_sets
from helpers.environment import runs_in_background
from helpers.findings import sharing
from helpers.findings.html_table import html_table
from helpers.networks.rates import rates_of
from helpers.strategies import registry
from helpers.strategies.probes import image_size_of
from helpers.studies.engine import runner, statistics
from helpers.widgets.figure_lab import WIDE, side_by_side
from helpers.widgets.static import FigureImage, StaticFigure

if TYPE_CHECKING:
    from helpers.networks.backbones import Backbone

SIZES = (5, 10, 20, 50, 100, 200, 500)
WATCHED = 200  # validation images in the learning curve; the leaderboard scores all of them
RATES = [f"{digit}e-{power}" for power in (5, 4, 3, 2) for digit in (1, 3)]
SOURCES = {"built-in shapes": "shapes", "photographs (Tiny ImageNet)": "photos"}
COLUMNS = (*sharing.FIELDS, "seconds", "trainable_parameters")  # of `StrategyLab.results`
DIALS = ("target", "images", "source", "strategy", "depth", "head_rate", "base_rate", "seed", "repeats")


def strategy_lab(data: image_sets.ImageSet | None = None, *backbones: "Backbone") -> "StrategyLab":
    """Open the Strategy Lab.

    Args:
        data: images of your own, for example from `helpers.data.image_sets.from_folder`; None offers the
            built-in targets.
        *backbones: source models of your own, such as those of
            `helpers.networks.default_sources.default_sources`; none offers the shipped source models. Each
            sees the images at the size that it was trained on, if they are at least as large.

    Returns:
        The widget. Its property `results` is a table with one row per run.

    Example:
        >>> lab = strategy_lab()
        >>> lab.target.options
        ('new_shapes', 'micrographs', 'streets_day', 'streets_night')
    """
    return StrategyLab(data, *backbones)


class StrategyLab(StaticFigure, ui.VBox):
    """The widget that `strategy_lab` returns.

    Args:
        data: as in `strategy_lab`.
        *backbones: as in `strategy_lab`.

    Example:
        >>> lab = StrategyLab()
        >>> lab.strategy.value = "From scratch"  # a student chooses a strategy
        >>> lab.base_rate.disabled  # there is no pre-trained backbone
        True
    """

    def __init__(self, data: image_sets.ImageSet | None = None, *backbones: "Backbone") -> None:
        self._data = {data.name: data} if data is not None else {}
        self._backbones = {backbone.title: backbone for backbone in backbones}
        self._runs: dict[tuple, dict] = {}  # by settings and seed: a repeated run counts once
        self._busy = threading.Lock()
        self._stop = threading.Event()
        self._drawing = threading.Lock()  # a run and a drop-down list draw in different threads
        self._figure, self._axes = plots.figure(12, 5.4, columns=2)
        self._history: dict[str, list[float]] = {}
        self._title = "Press Run"
        self._make_controls(list(self._data) or list(image_sets.BUILTIN[1:]))
        self._draw()
        rows = [
            side_by_side(self.target, self.images, self.source),
            side_by_side(self.strategy, self.depth),
            self.about,
            side_by_side(self.head_rate, self.base_rate),
            side_by_side(self.seed, self.repeats),
            side_by_side(self.run_button, self.stop_button, self.progress, self.status),
        ]
        super().__init__([*rows, self.figure_image, self.board, self.lines])
        self.add_class("strategy-lab")

    @property
    def results(self) -> pd.DataFrame:
        """A table with one row per finished run: its settings, its accuracy and its costs."""
        return pd.DataFrame([*self._runs.values()], columns=COLUMNS)

    @property
    def alt(self) -> str:
        """What the figure shows, in words."""
        runs = "; ".join(
            f"{r['strategy']}, {r['images']} per class: {r['accuracy']:.1%}" for r in self._runs.values()
        )
        return f"Strategy Lab: learning curve, and accuracy by images per class. {runs or 'No runs yet.'}"

    def _make_controls(self, targets):
        def control(kind, name, label, **options):
            widget = kind(description=label, **options, **WIDE)
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

        own = bool(self._data)
        sources = [(f"{b.title} ({b.image_size} pixels)", b.title) for b in self._backbones.values()]
        first = next(iter(self._backbones), list(SOURCES)[own])  # photographs suit own images better
        self.target = choice("target", "target", targets)
        self.images = slider(
            "images", "images per class", self._sizes(), self._sizes()[min(2, len(self._sizes()) - 1)]
        )
        self.source = choice(
            "source",
            "source model",
            sources or list(SOURCES),
            first,
        )
        self.strategy = choice("strategy", "strategy", registry.names(), registry.LINEAR_PROBE.name)
        self.about = ui.HTML()
        self.depth = choice("depth", "layer or first trained block", ["last layer"])
        self.head_rate = slider("head-rate", "learning rate of the head", RATES, "3e-3")
        self.base_rate = slider("base-rate", "learning rate of the backbone", RATES, "3e-4")
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
            tooltip="Stop the training; a stopped run is not added to the leaderboard",
        )
        self.progress = ui.FloatProgress(min=0, max=1, layout=ui.Layout(width="250px"))
        self.status = ui.HTML("ready")
        self.figure_image = FigureImage(format="png", layout=ui.Layout(width="100%", max_width="960px"))
        self.board = ui.HTML()
        self.lines = ui.Textarea(
            description="to share",
            placeholder="Each finished run adds a line here. Copy the lines to share them with your class.",
            layout=ui.Layout(width="100%", max_width="960px"),
        )
        for name, widget in (
            ("about", self.about),
            ("run", self.run_button),
            ("stop", self.stop_button),
            ("progress", self.progress),
            ("status", self.status),
            ("figure", self.figure_image),
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
        """Return the numbers of images per class that the target has."""
        if not self._data:
            return list(SIZES)
        (data,) = self._data.values()
        fewest = int(np.unique(data.y_train, return_counts=True)[1].min())
        return [size for size in SIZES if size < fewest] + [fewest]

    def _on_choice(self, change=None):
        """Show what the chosen strategy does; enable its dials, with the rates that suit the source."""
        entry = registry.get(self.strategy.value)
        self.about.value = f"{html.escape(entry.title)} ({html.escape(entry.citation)})"
        backbone = self._backbones.get(self.source.value)
        rates = backbone.rates if backbone else rates_of(SOURCES[self.source.value])
        first = entry.first_rates(rates)
        for rate, names in ((self.head_rate, ("head_lr", "lr")), (self.base_rate, ("base_lr",))):
            starts = [first[name] for name in names if name in first]
            rate.disabled = not starts
            if starts:
                rate.value = _nearest(starts[0])
        options, value = self._depths(entry.dials)
        self.depth.options, self.depth.disabled = options, len(options) == 1
        self.depth.value = value

    def _depths(self, dials):
        """Return the layers or first blocks to choose from, and the initial choice."""
        if "layer" in dials:
            names = self._layer_names()
            # Other networks name their layers in other ways; the last one is always available.
            options = [la for la in names[:-1] if la.endswith(("_pool", "_relu"))] + [names[-1]]
            return options, options[-1] if dials["layer"] == "last" else self._early(options)
        if "from_block" in dials:
            options = ["all", *self._block_names()]
            return options, options[-1] if dials["from_block"] == "last" else "all"
        return ["all"], "all"

    def _layer_names(self):
        """Return the layers; Keras is not loaded for a shipped model, so that the lab opens at once."""
        if backbone := self._backbones.get(self.source.value):
            return backbone.layer_names
        return [
            f"block{block}_{part}" for block in range(1, 5) for part in ("conv1_relu", "conv2_relu", "pool")
        ]

    def _block_names(self):
        if backbone := self._backbones.get(self.source.value):
            return list(backbone.blocks)
        return [f"block{block}" for block in range(1, 5)]

    @staticmethod
    def _early(options):
        return "block2_pool" if "block2_pool" in options else options[len(options) // 3]

    def _chosen(self):
        return SimpleNamespace(**{name: getattr(self, name).value for name in DIALS})

    def _strategy(self, chosen):
        """Return the chosen strategy, not fitted yet, and its setting in words."""
        from helpers.networks.backbones import Backbone

        entry, depth = registry.get(chosen.strategy), chosen.depth
        head, base = chosen.head_rate, chosen.base_rate
        given = {"layer": depth, "from_block": depth}
        given |= {"lr": float(head), "head_lr": float(head), "base_lr": float(base)}
        dials = {name: given[name] for name in entry.dials if name in given}
        if "base_lr" in dials:
            setting = f"from {depth}, rates {base} / {head}"
        else:
            setting = f"rate {head}" if "lr" in dials else depth
        backbone = self._backbones.get(chosen.source) or Backbone(SOURCES[chosen.source])
        return entry.make(backbone, **dials), setting

    def _on_run(self, button):
        if not self._busy.acquire(blocking=False):
            return  # the button was pressed again during a run
        self._stop.clear()
        self.run_button.disabled, self.stop_button.disabled = True, False
        chosen = self._chosen()  # dials that move later are for the next run
        if runs_in_background():
            threading.Thread(target=self._run, args=(chosen,), daemon=True).start()
        else:
            self._run(chosen)

    def _run(self, chosen):
        try:
            self._run_all(chosen)
        except KeyboardInterrupt:  # Colab's own stop button
            self.status.value = "stopped"
        except Exception as error:  # any error is shown, and the lab stays usable
            self.status.value = f"<b>error:</b> {html.escape(str(error))}"
        finally:
            self.run_button.disabled, self.stop_button.disabled = False, True
            self._busy.release()

    def _run_all(self, chosen):
        self.progress.value = 0
        self.status.value = "loading Keras …"
        name, images, target = chosen.strategy, chosen.images, chosen.target
        if target not in self._data:
            self._data[target] = image_sets.builtin(target)
        for index in range(chosen.repeats):
            seed = chosen.seed + index
            strategy, setting = self._strategy(chosen)
            data = self._data[target].at_most(image_size_of(strategy))
            self._history = {"accuracy": [], "val_accuracy": []}
            self._title = f"{name}, {images} images per class, seed {seed}"
            self.status.value = f"running {index + 1} of {chosen.repeats} …"
            watch = {}
            if registry.get(name).trains_network:
                watch = {
                    "validation": watched(data),
                    "stop": self._stop,
                    "on_epoch": self._on_epoch(index, chosen.repeats, strategy),
                }
            result = runner.run(strategy, data, images, seed, **watch)
            if self._stop.is_set():  # partly trained: not comparable, so not on the leaderboard
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
            self.lines.value = "\n".join(map(sharing.to_line, self._runs.values()))
            self._draw()
        self.status.value = f"done: validation accuracy {result['accuracy']:.1%}, {result['seconds']:.1f} s"

    def _on_epoch(self, index, repeats, strategy):
        def show(epoch, logs):
            for key, values in self._history.items():
                values.append(logs[key])
            self.progress.value = (index + (epoch + 1) / strategy.epochs_) / repeats
            self.status.value = f"epoch {epoch + 1} of {strategy.epochs_}"
            self._draw()

        return show

    def _draw(self):
        results = self.results
        table = statistics.summary(results[results["target"] == self.target.value])
        # The figure has one line per strategy: its best setting for each size, which comes first.
        best = table.drop_duplicates(["strategy", "images"])
        with self._drawing:
            drawn = plots.lab_figure(self._figure, self._axes, self._history, self._title, best)
            self.show(drawn)
        self.board.value = results_table(table)


def _nearest(rate):
    """Return the step of the sliders that is closest to a learning rate, in orders of magnitude."""
    return min(RATES, key=lambda step: abs(math.log(float(step) / rate)))


def watched(data: image_sets.ImageSet) -> tuple[np.ndarray, np.ndarray]:
    """Return a fixed sample of validation images: scoring all of them would take longer than an epoch."""
    chosen = np.random.default_rng(0).permutation(len(data.X_validation))[:WATCHED]
    return data.X_validation[chosen], data.y_validation[chosen]


def results_table(table: pd.DataFrame) -> str:
    """Return the leaderboard as HTML.

    Args:
        table: of `helpers.studies.summary`.
    """
    if table.empty:
        return "<p>No runs for this target yet.</p>"
    head = (
        "strategy",
        "setting",
        "source model",
        "images per class",
        "runs",
        "validation accuracy (95 % interval)",
        "seconds",
    )
    rows = [
        (
            row["strategy"],
            row["setting"],
            row["source"],
            row["images"],
            row["runs"],
            f"{row['mean']:.1%}" + (f" ± {row['interval']:.1%}" if row["runs"] > 1 else ""),
            "" if math.isnan(row["seconds"]) else f"{row['seconds']:.1f}",
        )
        for row in table.to_dict("records")
    ]
    return html_table("Leaderboard", rows, head)
