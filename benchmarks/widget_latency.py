"""Time from a key press to the new figure, in a real browser: a lab of the series and plain `interact`.

`python -m benchmarks.widget_latency` needs Chromium or Chrome, and the packages of requirements-dev.txt.
Both draw the same figure with the same function; only its way to the screen differs. The slider repeatedly
moves eight steps up and eight down, with a pause after every figure: a lab of the series caches its figures
and draws the next one during the pause.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from tests.browser.jupyter_driver import BROWSER_ARGUMENTS, find_browser, serve

CELLS = (
    'import sys; sys.path[:0] = [".."]',
    "from helpers.widgets import basics\nbasics.gradient_lab()",
    """
import ipywidgets
import matplotlib.pyplot as plt
from helpers.networks import gradients

def plain(depth, activation, initialisation):
    figure, axes = plt.subplots(figsize=(12, 5))
    basics._draw_gradients([axes], depth, activation, initialisation)
    plt.show()

shown = ipywidgets.interactive(
    plain,
    depth=ipywidgets.IntSlider(value=8, min=1, max=20, continuous_update=False),
    activation=list(gradients.ACTIVATIONS),
    initialisation=list(gradients.INITIALISATIONS),
)
shown.add_class("plain-interact")
shown
""",
)
WARM = 2  # these first presses load code and are not counted
# Press a key on the first slider; resolves with the milliseconds until another figure is ready to paint.
PRESS = """(root, key) => new Promise((done, failed) => {
    const before = root.querySelector('img').src, started = performance.now();
    const look = () => {
        const image = root.querySelector('img'), waited = performance.now() - started;
        if (image && image.src !== before && image.complete && image.naturalWidth) done(waited);
        else if (waited > 10000) failed(new Error('no other figure after ' + key));
        else requestAnimationFrame(look);
    };
    root.querySelector('.noUi-handle').dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
    look();
})"""


def measure(presses: int, look: int) -> dict[str, list[float]]:
    """Return the milliseconds of every key press for both; they take turns, so the load is the same.

    The reader looks at a figure for `look` milliseconds before the next press.
    """
    from playwright.sync_api import sync_playwright

    places = {"lab of the series": ".gradient-lab", "plain interact": ".plain-interact"}
    times = {name: [] for name in places}
    with (
        tempfile.TemporaryDirectory() as series,
        tempfile.TemporaryDirectory() as settings,
        serve(Path(series), Path(settings)) as jupyter,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_browser(), args=BROWSER_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        jupyter.write_notebook("latency.ipynb", *CELLS)
        jupyter.open_notebook(page, "latency.ipynb")
        jupyter.run_all(page)
        for place in places.values():
            page.locator(f"{place} img").wait_for(timeout=120_000)
        page.wait_for_timeout(2000)
        for number in range(presses + WARM):
            key = "ArrowRight" if number % 16 < 8 else "ArrowLeft"
            for name, place in places.items():
                milliseconds = page.locator(place).evaluate(PRESS, key)
                page.wait_for_timeout(look)
                if number >= WARM:
                    times[name].append(milliseconds)
        browser.close()
    return times


def main(argv=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.widget_latency", description=__doc__)
    parser.add_argument("--presses", type=int, default=30)
    parser.add_argument("--look", type=int, default=500, help="milliseconds from a figure to the next press")
    arguments = parser.parse_args(argv)
    times = measure(arguments.presses, arguments.look)
    for name, values in times.items():
        print(
            f"{name:18} median {statistics.median(values):4.0f} ms, nine of ten below "
            f"{statistics.quantiles(values, n=10)[-1]:4.0f} ms ({len(values)} presses)"
        )
    for what, part in (("all", slice(None)), ("the first steps up", slice(8 - WARM))):
        ours, plain = (statistics.median(values[part]) for values in times.values())
        print(f"ratio of the medians, {what}: {ours / plain:.2f}")


if __name__ == "__main__":
    main()
