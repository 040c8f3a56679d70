import io
import tempfile
import zipfile

import numpy as np
from PIL import Image

from helpers.data.image_sets import builtin
from helpers.findings import reports
from helpers.widgets import upload as widgets


def packed(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


GOOD = packed({"cat/1.png": "x", "dog/1.png": "y"})


def test_uploads_reach_the_widget():
    upload = widgets.Upload()
    upload._receive([("a.zip", GOOD)])
    assert {"cat", "dog"} <= {p.name for p in upload.folder.iterdir()}
    assert "a.zip</b> is unpacked: 2 classes (cat, dog)" in upload.status.value


def test_an_upload_is_readable_without_widgets():
    data, _ = widgets.Upload()._repr_mimebundle_()
    assert "zip file with one folder per class" in data["text/html"]


def test_only_the_unpacked_folder_of_an_upload_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    upload = widgets.Upload()
    upload._receive([("a.zip", GOOD)])
    assert [*tmp_path.iterdir()] == [upload.folder]


def test_the_upload_follows_its_button():
    upload = widgets.Upload()
    upload.files.button.notify_change(
        {"name": "value", "type": "change", "new": ({"name": "a.zip", "content": memoryview(GOOD)},)}
    )
    assert upload.folder is not None


def test_a_bad_upload_is_reported_and_changes_nothing():
    upload = widgets.Upload()
    upload._receive([("a.zip", b"hello")])
    assert "not a zip file" in upload.status.value and upload.folder is None
    upload._receive([("a.zip", GOOD)])
    before = upload.folder
    upload._receive([("loose.zip", packed({"1.png": "x", "2.png": "y"}))])
    assert "no class folders" in upload.status.value and upload.folder == before
    upload._receive([])
    assert "Nothing was uploaded" in upload.status.value and upload.folder == before


def test_the_demonstration_folder_has_the_faults_of_a_real_one():
    data, folder = reports.read(widgets.demonstration_folder(10), 32)
    assert len(data.classes) == 5 and len(data.skipped) == 1
    found = reports.report(data, folder).copies
    assert found.extra == 6 and len(found.conflicts) == 1


def test_the_demonstration_is_noisy_so_that_a_source_model_makes_mistakes():
    drawn = builtin("micrographs", 2, 0, 0, seed=3)
    (file,) = widgets.demonstration_folder(2).glob(f"{drawn.y_train[1]}/0001.png")
    noise = np.asarray(Image.open(file)) - drawn.X_train[1].astype(float)
    assert noise.std() > 10


def test_an_upload_names_its_classes_and_nothing_else():
    upload = widgets.Upload()
    inside = [f"{name}/1.png" for name in ("cat", "dog", "__MACOSX", ".ipynb_checkpoints")]
    for above in ([""], ["train/", "val/"]):
        members = {part + name: "x" for part in above for name in inside}
        upload._receive([("a.zip", packed(members))])
        assert "2 classes (cat, dog)" in upload.status.value


def test_odd_names_of_an_upload_are_shown_as_they_are():
    classes = ["<img src=x>", "$5", "[1]", "%s {}"]
    upload = widgets.Upload()
    upload._receive([("a<b>$1[2].zip", packed({f"{name}/1.png": "x" for name in classes}))])
    assert {path.name for path in upload.folder.iterdir()} == set(classes)
    assert "a&lt;b&gt;$1[2].zip" in upload.status.value and "&lt;img src=x&gt;" in upload.status.value
    assert "<img" not in upload.status.value and "%s {}" in upload.status.value
