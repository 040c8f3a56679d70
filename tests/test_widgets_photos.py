import io
import zipfile

import pytest

from helpers.datasets import from_folder
from helpers.widgets import photos


def packed(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


GOOD = packed({"cat/1.png": "x", "dog/1.png": "y"})


@pytest.mark.parametrize(
    "value", [({"name": "a.zip", "content": memoryview(GOOD)},), {"a.zip": {"content": GOOD}}]
)
def test_uploads_of_both_ipywidgets_versions(value):
    upload = photos.Upload()
    upload._receive({"new": value})
    assert {"cat", "dog"} <= {
        p.name for p in upload.folder.iterdir()
    } and "a.zip is unpacked" in upload.status.value


def test_a_bad_upload_is_said_and_changes_nothing():
    upload = photos.Upload()
    upload._receive({"new": ({"name": "a.zip", "content": b"hello"},)})
    assert "not a zip file" in upload.status.value and upload.folder is None
    with pytest.raises(ValueError, match="Nothing"):
        photos.first_file(())


def test_the_demonstration_is_a_folder_like_a_users():
    data = from_folder(photos.demonstration_folder(10), 32)
    assert len(data.classes) == 5 and len(data.X_train) == 30
