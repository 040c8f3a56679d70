"""Labs that move on the site without a kernel: all their states are drawn when the site is built.

A cell that only opens a lab, such as `gradient_lab()`, becomes a figure with plain HTML controls;
templates/labs.js shows the image of the chosen values. No list says which cells these are.
"""

import ast
import contextlib
import hashlib
import html
import importlib
import inspect
import itertools
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ipywidgets as ui
from jinja2 import Environment, FileSystemLoader
from nbformat import NotebookNode
from nbformat.v4 import new_output

from helpers.plots.style import smaller
from helpers.widgets.advice import BugGallery
from helpers.widgets.figure_lab import FigureLab, options

MOST_STATES = 100  # of a lab, as far as its sliders can have fewer steps
MOST_BYTES = 15_000_000  # of the images of all labs
TEMPLATES = Path(__file__).with_name("templates")
_PAGES = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
)

Lab = FigureLab | BugGallery
Steps = dict[str, list[tuple[str, Any]]]  # by control: label and value of each step


def put_into(notebook: NotebookNode, folder: Path, address: str) -> None:
    """Replace the output of each cell that opens a lab with a lab that needs no kernel.

    Args:
        notebook: changed in place. Labs with arguments, and those that train networks, stay as they are.
        folder: where the images are written.
        address: of this folder, relative to the page of the notebook, with a slash at the end.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    modules = _imported(cell.source for cell in code)
    for number, cell in enumerate(code):
        try:
            lab = _opened(cell.source, modules)
            if lab is not None:
                page = as_html(lab, f"lab-{number}", folder, address)
                cell.outputs = [new_output("display_data", {"text/html": page})]
        except Exception as error:
            error.add_note(f"This was raised by the lab {cell.source}. Is its results table complete?")
            raise


def as_html(lab: Lab, name: str, folder: Path, address: str) -> str:
    """Draw every state of a lab, and return HTML that shows the first of them and its controls.

    Args:
        lab: the widget.
        name: unique on the page; the ids of the controls begin with it.
        folder: where the images are written.
        address: of this folder, relative to the page, with a slash at the end.
    """
    steps = fewer(lab.controls)
    states = [_state(lab, dict(zip(steps, values, strict=True)), folder) for values in _products(steps)]
    start = tuple(control.value for control in lab.controls.values())
    controls = [
        {
            "id": f"{name}-{key}",
            "label": control.description,
            "slider": not isinstance(control, ui.Dropdown),
            "steps": [label for label, _ in steps[key]],
            "chosen": [value for _, value in steps[key]].index(control.value),
            "of": len(options(control)),
        }
        for key, control in lab.controls.items()
    ]
    text = json.dumps(states, ensure_ascii=False).replace("</", "<\\/")  # no end of the script
    return _PAGES.get_template("lab.html.j2").render(
        controls=controls, first=states[[*_products(steps)].index(start)], states=text, address=address
    )


def check_size(folder: Path) -> None:
    """Check that the images of all labs are small enough to be loaded by a browser.

    Raises:
        RuntimeError: If they take more than MOST_BYTES.
    """
    size = sum(path.stat().st_size for path in folder.iterdir())
    if size > MOST_BYTES:
        raise RuntimeError(
            f"The images of the labs take {size / 1e6:.1f} MB, more than {MOST_BYTES / 1e6:.0f} MB. "
            f"Lower MOST_STATES in helpers/authoring/moving_labs.py, now {MOST_STATES}."
        )


def fewer(controls: Mapping[str, ui.Widget]) -> Steps:
    """Return the steps of each control: fewer for sliders if there would be more than MOST_STATES states.

    A slider keeps its first, last and initial value, and others at equal distances; the longest one gives
    way first. Lists keep all their entries.

    Args:
        controls: by name.

    Example:
        >>> from helpers.widgets.figure_lab import choice, whole
        >>> found = fewer({"epochs": whole("epochs", 40, 1, 200), "loss": choice("loss", ["a", "b"])})
        >>> len(found["epochs"]), found["epochs"][0], found["epochs"][-1], len(found["loss"])
        (50, ('1', 1), ('200', 200), 2)
    """
    steps = {name: options(control) for name, control in controls.items()}
    for name in sorted(steps, key=lambda name: -len(steps[name])):
        count, here = math.prod(map(len, steps.values())), len(steps[name])
        if count > MOST_STATES and not isinstance(controls[name], ui.Dropdown):
            chosen = [value for _, value in steps[name]].index(controls[name].value)
            kept = _spread(here, max(3, MOST_STATES * here // count), chosen)
            steps[name] = [steps[name][place] for place in kept]
    return steps


def _spread(count, most, chosen):
    """At most `most` of `count` places: first, last and the chosen one, others at equal distances."""
    if count <= most:
        return [*range(count)]
    places = [round(k * (count - 1) / (most - 1)) for k in range(most)]
    nearest = min(range(1, most - 1), key=lambda k: abs(places[k] - chosen))
    if chosen not in places:
        places[nearest] = chosen
    return places


def _products(steps):
    """The values of all controls, the last one changes first."""
    return itertools.product(*([value for _, value in found] for found in steps.values()))


def _state(lab, values, folder):
    """Write the image of a state; return its name and the texts, as labs.js reads them."""
    try:
        state = lab.state(**values)
    except ValueError as error:  # a combination that cannot be drawn: the page says so, the image stays
        return {"caption": f"<b>{html.escape(str(error))}</b>"}
    path = folder / f"{hashlib.sha256(state.png).hexdigest()[:16]}.png"
    if not path.exists():  # states with the same image share a file
        path.write_bytes(smaller(state.png))
    return {"image": path.name, "alt": state.alt, "caption": state.caption}


def _imported(sources):
    """What the names of a notebook stand for, such as "labs": "helpers.widgets.layers"."""
    names = {}
    for source in sources:
        with contextlib.suppress(SyntaxError):  # a cell with a command of the shell
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.ImportFrom):
                    names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return names


def _opened(source, names):
    """The lab that a cell opens, or None."""
    try:
        (statement,) = ast.parse(source).body
    except (SyntaxError, ValueError):  # a cell with a command of the shell, or not one statement
        return None
    match statement:
        case ast.Expr(value=ast.Call(func=function, args=[], keywords=[])):
            first, _, rest = ast.unparse(function).partition(".")
            module, _, name = f"{names.get(first, '')}.{rest}".rstrip(".").rpartition(".")
            if module.startswith("helpers.widgets"):
                opens = getattr(importlib.import_module(module), name)
                made = inspect.signature(opens).return_annotation  # asked first: others may train for minutes
                return opens() if isinstance(made, type) and issubclass(made, Lab) else None
    return None
