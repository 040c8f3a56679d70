"""A lecture deck is one file: it shows its slides and formulas without a network."""

import pytest
from jupyter_driver import BROWSER_ARGUMENTS, watch_console

from helpers.authoring import slides
from helpers.authoring.opening import NOTEBOOKS

DRAWN = "mjx-container > svg"
WRONG = "[data-mml-node='merror']"
CUT_OFF = """() => Reveal.getSlides().flatMap(slide => {
    const place = Reveal.getIndices(slide);
    Reveal.slide(place.h, place.v);
    return [...slide.querySelectorAll('pre, .jp-RenderedMarkdown')]
        .filter(part => part.scrollWidth > part.clientWidth + 1).map(part => part.innerText.slice(0, 60));
})"""

UNDER_ARROWS = """() => Reveal.getSlides().filter(slide => {
    const place = Reveal.getIndices(slide);
    Reveal.slide(place.h, place.v);
    const number = document.querySelector('.slide-number').getBoundingClientRect();
    return [...document.querySelectorAll('.controls button.enabled')].some(button => {
        const arrow = button.getBoundingClientRect();
        return arrow.left < number.right && number.left < arrow.right
            && arrow.top < number.bottom && number.top < arrow.bottom;
    });
}).length"""
SHOW_A_TALL_SLIDE = """() => Reveal.getSlides().slice(0, -1).some(slide => {
    const place = Reveal.getIndices(slide);
    Reveal.slide(place.h, place.v);
    slide.scrollTo(0, 0);
    return slide.scrollHeight > slide.clientHeight + 100;
})"""  # the last one has no slide below or after it that a key could turn to
HIDDEN_BELOW = """() => {
    const slide = Reveal.getCurrentSlide();
    return slide.scrollHeight - slide.clientHeight - slide.scrollTop;
}"""


@pytest.fixture(scope="module")
def deck(browser_path, tmp_path_factory, screenshot_folder):
    """The deck with most formulas in a browser without a network; `deck.asked` lists what it asks for."""
    from playwright.sync_api import sync_playwright

    file = tmp_path_factory.mktemp("slides") / "deck.html"
    file.write_text(slides.deck(NOTEBOOKS / "03_domain_and_task.ipynb"), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=BROWSER_ARGUMENTS)
        context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
        page = context.new_page()
        watch_console(page)
        page.asked = []
        context.on("request", lambda request: page.asked.append(request.url))
        page.goto(file.as_uri())
        page.wait_for_function("window.Reveal?.isReady()")
        page.screenshot(path=screenshot_folder / "03-slide.png")
        yield page
        browser.close()


def foreign(page) -> list[str]:
    """What the page asked for, other than itself."""
    return [address for address in page.asked if not address.startswith((page.url.split("#")[0], "about:"))]


def test_a_deck_is_drawn_without_a_network(deck):
    assert deck.locator("section.present h1").inner_text().startswith("03")
    assert deck.locator(DRAWN).count() >= 15 and deck.locator(WRONG).count() == 0
    assert deck.evaluate("Reveal.getTotalSlides()") >= 15
    assert len(deck.asked) == 1 and foreign(deck) == [] and deck.console_errors == []


def test_keys_turn_the_slides_and_no_line_is_cut_off(deck):
    deck.keyboard.press("Space")
    assert deck.evaluate("Reveal.isFirstSlide()") is False
    assert deck.evaluate(CUT_OFF) == []
    assert foreign(deck) == []


def test_the_number_of_a_slide_is_not_under_the_arrows(deck):
    deck.set_viewport_size({"width": 1280, "height": 720})
    assert deck.locator(".slide-number").is_visible() and deck.evaluate(UNDER_ARROWS) == 0
    deck.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.parametrize(("down", "up"), [("PageDown", "PageUp"), ("ArrowDown", "ArrowUp")])
def test_keys_go_through_a_tall_slide_before_they_turn_it(down, up, deck):
    assert deck.evaluate(SHOW_A_TALL_SLIDE)
    slide, hidden = deck.evaluate("Reveal.getSlidePastCount()"), deck.evaluate(HIDDEN_BELOW)
    for key, comparison in ((down, "__lt__"), (up, "__gt__")):
        deck.keyboard.press(key)
        left = deck.evaluate(HIDDEN_BELOW)
        assert getattr(left, comparison)(hidden), key
        hidden = left
    assert deck.evaluate("Reveal.getSlidePastCount()") == slide
    for _ in range(20):
        deck.keyboard.press("PageUp")
    assert deck.evaluate("Reveal.getSlidePastCount()") < slide


def test_the_speaker_view_needs_no_network(deck):
    with deck.expect_popup() as opened:
        deck.keyboard.press("s")
    opened.value.locator("#upcoming-slide iframe").wait_for()
    opened.value.frames[-1].wait_for_function("window.Reveal?.isReady()")
    assert foreign(deck) == []
    opened.value.close()
