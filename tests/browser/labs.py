"""Shared by the browser tests: a lab, its controls, and what went wrong on a page."""

import re

from playwright.sync_api import expect

DONE = re.compile("done", re.IGNORECASE)
ERROR_OUTPUTS = '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]'
STDERR_OUTPUTS = '[data-mime-type="application/vnd.jupyter.stderr"]'
CELLS = (
    'import sys; sys.path[:0] = [".."]',
    "from helpers.widgets import strategy_lab",
    "from helpers.widgets.basics import gradient_lab\ngradient_lab()",
    "lab = strategy_lab()\nlab",
)


class StrategyLab:
    """The controls of the first strategy lab on the page."""

    def __init__(self, page):
        self.root = page.locator(".strategy-lab").first
        self.images_handle = self.root.locator(".lab-images .noUi-handle")
        self.images_readout = self.root.locator(".lab-images .widget-readout")
        self.strategy = self.root.locator(".lab-strategy select")
        self.run = self.root.locator("button.lab-run, .lab-run button")
        self.stop = self.root.locator("button.lab-stop, .lab-stop button")
        self.status = self.root.locator(".lab-status")
        self.figure = self.root.locator("img.lab-figure, .lab-figure img")
        self.rows = self.root.locator(".lab-board tr:has(td)")

    def choose_strategy(self, beginning: str):
        labels = [plain(label) for label in self.strategy.locator("option").all_inner_texts()]
        fitting = [k for k, label in enumerate(labels) if label.startswith(beginning)]
        assert fitting, f"no strategy starts with {beginning!r}: {labels}"
        self.strategy.select_option(index=fitting[0])

    def chosen_strategy(self) -> str:
        return plain(self.strategy.evaluate("select => select.selectedOptions[0].label"))

    def run_until_done(self, seconds: float = 120):
        """Click Run; wait for a new row on the board and for the word "done"."""
        expect(self.run).to_be_enabled(timeout=10_000)
        rows = self.rows.count()
        self.run.click()
        expect(self.rows).to_have_count(rows + 1, timeout=seconds * 1000)
        expect(self.status).to_contain_text(DONE, timeout=10_000)


def plain(label: str) -> str:
    """A label of an option without the unbreakable spaces that ipywidgets puts into it."""
    return label.replace("\xa0", " ").strip()


def error_texts(page) -> list[str]:
    errors = page.locator(ERROR_OUTPUTS).all_inner_texts()
    stderr = page.locator(STDERR_OUTPUTS).all_inner_texts()
    return errors + [text for text in stderr if "Traceback" in text]


def ours(text: str) -> bool:
    """Is a message of the console about widgets, or uncaught?"""
    return "widget" in text.lower() or text.startswith("uncaught")


def wait_for_change(page, image, before, seconds=8):
    for _ in range(int(seconds * 20)):
        if image.get_attribute("src") != before:
            return True
        page.wait_for_timeout(50)
    return False


def run_cell(page, text: str):
    """Run the first code cell of the open notebook that holds a text."""
    page.evaluate(
        """async text => {
            const notebook = window.jupyterapp.shell.currentWidget.content;
            notebook.activeCellIndex = notebook.widgets.findIndex(cell =>
                cell.model.type === 'code' && cell.model.sharedModel.getSource().includes(text));
            await window.jupyterapp.commands.execute('notebook:run-cell');
        }""",
        text,
    )


def run_cells(page, ids):
    """Run cells of the open notebook, one after the other, by their ids."""
    page.evaluate(
        """async ids => {
            const notebook = window.jupyterapp.shell.currentWidget.content;
            for (const id of ids) {
                notebook.activeCellIndex = notebook.widgets.findIndex(cell => cell.model.id === id);
                await window.jupyterapp.commands.execute('notebook:run-cell');
            }
        }""",
        ids,
    )


def send_files(page, button, files):
    """Press a button that opens the dialog of the browser for files, and choose one file or several."""
    with page.expect_file_chooser() as chooser:
        button.click()
    chooser.value.set_files(files)
