"""Every notebook in JupyterLab, from a fresh kernel: it runs, its widgets appear, follow, and answer.

Then a reader runs cells again, in any order: nothing fails, and they show the same.
"""

import re
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from clean_outputs import assert_clean_outputs, code_cells
from labs import run_cells, wait_for_change
from of_today import share

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = [path.name for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
ERRORS = '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]'
STDERR = '[data-mime-type="application/vnd.jupyter.stderr"]'
BROKEN = "text=Error displaying widget"
LAB = ".figure-lab"
LONG = 3  # seconds; a cell that takes longer runs again in one of the notebooks, another one every day
# What may differ between two runs: durations, what is computed from them, widget ids and addresses.
VARIES = re.compile(r"\d[\d,.]* (s|min|h)\b|model_id='\w+'|0x\w+")


@pytest.fixture(scope="module", params=NOTEBOOKS)
def notebook(request, page, jupyterlab):
    """A notebook just run, and its number."""
    page.console_errors.clear()
    jupyterlab.open_notebook(page, request.param)
    page.wait_for_timeout(500)
    page.broken_when_opened = page.locator(BROKEN).count()
    jupyterlab.run_all(page)
    page.wait_for_timeout(1500)  # the last widgets appear
    page.first_run = saved(page, jupyterlab, request.param)
    yield request.param[:2]
    page.evaluate("() => window.jupyterapp.shell.currentWidget.dispose()")
    jupyterlab.shutdown_kernels()


def saved(page, jupyterlab, name):
    """Save the open notebook and read it."""
    page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")
    return nbformat.read(jupyterlab.folder / "notebooks" / name, as_version=4)


@pytest.mark.timeout(600)
def test_runs_without_errors(notebook, page):
    assert page.locator(ERRORS).all_inner_texts() == []
    assert page.locator(STDERR).all_inner_texts() == []
    assert [text for text in page.console_errors if "widget" in text.lower()] == []
    assert page.locator(BROKEN).count() == 0


def test_what_it_saves_is_clean(notebook, page):
    assert_clean_outputs(page.first_run)


def test_a_notebook_just_opened_shows_no_broken_widget(notebook, page):
    """Pictures and texts stand in for the widgets until their cells have run."""
    assert page.broken_when_opened == 0


def test_every_figure_lab_follows_its_controls(notebook, page, screenshot_folder):
    labs = page.locator(LAB)
    for index in range(labs.count()):
        lab = labs.nth(index)
        lab.scroll_into_view_if_needed()
        lab.screenshot(path=screenshot_folder / f"{notebook}-lab-{index}.png")
        image = lab.locator("img")
        handle, lists = lab.locator(".noUi-handle"), lab.locator("select")
        for number in range(handle.count()):
            changed = False
            for key in ("ArrowRight", "ArrowLeft", "ArrowLeft"):
                before = image.get_attribute("src")
                handle.nth(number).focus()
                page.keyboard.press(key)
                changed = wait_for_change(page, image, before) or changed
            assert changed, f"lab {index} slider {number}"
        for number in range(lists.count()):
            options = lists.nth(number).locator("option")
            if options.count() < 2 or lists.nth(number).is_disabled():
                continue
            before = image.get_attribute("src")
            current = lists.nth(number).evaluate("list => list.selectedIndex")
            lists.nth(number).select_option(index=(current + 1) % options.count())
            assert wait_for_change(page, image, before), f"lab {index} list {number}"
            before = image.get_attribute("src")
            lists.nth(number).select_option(index=current)  # one change at a time: back again
            wait_for_change(page, image, before)
        page.wait_for_timeout(300)
        lab.screenshot(path=screenshot_folder / f"{notebook}-lab-{index}-moved.png")
        assert image.evaluate("image => image.complete && image.naturalWidth > 0")
    assert page.locator(ERRORS).all_inner_texts() == []


def test_the_bug_gallery_replies(notebook, page, screenshot_folder):
    for gallery in page.locator(".bug-gallery").all():
        gallery.scroll_into_view_if_needed()
        before = gallery.locator("img").get_attribute("src")
        gallery.locator(".lab-case select").select_option(index=3)
        assert wait_for_change(page, gallery.locator("img"), before)
        gallery.locator(".lab-diagnosis select").select_option(index=1)
        gallery.locator(".lab-check").click()
        gallery.locator("[role=status]").wait_for(timeout=10_000)
        gallery.screenshot(path=screenshot_folder / f"{notebook}-gallery.png")
    assert page.locator(ERRORS).all_inner_texts() == []


def test_predictions_can_be_committed(notebook, page):
    boxes = page.locator(".prediction")
    for index in range(boxes.count()):
        box = boxes.nth(index)
        box.scroll_into_view_if_needed()
        radio = box.locator("input[type=radio]")
        if radio.count():
            radio.first.check()
        button = box.locator(".prediction-commit")
        button.click()
        box.locator("text=You said").wait_for(timeout=10_000)
        assert button.is_disabled()
    assert boxes.count() >= 1


def test_the_quiz_answers(notebook, page, screenshot_folder):
    quiz = page.locator(".quiz")
    quiz.scroll_into_view_if_needed()
    questions = quiz.locator(".quiz-question")
    for index in range(questions.count()):
        questions.nth(index).locator("input[type=radio]").first.check()
    quiz.locator(f"text=of {questions.count()} right").wait_for(timeout=10_000)
    quiz.screenshot(path=screenshot_folder / f"{notebook}-quiz.png")


def seconds(cell) -> float:
    """How long the first run of a cell took."""
    started, ended = (cell.metadata.execution[key] for key in ("iopub.execute_input", "shell.execute_reply"))
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(started)).total_seconds()


def shown(cell):
    """Return the text and the images that a cell shows. One printed text may arrive in several parts."""
    text, images = "", []
    for output in cell.outputs:
        data = output.get("data", {})
        text += output.get("evalue", "") + output.get("text", "") + data.get("text/plain", "")
        images += [data["image/png"]] if "image/png" in data else []
    return VARIES.sub("…", text), images


@pytest.mark.timeout(900)
def test_cells_show_the_same_again(notebook, page, jupyterlab):
    """Run each short cell once more, from the last to the first; in one notebook, all cells before that."""
    name = next(name for name in NOTEBOOKS if name.startswith(notebook))
    if name not in share(NOTEBOOKS, 3):
        pytest.skip("the cells of this notebook run twice every third day")
    first, runs = code_cells(page.first_run), {}
    if name in share(NOTEBOOKS, len(NOTEBOOKS)):
        jupyterlab.run_all(page)
        runs["second run"] = code_cells(saved(page, jupyterlab, name))
    run_cells(page, [cell.id for cell in reversed(first) if seconds(cell) <= LONG])
    runs["after the whole run"] = code_cells(saved(page, jupyterlab, name))
    for what, again in runs.items():
        for before, after in zip(first, again, strict=True):
            (text, images), (old_text, old_images) = shown(after), shown(before)
            assert text == old_text, f"{what}:\n{before.source}"
            assert images == old_images, f"{what}, another figure:\n{before.source}"
