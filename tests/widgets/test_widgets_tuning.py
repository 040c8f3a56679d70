import time

from helpers.data.shifts import SHIFTS
from helpers.plots import tuning as draw
from helpers.plots.tuning import PARTS
from helpers.studies import _surgery, few_parameters
from helpers.widgets import tuning


def test_the_surgical_lab_follows_its_controls():
    lab = tuning.surgical_lab()
    seen = {lab.alt}
    for name, value in (("shift", "exchanged"), ("part", "head")):
        before = bytes(lab.figure_image.value)
        lab.controls[name].value = value
        assert bytes(lab.figure_image.value) != before
        seen.add(lab.alt)
    assert len(seen) == 3 and lab.alt.startswith("exchanged, tuned: head. Test accuracy ")
    assert lab.controls["shift"].options == tuple(SHIFTS) and lab.controls["part"].options == PARTS


def test_the_lab_of_few_parameters_follows_its_controls():
    lab = tuning.few_parameters_lab()
    seen = {}
    for way in tuning.WAYS:
        lab.controls["way"].value = way
        seen[way] = lab.alt
    assert tuple(few_parameters.WAYS) == tuning.WAYS
    assert seen["head"].startswith("head: 1,290 trained parameters")
    assert len(set(seen.values())) == len(tuning.WAYS)
    lab.controls["target"].value = "micrographs"
    assert lab.alt not in seen.values()


def test_the_weight_slider_goes_from_one_network_to_the_other(monkeypatch):
    monkeypatch.setattr(_surgery, "EPOCHS", 4)
    tuning._line.cache_clear()
    lab, line = tuning.weight_slider_lab(), tuning._line()
    assert line.index[0] == 0 and line.index[-1] == 1 and {*line} == {*draw.SCORED}
    assert line.loc[0, "source_accuracy"] > 0.9 > line.loc[0, "target_accuracy"]
    assert line.loc[1, "target_accuracy"] > line.loc[0, "target_accuracy"]
    before = bytes(lab.figure_image.value)
    started = time.monotonic()
    lab.controls["share"].value = 1.0
    assert time.monotonic() - started < 2  # it draws; nothing is trained or scored
    assert bytes(lab.figure_image.value) != before
    assert lab.alt.startswith("Share of the fine-tuned network: 1.0. Test accuracy: target ")
    assert tuning.weight_slider_lab().alt.startswith("Share of the fine-tuned network: 0.5.")
    tuning._line.cache_clear()
