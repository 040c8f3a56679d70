"""A zip goes in by the upload button of notebook 08, and the cells below work with it."""

import zipfile

import pytest
from labs import run_cell, send_files
from PIL import Image

from helpers.data.image_sets import builtin

NAME = "08_your_own_images.ipynb"


@pytest.fixture(scope="module")
def zipped(tmp_path_factory):
    """Two classes of generated images in a zip file."""
    folder = tmp_path_factory.mktemp("zip")
    data = builtin("streets_day", 15, 0, 0)
    with zipfile.ZipFile(folder / "my streets.zip", "w") as file:
        for k, (image, name) in enumerate(zip(data.X_train, data.y_train, strict=True)):
            Image.fromarray(image).save(folder / "one.png")
            file.write(folder / "one.png", f"{name}/{k}.png")
    return folder / "my streets.zip"


@pytest.mark.timeout(900)
def test_an_uploaded_zip_is_used_by_the_cells_below(page, jupyterlab, zipped, screenshot_folder, tmp_path):
    jupyterlab.open_notebook(page, NAME)
    for text in ("sys.path", "import Upload", "upload = Upload()"):
        run_cell(page, text)
    upload = page.locator(".upload").first
    upload.scroll_into_view_if_needed()
    (tmp_path / "not a zip.zip").write_bytes(b"hello")
    send_files(page, upload.locator("button"), tmp_path / "not a zip.zip")
    upload.locator("[role=alert]", has_text="not a zip file").wait_for(timeout=20_000)
    upload.screenshot(path=screenshot_folder / "08-upload-refused.png")
    send_files(page, upload.locator("button"), zipped)
    upload.locator("[role=status]", has_text="2 classes (empty, pedestrian)").wait_for(timeout=20_000)
    upload.screenshot(path=screenshot_folder / "08-upload.png")
    run_cell(page, "reports.read")
    page.locator("text=2 classes, 224x224").first.wait_for(timeout=60_000)
