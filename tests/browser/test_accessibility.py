"""axe-core finds no serious violation of ours, in exported pages and in the live labs."""

from pathlib import Path

import pytest
from axe import violations
from bs4 import BeautifulSoup
from labs import error_texts
from nbconvert import HTMLExporter

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
# Text and outputs are ours; the frame around them and the colours of code are the exporter's.
CONTENT = [[".jp-RenderedHTMLCommon"], [".jp-OutputArea-output"]]
CELLS = (
    'import sys; sys.path[:0] = [".."]\nfrom helpers.exercises import check, class_votes, '
    "concept_test, hand_in, predict, quiz\n"
    "from helpers.widgets import advice, basics, few_photographs, first_result, sharing\n"
    "from helpers.widgets import strategy_lab, upload",
    "basics.gradient_lab()",
    "strategy_lab()",
    "advice.bug_gallery()",
    "sharing.class_board()",
    'guess = predict("How many?", (0, 100))\nguess',
    "class_votes(guess)",
    'concept_test("before")',
    'hand_in("05")',
    'predict("Which one?", ["this one", "that one"])',
    "upload.Upload()",
    "few = few_photographs.FewPhotographs()\nfew",
    "first_result.FirstResult(few, lambda X, y: [[0.9, 0.1]] * len(X))",
    'quiz("05")',
    'check("05.1", 1)',
)
# What nbconvert's style sheet and ipywidgets do, and Python code cannot change.
EXPORTER = [("link-in-text-block", "<a href")]
IPYWIDGETS = [("aria-input-field-name", "noUi-handle")]
WIDGETS = [
    *[".figure-lab", ".strategy-lab", ".bug-gallery", ".class-board", ".prediction", ".upload", ".quiz"],
    *[".class-votes", ".concept-test", ".hand-in", ".reply", ".few-photographs", ".first-result"],
]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_exported_pages(page, path, tmp_path):
    html, _ = HTMLExporter().from_filename(path)
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    page.route("https://**", lambda route: route.abort())  # the exporter's links to MathJax and others
    page.goto((tmp_path / "page.html").as_uri())
    page.unroute("https://**")
    assert violations(page, CONTENT, EXPORTER) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_exported_figures_keep_their_alternative_texts(path):
    """In nbconvert's classic template: its lab template drops them. Decks: see the tests of notebooks."""
    html, _ = HTMLExporter(template_name="classic").from_filename(path)
    texts = [image.get("alt", "") for image in BeautifulSoup(html, "html.parser").select(".output_png img")]
    assert texts
    assert [text for text in texts if len(text.split()) < 3 or "No description" in text] == []


@pytest.fixture(scope="module")
def widgets(page, jupyterlab):
    jupyterlab.write_notebook("accessible.ipynb", *CELLS)
    jupyterlab.open_notebook(page, "accessible.ipynb")
    jupyterlab.run_all(page)
    page.locator(".quiz").wait_for(timeout=120_000)
    page.wait_for_timeout(1000)
    return page


def test_live_widgets(widgets):
    assert error_texts(widgets) == []
    for name in WIDGETS:
        assert widgets.locator(name).count() >= 1, name
    assert violations(widgets, [[name] for name in WIDGETS], IPYWIDGETS) == []


def test_no_lab_scrolls_sideways_on_a_laptop(widgets):
    """A figure as wide as the page must not lose its right edge behind a scroll bar."""
    widgets.set_viewport_size({"width": 1280, "height": 800})
    widgets.wait_for_timeout(1000)
    wider = widgets.locator(".jp-OutputArea-output .widget-box").evaluate_all(
        """all => all.filter(box => box.scrollWidth > box.clientWidth)
            .map(box => `${box.className}: ${box.scrollWidth} > ${box.clientWidth}`)"""
    )
    widgets.set_viewport_size({"width": 1600, "height": 1000})
    assert wider == []


def test_every_control_has_a_label(widgets):
    """The name that a screen reader says: a label, a description, or a text inside. Sliders: see below."""
    nameless = widgets.evaluate(
        """names => [...document.querySelectorAll(names.map(name =>
                `${name} :is(select, input, textarea, button)`).join())]
            .filter(part => part.offsetParent !== null && part.type !== 'hidden')
            .filter(part => !(part.labels?.length && part.labels[0].innerText.trim())
                && !part.getAttribute('aria-label') && !part.innerText?.trim()
                && !document.getElementById(part.getAttribute('aria-labelledby'))
                && !part.closest('label')?.innerText.trim() && !part.title)
            .map(part => part.outerHTML.slice(0, 200))""",
        WIDGETS,
    )
    assert nameless == []


def test_every_slider_has_a_description(widgets):
    """ipywidgets gives no name to the handle; a screen reader reads its value, and the label before it."""
    texts = widgets.locator(".widget-slider").evaluate_all(
        "all => all.map(slider => slider.querySelector('.widget-label')?.innerText || '')"
    )
    described = [text for text in texts if text.strip()]
    predictions = widgets.locator(".prediction .widget-slider").count()  # the question is above
    assert len(described) >= 5 and len(texts) == len(described) + predictions


def test_every_lab_describes_its_figure_in_words(widgets):
    """As the title of the image (ipywidgets has no alternative text), and announced below it."""
    titles = widgets.locator(", ".join(f"{name} img" for name in WIDGETS)).evaluate_all(
        "all => all.map(image => image.title)"
    )
    assert len(titles) >= 5 and all(len(title.split()) > 5 for title in titles), titles
    for name in (".figure-lab", ".bug-gallery"):
        assert len(widgets.locator(f"{name} [aria-live=polite]").first.inner_text().split()) > 5
