"""A result at once with the built-in photographs; uploads and folders replace it, and nothing is lost."""

import html
import io

import numpy as np
import pytest
from PIL import Image

from helpers.widgets.few_photographs import FewPhotographs
from helpers.widgets.first_result import FirstResult


def by_brightness(X, y):
    """A classifier of two classes: bright images are probably the first."""
    bright = X.mean(axis=(1, 2, 3)) / 255
    return np.stack([bright, 1 - bright], axis=1)


def photograph(colour, size=(64, 48)):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


BRIGHT = [(f"bright_{k}.png", photograph((240 + k,) * 3)) for k in range(3)]
DARK = [(f"dark_{k}.png", photograph((k,) * 3)) for k in range(3)]


@pytest.fixture
def few():
    return FewPhotographs()


@pytest.fixture
def result(few):
    return FirstResult(few, by_brightness)


def upload(few, first=(), second=()):
    for thing, files in zip(few.things, (first, second), strict=True):
        if files:
            value = tuple({"name": name, "content": memoryview(content)} for name, content in files)
            thing.files.button.notify_change({"name": "value", "type": "change", "new": value})


def said(widget):
    return html.unescape(widget.value)


def test_there_is_a_result_before_anything_is_uploaded(few, result):
    assert len(result.found.truth) == 12 and set(result.found.truth) == {"temple", "flower"}
    assert "In use: pieces of two built-in photographs" in said(few.status)
    assert "Held-out accuracy" in said(result.caption) and said(result.caption).count("CC BY 2.0") == 2
    assert result.figure_image.tooltip == result.alt and result.alt.count("CC BY 2.0") == 2
    assert " of 12 correct, 95 % confidence interval" in result.alt


def test_uploads_replace_the_result(few, result):
    before = result.figure_image.value
    few.things[0].name.value, few.things[1].name.value = "day", "night"
    upload(few, BRIGHT)
    assert "So far: 3 of 'day', 0 of 'night'. In use until then: pieces of two" in said(few.status)
    assert result.figure_image.value == before and len(result.found.truth) == 12
    upload(few, second=DARK)
    assert "In use: your uploads, 3 of day, 3 of night." in said(few.status)
    assert result.found.truth.tolist() == ["day"] * 3 + ["night"] * 3 and not result.found.wrong.any()
    assert result.figure_image.value != before and "There are no mistakes" in said(result.caption)
    assert "CC BY" not in said(result.caption)


def test_more_uploads_are_added(few, result):
    upload(few, BRIGHT[:2], DARK[:2])
    upload(few, BRIGHT[2:])
    assert result.found.truth.tolist() == ["first thing"] * 3 + ["second thing"] * 2


def test_what_cannot_be_read_is_named_and_the_rest_is_used(few, result):
    upload(few, [*BRIGHT, ("IMG_7.HEIC", b"\0\0\0\x18ftypheic" + bytes(99))], [*DARK, ("a.mov", b"ABC")])
    few.things[0].name.value = "day"
    assert "Not read: a.mov: " in said(few.status) and len(result.found.truth) == 6
    assert said(few.status).count("IMG_7.HEIC: a HEIC image; export it as JPEG or PNG") == 1
    upload(few, [("IMG_7.HEIC", b"\0\0\0\x18ftypheic" + bytes(99))])
    assert said(few.status).count("IMG_7.HEIC: a HEIC image; export it as JPEG or PNG") == 1
    few.built_in_button.click()
    assert "HEIC" not in said(few.status)


def test_a_photograph_counts_once(few, result):
    """A copy would be in both parts of the cross-validation, also under another name."""
    upload(few, BRIGHT, DARK)
    upload(few, [("again.png", BRIGHT[0][1])])
    assert len(result.found.truth) == 6
    assert "again.png was added before, to first thing; it counts once." in said(few.status)


def test_a_photograph_of_the_wrong_thing_moves_when_it_is_added_to_the_right_one(few, result):
    upload(few, [*BRIGHT, ("dark.png", DARK[0][1])], DARK[1:])
    assert result.found.truth.tolist() == ["first thing"] * 4 + ["second thing"] * 2
    upload(few, [], [("dark.png", DARK[0][1])])
    assert result.found.truth.tolist() == ["first thing"] * 3 + ["second thing"] * 3
    assert "dark.png was moved from first thing to second thing." in said(few.status)
    upload(few, [("dark.png", DARK[0][1])])
    assert said(few.status).count("was moved") == 1, "the latest move"


def test_things_can_be_renamed_later_but_not_alike(few, result):
    upload(few, BRIGHT, DARK)
    few.things[1].name.value = " night "
    assert set(result.found.truth) == {"first thing", "night"}
    few.things[0].name.value = "night"
    assert "same name. Give them different names. In use until then: your uploads" in said(few.status)
    few.things[0].name.value = "<b>day</b>"
    assert "<b>day" not in few.status.value and "&lt;b&gt;day" in few.status.value
    assert "<b>day" not in result.caption.value


def test_the_built_in_photographs_return_at_a_press(few, result):
    upload(few, BRIGHT, DARK)
    few.built_in_button.click()
    assert "6 uploaded photographs were removed from this notebook; your files are un" in said(few.status)
    assert set(result.found.truth) == {"temple", "flower"}
    upload(few, BRIGHT[:2], DARK[:2])
    assert len(result.found.truth) == 4  # those that were removed do not come back


def test_a_folder_is_used_at_a_press(few, result, tmp_path):
    for name, files in {"day": BRIGHT, "night": DARK}.items():
        (tmp_path / name).mkdir()
        for file, content in files:
            (tmp_path / name / file).write_bytes(content)
    few.folder.value = f' "{tmp_path}" '  # as Windows copies a path
    few.folder_button.click()
    assert set(result.found.truth) == {"day", "night"} and "In use: the folder" in said(few.status)
    few.folder.value = "nowhere"
    few.folder_button.click()
    assert "Folder not found: 'nowhere'" in said(few.status) and "role='alert'" in few.status.value
    assert set(result.found.truth) == {"day", "night"}


def test_renewed_buttons_keep_what_has_arrived(few, result):
    upload(few, BRIGHT)
    few.renew_button.click()
    upload(few, second=DARK)
    assert len(result.found.truth) == 6


def test_an_empty_upload_changes_nothing(few, result):
    few.things[0].files._receive([])
    assert "Nothing was uploaded" in said(few.status) and len(result.found.truth) == 12


def test_a_function_that_fails_is_named(few):
    with pytest.raises(ValueError, match="shape"):
        FirstResult(few, lambda X, y: y)
    result = FirstResult(few, lambda X, y: by_brightness(X, y) if len(X) == 12 else 1 / 0)
    before = result.figure_image.value
    upload(few, BRIGHT, DARK)
    assert "classify has failed: ZeroDivisionError: division by zero" in said(result.caption)
    assert result.figure_image.value == before and "still shows other photographs" in said(result.caption)


def test_only_the_newest_result_follows(few, result):
    newest = FirstResult(few, by_brightness)
    upload(few, BRIGHT, DARK)
    assert (len(result.found.truth), len(newest.found.truth)) == (12, 6)


def test_colab_has_no_limit_to_warn_of(few, monkeypatch):
    from helpers.widgets import few_photographs

    def texts(widget):
        return " ".join(part.value for part in widget.children if isinstance(getattr(part, "value", 0), str))

    assert "10 MB" in texts(few)
    monkeypatch.setattr(few_photographs, "in_colab", lambda: True)
    assert "10 MB" not in texts(FewPhotographs())
