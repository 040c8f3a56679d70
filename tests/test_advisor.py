import numpy as np
import pytest
from PIL import Image

from helpers import advisor
from helpers.datasets import builtin


def test_similar_pictures_get_the_last_layer():
    advice = advisor.recommend(builtin("new_shapes", 20, 0, 0))
    assert advice.name == "Probe, then fine-tune" and advice.strategy.backbone.name == "shapes"
    assert "small" in repr(advice) and "similar to" in repr(advice)
    assert advice.probes[0][2] >= advice.probes[-1][2] and len(advice.probes) == 8


def test_many_pictures_are_large():
    advice = advisor.recommend(builtin("micrographs", 100, 0, 0), most=200)
    assert "large" in repr(advice) and advice.name == "Probe, then fine-tune"
    assert "fine-tune through the whole network" in advice._repr_html_()


def test_an_earlier_layer_is_recommended_where_it_is_clearly_better(monkeypatch):
    scores = iter([0.4, 0.9, 0.6, 0.5])
    monkeypatch.setattr("sklearn.model_selection.cross_val_score", lambda *a, **k: np.array([next(scores)]))
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0), backbones=advisor.SHIPPED[1:])
    assert advice.name == "Earlier-layer SVM on block2_pool" and "different from" in repr(advice)


def test_too_few_pictures_are_named():
    with pytest.raises(ValueError, match="2 training pictures"):
        advisor.recommend(builtin("streets_day", 2, 0, 0))


def test_in_the_terminal(tmp_path, capsys):
    data = builtin("streets_day", 10, 0, 0)
    for k, (picture, name) in enumerate(zip(data.X_train, data.y_train, strict=True)):
        (tmp_path / name).mkdir(exist_ok=True)
        Image.fromarray(picture).save(tmp_path / name / f"{k}.png")
    advisor.main([str(tmp_path), "--image-size", "32"])
    printed = capsys.readouterr().out
    assert "pictures: 20 in 2 classes" in printed and "Recommended:" in printed
    with pytest.raises(SystemExit):
        advisor.main([str(tmp_path / "nothing")])
    assert "There is no folder" in capsys.readouterr().err
