"""The strategy lab in JupyterLab, as a reader uses it: with a mouse and a keyboard.

The tests share one open notebook and run in the order of this file.
"""

import re

import pytest
from labs import StrategyLab, error_texts, run_cell
from playwright.sync_api import expect

NOTEBOOK = "05_four_scenarios.ipynb"
STOPPED = re.compile("stopped", re.IGNORECASE)


@pytest.fixture(scope="module")
def lab(page, jupyterlab, screenshot_folder):
    """The lab of the notebook; of the other cells, test_every_notebook.py runs all."""
    jupyterlab.open_notebook(page, NOTEBOOK)
    for text in ("sys.path", "import strategy_lab", "lab = strategy_lab()", "class_board()"):
        run_cell(page, text)
    lab = StrategyLab(page)
    if not error_texts(page):
        lab.root.wait_for(timeout=30_000)
        lab.root.scroll_into_view_if_needed()
    page.screenshot(path=screenshot_folder / "strategy-lab-1-opened.png")
    return lab


def test_it_opens_without_errors(page, lab):
    assert error_texts(page) == []
    expect(lab.root).to_be_visible()
    # Widgets that the front end cannot draw show up as errors in the browser's console.
    assert [text for text in page.console_errors if "widget" in text.lower()] == []


def test_run_draws_a_curve_and_adds_a_row(page, lab, screenshot_folder):
    before = lab.figure.get_attribute("src")
    lab.run_until_done(seconds=120)
    expect(lab.figure).not_to_have_attribute("src", before or "")
    assert lab.figure.evaluate("image => image.complete && image.naturalWidth > 0")
    page.screenshot(path=screenshot_folder / "strategy-lab-2-done.png")
    assert error_texts(page) == []


def test_keyboard_moves_the_images_slider(page, lab, screenshot_folder):
    before = lab.images_readout.inner_text()
    lab.images_handle.focus()
    page.keyboard.press("ArrowRight")
    expect(lab.images_readout).not_to_have_text(before, timeout=5_000)
    page.screenshot(path=screenshot_folder / "strategy-lab-3-slider.png")
    assert error_texts(page) == []


def test_stop_ends_a_run_and_the_lab_runs_again(page, lab, screenshot_folder):
    first_strategy = lab.chosen_strategy()
    lab.choose_strategy("Fine-tune")
    expect(lab.run).to_be_enabled(timeout=10_000)
    lab.run.click()
    expect(lab.stop).to_be_enabled(timeout=10_000)
    lab.stop.click()
    expect(lab.status).to_contain_text(STOPPED, timeout=20_000)  # at once after Run it may still compile
    page.screenshot(path=screenshot_folder / "strategy-lab-4-stopped.png")

    lab.choose_strategy(first_strategy)
    lab.run_until_done(seconds=120)
    page.screenshot(path=screenshot_folder / "strategy-lab-5-runs-again.png")
    assert error_texts(page) == []


def test_one_press_runs_all_strategies_until_stop_and_two_runs_are_compared(page, lab, screenshot_folder):
    rows = lab.rows.count()
    lab.root.get_by_role("button", name="Run all strategies").click()
    expect(lab.rows).to_have_count(rows + 1, timeout=60_000)  # the probe has run already; the SVM is new
    lab.stop.click()
    expect(lab.status).to_contain_text(STOPPED, timeout=30_000)
    two = lab.root.locator(".two-runs")
    two.get_by_role("button", name="Compare images").click()
    expect(two.locator(".two-runs-status")).to_contain_text("of 1000 images", timeout=30_000)
    expect(two.locator("img")).to_be_visible()
    lab.root.screenshot(path=screenshot_folder / "strategy-lab-6-all.png")
    assert error_texts(page) == []


def test_the_class_board_combines_the_lines_of_the_lab(page, lab, screenshot_folder):
    board = page.locator(".class-board")
    before = board.locator("img").get_attribute("src")
    board.locator("textarea").fill(lab.root.locator("textarea").input_value())
    board.locator("button").click()
    expect(board.locator("[role=status]")).to_contain_text(re.compile(r"runs: [1-9]"), timeout=10_000)
    expect(board.locator("img")).not_to_have_attribute("src", before)
    board.screenshot(path=screenshot_folder / "class-board.png")
    assert error_texts(page) == []
