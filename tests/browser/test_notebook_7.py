"""Jupyter Notebook 7 shows the same labs as JupyterLab, and runs them."""

from test_strategy_lab import StrategyLab, error_texts
from test_under_stress import CELLS, ours


def test_the_labs_work_in_notebook_7(page, jupyterlab, screenshot_folder):
    jupyterlab.write_notebook("seven.ipynb", *CELLS)
    jupyterlab.open_notebook(page, "seven.ipynb", front_end="notebook")
    jupyterlab.run_all(page)
    try:
        picture = page.locator(".gradient-lab img")
        assert picture.evaluate("image => image.complete && image.naturalWidth > 300")
        lab = StrategyLab(page)
        lab.run_until_done()
        lab.root.screenshot(path=screenshot_folder / "notebook-7-strategy-lab.png")
        assert error_texts(page) == []
        assert [text for text in page.console_errors if ours(text)] == []
    finally:
        jupyterlab.shutdown_kernels()
