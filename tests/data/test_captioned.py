"""Captioned images: held-out combinations stay out, and captions say what is drawn."""

from collections import Counter

import numpy as np
import pytest

from helpers.data import captioned, synthetic


def said(sentences):
    """The colour and the shape in each caption, in the order of the words."""
    return {tuple(sentence.split()[1:3]) for sentence in sentences}


def test_held_out_combinations_are_never_drawn_for_training():
    X, sentences = captioned.training_images(6000, seed=3)
    assert X.shape == (6000, 32, 32, 3) and X.dtype == np.uint8
    assert said(sentences) == {*captioned.TRAINING}, "6000 captions name every combination of the training"
    assert not said(sentences) & {*captioned.HELD_OUT}


def test_every_word_of_a_held_out_caption_occurs_in_training():
    trained = {*captioned.words(captioned.training_images(4000, seed=0)[1])}
    asked = captioned.words([text for pair in captioned.HELD_OUT for text in captioned.captions(*pair)])
    assert {*asked} <= trained == {*captioned.VOCABULARY}


@pytest.mark.parametrize("pairs", [captioned.HELD_OUT, captioned.SEEN], ids=["held out", "seen"])
def test_neither_colour_nor_shape_alone_decides(pairs):
    assert len({*pairs}) == 12
    for part in zip(*pairs, strict=True):
        assert set(Counter(part).values()) == {2}


def test_the_seen_classes_are_trained():
    assert {*captioned.SEEN} <= {*captioned.TRAINING}


def test_captions_have_the_article_of_english():
    assert captioned.caption("orange", "star", "dots") == "an orange star on dots"
    assert captioned.caption("red", "ring", "plain") == "a red ring on a plain background"
    with pytest.raises(ValueError, match="Unknown background 'grass'. Use one of plain, stripes, dots"):
        captioned.caption("red", "ring", "grass")


def test_a_shape_has_its_colour():
    """In the middle of a circle, the median of many images is the named colour."""
    for colour, paint in captioned.COLOURS.items():
        X, _ = captioned.draw([(colour, "circle")], np.zeros(60, int), seed=1)
        middle = np.median(X[:, 14:18, 14:18], axis=(0, 1, 2)) / 255
        assert np.abs(middle - paint).max() < 0.12, colour


def test_a_background_has_its_texture():
    X, sentences = captioned.draw([("red", "circle")], np.zeros(300, int), seed=1)
    corners = X[:, :4].astype(float).std(axis=(1, 2)).max(axis=-1)
    plain = np.array(["plain" in sentence for sentence in sentences])
    assert np.median(corners[~plain]) > 1.5 * np.median(corners[plain])


def test_shapes_are_those_of_the_captions():
    """Without its colour and its place, a drawn shape covers about as much as its outline."""
    pairs = [("black", shape) for shape in ("circle", "arrow")]
    X, y = captioned.classes(pairs, 40, seed=0)
    dark = (X.max(axis=-1) < 60).mean(axis=(1, 2))
    circle, arrow = (np.median(dark[y == k]) for k in range(2))
    assert circle > 1.4 * arrow


def test_the_first_images_of_classes_are_balanced_and_the_seed_decides():
    X, y = captioned.classes(captioned.HELD_OUT, 3, seed=5)
    assert y.tolist() == [*range(12)] * 3
    assert np.array_equal(X, captioned.classes(captioned.HELD_OUT, 3, seed=5)[0])
    assert not np.array_equal(X, captioned.classes(captioned.HELD_OUT, 3, seed=6)[0])


def test_new_shapes_can_be_drawn_and_unknown_ones_are_named():
    assert captioned.draw([("red", "gear")], np.array([0]))[0].shape == (1, 32, 32, 3)
    with pytest.raises(ValueError, match=r"in \('red', 'cow'\). Colours: red, .* Shapes: circle"):
        captioned.draw([("red", "cow")], np.array([0]))


def test_a_bag_of_words_counts_and_forgets_the_order():
    counts = captioned.word_counts(["a red star on a plain background", "A red star on plain a background"])
    assert np.array_equal(*counts) and counts[0].sum() == 7
    assert counts[0][captioned.VOCABULARY.index("a")] == 2


@pytest.mark.parametrize(
    ("sentences", "error", "words"),
    [
        (["a red star", "a red cow on dots"], ValueError, "Unknown word 'cow' in 'a red cow on dots'. Known"),
        (["a star", " "], ValueError, "Caption 1 is empty"),
        ([], ValueError, "at least one caption"),
        (["a star", None], TypeError, "Caption 1 must be a string. Received: None"),
        ("a red star", TypeError, r"Pass a list of captions, such as \['a red star'\]"),
    ],
)
def test_bad_captions_are_named(sentences, error, words):
    with pytest.raises(error, match=words):
        captioned.word_counts(sentences)


def test_named_colours_and_textures_change_no_other_image():
    """All tables depend on the random numbers of these images."""
    X, _ = synthetic.shapes(300, seed=[3, 1])
    assert X.sum(dtype=np.int64) == pytest.approx(119_317_840, rel=1e-5)
