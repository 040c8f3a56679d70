"""axe-core finds no serious violation of ours, in exported pages and in the live labs."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from nbconvert import HTMLExporter
from test_strategy_lab import error_texts

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
# Text and outputs are ours; the frame around them and the colours of code are the exporter's.
CONTENT = [[".jp-RenderedHTMLCommon"], [".jp-OutputArea-output"]]
CELLS = (
    'import sys; sys.path[:0] = [".."]\nfrom helpers.widgets import predict, quiz, strategy_lab\n'
    "from helpers.widgets import advice, basics, photos, sharing\nfrom helpers.checks import check",
    "basics.gradient_lab()",
    "strategy_lab()",
    "advice.bug_gallery()",
    "sharing.class_board()",
    'predict("How many?", (0, 100))',
    'predict("Which one?", ["this one", "that one"])',
    "photos.Upload()",
    'quiz("05")',
    'check("05.1", 1)',
)
WIDGETS = [".figure-lab", ".strategy-lab", ".bug-gallery", ".class-board", ".prediction", ".upload", ".quiz"]


def violations(page, include) -> list[str]:
    """What axe finds serious or critical, with the elements."""
    found = Axe().run(page, context={"include": include}, options={"resultTypes": ["violations"]})
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for violation in found.response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_exported_pages(page, path, tmp_path):
    html, _ = HTMLExporter().from_filename(path)
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    page.route("https://**", lambda route: route.abort())  # the exporter's links to MathJax and others
    page.goto((tmp_path / "page.html").as_uri())
    page.unroute("https://**")
    assert violations(page, CONTENT) == []
    texts = page.locator(".jp-OutputArea-output img").evaluate_all("all => all.map(image => image.alt)")
    assert all(len(text.split()) >= 3 for text in texts), texts


@pytest.fixture(scope="module")
def widgets(page, jupyterlab):
    jupyterlab.write_notebook("accessible.ipynb", *CELLS)
    jupyterlab.open_notebook(page, "accessible.ipynb")
    jupyterlab.run_all(page)
    page.locator(".quiz").wait_for(timeout=30_000)
    page.wait_for_timeout(1000)
    yield page
    jupyterlab.shutdown_kernels()


def test_live_widgets(widgets):
    assert error_texts(widgets) == []
    for name in WIDGETS:
        assert widgets.locator(name).count() >= 1, name
    assert violations(widgets, [[name] for name in WIDGETS]) == []


def test_every_control_has_a_label(widgets):
    """The name that a screen reader says: a label, a description, or a text inside."""
    nameless = widgets.evaluate(
        """names => [...document.querySelectorAll(names.map(name =>
                `${name} :is(select, input, textarea, button, [role=slider])`).join())]
            .filter(part => part.offsetParent !== null && part.type !== 'hidden')
            .filter(part => !(part.labels?.length && part.labels[0].innerText.trim())
                && !part.getAttribute('aria-label') && !part.innerText?.trim()
                && !document.getElementById(part.getAttribute('aria-labelledby'))
                && !part.closest('label')?.innerText.trim() && !part.title)
            .map(part => part.outerHTML.slice(0, 200))""",
        WIDGETS,
    )
    assert nameless == []


def test_every_picture_has_a_text(widgets):
    texts = widgets.evaluate(
        """names => [...document.querySelectorAll(names.map(name => `${name} img`).join())]
            .map(image => [image.alt, image.parentElement.innerText])""",
        WIDGETS,
    )
    assert len(texts) >= 4
    print(texts)
