import stat
import zipfile

import pytest

from helpers import archives


def pack(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_class_folders_are_found_also_one_level_down(tmp_path):
    flat = pack(tmp_path / "flat.zip", {"cat/1.png": "x", "dog/1.png": "y"})
    deep = pack(tmp_path / "deep.zip", {"pets/cat/1.png": "x", "pets/dog/1.png": "y", "__MACOSX/z": ""})
    for path in (flat, deep):
        folder = archives.unzip(path)
        assert sorted(p.name for p in folder.iterdir() if p.is_dir() and p.name != "__MACOSX") == [
            "cat",
            "dog",
        ]
    single = pack(tmp_path / "single.zip", {"cat/1.png": "x"})
    assert [p.name for p in archives.unzip(single).iterdir()] == ["cat"]


@pytest.mark.parametrize("name", ["../evil.txt", "a/../../evil.txt", "/etc/evil"])
def test_nothing_leads_out_of_the_folder(tmp_path, name):
    target = tmp_path / "inside" / "target"
    with pytest.raises(ValueError, match="refused"):
        archives.unzip(pack(tmp_path / "bad.zip", {"cat/1.png": "x", name: "y"}), target)
    assert not target.exists() and not (tmp_path / "inside" / "evil.txt").exists()


def test_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("cat/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ValueError, match="holds a link"):
        archives.unzip(tmp_path / "link.zip")


def test_bombs_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 1000)
    with pytest.raises(ValueError, match="would unpack"):
        archives.unzip(pack(tmp_path / "bomb.zip", {"a/1": "x" * 2000}))


def test_what_is_no_zip_is_said(tmp_path):
    (tmp_path / "x.zip").write_text("hello")
    with pytest.raises(ValueError, match="not a zip file"):
        archives.unzip(tmp_path / "x.zip")
    with pytest.raises(FileNotFoundError, match="no file"):
        archives.unzip(tmp_path / "y.zip")
