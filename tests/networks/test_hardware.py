import time

import pytest

from helpers.networks import hardware
from helpers.networks.backbones import Backbone, forget, fresh, load
from helpers.networks.backend import keras
from helpers.networks.heads import classifier, set_trainable_from


def shapes_classifier(from_block):
    return classifier(set_trainable_from(fresh(Backbone("shapes")), from_block), 10)


def parts(from_block, **options):
    return hardware.predict_memory(
        shapes_classifier(from_block), **({"image_size": 32, "batch_size": 8} | options)
    )


def test_memory_grows_with_the_trainable_layers():
    frozen, last, everything = (parts(b) for b in (None, "block4", "all"))
    assert frozen["gradients and moments"] == pytest.approx(1290 * 12 / 2**20)
    assert frozen["sum"] < last["sum"] < everything["sum"]
    assert frozen["weights"] == everything["weights"]


def test_activations_grow_with_batch_and_pixels_and_halve_with_precision():
    one = parts("all")["activations"]
    assert parts("all", batch_size=16)["activations"] == pytest.approx(2 * one, rel=1e-4)
    assert parts("all", image_size=64)["activations"] == pytest.approx(4 * one, rel=1e-3)
    try:
        assert hardware.mixed_precision("mixed_bfloat16") == "mixed_bfloat16"
        assert parts("all")["activations"] == pytest.approx(one / 2)
        assert parts("all")["weights"] == parts("all")["weights"]
    finally:
        hardware.mixed_precision("float32")


def test_the_activations_of_one_layer():
    """The first convolution alone has 32 x 32 x 32 values per image, of four bytes each."""
    assert parts("all", batch_size=1)["activations"] > 3 * 32**3 * 4 / 2**20


def test_operations_of_vgg16_are_the_published_ones():
    """15.3 billion multiply-adds forward without the old top: Simonyan & Zisserman's at 224 pixels."""
    model = classifier(set_trainable_from(load(Backbone("VGG16", "random")), "all"), 1000)
    whole = hardware.count_operations(model, 224)
    assert whole["frozen"] == 0
    assert whole["forward"] == pytest.approx(2 * 15.35e9, rel=0.005)
    first_layer = 2 * 3 * 3 * 3 * 64 * 224 * 224
    assert whole["backward"] == pytest.approx(2 * whole["forward"] - first_layer)
    forget()


def test_frozen_layers_have_no_backward_pass_and_the_first_trainable_one_no_input_gradient():
    conv = 2 * 9 * 128 * 128 * 4 * 4  # block4_conv2 of 32x32 images
    last, head = (hardware.count_operations(shapes_classifier(b), 32) for b in ("block4", None))
    everything = hardware.count_operations(shapes_classifier("all"), 32)
    dense, conv1 = 2 * 128 * 10, 2 * 9 * 96 * 128 * 4 * 4
    assert head["forward"] == dense and head["backward"] == dense
    assert last["forward"] == conv1 + conv + dense
    assert last["backward"] == conv1 + 2 * (conv + dense)
    assert sum(head[k] for k in ("frozen", "forward")) == everything["forward"] + everything["frozen"]


def test_a_backbone_without_a_head_is_refused():
    with pytest.raises(ValueError, match="heads.classifier.*Received: 'mini_vgg'"):
        hardware.predict_memory(load(Backbone("shapes")), 32, 8)


@pytest.mark.parametrize("value", [0, -4, 2.5])
@pytest.mark.parametrize("name", ["image_size", "batch_size", "images"])
def test_a_cost_is_predicted_only_for_numbers_of_at_least_1(name, value):
    sizes = {"image_size": 32, "batch_size": 8, "images": 100, name: value}
    with pytest.raises(ValueError, match=f"^{name} must be an integer of at least 1. Received: {value}"):
        hardware.forecast(shapes_classifier("block4"), **sizes)


def test_the_speed_of_products_is_measured():
    speed = hardware.matrix_speed("float32", size=128, repeats=3)
    assert 1e8 < speed < 1e16


def test_a_forecast_is_compared_with_the_measurement():
    model = shapes_classifier("block4")
    seen = hardware.forecast(model, 32, batch_size=8, images=100)
    operations = sum(hardware.count_operations(model, 32).values())
    assert seen.seconds == pytest.approx(100 * operations / hardware.matrix_speed())
    assert seen.memory == hardware.predict_memory(model, 32, 8) and "MiB for activations" in str(seen)
    text = seen.beside(hardware.Cost(seconds=8 * seen.seconds, memory=1234.0), epochs=2)
    assert "25% of the peak" in text and "at most 1,234 MiB" in text and "for 2 epochs" in text


@pytest.mark.parametrize(
    "card, policy",
    [
        ((9, 0), "mixed_bfloat16"),
        ((8, 0), "mixed_bfloat16"),
        ((7, 5), "mixed_float16"),
        ((7, 0), "mixed_float16"),
        ((6, 1), "float32"),
        ((0, 0), "float32"),
    ],
)
def test_a_gpu_gets_its_fastest_precision(card, policy):
    assert hardware.precision_for(card) == policy


def test_a_backbone_loaded_before_is_loaded_again_in_the_new_precision():
    try:
        load(Backbone("shapes"))
        hardware.mixed_precision("mixed_bfloat16")
        assert load(Backbone("shapes")).get_layer("block1_conv1").compute_dtype == "bfloat16"
    finally:
        hardware.mixed_precision("float32")
    assert load(Backbone("shapes")).get_layer("block1_conv1").compute_dtype == "float32"


def test_out_of_memory_errors_are_recognised():
    class ResourceExhaustedError(Exception):
        pass

    assert hardware.out_of_memory(ResourceExhaustedError("OOM when allocating"))
    assert hardware.out_of_memory(RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes"))
    assert hardware.out_of_memory(MemoryError())
    assert not hardware.out_of_memory(ValueError("the learning rate is too high"))


def test_without_a_gpu_only_time_is_measured_and_precision_stays():
    if hardware.has_gpu():
        pytest.skip("this computer has a GPU")
    with hardware.meter() as cost:
        time.sleep(0.05)
    assert 0.05 <= cost.seconds < 5 and cost.memory is None and str(cost).endswith(" s")
    assert hardware.mixed_precision() == "float32"
    assert hardware.compiled() == ("auto" if keras.backend.backend() == "jax" else False)
    assert "CPU" in hardware.device_name()
