"""Notebook 00 begins with a result, and photographs that are uploaded replace it."""

import time

import numpy as np
import pytest
from labs import send_files
from PIL import Image

NAME = "00_start_here.ipynb"
SECONDS = 180  # from Run All to the first result; on two busy cores
HEIC = b"\0\0\0\x18ftypheic" + bytes(99)
VIDEO = b"\0\0\0\x14ftypqt  " + bytes(99)


def photographs(folder, colour, count):
    """Write JPEG files of noisy surfaces in one colour, with as many pixels and bytes as those of phones."""
    rng, files = np.random.default_rng(0), []
    for k in range(count):
        small = rng.integers(0, 90, (750, 1000, 3)) + np.array(colour)
        files.append(folder / f"{colour[0]}_{k}.jpg")
        Image.fromarray(small.astype("uint8")).resize((4000, 3000)).save(files[-1], quality=92)
    return files


@pytest.fixture(scope="module")
def notebook(page, jupyterlab):
    """Notebook 00, of which all cells are run."""
    jupyterlab.open_notebook(page, NAME)
    started = time.monotonic()
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.locator(".first-result", has_text="Held-out accuracy").wait_for(timeout=SECONDS * 1000)
    page.seconds = time.monotonic() - started
    return page


@pytest.mark.timeout(400)
def test_the_first_result_is_there_before_anything_is_uploaded(notebook):
    print(f"first result after {notebook.seconds:.0f} s")
    result = notebook.locator(".first-result")
    assert " of 12 correct" in result.locator("img").get_attribute("title")
    assert "CC BY 2.0" in result.inner_text()


@pytest.mark.timeout(400)
def test_uploads_replace_it(notebook, tmp_path, screenshot_folder):
    red, blue = photographs(tmp_path, (150, 20, 20), 3), photographs(tmp_path, (20, 20, 150), 2)
    (tmp_path / "IMG_1.HEIC").write_bytes(HEIC)
    (tmp_path / "clip.mov").write_bytes(VIDEO)
    Image.new("RGB", (8192, 6144), "navy").save(tmp_path / "fifty_megapixels.jpg")
    few, result = notebook.locator(".few-photographs"), notebook.locator(".first-result")
    assert sum(path.stat().st_size for path in red) > 10 << 20  # what the server takes without the option
    few.scroll_into_view_if_needed()
    few.locator("input[type=text]").nth(0).fill("tomato")
    few.locator("input[type=text]").nth(1).fill("plum")
    send_files(notebook, button(few, "first"), [*red, tmp_path / "IMG_1.HEIC", tmp_path / "clip.mov"])
    few.locator("[role=alert]", has_text="So far: 3 of 'tomato', 0 of 'plum'").wait_for(timeout=180_000)
    assert "IMG_1.HEIC: a HEIC image; export it as JPEG or PNG" in few.inner_text()
    assert "clip.mov: a video; save single frames" in few.inner_text()
    send_files(notebook, button(few, "second"), [*blue, tmp_path / "fifty_megapixels.jpg"])
    few.locator("[role=status]", has_text="your uploads, 3 of plum, 3 of tomato").wait_for(timeout=60_000)
    result.locator("text=on 6 images").wait_for(timeout=60_000)
    assert "tomato" in result.locator("img").get_attribute("title")
    few.screenshot(path=screenshot_folder / "00-uploads.png")
    result.screenshot(path=screenshot_folder / "00-first-result.png")
    few.locator("button", has_text="built-in").click()
    result.locator("text=on 12 images").wait_for(timeout=60_000)


@pytest.mark.timeout(400)
def test_buttons_can_be_renewed(notebook, tmp_path):
    """After a message that the server has dropped, a button waits for a reply; a new one answers."""
    few = notebook.locator(".few-photographs")
    assert "up to 10 MB at a time" in few.inner_text()
    few.locator("button", has_text="Renew").click()
    send_files(notebook, button(few, "first"), photographs(tmp_path, (150, 20, 20), 2))
    few.locator("[role=alert]", has_text="So far: 2 of").wait_for(timeout=180_000)


def button(few, which):
    return few.locator("button", has_text=f"photographs of the {which} thing")
