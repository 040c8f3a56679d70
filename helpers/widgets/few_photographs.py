"""Choose a few photographs of two things: uploads, a folder, or the built-in ones."""

import html
from collections.abc import Callable, Sequence

import ipywidgets as ui
import numpy as np

from helpers.data.photographs import (
    Photographs,
    Received,
    built_in,
    check_counts,
    from_class_folders,
    read_uploaded,
)
from helpers.environment import in_colab
from helpers.widgets.figure_lab import WIDE, side_by_side
from helpers.widgets.file_button import MOST_MEGABYTES, FileButton
from helpers.widgets.static import StaticText

LIMIT = (
    f"If JupyterLab was not started as the README says, a button takes up to {MOST_MEGABYTES} MB at a time: "
    "one or two photographs of a phone. If you choose more at once, nothing arrives, and the button no "
    "longer answers: renew the buttons, and send one photograph after the other, or drag a folder into "
    "JupyterLab's file list, and write its name below."
)


class Thing(ui.HBox):
    """The name and the uploaded photographs of one thing.

    Args:
        which: "first" or "second".
        receive: called with this object and the uploaded files.
        renamed: called when the name changes.

    Attributes:
        images: file name and uint8 (224, 224, 3) of each photograph.
        notes: sentences on the files that could not be read, and on copies.

    Example:
        >>> thing = Thing("first", receive=print, renamed=print)
        >>> thing.title
        'first thing'
    """

    def __init__(self, which: str, receive: Callable, renamed: Callable[[], None]) -> None:
        self.images: list[tuple[str, np.ndarray]] = []
        self.notes: list[str] = []
        self._which = f"{which} thing"
        self.name = ui.Text(
            description=self._which, placeholder="its name, for example cup", continuous_update=False, **WIDE
        )
        self.name.observe(lambda change: renamed(), "value")
        self.files = FileButton(
            f"Add photographs of the {self._which}",
            f"Choose photographs of the {self._which}",
            "image/*",
            lambda files: receive(self, files),
            multiple=True,
        )
        super().__init__([self.name, self.files], layout=ui.Layout(flex_flow="row wrap"))

    @property
    def title(self) -> str:
        """The name that the user has given, or "first thing"."""
        return self.name.value.strip() or self._which

    def has(self, image: np.ndarray) -> bool:
        """Return whether this photograph was added to it.

        Args:
            image: uint8 (224, 224, 3).
        """
        return any(np.array_equal(known, image) for _, known in self.images)


class FewPhotographs(StaticText, ui.VBox):
    """Two buttons that receive photographs, a field for a folder, and a button for the built-in ones.

    Attributes:
        photographs: what is used now; at first, the built-in ones.
        followed_by: called after each change of `photographs`; None if nothing follows.

    Example:
        >>> few = FewPhotographs()
        >>> few.photographs.origin
        'pieces of two built-in photographs (temple, flower)'
    """

    def __init__(self) -> None:
        self.photographs = built_in()
        self.followed_by: Callable[[], None] | None = None
        self.things = [Thing(which, self._receive, self._renamed) for which in ("first", "second")]
        self.folder = ui.Text(
            description="or a folder", placeholder="with one sub-folder for each thing", **WIDE
        )
        self.folder_button = ui.Button(
            description="Use the folder", tooltip="Use the photographs of this folder", icon="folder-open"
        )
        self.built_in_button = ui.Button(
            description="Use the built-in photographs",
            tooltip="Use the built-in photographs, and remove the uploaded ones",
            layout=ui.Layout(width="max-content"),
        )
        self.renew_button = ui.Button(
            description="Renew the buttons",
            tooltip="Renew the buttons that add photographs; what has arrived is kept",
            layout=ui.Layout(width="max-content"),
        )
        self.renew_button.on_click(lambda button: self._renew())
        self.folder_button.on_click(lambda button: self._try(self._use_folder))
        self.built_in_button.on_click(lambda button: self._use_built_in())
        self.status = ui.HTML()
        self._say(f"In use: {self.photographs.origin}. Add your own.")
        super().__init__(
            [
                *self.things,
                *([] if in_colab() else [ui.HTML(f"<p>{LIMIT}</p>"), self.renew_button]),
                side_by_side(self.folder, self.folder_button, self.built_in_button),
                self.status,
            ]
        )
        self.add_class("few-photographs")

    def as_html(self) -> str:
        """Return what the widget offers, for pages that run no widgets."""
        return "<p>Run this cell to add photographs of your own: upload them, or name a folder.</p>"

    def _renew(self):
        for thing in self.things:
            thing.files.renew()

    def _receive(self, thing, files):
        self._say("reading the files …")
        self._add(thing, read_uploaded(files))
        self._try_uploads(*[] if files else ["Nothing was uploaded. Choose photographs."])

    def _add(self, thing: Thing, received: Received) -> None:
        """Keep the photographs that are new, and the notes on the others; one of the other thing moves."""
        (other,) = (one for one in self.things if one is not thing)
        notes = [*received.notes]
        for name, image in received.images:
            if thing.has(image):
                notes.append(f"{name} was added before, to {thing.title}; it counts once.")
                continue
            if other.has(image):
                other.images = [one for one in other.images if not np.array_equal(one[1], image)]
                for one in self.things:  # only the latest move of a photograph is worth a note
                    one.notes = [note for note in one.notes if not note.startswith(f"{name} was moved")]
                notes.append(f"{name} was moved from {other.title} to {thing.title}.")
            thing.images.append((name, image))
        thing.notes = [*dict.fromkeys([*thing.notes, *notes])]

    def _renamed(self):
        if any(thing.images for thing in self.things):
            self._try_uploads()

    def _try_uploads(self, *more: str):
        self._try(self._use_uploads, [*(note for thing in self.things for note in thing.notes), *more])

    def _use_uploads(self) -> Photographs:
        counts = {thing.title: len(thing.images) for thing in self.things}
        if len(counts) < len(self.things):
            raise ValueError("Both things have the same name. Give them different names.")
        check_counts(counts)
        return Photographs(
            np.stack([image for thing in self.things for _, image in thing.images]),
            np.repeat([thing.title for thing in self.things], [len(thing.images) for thing in self.things]),
            tuple(name for thing in self.things for name, _ in thing.images),
            "your uploads",
        )

    def _use_folder(self) -> Photographs:
        return from_class_folders(self.folder.value.strip().strip("\"'"))  # Windows copies paths in quotes

    def _use_built_in(self):
        removed = sum(len(thing.images) for thing in self.things)
        for thing in self.things:
            thing.images.clear()
            thing.notes.clear()
        note = f"{removed} uploaded photographs were removed from this notebook; your files are unchanged."
        self._try(built_in, [note] if removed else [])

    def _try(self, chosen: Callable[[], Photographs], notes: Sequence[str] = ()):
        """Use other photographs if that is possible, and say what is used and what was not read."""
        try:
            self.photographs = chosen()
        except (ValueError, OSError) as error:
            self._say(f"{error} In use until then: {self.photographs.origin}.", notes, "alert")
            return
        names, counts = np.unique(self.photographs.y, return_counts=True)
        each = ", ".join(f"{count} of {name}" for name, count in zip(names, counts, strict=True))
        self._say(f"In use: {self.photographs.origin}, {each}.", notes)
        if self.followed_by:
            self.followed_by()

    def _say(self, sentence: str, notes: Sequence[str] = (), role: str = "status"):
        items = "".join(f"<li>{html.escape(note)}</li>" for note in notes)
        text = html.escape(sentence)
        self.status.value = f"<div role='{role}'><b>{text}</b>{f'<ul>{items}</ul>' * bool(items)}</div>"
