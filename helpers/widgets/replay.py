"""The replay lab: move through a recorded training, step by step, or record a new one."""

import html
import threading

import ipywidgets as ui

from helpers.environment import runs_in_background
from helpers.plots.replay import Film, sentence
from helpers.studies.engine.recording import Recording
from helpers.widgets.figure_lab import FigureLab, side_by_side, slider


def replay_lab() -> "ReplayLab":
    """Show the codes of validation images, accuracy, and similarity with the source, step by step."""
    return ReplayLab(Recording.load())


class ReplayLab(FigureLab):
    """The widget that `replay_lab` returns.

    Args:
        recording: what it shows first.

    Example:
        >>> lab = replay_lab()
        >>> lab.controls["step"].value = 40
        >>> lab.alt.startswith("full fine-tuning, step 40: validation accuracy ")
        True
    """

    def __init__(self, recording: Recording) -> None:
        self._recording, self._film, self._seed = recording, None, 0
        steps = slider("training step", recording.steps.tolist(), 0)
        steps.continuous_update = True  # a step is drawn in a few milliseconds
        super().__init__(
            self._describe, {"step": steps}, "replay-lab", len(recording.ways), width=12, height=8, rows=2
        )
        self.record_button = ui.Button(
            description="Record a new training",
            icon="circle",
            tooltip="Train in three ways with other images, and replay that",
            layout=ui.Layout(width="220px"),
        )
        self.progress = ui.FloatProgress(min=0, max=1, layout=ui.Layout(width="250px"))
        self.status = ui.HTML("<p role='status'>Recorded with seed 0.</p>")
        for name, widget in (
            ("record", self.record_button),
            ("progress", self.progress),
            ("status", self.status),
        ):
            widget.add_class(f"lab-{name}")
        self.record_button.on_click(self._on_record)
        row = side_by_side(self.record_button, self.progress, self.status)
        self.set_trait("children", (*self.children, row))

    def _new_image(self, values):
        if self._film is None:
            self._film = Film(self._figure, self._axes, self._recording)
        record = self._recording.steps.tolist().index(values["step"])
        return self._film.png(record), self._describe(record)

    def _describe(self, record):
        ways = range(len(self._recording.ways))
        return "\n".join(sentence(self._recording, way, record) for way in ways)

    def _on_record(self, button):
        self.record_button.disabled = True
        if runs_in_background():
            threading.Thread(target=self._record, daemon=True).start()
        else:
            self._record()

    def _record(self):
        try:
            self._say("Loading Keras, then training in three ways …")
            from helpers.studies.replay import record

            recording = record(self._seed + 1, lambda share: setattr(self.progress, "value", share))
        except Exception as error:  # any error is shown, and the lab goes on with what it has
            self._say(f"Error: {error}")
        else:
            with self._drawing:
                self._recording, self._film, self._seed = recording, None, self._seed + 1
                self._seen.clear()
            self._redraw()
            self._say(f"Recorded with seed {self._seed}.")
        finally:
            self.record_button.disabled = False

    def _say(self, text):
        self.status.value = f"<p role='status'>{html.escape(text)}</p>"
