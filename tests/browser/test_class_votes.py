"""A class votes in JupyterLab, with the keyboard alone: commit, paste, count, vote again."""

import re

import pytest
from labs import error_texts
from playwright.sync_api import expect

ANSWERS = ["a probe", "fine-tuning"]
CELLS = (
    'import sys; sys.path[:0] = [".."]\nfrom helpers.exercises import check, class_votes, predict',
    f'guess = predict("Which is better?", {ANSWERS})\nguess',
    "class_votes(guess)",
    'check("00.1", 1024)',
)


@pytest.fixture(scope="module")
def notebook(page, jupyterlab):
    jupyterlab.write_notebook("votes.ipynb", *CELLS)
    jupyterlab.open_notebook(page, "votes.ipynb")
    jupyterlab.run_all(page)
    page.locator(".reply").wait_for(timeout=60_000)
    return page


def choose(page, answer):
    """Choose an answer and commit it: Space, Tab past the other answers, Enter."""
    option = page.get_by_label(answer, exact=True)
    expect(option).to_be_enabled()  # the kernel opens a second vote
    option.focus()
    page.keyboard.press("Space")
    expect(option).to_be_checked()
    expect(page.locator(".prediction-commit")).to_be_enabled()  # before, Tab would pass it
    for _ in ANSWERS:
        if page.locator(".prediction-commit:focus").count() == 0:
            page.keyboard.press("Tab")
    expect(page.locator(".prediction-commit")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".prediction")).to_contain_text(f"You said {answer}.")


def paste_and_count(page, text):
    board = page.locator(".class-votes")
    board.locator("textarea").focus()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    return board.locator("[role=status]")


def test_two_votes_with_the_keyboard(notebook, screenshot_folder):
    page, lines = notebook, notebook.locator(".prediction-lines textarea")
    assert error_texts(page) == []
    before = page.locator(".class-votes img").get_attribute("src")
    choose(page, "a probe")
    expect(lines).to_be_visible()
    first = lines.input_value()
    said = paste_and_count(page, f"10:31 An: {first}\ngood morning\n{first}")
    expect(said).to_have_text("Counted: first vote 1, after the discussion 0. Duplicate lines: 1.")
    expect(page.locator(".class-votes [role=alert] + ul")).to_contain_text("good morning")
    page.locator(".prediction-again").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".prediction")).to_contain_text("Choose again")
    choose(page, "fine-tuning")
    expect(lines).to_have_value(re.compile(r".\n."))  # one line for each vote
    expect(page.locator(".prediction-again")).to_be_disabled()
    said = paste_and_count(page, lines.input_value())
    expect(said).to_contain_text("first vote 1, after the discussion 1")
    expect(page.locator(".class-votes img")).not_to_have_attribute("src", before)
    page.screenshot(path=screenshot_folder / "class-votes.png")
    assert error_texts(page) == []


def test_hints_open_with_the_keyboard(notebook, screenshot_folder):
    reply = notebook.locator(".reply")
    reply.get_by_text("Hint 2", exact=True).focus()
    notebook.keyboard.press("Enter")
    expect(reply.locator("[role=status]").last).to_contain_text("Hint 2:")
    reply.get_by_text("Solution", exact=True).focus()
    notebook.keyboard.press("Enter")
    expect(reply.locator("pre")).to_contain_text("answer =")
    reply.screenshot(path=screenshot_folder / "reply.png")
    assert error_texts(notebook) == []
