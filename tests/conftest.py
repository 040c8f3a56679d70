"""Settings and fixtures for all tests."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

TESTS = Path(__file__).parent
SLOW = (  # as a whole; single tests have the mark `slow` themselves
    "browser/",
    "colab/",
    "faults/",
    "findings/test_advisor_cli.py",
    "findings/test_board.py",
    "notebooks/test_vgg16_notebook.py",
    "strategies/test_training.py",
    "studies/test_vgg16_full.py",
    "test_backends.py",
    "test_many_images.py",
    "test_requirements.py",
)

# Before anything imports TensorFlow or Matplotlib; inherited by the kernels that tests start.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["MPLBACKEND"] = "Agg"
if "PYTEST_XDIST_WORKER" in os.environ:  # a worker for each processor: more threads would only wait
    for threads in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(threads, "1")
# A busy computer is no fault of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `pytest -m "not slow"` leaves out, to answer in two minutes on two cores."""
    for item in items:
        if item.path.relative_to(TESTS).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def cnn_code_cache(tmp_path_factory) -> Path:
    """Keep cached CNN codes out of the reader's own cache, also in kernels that tests start."""
    folder = tmp_path_factory.mktemp("cnn-codes")
    before = os.environ.get("TRANSFER_CACHE_DIR")
    os.environ["TRANSFER_CACHE_DIR"] = str(folder)
    yield folder
    if before is None:
        os.environ.pop("TRANSFER_CACHE_DIR", None)
    else:
        os.environ["TRANSFER_CACHE_DIR"] = before


@pytest.fixture(scope="session")
def real_data_root() -> Path:
    """The folder of the real data sets, which may be absent.

    It is `TRANSFER_DATA_DIR` or, without that variable, `shared/data` beside the checkout.
    """
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("TRANSFER_DATA_DIR") or default)


@pytest.fixture(scope="session")
def real_data(real_data_root) -> Callable[[str], Path]:
    """A function from the name of a real data set to its folder; skips where it is absent."""
    root = real_data_root

    def folder_of(name: str) -> Path:
        folder = root / name
        if not folder.exists():
            pytest.skip(
                f"real data set {name!r} is not in {root}; set TRANSFER_DATA_DIR to the folder that holds it"
            )
        return folder

    return folder_of
