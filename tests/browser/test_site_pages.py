"""The site is built without a warning, its links lead somewhere, and it can be read without a network."""

import re
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest
from axe import violations
from jupyter_driver import BROWSER_ARGUMENTS, watch_console

from helpers.authoring import moving_labs, site

PAGES = (
    "index.html",
    "notebooks/01_deep_learning_basics.html",
    "notebooks/03_domain_and_task.html",
    "notebooks/05_four_scenarios.html",
    "notebooks/GLOSSARY.html",
    "api/helpers/data/splits/index.html",
)
LOADED = re.compile(r"""<(?:script|img|iframe|link)\b[^>]*\s(?:src|href)="((?:https?:)?//[^"]+)""")
LINK = re.compile(r"""<a\b[^>]*\shref="(?!https?:|mailto:)([^"]*)""")
SHOWN = "lab => lab.querySelector('img').src + lab.querySelector('.lab-caption').textContent"
PLACE = "control => [Number(control.value), (control.list ?? control).options.length - 1]"
WHOLE = "image => image.complete && image.naturalWidth > 0"
ANCHOR = re.compile(r"""\sid="([^"]+)""")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The site, built once, with few states of each lab; a warning of Sphinx fails here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moving_labs, "MOST_STATES", 4)
        return site.build(tmp_path_factory.mktemp("site")).parent


@pytest.fixture(scope="module")
def html(folder):
    """The text of every page, by its path."""
    return {path: path.read_text("utf-8") for path in folder.rglob("*.html")}


@pytest.fixture(scope="module")
def address(folder):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser(browser_path):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()


def test_every_link_leads_to_a_page_and_a_heading(html):
    anchors = {path: set(ANCHOR.findall(text)) for path, text in html.items()}
    links = {(path, link) for path, text in html.items() for link in LINK.findall(text)}
    assert len(links) > 1000
    lost = []
    for path, link in links:
        name, _, anchor = unquote(link).partition("#")
        target = (path.parent / name.split("?")[0]).resolve() if name else path
        if not target.is_file() or (anchor and target in anchors and anchor not in anchors[target]):
            lost.append(f"{path.name}: {link}")
    assert lost == []


def test_no_page_loads_anything_from_another_host(html):
    assert {path.name: found for path, text in html.items() if (found := LOADED.findall(text))} == {}


def test_notebooks_are_whole(folder):
    page = (folder / "notebooks" / "05_four_scenarios.html").read_text("utf-8")
    assert page.count("<img") >= 9
    assert [image for image in re.findall(r"<img[^>]*>", page) if len(image.split('alt="')) != 2] == []
    assert "<!--=" not in page


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1400, "light")])
def test_pages_in_a_browser(browser, address, screenshot_folder, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page, asked = context.new_page(), []
    watch_console(page)
    page.on("request", lambda request: asked.append(request.url))
    for name in PAGES:
        page.goto(f"{address}/{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        lightness = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]")
        assert (int(lightness) < 100) == (scheme == "dark")
        if "03_" in name:
            page.locator("mjx-container > svg").first.wait_for(state="attached")
            assert page.locator("[data-mml-node='merror']").count() == 0
        page.screenshot(path=screenshot_folder / f"site-{width}-{name.replace('/', '-')}.png")
        assert violations(page, [["html"]]) == [], name
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert page.console_errors == []
    context.close()


@pytest.fixture
def phone(browser):
    """A page as on a phone, in dark mode."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    yield context.new_page()
    context.close()


def test_the_glossary_is_read_on_a_phone_without_scrolling_sideways(phone, address, screenshot_folder):
    phone.goto(f"{address}/notebooks/GLOSSARY.html")
    table = phone.locator(".table-wrapper")
    assert table.evaluate("box => box.scrollWidth <= box.clientWidth")
    assert table.locator("td").first.bounding_box()["width"] > 300  # not broken into letters
    table.locator("tr").nth(5).scroll_into_view_if_needed()
    phone.screenshot(path=screenshot_folder / "site-glossary-390.png")


def test_each_figure_leads_to_its_image(phone, address):
    phone.goto(f"{address}/notebooks/05_four_scenarios.html")
    outside = "images => images.filter(image => image.closest('a')?.href !== image.src).length"
    figures = phone.locator("article .cell_output img, article .moving-lab img")
    assert figures.count() >= 9 and figures.evaluate_all(outside) == 0
    phone.locator(".moving-lab select").first.press("ArrowDown")
    assert figures.evaluate_all(outside) == 0
    image = figures.first.get_attribute("src").removeprefix("..")
    figures.first.click()
    phone.wait_for_url(f"{address}{image}")


def test_no_module_name_looks_like_a_link(phone, address):
    phone.goto(f"{address}/notebooks/08_your_own_images.html")
    style = "span => getComputedStyle(span).textDecorationLine"
    assert phone.locator(".highlight .nn").first.evaluate(style) == "none"


def test_the_images_of_the_labs_are_few_megabytes(folder):
    sizes = [path.stat().st_size for path in (folder / "labs").iterdir()]
    assert len(sizes) > 100 and sum(sizes) <= 15e6


def test_every_lab_that_trains_nothing_moves_by_keyboard(browser, address, folder, screenshot_folder):
    pages = [p for p in sorted((folder / "notebooks").glob("*.html")) if "moving-lab" in p.read_text("utf-8")]
    assert len(pages) >= 6
    page, asked = browser.new_page(), []
    watch_console(page)
    page.on("request", lambda request: asked.append(request.url))
    for path in pages:
        page.goto(f"{address}/notebooks/{path.name}")
        for number, lab in enumerate(page.locator(".moving-lab").all()):
            for control in lab.locator("input, select").all():
                seen, start, last = lab.evaluate(SHOWN), *control.evaluate(PLACE)
                if last == 0:  # a list with one entry: the table has only one
                    continue
                there, back = ("ArrowRight", "ArrowLeft") if start < last else ("ArrowLeft", "ArrowRight")
                control.press(there)
                assert lab.evaluate(SHOWN) != seen, (path.name, number, control.get_attribute("id"))
                page.wait_for_function(WHOLE, arg=lab.locator("img").element_handle())
                control.press(back)
                assert lab.evaluate(SHOWN) == seen
            lab.screenshot(path=screenshot_folder / f"site-lab-{path.stem}-{number}.png")
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert page.console_errors == []
    page.close()


def test_a_slider_moves_its_figure_within_two_seconds_of_opening_the_page(browser, address):
    page, started = browser.new_page(), time.monotonic()
    page.goto(f"{address}/notebooks/01_deep_learning_basics.html")
    lab = page.locator(".moving-lab").first
    slider, image = lab.locator("input[type=range]").first, lab.locator("img")
    before, value = image.get_attribute("src"), slider.evaluate("slider => Number(slider.value)")
    slider.press("ArrowRight")
    page.wait_for_function(WHOLE, arg=image.element_handle())
    assert time.monotonic() - started < 2
    assert image.get_attribute("src") != before
    label = lab.locator("datalist").evaluate("(list, k) => list.options[k].label", value + 1)
    assert slider.get_attribute("aria-valuetext") == lab.locator("output").inner_text() == label
    page.close()


def test_without_javascript_a_lab_is_a_figure_with_its_text(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/notebooks/01_deep_learning_basics.html")
    lab = page.locator(".moving-lab").first
    assert lab.locator("img").is_visible() and lab.locator(".lab-caption").inner_text()
    assert not lab.locator("input").first.is_visible()
    context.close()


def searched(browser, address, words):
    """The summary of a search, and the addresses of its pages; nothing may go wrong."""
    page = browser.new_page()
    watch_console(page)
    page.goto(f"{address}/search.html?q={words}")
    page.locator(".search-summary", has_text="Search finished").wait_for()
    summary = page.locator(".search-summary").inner_text()
    links = [link.get_attribute("href") for link in page.locator("#search-results li > a").all()]
    assert page.console_errors == []
    page.close()
    return summary, links


def test_search_finds_terms_and_functions_and_counts_them(browser, address):
    summary, links = searched(browser, address, "backbone")
    assert len(links) > 4 and f"found {len(links)} pages" in summary
    _, links = searched(browser, address, "load_catalogued")
    assert links[0] == "api/helpers/data/image_sets/index.html#helpers.data.image_sets.load_catalogued"


def test_search_leads_to_the_notebooks_and_not_to_parts_of_names(browser, address):
    _, links = searched(browser, address, "LP-FT")
    assert [link for link in links[:4] if not link.startswith("notebooks/")] == []
    assert "notebooks/GLOSSARY.html" in links[:12]
