"""The review of doubted labels: choices go into a list, and nothing else changes."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.data.corrections import Correction, corrected, read_corrections, write_corrections
from helpers.data.image_sets import builtin
from helpers.widgets.label_review import DROP, GONE, LabelReview


@pytest.fixture
def data():
    streets = builtin("streets_day", 4, 2, 1)
    return replace(streets, paths=tuple(f"{name}/{k}.png" for k, name in enumerate(streets.labels)))


def doubting(data, places, sure=0.9):
    """Probabilities of training and validation images: those at these places look like the other class."""
    count = len(data.y_train) + len(data.y_validation)
    own = np.where(np.isin(np.arange(count), places), 1 - sure, sure)
    truth = np.searchsorted(data.classes, data.labels[:count])
    return np.where(truth[:, None] == np.arange(2), own[:, None], 1 - own[:, None])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "corrections.csv"


def test_doubted_images_are_shown_and_nothing_is_written_before_a_choice(data, path):
    review = LabelReview(data, doubting(data, [1, 9]), path)
    assert [*review.menus] == [data.paths[1], data.paths[9]] and not path.exists()
    for place, menu in zip((1, 9), review.menus.values(), strict=True):
        assert menu.value == data.labels[place]
        assert [text for text, _ in menu.options] == [*data.classes, DROP]
    assert data.paths[1] in review.alt and "90%" in review.alt
    assert "Nothing is changed yet" in review.status.value
    assert bytes(review.figure_image.value).startswith(b"\x89PNG")


def test_the_surest_mistakes_come_first_and_no_more_than_asked(data, path):
    probabilities = doubting(data, [0, 1, 2], 0.7)
    probabilities[2] = doubting(data, [2], 0.99)[2]
    assert next(iter(LabelReview(data, probabilities, path).menus)) == data.paths[2]
    assert len(LabelReview(data, probabilities, path, most=2).menus) == 2


def test_each_choice_is_in_the_list_at_once_and_can_be_taken_back(data, path):
    review = LabelReview(data, doubting(data, [1, 9]), path)
    one, other = review.menus.values()
    label, new = data.labels[1], next(name for name in data.classes if name != data.labels[1])
    one.value = new
    assert read_corrections(path) == {data.paths[1]: Correction(label, new)}
    other.value = GONE
    assert read_corrections(path)[data.paths[9]] == Correction(data.labels[9], None)
    assert "labels to change 1, images to leave out 1" in review.status.value
    one.value = label
    assert [*read_corrections(path)] == [data.paths[9]]
    assert corrected(data, read_corrections(path)).paths == data.paths[:9] + data.paths[10:]


@pytest.mark.parametrize("read_again", [False, True])
def test_an_earlier_list_is_continued_whether_it_was_used_or_not(data, path, read_again):
    label, new = data.labels[1], next(name for name in data.classes if name != data.labels[1])
    earlier = {
        data.paths[1]: Correction(label, new),
        data.paths[0]: Correction(str(data.labels[0]), None),
    }
    write_corrections(path, earlier)
    data = corrected(data, earlier) if read_again else data
    place = data.paths.index("".join([*earlier][:1]))
    review = LabelReview(data, doubting(data, [place]), path)
    (menu,) = review.menus.values()
    assert menu.value == new and "labels to change 1, images to leave out 1" in review.status.value
    menu.value = GONE
    assert read_corrections(path)[data.paths[place]] == Correction(label, None)
    menu.value = label
    assert [*read_corrections(path)] == [[*earlier][1]]
    menu.value = new
    assert read_corrections(path) == earlier


def test_lines_of_other_files_and_of_removed_classes_stay(data, path):
    foreign = {"elsewhere.png": Correction("a", "b"), data.paths[1]: Correction("empty", "cyclist")}
    write_corrections(path, foreign)
    review = LabelReview(data, doubting(data, [1, 9]), path)
    assert review.menus[data.paths[1]].value == data.labels[1]
    assert "1 of them are for files that are not among these images" in review.status.value
    review.menus[data.paths[9]].value = GONE
    assert read_corrections(path) == foreign | {data.paths[9]: Correction(data.labels[9], None)}


def test_images_that_were_left_out_already_are_no_reason_to_warn(data, path):
    write_corrections(path, {"gone.png": Correction("a", None)})
    said = LabelReview(data, doubting(data, [1]), path).status.value
    assert (
        "1 images to leave out are not among these: left out already" in said and "another name" not in said
    )


def test_a_choice_that_cannot_be_saved_says_so_and_loses_nothing(data, path):
    review = LabelReview(data, doubting(data, [1]), path)
    path.write_text("somebody's own notes")
    (menu,) = review.menus.values()
    menu.value = GONE
    assert "role='alert'" in review.status.value and "Not saved" in review.status.value
    assert path.read_text() == "somebody's own notes"


def test_the_next_choice_saves_those_that_could_not_be_saved(data, path):
    review = LabelReview(data, doubting(data, [1, 9]), path)
    first, second = (data.paths[place] for place in (1, 9))
    path.write_text("open in another program")
    review.menus[first].value = GONE
    path.unlink()
    review.menus[second].value = GONE
    assert {*read_corrections(path)} == {first, second} and "leave out 2" in review.status.value
    path.unlink()
    review.menus[second].value = data.labels[9]
    assert read_corrections(path) == {}


def test_names_are_shown_as_they_are(data, path):
    paths = ("<b>x</b>.png", *data.paths[1:])
    review = LabelReview(replace(data, paths=paths), doubting(data, [0]), path)
    (card,) = review.children[0].children
    assert "&lt;b&gt;x&lt;/b&gt;.png" in card.children[1].value and "<b>x" not in card.children[1].value
    assert card.children[0].tooltip.startswith("1. <b>x</b>.png")


def test_a_model_that_agrees_with_all_labels_is_said(data, path):
    review = LabelReview(data, doubting(data, []), path)
    assert not review.menus and "agrees with every label" in review.status.value
    assert review.alt.endswith("None.") and bytes(review.figure_image.value).startswith(b"\x89PNG")


def test_a_set_without_files_is_refused(path):
    data = builtin("streets_day", 4, 2, 1)
    with pytest.raises(ValueError, match="'streets_day' have no files that a list could name"):
        LabelReview(data, doubting(data, [1]), path)


def test_probabilities_of_other_images_are_refused(data, path):
    with pytest.raises(ValueError, match="probability for each image and class"):
        LabelReview(data, doubting(data, [1])[:, :1], path)
