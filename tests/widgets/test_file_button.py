import sys
import types

import pytest

from helpers.widgets.file_button import FileButton, files_in

VALUES = {
    "ipywidgets 8": ({"name": "a.jpg", "content": memoryview(b"one")}, {"name": "b.jpg", "content": b"two"}),
    "ipywidgets 7": {
        "a.jpg": {"metadata": {"name": "a.jpg"}, "content": b"one"},
        "b.jpg": {"metadata": {"name": "b.jpg"}, "content": b"two"},
    },
    "Colab": {"a.jpg": b"one", "b.jpg": b"two"},
}


@pytest.mark.parametrize("kind", VALUES)
def test_files_of_every_front_end(kind):
    assert files_in(VALUES[kind]) == [("a.jpg", b"one"), ("b.jpg", b"two")]


@pytest.mark.parametrize("nothing", [(), {}, None])
def test_no_files(nothing):
    assert files_in(nothing) == []


def test_the_button_hands_on_what_the_browser_sends():
    received = []
    button = FileButton("Upload", "Upload files", ".jpg", received.append, multiple=True)
    assert button.button.multiple and button.button.accept == ".jpg"
    button.button.notify_change({"name": "value", "type": "change", "new": VALUES["ipywidgets 8"]})
    assert received == [[("a.jpg", b"one"), ("b.jpg", b"two")]]


def test_a_renewed_button_answers_like_the_first():
    received = []
    button = FileButton("Upload", "Upload files", ".jpg", received.append)
    first = button.button
    button.renew()
    assert button.button is not first and button.children[0] is button.button
    assert button.button.description == "Upload" and button.button.tooltip == "Upload files"
    button.button.notify_change({"name": "value", "type": "change", "new": VALUES["ipywidgets 8"]})
    assert len(received) == 1


def test_colab_asks_with_its_own_dialog(monkeypatch):
    colab, received = types.ModuleType("google.colab"), []
    colab.files = types.SimpleNamespace(upload=lambda: VALUES["Colab"])
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    button = FileButton("Upload", "Upload files", ".jpg", received.append)
    assert received == []  # nothing waits for an answer before the button is pressed
    button.button.click()
    assert received == [[("a.jpg", b"one"), ("b.jpg", b"two")]]
