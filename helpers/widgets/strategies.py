"""The Strategy Lab: choose a target and a strategy, run it, and compare the results."""

import html
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import ipywidgets as ui
import numpy as np
import pandas as pd

from helpers import plots
from helpers.data import image_sets, synthetic
from helpers.data.catalogue import networks_at_hand
from helpers.environment import runs_in_background
from helpers.findings import lab_grey, sharing
from helpers.strategies import registry
from helpers.strategies.probes import image_size_of
from helpers.studies.engine import runner, statistics
from helpers.widgets import lab_texts
from helpers.widgets.figure_lab import WIDE, side_by_side
from helpers.widgets.leaderboard import results_table, textbook_marks
from helpers.widgets.static import FULL_WIDTH, FigureImage, StaticFigure
from helpers.widgets.strategy_dials import RATES, SHIPPED, SourceDials
from helpers.widgets.two_runs import Fitted, TwoRuns

if TYPE_CHECKING:
    from helpers.networks.backbones import Backbone

SIZES = (5, 10, 20, 50, 100, 200, 500)
WATCHED = 100  # validation images in the learning curve; the leaderboard scores all of them
COLUMNS = (*sharing.FIELDS, "seconds", "trainable_parameters")  # of `StrategyLab.results`
TRAINING_SHARE = 3  # train at least this many times as long as a learning curve takes to draw
VIEWS = ("images per class", "seconds")
DIALS = ("target", "images", "source", "strategy", "depth", "head_rate", "base_rate", "seed", "repeats")


def strategy_lab(data: image_sets.ImageSet | None = None, *backbones: "Backbone") -> "StrategyLab":
    """Open the Strategy Lab.

    Args:
        data: images of your own, for example from `helpers.data.image_sets.from_folder`; None offers the
            built-in targets.
        *backbones: source models of your own, such as those of
            `helpers.networks.default_sources.default_sources`. None offers the shipped source models, and
            MobileNet and VGG16 if their weights are on this computer. Each sees the images at the size that
            it was trained on, if they are at least as large.

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
        self._shipped = [] if backbones else list(SHIPPED)
        self._at_hand = [] if backbones else [*networks_at_hand()]
        self._backbones = {backbone.title: backbone for backbone in backbones}
        self._runs: dict[tuple, dict] = {}  # by settings and seed: a repeated run counts once
        self._busy = threading.Lock()
        self._stop = threading.Event()
        self._drawing = threading.Lock()  # a run and a drop-down list draw in different threads
        self._figure, self._axes = plots.figure(12, 5.4, columns=2)
        self._history: dict[str, list[float]] = {}
        self._next_drawing = 0.0
        self._title = "Press Run"
        self._make_controls(list(self._data) or list(image_sets.BUILTIN[1:]))
        self._on_place()
        rows = [
            side_by_side(self.target, self.images, self.source),
            side_by_side(self.strategy, self.depth),
            self.about,
            side_by_side(self.head_rate, self.base_rate),
            side_by_side(self.seed, self.repeats),
            side_by_side(self.run_button, self.every_button, self.stop_button, self.progress, self.status),
        ]
        super().__init__(
            [*rows, self.view, self.figure_image, self.verdict, self.board, self.two_runs, self.lines]
        )
        self.add_class("strategy-lab")

    @property
    def results(self) -> pd.DataFrame:
        """A table with one row per finished run: its settings, its accuracy and its costs."""
        return pd.DataFrame([*self._runs.values()], columns=COLUMNS)

    @property
    def alt(self) -> str:
        """What the figure shows, in words."""
        view = self.view.value
        return lab_texts.alt_text(self._of_target(), self._grey[view], view == "seconds")

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
        sizes = dict.fromkeys(self._at_hand, 224) | {b.title: b.image_size for b in self._backbones.values()}
        named = [(self._with_size(title, size), title) for title, size in sizes.items()]
        # Of the shipped models, that of photographs suits own images better.
        first = self._shipped[own] if self._shipped else next(iter(self._backbones))
        self.target = choice("target", "target", targets)
        self.images = slider(
            "images", "images per class", self._sizes(), self._sizes()[min(2, len(self._sizes()) - 1)]
        )
        offered = [*((title, title) for title in self._shipped), *named]
        self.source = choice("source", "source model", offered, first)
        newer = [(f"after the lecture: {name}", name) for name in registry.names_after_lecture()]
        named_strategies = [*((name, name) for name in registry.names()), *newer]
        self.strategy = choice("strategy", "strategy", named_strategies, registry.LINEAR_PROBE.name)
        self.about = ui.HTML()
        self.depth = choice("depth", "layer, block or weights", ["last layer"])
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
        self.every_button = ui.Button(
            description="Run all strategies",
            icon="forward",
            tooltip="Run every strategy of the lecture with its default dials, the cheapest first",
            layout=ui.Layout(width="170px"),
        )
        self.stop_button = ui.Button(
            description="Stop",
            disabled=True,
            icon="stop",
            tooltip="Stop the training; a stopped run is not added to the leaderboard",
        )
        self.progress = ui.FloatProgress(min=0, max=1, layout=ui.Layout(width="250px"))
        self.status = ui.HTML("ready")
        self.figure_image = FigureImage(format="png", layout=ui.Layout(**FULL_WIDTH))
        self.view = ui.ToggleButtons(description="accuracy by", options=VIEWS, style=WIDE["style"])
        self.verdict = ui.HTML()
        self.board = ui.HTML()
        self.two_runs = TwoRuns(self._in_background)
        self.lines = ui.Textarea(
            description="to share",
            placeholder="Each finished run adds a line here. Copy the lines to share them with your class.",
            layout=ui.Layout(**FULL_WIDTH),
        )
        for name, widget in (
            ("about", self.about),
            ("run", self.run_button),
            ("every", self.every_button),
            ("view", self.view),
            ("verdict", self.verdict),
            ("stop", self.stop_button),
            ("progress", self.progress),
            ("status", self.status),
            ("figure", self.figure_image),
            ("board", self.board),
            ("lines", self.lines),
        ):
            widget.add_class(f"lab-{name}")
        self.run_button.on_click(lambda button: self._on_run([self._chosen()]))
        self.every_button.on_click(lambda button: self._on_run(self._every()))
        self.stop_button.on_click(lambda button: self._stop.set())
        self.strategy.observe(self._on_choice, "value")
        self.source.observe(self._on_choice, "value")
        self.view.observe(lambda change: self._draw(), "value")
        for control in (self.target, self.source):
            control.observe(self._on_place, "value")
        self._on_choice()

    def _with_size(self, title, size):
        """Name a source model and the size that it sees: of small images, less than it has learned from."""
        own = next(iter(self._data.values()), None)
        seen = min(size, own.X_train.shape[1] if own else synthetic.SIZE)
        return f"{title} ({seen}{f' instead of {size}' * (seen < size)} pixels)"

    def _sizes(self):
        """Return the numbers of images per class that the target has."""
        if not self._data:
            return list(SIZES)
        (data,) = self._data.values()
        fewest = int(np.unique(data.y_train, return_counts=True)[1].min())
        return [size for size in SIZES if size < fewest] + [fewest]

    def _on_choice(self, change=None):
        """Show what the chosen strategy does; enable its dials, with the rates that suit the source."""
        entry, dials = registry.get(self.strategy.value), self._dials()
        self.about.value = f"{html.escape(entry.title)} ({html.escape(entry.citation)})"
        self.depth.options, _ = dials.depths(entry.name)
        self.depth.disabled = len(self.depth.options) == 1
        first = dials.first(entry.name)
        for name in ("head_rate", "base_rate"):
            getattr(self, name).disabled = name not in first
        for name, value in first.items():
            getattr(self, name).value = value

    def _dials(self):
        return SourceDials(self.source.value, self._backbone(self.source.value))

    def _backbone(self, title):
        """Return a source model; None is a shipped one, for whose dials Keras need not be loaded."""
        if title in self._at_hand and title not in self._backbones:
            self.status.value = "loading Keras …"
            from helpers.networks.default_sources import at_hand

            self._backbones |= {backbone.title: backbone for backbone in at_hand()}
            self.status.value = "ready"
        return self._backbones.get(title)

    def _chosen(self):
        return SimpleNamespace(**{name: getattr(self, name).value for name in DIALS})

    def _strategy(self, chosen):
        """Return the chosen strategy, not fitted yet, and its setting in words."""
        from helpers.networks.backbones import Backbone

        entry, depth = registry.get(chosen.strategy), chosen.depth
        head, base = chosen.head_rate, chosen.base_rate
        given = dict.fromkeys(("layer", "from_block", "block", "which"), depth)
        given |= {"lr": float(head), "head_lr": float(head), "base_lr": float(base)}
        dials = {name: given[name] for name in entry.dials if name in given}
        if "base_lr" in dials:
            place = depth if {"block", "which"} & {*entry.dials} else f"from {depth}"
            setting = f"{place}, rates {base} / {head}"
        else:
            setting = f"rate {head}" if "lr" in dials else depth
        backbone = self._backbone(chosen.source) or Backbone(SHIPPED[chosen.source])
        return entry.make(backbone, **dials), setting

    def _every(self):
        """Return the choices that run all strategies: with their first dials, the cheapest first."""
        chosen, dials = vars(self._chosen()), self._dials()
        names = registry.cheapest_first()
        return [SimpleNamespace(**chosen | {"strategy": name} | dials.first(name)) for name in names]

    def _on_run(self, choices):
        """Run the choices one after the other; dials that move later are for the next run."""
        self._in_background(lambda: self._run_all(choices))

    def _in_background(self, work):
        """Do some work while the page stays usable; a button pressed meanwhile does nothing."""
        if not self._busy.acquire(blocking=False):
            return
        self._stop.clear()
        self.run_button.disabled = self.every_button.disabled = self.two_runs.button.disabled = True
        self.stop_button.disabled = False
        if runs_in_background():
            threading.Thread(target=self._guarded, args=(work,), daemon=True).start()
        else:
            self._guarded(work)

    def _guarded(self, work):
        try:
            work()
        except KeyboardInterrupt:  # Colab's own stop button
            self.status.value = "stopped"
        except Exception as error:  # any error is shown, and the lab stays usable
            self.status.value = f"<b>error:</b> {html.escape(str(error))}"
        finally:
            self.run_button.disabled = self.every_button.disabled = False
            self.two_runs.button.disabled, self.stop_button.disabled = not self.two_runs.several, True
            self._busy.release()

    def _run_all(self, choices):
        self.progress.value = 0
        self.status.value = "loading Keras …"
        target, begun = choices[0].target, time.monotonic()
        if target not in self._data:
            self._data[target] = image_sets.builtin(target)
        todo = [(chosen, chosen.seed + k) for chosen in choices for k in range(chosen.repeats)]
        found = []
        for index, (chosen, seed) in enumerate(todo):
            result = self._run_once(chosen, seed, index, len(todo), validates=len(choices) == 1)
            if result is None:  # partly trained: not comparable, so not on the leaderboard
                ended = lab_texts.stopped(len(self._history["accuracy"]))
                break
            found.append(result)
            ended = f"done: validation accuracy {result['accuracy']:.1%}, {result['seconds']:.1f} s"
        if len(choices) > 1:
            self.status.value = "comparing …"
            self.verdict.value = lab_texts.judged(choices, found)
            if len(found) == len(todo):
                ended = f"done: {len(todo)} runs, {time.monotonic() - begun:.0f} s"
        self.status.value = ended

    def _run_once(self, chosen, seed, index, total, validates):
        """Run one strategy with one seed; return the result, or None if it was stopped.

        Validation in every epoch costs a quarter of the time, so a comparison of all does without.
        """
        name, images, target = chosen.strategy, chosen.images, chosen.target
        strategy, setting = self._strategy(chosen)
        data = self._data[target].at_most(image_size_of(strategy))
        self._history = {"accuracy": [], "val_accuracy": []}
        self._title = f"{name}, {images} images per class, seed {seed}"
        self.status.value = f"running {index + 1} of {total} …"
        watch = {}
        if registry.get(name).trains_network:
            watch = {"stop": self._stop, "on_epoch": self._on_epoch(index, total, strategy)}
            if validates:
                watch["validation"] = watched(data)
        seconds = runner.fit(strategy, data, images, seed, **watch)
        if self._stop.is_set():
            return None
        fitted = Fitted(strategy, data)
        result = {
            "accuracy": float(fitted.right.mean()),
            "seconds": seconds,
            "trainable_parameters": strategy.trainable_parameters_,
        }
        key = (target, chosen.source, name, setting, images, seed)
        self._runs[key] = dict(zip(sharing.FIELDS, (*key, None), strict=True)) | result
        run = f"{self._title}, {setting}, {target}, {chosen.source}"  # what differs most comes first
        self.two_runs.add(run, fitted)
        self.progress.value = (index + 1) / total
        self.lines.value = "\n".join(map(sharing.to_line, self._runs.values()))
        self._draw()
        return {"strategy": name, "seed": seed, "fitted": fitted} | result

    def _on_epoch(self, index, repeats, strategy):
        said = f"run {index + 1} of {repeats}" if repeats > 1 else "training"

        def show(epoch, logs):
            for key in self._history.keys() & logs:
                self._history[key].append(logs[key])
            self.progress.value = (index + (epoch + 1) / strategy.epochs_) / repeats
            self.status.value = f"{said}, epoch {epoch + 1} of {strategy.epochs_}"
            begun = time.monotonic()
            if begun > self._next_drawing:  # training waits while the curve is drawn
                self._draw()
                drawn = time.monotonic()
                self._next_drawing = drawn + TRAINING_SHARE * (drawn - begun)

        return show

    def _draw(self):
        table = statistics.summary(self._of_target())
        # The figure has one line per strategy: its best setting for each size, which comes first.
        best = table.drop_duplicates(["strategy", "images"])
        with self._drawing:
            drawn = plots.lab_figure(
                *(self._figure, self._axes, self._history, self._title, best),
                grey=self._grey[self.view.value],
                by_seconds=self.view.value == "seconds",
                marks=textbook_marks(self.target.value, self.source.value),
            )
            self.show(drawn)
        self.board.value = results_table(table)

    def _of_target(self):
        results = self.results
        return results[results["target"] == self.target.value]

    def _on_place(self, change=None):
        """Look up what is stored of this target and source: nothing of own images."""
        target, title = self.target.value, self.source.value
        source = SHIPPED.get(title, title * (title in self._at_hand and target in image_sets.BUILTIN))
        self._grey = {view: lab_grey.stored(target, source, view == "seconds") for view in VIEWS}
        self._draw()


def watched(data: image_sets.ImageSet) -> tuple[np.ndarray, np.ndarray]:
    """Return a fixed sample of validation images: scoring all of them would take longer than an epoch."""
    chosen = np.random.default_rng(0).permutation(len(data.X_validation))[:WATCHED]
    return data.X_validation[chosen], data.y_validation[chosen]
