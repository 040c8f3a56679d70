"""Doubted labels are reviewed by keyboard alone, and the choice is in the list at once."""

import pytest
from axe import violations
from labs import error_texts, plain

CELL = """
import sys; sys.path[:0] = [".."]
import dataclasses
import numpy as np
from helpers.data.image_sets import builtin
from helpers.widgets.label_review import LabelReview
streets = builtin("streets_day", 4, 0, 0)
files = tuple(f"{name}/{k}.png" for k, name in enumerate(streets.labels))
streets = dataclasses.replace(streets, paths=files)
LabelReview(streets, np.eye(2)[(streets.labels == "empty").astype(int)])
"""


@pytest.fixture(scope="module")
def review(page, jupyterlab):
    jupyterlab.write_notebook("review.ipynb", CELL)
    jupyterlab.open_notebook(page, "review.ipynb")
    jupyterlab.run_all(page)
    review = page.locator(".label-review")
    review.locator("select").first.wait_for(timeout=60_000)
    page.wait_for_timeout(1000)
    return review


def test_a_label_is_chosen_by_keyboard_and_written(page, jupyterlab, review):
    written = jupyterlab.folder / "notebooks" / "corrections.csv"
    assert not written.exists()
    first, second = (review.locator("select").nth(k) for k in (0, 1))
    first.focus()
    page.keyboard.press("End")
    review.locator("[role=status]", has_text="labels to change 0, images to leave out 1").wait_for()
    assert plain(first.evaluate("select => select.selectedOptions[0].label")) == "(leave out)"
    page.keyboard.press("Tab")
    assert second.evaluate("select => select === document.activeElement"), "Tab leads to the next menu"
    before = second.evaluate("select => select.selectedIndex")
    for key in ("Space", "ArrowUp" if before else "ArrowDown", "Enter"):  # open, move, choose
        page.keyboard.press(key)
    review.locator("[role=status]", has_text="labels to change 1, images to leave out 1").wait_for()
    lines = written.read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[2] for line in lines[1:]] == ["drop", "relabel"]
    assert error_texts(page) == []


def test_in_an_open_menu_a_letter_is_no_command_of_jupyterlab(page, review):
    third = review.locator("select").nth(2)
    third.select_option(label="empty")
    third.focus()
    page.keyboard.press("Space")
    page.wait_for_timeout(500)  # until the menu is open; on a closed one, the letter would be a command
    for key in ("p", "Enter"):
        page.keyboard.press(key)
    assert plain(third.evaluate("select => select.selectedOptions[0].label")) == "pedestrian"
    assert review.locator("select").count() == 8


def test_each_menu_and_each_image_has_a_name(page, review, screenshot_folder):
    labels = review.locator(".widget-dropdown").evaluate_all(
        "all => all.map(menu => menu.querySelector('label').innerText)"
    )
    assert labels == [f"image {k}" for k in range(1, 9)]
    titles = review.locator("img").evaluate_all("all => all.map(image => image.title)")
    assert len(titles) == 8 and all("labelled" in title for title in titles)
    assert violations(page, [[".label-review"]], []) == []
    review.screenshot(path=screenshot_folder / "08-label-review.png")
