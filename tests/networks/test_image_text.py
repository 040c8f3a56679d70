"""The pair of an image and a text network: its loss, its shipped weights, and training it."""

import numpy as np
import pytest

from helpers.data import captioned
from helpers.networks import image_text, image_text_training, source_models
from helpers.networks.backend import keras


def cross_entropy(logits, target):
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return -np.mean(np.sum(target * np.log(shares), axis=1))


def test_the_loss_is_that_of_rows_and_columns():
    rng = np.random.default_rng(0)
    images, texts = rng.normal(size=(2, 3, 4)).astype("float32")
    logits, own = 2 * images @ texts.T, np.eye(3)
    by_hand = (cross_entropy(logits, own) + cross_entropy(logits.T, own)) / 2
    assert float(image_text.contrastive_loss(images, texts, np.arange(3), 2.0)) == pytest.approx(
        by_hand, 1e-5
    )


def test_equal_captions_share_the_target():
    """Two images of one caption: the loss is lowest if both captions get half of each image."""
    which, images = np.array([0, 0, 1]), np.eye(2, dtype="float32")[[0, 0, 1]]
    found = float(image_text.contrastive_loss(images, images, which, 50.0))
    target = np.array([[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 1]])
    assert found == pytest.approx(cross_entropy(50 * images @ images.T, target), abs=1e-5)
    assert found == pytest.approx(2 / 3 * np.log(2), abs=1e-5)
    as_if_different = float(image_text.contrastive_loss(images, images, np.arange(3), 50.0))
    assert as_if_different == pytest.approx(found, abs=1e-5)  # no other solution is better for equal texts


def test_unequal_captions_repel():
    near = np.array([[1, 0], [0.8, 0.6]], "float32")
    far = np.array([[1, 0], [-1, 0]], "float32")
    loss = [float(image_text.contrastive_loss(c, c, np.arange(2), 5.0)) for c in (near, far)]
    assert loss[1] < loss[0]


def test_codes_have_length_1():
    X, sentences = captioned.training_images(5, seed=1)
    for codes in (image_text.image_codes(X), image_text.text_codes(sentences)):
        assert codes.shape == (5, image_text.CODE) and codes.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(codes, axis=1), 1, atol=1e-4)


def test_the_shipped_pair_names_combinations_that_it_has_never_seen():
    X, y = captioned.classes(captioned.HELD_OUT, 25, seed=11)
    texts = image_text.text_codes([f"a {colour} {shape} on dots" for colour, shape in captioned.HELD_OUT])
    guesses = (image_text.image_codes(X) @ texts.T).argmax(axis=1)
    assert np.mean(guesses == y) > FEWEST
    # Neither the colour nor the shape alone would be enough: each leaves two classes.
    parts = np.array(captioned.HELD_OUT)
    assert np.mean((parts[guesses] == parts[y]), axis=0).min() > FEWEST


FEWEST = 0.9


def test_a_random_pair_names_nothing():
    X, y = captioned.classes(captioned.HELD_OUT, 10, seed=11)
    assert image_text_training.accuracy(image_text.pair(), captioned.HELD_OUT, X, y) < 0.4


def test_the_order_of_words_does_not_matter_and_unknown_words_are_named():
    one, other = image_text.text_codes(["a star on red stripes", "a red star on stripes"])
    np.testing.assert_allclose(one, other, atol=1e-6)
    with pytest.raises(ValueError, match="Unknown word 'gear' in 'a red gear'. Known words: a, an, arrow"):
        image_text.text_codes(["a red gear"])
    with pytest.raises(ValueError):
        image_text.image_codes(np.zeros((2, 32, 32)))


def test_the_record_and_the_weights_are_those_of_the_captions():
    record, path = source_models.source_record("captions"), source_models.WEIGHTS_DIR / "captions.npz"
    assert path.stat().st_size < 1_000_000
    assert record["words"] == len(captioned.VOCABULARY) and record["parameters"] == 474_016
    assert record["held_out_accuracy"] > record["naive_accuracy"] > record["chance_accuracy"]
    assert image_text.scale() == pytest.approx(record["scale"])
    with np.load(path, allow_pickle=False) as stored:
        assert {stored[name].dtype for name in stored} == {np.dtype("float16")}
        assert len({*stored}) == len(image_text.pair().weights)


def test_a_short_training_lowers_the_loss_and_is_saved(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(source_models, "WEIGHTS_DIR", tmp_path)
    monkeypatch.setattr(image_text_training, "VALIDATION", 2)
    monkeypatch.setattr(image_text_training, "NAIVE", 3)
    before = keras.mixed_precision.dtype_policy().name
    record = image_text_training.run(epochs=2, images=512)
    first, last = (
        float(line.split("loss ")[1].split(",")[0]) for line in capsys.readouterr().out.splitlines()
    )
    assert last < first
    assert keras.mixed_precision.dtype_policy().name == before
    assert record["epochs"] == 2 and (tmp_path / "captions.json").is_file()
    monkeypatch.setattr(image_text, "WEIGHTS_DIR", tmp_path)
    again = image_text.load.__wrapped__()
    vectors, at_first = (m.get_layer("word_vectors").kernel for m in (again, image_text.pair()))
    assert not again.trainable_weights and not np.allclose(vectors, at_first, atol=1e-3)


def test_captions_need_no_folder():
    with pytest.raises(ValueError, match="Captions need no folder. Omit --folder photos"):
        image_text_training.run(folder="photos")
