"""A JupyterLab server on a copy of the series, and a browser to drive it."""

from pathlib import Path

import pytest
from jupyter_driver import BROWSER_ARGUMENTS, find_browser, serve, watch_console

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def server(tmp_path_factory, cnn_code_cache):
    """A `JupyterLab` on a copy of the series."""
    with serve(tmp_path_factory.mktemp("series"), tmp_path_factory.mktemp("jupyter")) as lab:
        yield lab


@pytest.fixture(scope="module")
def jupyterlab(server):
    """The server with its notebooks as they are stored, for each file anew: files may run in any order."""
    server.renew_notebooks()
    yield server
    server.shutdown_kernels()


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The Chromium or Chrome of this machine."""
    try:
        return find_browser()
    except FileNotFoundError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="module")
def page(browser_path):
    """One browser page a module; `page.console_errors` lists what went wrong in it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=BROWSER_ARGUMENTS)
        page = browser.new_context(viewport={"width": 1600, "height": 1000}).new_page()
        watch_console(page)
        yield page
        browser.close()


@pytest.fixture(scope="session")
def screenshot_folder() -> Path:
    """Where the tests leave their screenshots; not in version control."""
    folder = ROOT / "test-screenshots"
    folder.mkdir(exist_ok=True)
    return folder
