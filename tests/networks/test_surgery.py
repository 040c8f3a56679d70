import numpy as np
import pytest

from helpers.data.image_sets import builtin
from helpers.networks import surgery
from helpers.networks.backbones import Backbone, fresh


@pytest.fixture(scope="module")
def model():
    return fresh(Backbone("shapes"))


@pytest.fixture(scope="module", params=[0, 1, 2])
def data(request):
    return builtin("new_shapes", 20, 40, 0, request.param)


def test_cropping_late_layers_keeps_the_features(model, data):
    cropped = surgery.crop_after(model, "block4_conv1_relu")
    assert surgery.probe_accuracy(cropped, data) > surgery.probe_accuracy(model, data) - 0.1


@pytest.mark.slow
def test_objects_of_another_size_are_classified_less_well(model, data):
    larger = surgery.enlarged(data, 2)
    assert larger.X_train.shape[1:] == (64, 64, 3) and (larger.X_train[:, ::2, 1::2] == data.X_train).all()
    assert surgery.probe_accuracy(model, larger) < surgery.probe_accuracy(model, data) - 0.05


def test_any_input_size_is_accepted(model):
    for size in (16, 48, 80):
        assert model.predict(np.zeros((1, size, size, 3)), verbose=0).shape == (
            1,
            size // 16,
            size // 16,
            128,
        )


@pytest.mark.slow
def test_removing_or_swapping_middle_layers_damages_the_features(model, data):
    intact = surgery.probe_accuracy(model, data)
    assert surgery.probe_accuracy(surgery.without(model, "block3_conv2"), data) < intact - 0.05
    swapped = surgery.swapped(model, "block3_conv2_bn", "block3_conv1_bn")
    assert surgery.probe_accuracy(swapped, data) < intact - 0.02


def test_a_set_without_validation_images_is_named(model):
    with pytest.raises(ValueError, match="no validation images"):
        surgery.probe_accuracy(model, builtin("shapes", 2, 0, 0))


def test_layers_that_do_not_fit_are_named(model):
    with pytest.raises(ValueError, match="block3_conv1_bn.*does not fit here"):
        surgery.without(model, "block3_conv1")
    with pytest.raises(ValueError, match="does not fit here"):
        surgery.swapped(model, "block1_conv2", "block4_conv2")


@pytest.mark.parametrize("change", [surgery.crop_after, surgery.without])
def test_unknown_layer(model, change):
    with pytest.raises(ValueError, match="Unknown layer 'block9'"):
        change(model, "block9")


def test_the_original_does_not_change(model):
    before = [w.copy() for w in model.get_weights()]
    surgery.without(model, "block4_conv2")
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
