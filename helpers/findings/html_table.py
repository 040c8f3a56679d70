"""The one HTML table in which findings and labs show themselves."""

import html
from collections.abc import Iterable, Sequence

LEFT = "text-align:left; vertical-align:top"
SHORT = 17  # characters: up to here, a cell stays on one line
MOST_ROWS = 100
NO_FORMULAS = "mathjax_ignore tex2jax_ignore"  # else "$5 and $10" would be a formula in a notebook


def html_table(label: str, rows: Iterable[Sequence[object]], head: Sequence[str] = ()) -> str:
    """Return a table that a screen reader can read; all text is escaped, and none is read as a formula.

    Args:
        label: what the table shows, for a screen reader.
        rows: the cells, as many in each row; the first one names its row. After the 100th row, only the
            number of the others is said.
        head: names of the columns, if they have any.

    Example:
        >>> page = html_table("Fruit", [("apple", 3)], ["fruit", "count"])
        >>> "<th scope=row" in page and "aria-label='Fruit'" in page
        True
    """
    shown = list(rows)
    if left_out := len(shown[MOST_ROWS:]):
        shown[MOST_ROWS:] = [(f"and {left_out:,} more",)]
    body = "".join(f"<tr>{''.join(_cell(*pair) for pair in enumerate(row))}</tr>" for row in shown)
    names = "".join(f"<th scope=col style='{LEFT}'>{_escaped(name)}</th>" for name in head)
    thead = f"<thead><tr>{names}</tr></thead>" if head else ""
    # Without the spacing, two columns look like one.
    style = "border-collapse:separate; border-spacing:0.6em 0; line-height:1.4"
    about = f"class='{NO_FORMULAS}' aria-label='{_escaped(label)}' style='{style}'"
    return f"<table {about}>{thead}<tbody>{body}</tbody></table>"


def _escaped(value):
    """Escape markup, and the bytes of file names that are not UTF-8, which a page cannot contain."""
    return html.escape(str(value).encode("utf-8", "backslashreplace").decode())


def _cell(place, value):
    text = _escaped(value)
    style = LEFT + ("; white-space:nowrap" if len(str(value)) <= SHORT else "")
    return f"<th scope=row style='{style}'>{text}</th>" if place == 0 else f"<td style='{style}'>{text}</td>"
