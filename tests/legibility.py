"""What makes a figure hard to read from the last row: small, cut-off or overlapping text, too much width."""

import itertools
from unittest.mock import patch

from matplotlib.text import Text

SMALLEST = 14
WIDEST = 12


def drawn_texts(drawing) -> list[Text]:
    """The texts that drawing the figure puts on it (an axis also keeps labels that it does not draw)."""
    texts = []
    draw = Text.draw

    def note(self, renderer, *arguments, **named):
        if self.get_visible() and self.get_text().strip():
            texts.append(self)
        return draw(self, renderer, *arguments, **named)

    with patch.object(Text, "draw", note):
        drawing.canvas.draw()
    return texts


def faults(drawing) -> list[str]:
    """What a reader at the back of the room would complain about."""
    found = [] if drawing.get_figwidth() <= WIDEST else [f"{drawing.get_figwidth():g} inches wide"]
    texts = drawn_texts(drawing)
    renderer = drawing.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in texts]
    for text, box in zip(texts, boxes, strict=True):
        if text.get_fontsize() < SMALLEST:
            found.append(f"{text.get_text()!r} has {text.get_fontsize():g} points")
        page = drawing.bbox.padded(1)
        if min(box.x0 - page.x0, page.x1 - box.x1, box.y0 - page.y0, page.y1 - box.y1) < 0:
            found.append(f"{text.get_text()!r} is cut off")
        if text.get_parse_math() or "\\math" in text.get_text():
            found.append(f"{text.get_text()!r} is, or could be, a formula")
    upright = [(t, b) for t, b in zip(texts, boxes, strict=True) if t.get_rotation() in (0, 90)]
    for (one, a), (other, b) in itertools.combinations(upright, 2):
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1:
            found.append(f"{one.get_text()!r} lies on {other.get_text()!r}")
    return found
