"""What a hundred students do to a lab: all keys at once, impatience, two notebooks, a kernel that dies.

The notebooks of this file hold one strategy lab and one figure lab each, so that they open quickly.
"""

import base64
import io
import re

import numpy as np
import pytest
from jupyter_driver import watch_console
from labs import CELLS, StrategyLab, error_texts, ours
from PIL import Image
from playwright.sync_api import expect

# Counts the changes of an image, and notes every frame in which it is not on the screen. It does not look at
# `naturalWidth`, which is 0 while the next image is decoded and the browser still paints the last one.
WATCH = """image => {
    window.changes = 0;
    window.gone = [];
    const look = when => {
        if (!image.isConnected || !image.getAttribute('src') || !image.clientHeight) window.gone.push(when);
    };
    new MutationObserver(() => { window.changes += 1; look('change'); })
        .observe(image, {attributes: true, attributeFilter: ['src']});
    const frame = () => { look('frame'); requestAnimationFrame(frame); };
    frame();
}"""
# Milliseconds from a click on Stop until the status says so, measured in the page.
STOP_TIME = """root => new Promise((done, failed) => {
    const status = root.querySelector('.lab-status'), started = performance.now();
    const look = () => /stopped/i.test(status.innerText) && done(performance.now() - started);
    new MutationObserver(look).observe(status, {childList: true, subtree: true, characterData: true});
    root.querySelector('.lab-stop').click();
    setTimeout(() => failed(new Error('never stopped: ' + status.innerText)), 20000);
})"""
# The class of the control that the keyboard is at.
FOCUSED = """() => [...(document.activeElement.closest('.strategy-lab [class*=lab-]')?.classList || [])]
    .find(name => name.startsWith('lab-'))"""
# The parts of a lab that stick out of its cell.
WIDE = """box => {
    const edge = box.closest('.jp-OutputArea').getBoundingClientRect().right + 5;  // its margin
    return [...box.querySelectorAll('img, select, button, .widget-slider, table, .widget-html')]
        .filter(part => part.getBoundingClientRect().right > edge)
        .map(part => `${part.className}: ${part.getBoundingClientRect().right - edge}`);
}"""


@pytest.fixture(scope="module")
def lab(page, jupyterlab):
    jupyterlab.write_notebook("stress.ipynb", *CELLS)
    jupyterlab.open_notebook(page, "stress.ipynb")
    jupyterlab.run_all(page)
    lab = StrategyLab(page)
    lab.root.wait_for(timeout=120_000)
    lab.figure.evaluate(WATCH)
    return lab


def train(lab):
    """Start a training of dozens of epochs, and wait for the first."""
    lab.choose_strategy("Full fine-tune")
    lab.run.click()
    expect(lab.status).to_contain_text(re.compile(r"epoch \d"), timeout=120_000)


def test_every_control_moves_by_keyboard(page, lab):
    """Arrows move a slider; Space opens a list, in which arrows choose (JupyterLab takes them before)."""
    for handle in lab.root.locator(".noUi-handle").all():
        if handle.locator("xpath=ancestor::*[@disabled]").count():
            continue
        before = handle.get_attribute("aria-valuetext")
        handle.focus()
        page.keyboard.press("ArrowRight")
        moved = handle.get_attribute("aria-valuetext") != before
        page.keyboard.press("ArrowLeft")
        assert moved or handle.get_attribute("aria-valuetext") != before, before
        if not moved:
            page.keyboard.press("ArrowRight")
    for name in ("target", "source", "strategy"):
        box = lab.root.locator(f".lab-{name} select")
        before = box.evaluate("box => box.selectedIndex")
        box.focus()
        for key in ("Space", "ArrowDown" if before == 0 else "ArrowUp", "Enter"):
            page.keyboard.press(key)
        assert box.evaluate("box => box.selectedIndex") != before, name
        box.select_option(index=before)
    seed = lab.root.locator(".lab-seed input")
    seed.fill("7")
    seed.press("Enter")
    expect(seed).to_have_value("7")
    assert error_texts(page) == []


def test_controls_are_reached_by_tab(page, lab):
    lab.root.locator(".lab-target select").focus()
    reached = set()
    for _ in range(25):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(FOCUSED))
    assert {"lab-images", "lab-source", "lab-strategy", "lab-seed", "lab-repeats", "lab-run"} <= reached


def test_run_pressed_five_times_runs_once(page, lab):
    lab.choose_strategy("Linear probe")
    expect(lab.run).to_be_enabled()
    rows = lab.rows.count()
    lab.run.evaluate("button => { for (let i = 0; i < 5; i++) button.click(); }")
    expect(lab.status).to_contain_text("done", timeout=120_000)
    page.wait_for_timeout(2000)
    expect(lab.rows).to_have_count(rows + 1)
    assert lab.root.locator("textarea").input_value().count("#") == 1
    assert error_texts(page) == []


def test_stop_stops_within_a_second(page, lab):
    """Twice within a second, and always within ten: some tries meet a computer busy with other tests."""
    times = []
    while sum(t < 1000 for t in times) < 2 and len(times) < 12:
        train(lab)
        times.append(lab.root.evaluate(STOP_TIME))
        expect(lab.run).to_be_enabled(timeout=10_000)
    print("milliseconds until stopped:", [round(t) for t in times])
    assert sum(t < 1000 for t in times) == 2 and max(times) < 10_000


def test_the_figure_never_flickers(page, lab):
    """Every frame that the browser paints during a training shows the figure, not an empty box."""
    lab.figure.scroll_into_view_if_needed()
    frames = []
    screen = page.context.new_cdp_session(page)

    def keep(frame):
        frames.append(base64.b64decode(frame["data"]))
        screen.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})

    screen.on("Page.screencastFrame", keep)
    changes = page.evaluate("() => window.changes")
    screen.send("Page.startScreencast", {"format": "png"})
    train(lab)
    page.wait_for_function("before => window.changes >= before + 5", arg=changes, timeout=60_000)
    lab.stop.click()
    expect(lab.run).to_be_enabled(timeout=20_000)
    screen.send("Page.stopScreencast")
    box, width = lab.figure.bounding_box(), page.viewport_size["width"]
    assert len(frames) >= 5
    assert min(ink(frame, box, width) for frame in frames) > 0.01


def ink(frame: bytes, box: dict, width: int) -> float:
    """The part of a box on a painted frame (PNG) that is dark, such as the text and lines of a figure."""
    image = Image.open(io.BytesIO(frame)).convert("L")
    scale = image.width / width
    left, top = box["x"] * scale, box["y"] * scale
    part = image.crop((left, top, left + box["width"] * scale, top + box["height"] * scale))
    return float((np.asarray(part) < 128).mean())


def test_the_figure_was_never_gone(page, lab):
    """Through all of the above: every change of the figure, and every frame of the screen."""
    assert page.evaluate("() => window.changes") >= 5
    assert page.evaluate("() => window.gone") == []


def test_an_interrupt_of_the_kernel_leaves_a_working_lab(page, lab):
    train(lab)
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
    page.wait_for_timeout(500)
    lab.stop.click()
    expect(lab.run).to_be_enabled(timeout=20_000)
    lab.choose_strategy("Earlier-layer SVM")  # a run that is not on the board yet
    lab.run_until_done()
    assert error_texts(page) == []


def test_a_restart_of_the_kernel_leaves_a_working_state(page, lab, jupyterlab):
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.kernelDisplayStatus === 'idle'",
        timeout=60_000,
    )
    jupyterlab.run_all(page)
    expect(page.locator(".strategy-lab")).to_have_count(1)
    fresh = StrategyLab(page)
    expect(fresh.rows).to_have_count(0)
    fresh.run_until_done()
    assert error_texts(page) == []


def test_two_notebooks_at_once(page, lab, jupyterlab):
    """Their kernels share nothing: each board shows its own run."""
    jupyterlab.write_notebook("other.ipynb", *CELLS)
    other_page = page.context.new_page()
    watch_console(other_page)
    jupyterlab.open_notebook(other_page, "other.ipynb")
    jupyterlab.run_all(other_page)
    labs = [StrategyLab(p) for p in (page, other_page)]
    for one, strategy in zip(labs, ("Linear probe", "Earlier-layer SVM"), strict=True):
        one.choose_strategy(strategy)
        one.run.click()
    for one, strategy in zip(labs, ("Linear probe", "Earlier-layer SVM"), strict=True):
        expect(one.status).to_contain_text("done", timeout=120_000)
        expect(one.rows).to_have_count(1)
        expect(one.rows.first).to_contain_text(strategy)
    assert error_texts(page) == error_texts(other_page) == []
    other_page.close()


def test_a_reload_of_the_page_brings_the_figures_back(page, lab, jupyterlab):
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_timeout(1000)
    jupyterlab.open_notebook(page, "stress.ipynb")
    for name in (".gradient-lab", ".strategy-lab"):
        image = page.locator(f"{name} img").first
        image.wait_for(timeout=20_000)
        assert image.evaluate("image => image.complete && image.naturalWidth > 300")
    handle = page.locator(".gradient-lab .noUi-handle").first
    before = page.locator(".gradient-lab img").get_attribute("src")
    handle.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".gradient-lab img")).not_to_have_attribute("src", before, timeout=10_000)


@pytest.mark.parametrize("width", [1024, 1920])
def test_nothing_sticks_out(page, lab, width, screenshot_folder):
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(500)
    for name in (".gradient-lab", ".strategy-lab"):
        box = page.locator(name)
        box.scroll_into_view_if_needed()
        box.screenshot(path=screenshot_folder / f"width-{width}{name}.png")
        assert box.evaluate(WIDE) == []
    page.set_viewport_size({"width": 1600, "height": 1000})


def test_no_error_in_the_browsers_console(page, lab):
    assert [text for text in page.console_errors if ours(text)] == []
