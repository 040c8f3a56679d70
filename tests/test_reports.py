import dataclasses

import numpy as np

from helpers import reports
from helpers.datasets import builtin


def test_a_report_counts_classes_splits_and_baselines():
    text = repr(reports.report(builtin("micrographs", 10, 5, 5)))
    assert "pictures: 100 in 5 classes (20 in the largest" in text
    assert "train 50, validation 25, test 25" in text and "lobed_cell 20" in text
    assert "0 pictures, 0 of them in two splits" in text and "20% right" in text


def test_duplicates_and_leaks_are_counted():
    data = builtin("streets_day", 5, 5, 0)
    X = data.X_train.copy()
    X[1] = X[0]
    held = data.X_validation.copy()
    held[0] = X[2]
    data = dataclasses.replace(data, X_train=X, X_validation=held)
    assert reports.duplicates(data) == (2, 1)
    assert "a leak!" in reports.report(data)._repr_html_()


def test_colours_alone_can_decide():
    data = builtin("streets_day", 20, 20, 0)
    red = np.where((data.y_train == "empty")[:, None, None, None], [200, 0, 0], data.X_train // 4)
    held = np.where((data.y_validation == "empty")[:, None, None, None], [200, 0, 0], data.X_validation // 4)
    easy = dataclasses.replace(data, X_train=red.astype("uint8"), X_validation=held.astype("uint8"))
    assert reports.colour_baseline(easy) == 1


def test_on_real_photographs(real_data):
    from helpers.datasets import from_folder

    folder = real_data("hymenoptera")
    data = from_folder(folder, 64)
    assert 0.5 < reports.colour_baseline(data) < 0.8
    assert "original sizes" in repr(reports.report(data, folder))
