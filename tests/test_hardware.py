import pytest

from helpers import hardware
from helpers.models import Backbone, classifier, fresh, set_trainable_from


def parts(from_block, **options):
    model = classifier(set_trainable_from(fresh(Backbone("shapes")), from_block), 10)
    return hardware.predict_memory(model, **({"image_size": 32, "batch_size": 8} | options))


def test_more_is_kept_the_more_is_trained():
    frozen, last, everything = (parts(b) for b in (None, "block4", "all"))
    assert frozen["gradients and moments"] == pytest.approx(1290 * 12 / 2**20)
    assert frozen["sum"] < last["sum"] < everything["sum"]
    assert frozen["weights"] == everything["weights"]


def test_activations_grow_with_batch_and_pixels_and_halve_with_precision():
    one = parts("all")["activations"]
    assert parts("all", batch_size=16)["activations"] == pytest.approx(2 * one)
    assert parts("all", image_size=64)["activations"] == pytest.approx(4 * one)
    assert parts("all", bytes_each=2)["activations"] == pytest.approx(one / 2)


def test_a_layer_is_counted_as_it_is():
    """The first convolution alone keeps 32 x 32 x 32 values a picture, in four bytes each."""
    assert parts("all", batch_size=1)["activations"] > 3 * 32**3 * 4 / 2**20


def test_without_a_gpu_nothing_is_measured_and_precision_stays():
    if hardware.has_gpu():
        pytest.skip("a GPU is here")
    assert hardware.measured_memory() is None and hardware.mixed_precision() == "float32"
