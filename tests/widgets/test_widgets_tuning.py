from helpers.data.shifts import SHIFTS
from helpers.plots.tuning import PARTS
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
