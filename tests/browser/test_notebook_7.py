"""Jupyter Notebook 7 shows the same labs as JupyterLab, and runs them.

Its arrow keys belong to the notebook, whatever has the focus; Page up, Page down, Home, End and the mouse
move a slider.
"""

import pytest
from labs import CELLS, StrategyLab, error_texts, ours, wait_for_change
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def notebook(page, jupyterlab):
    """A notebook with two labs, run; `page.its_own_errors` are those that any notebook has there."""
    jupyterlab.write_notebook("empty.ipynb", "1")
    jupyterlab.open_notebook(page, "empty.ipynb", front_end="notebook")
    page.wait_for_timeout(1500)
    page.its_own_errors = set(page.console_errors)
    page.console_errors.clear()
    jupyterlab.write_notebook("seven.ipynb", *CELLS)
    jupyterlab.open_notebook(page, "seven.ipynb", front_end="notebook")
    jupyterlab.run_all(page)
    page.locator(".strategy-lab").wait_for(timeout=60_000)
    return page


@pytest.mark.parametrize("key", ["PageUp", "Home"])
def test_a_key_moves_a_slider(notebook, key):
    image = notebook.locator(".gradient-lab img")
    before = image.get_attribute("src")
    notebook.locator(".gradient-lab .noUi-handle").first.focus()
    notebook.keyboard.press(key)
    assert wait_for_change(notebook, image, before)


def test_the_mouse_moves_a_slider(notebook):
    image = notebook.locator(".gradient-lab img")
    before = image.get_attribute("src")
    notebook.locator(".gradient-lab .noUi-target").first.click()  # in its middle
    assert wait_for_change(notebook, image, before)


def test_the_strategy_lab_runs_and_stops(notebook, screenshot_folder):
    lab = StrategyLab(notebook)
    lab.run_until_done()
    lab.choose_strategy("Full fine-tune")
    lab.run.click()
    expect(lab.stop).to_be_enabled(timeout=10_000)
    lab.stop.click()
    expect(lab.status).to_contain_text("stopped", timeout=20_000)
    lab.root.screenshot(path=screenshot_folder / "notebook-7-strategy-lab.png")


def test_nothing_went_wrong(notebook):
    assert error_texts(notebook) == []
    assert [t for t in notebook.console_errors if ours(t) and t not in notebook.its_own_errors] == []
