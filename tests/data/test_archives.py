import gzip
import io
import os
import random
import stat
import struct
import subprocess
import sys
import tarfile
import time
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from forking import killed

from helpers.data import archives

KINDS = ("zip", "tar", "tar.gz")


def pack(path, members):
    """Write an archive of the type of its name; content None makes a folder, a TarInfo a member as it is."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content or "")
        return path
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, content in members.items():
            about = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            about.name = name
            if content is None:
                about.type = tarfile.DIRTYPE
            content = content.encode() if isinstance(content, str) else content
            if isinstance(content, bytes):
                about.size = len(content)
                archive.addfile(about, io.BytesIO(content))
            else:
                archive.addfile(about)
    return path


def tree(folder: Path) -> dict:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def nothing_left(tmp_path, monkeypatch):
    """After the test, the folder around the target and the temporary folder are empty."""
    (tmp_path / "place").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(archives.tempfile, "tempdir", str(tmp_path / "temporary"))
    yield tmp_path / "place" / "target"
    assert not list((tmp_path / "place").iterdir()) and not list((tmp_path / "temporary").iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_every_member_is_unpacked(tmp_path, kind):
    noise = np.random.default_rng(0).bytes(3_000_000)
    members = {"a/": None, "a/1.bin": noise, "a/b/c/2.txt": "two", "empty.txt": "", "./a/3.txt": "3"}
    if kind == "zip":
        del members["a/"]
    folder = archives.unpack(pack(tmp_path / f"x.{kind}", members), tmp_path / "deep" / "target")
    assert folder == (tmp_path / "deep" / "target").resolve()
    assert tree(folder) == {"a/1.bin": noise, "a/b/c/2.txt": b"two", "empty.txt": b"", "a/3.txt": b"3"}
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["target"]
    assert tree(archives.unpack(tmp_path / f"x.{kind}")) == tree(folder)
    with pytest.raises(FileExistsError, match="already exists"):
        archives.unpack(tmp_path / f"x.{kind}", folder)


@pytest.mark.parametrize("above", ["", "pets/", "my/old/pets/"])
@pytest.mark.parametrize("beside", [{}, {"__MACOSX/z": "", ".git/x": "", "README.md": "mine"}])
def test_class_folders_are_found_at_any_depth(tmp_path, above, beside):
    members = {f"{above}cat/1.png": "x", f"{above}dog/1.png": "y", **beside}
    folder = archives.unzip(pack(tmp_path / "x.zip", members))
    assert sorted(p.parent.name for p in folder.glob("*/1.png")) == ["cat", "dog"]


def test_a_single_class_is_not_mistaken_for_an_outer_folder(tmp_path):
    single = pack(tmp_path / "single.zip", {"cat/1.png": "x"})
    assert [p.name for p in archives.unzip(single).iterdir()] == ["cat"]


OUTSIDE = (
    "../evil.txt",
    "a/../../evil.txt",
    "/etc/evil",
    "..",
    "..\\evil",
    "C:\\evil",
    "C:evil",
    "\\\\host\\a",
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", OUTSIDE)
def test_nothing_leads_out_of_the_folder(tmp_path, nothing_left, kind, name):
    with pytest.raises(ValueError, match="leads out of the folder; such archives are refused"):
        archives.unpack(pack(tmp_path / f"bad.{kind}", {"cat/1.png": "x", name: "y"}), nothing_left)


def zip_with_mode(path, mode):
    odd = zipfile.ZipInfo("cat/odd")
    odd.external_attr = (mode | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("cat/1.png", "x")
        archive.writestr(odd, "/etc/passwd")
    return path


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices_in_a_zip_are_refused(tmp_path, nothing_left, mode):
    with pytest.raises(ValueError, match="contains a link or a device"):
        archives.unpack(zip_with_mode(tmp_path / "odd.zip", mode), nothing_left)


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
@pytest.mark.parametrize("target", ["/etc/passwd", "1.png"])
def test_links_and_devices_in_a_tar_are_refused(tmp_path, nothing_left, kind, target):
    odd = tarfile.TarInfo()
    odd.type, odd.linkname = kind, target
    with pytest.raises(ValueError, match="contains a link or a device"):
        archives.unpack(pack(tmp_path / "odd.tar.gz", {"cat/1.png": "x", "cat/odd": odd}), nothing_left)


@pytest.mark.parametrize("kind", KINDS)
def test_bombs_by_declared_size(tmp_path, nothing_left, monkeypatch, kind):
    path = pack(tmp_path / f"bomb.{kind}", {"a/1": "x" * 20_000, "a/2": "x" * 20_000})
    monkeypatch.setattr(archives, "MOST_BYTES", 30_000)
    with pytest.raises(ValueError, match="would unpack to .* GiB in .*Make the images smaller"):
        archives.unpack(path, nothing_left)


@pytest.mark.parametrize("kind", KINDS)
def test_bombs_by_number_of_files(tmp_path, nothing_left, monkeypatch, kind):
    path = pack(tmp_path / f"bomb.{kind}", {f"a/{k}": "" for k in range(30)})
    monkeypatch.setattr(archives, "MOST_FILES", 20)
    with pytest.raises(ValueError, match="would unpack .*(21|30) files.*and 20 files"):
        archives.unpack(path, nothing_left)


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_bombs_by_ratio(tmp_path, nothing_left, kind):
    path = pack(tmp_path / f"bomb.{kind}", {"a/1": bytes(archives.HARMLESS + 2**20)})
    assert path.stat().st_size < 200_000
    with pytest.raises(ValueError, match="100 times its own size"):
        archives.unpack(path, nothing_left)


def test_a_tar_that_declares_a_huge_member_is_refused_before_it_is_unpacked(tmp_path, nothing_left):
    about = tarfile.TarInfo("a/1")
    about.size = 2**50
    with gzip.open(tmp_path / "bomb.tar.gz", "wb") as file:
        file.write(about.tobuf() + bytes(4096))
    started = time.monotonic()
    with pytest.raises(ValueError, match="would unpack to at least 1.05e.06 GiB"):
        archives.unpack(tmp_path / "bomb.tar.gz", nothing_left)
    assert time.monotonic() - started < 30  # unpacking it would take days


def test_a_header_that_asks_for_all_memory_is_refused(tmp_path, nothing_left):
    """tarfile reads the long name of a member in one piece: here 200 MB that take 200 kB in the archive."""
    about = tarfile.TarInfo("././@LongLink")
    about.type, about.size = tarfile.GNUTYPE_LONGNAME, 200_000_000
    with gzip.open(tmp_path / "bomb.tar.gz", "wb") as file:
        file.write(about.tobuf(tarfile.GNU_FORMAT))
        for _ in range(200):
            file.write(bytes(1_000_000))
    tracemalloc.start()
    with pytest.raises(ValueError, match="a header has an impossible size"):
        archives.unpack(tmp_path / "bomb.tar.gz", nothing_left)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_a_zip_with_more_than_it_declares_is_refused(tmp_path, nothing_left):
    path = pack(tmp_path / "bomb.zip", {"a/1": bytes(5_000_000)})
    content = path.read_bytes().replace(struct.pack("<I", 5_000_000), struct.pack("<I", 10))
    path.write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        archives.unpack(path, nothing_left)


def test_overlapping_members_do_not_multiply(tmp_path, nothing_left, monkeypatch):
    """Many entries of the list point to the same compressed bytes; they are counted during unpacking."""
    path = pack(tmp_path / "bomb.zip", {"a/000": np.random.default_rng(0).bytes(20_000)})
    content = path.read_bytes()
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry, tail = content[start:end], bytearray(content[end:])
    entries = b"".join(entry.replace(b"a/000", b"a/%03d" % k) for k in range(100))
    tail[8:12] = struct.pack("<HH", 100, 100)
    tail[12:16] = struct.pack("<I", len(entries))
    path.write_bytes(content[:start] + entries + tail)
    monkeypatch.setattr(archives, "MOST_BYTES", 100_000)
    with pytest.raises(ValueError, match="would unpack|damaged"):
        archives.unpack(path, nothing_left)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused(tmp_path, nothing_left, kind):
    path = tmp_path / f"twice.{kind}"
    pack(path, {"a/1": "x", "./a/1": "y"} if kind != "zip" else {"a/1": "x", "a//1": "y"})
    with pytest.raises(ValueError, match="twice"):
        archives.unpack(path, nothing_left)
    pack(path, {"a": "file", "a/1": "in a folder"})
    with pytest.raises(ValueError, match="twice"):
        archives.unpack(path, nothing_left)


@pytest.mark.parametrize("kind", ["tar", "tar.gz"])
def test_a_tar_that_is_cut_or_changed_anywhere_is_refused(tmp_path, kind, nothing_left):
    """Python's tarfile takes a damaged header for the end, so the images after it would be lost."""
    rng = random.Random(0)
    noise = np.random.default_rng(0)
    whole = pack(tmp_path / f"x.{kind}", {f"a/{k}.bin": noise.bytes(700) for k in range(20)}).read_bytes()
    end = len(whole) if kind == "tar.gz" else 20 * 1536 + 512
    for _ in range(60):
        (tmp_path / f"cut.{kind}").write_bytes(whole[: rng.randrange(end - 8)])
        with pytest.raises(ValueError, match="damaged|not an archive"):
            archives.unpack(tmp_path / f"cut.{kind}", nothing_left)
    for header in range(20):
        changed = bytearray(whole)
        place = header * 1536 + rng.randrange(100) if kind == "tar" else rng.randrange(20, len(whole))
        changed[place] ^= 0xFF
        (tmp_path / f"changed.{kind}").write_bytes(changed)
        with pytest.raises(ValueError, match="damaged|not an archive"):
            archives.unpack(tmp_path / f"changed.{kind}", nothing_left)


def test_an_encrypted_zip_is_reported(tmp_path, nothing_left):
    path = pack(tmp_path / "x.zip", {"a/1": "x"})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="damaged or encrypted"):
        archives.unpack(path, nothing_left)


def test_a_full_disk_leaves_nothing(tmp_path, nothing_left):
    resource = pytest.importorskip("resource", reason="this system cannot limit the size of files")
    path = pack(tmp_path / "x.tar.gz", {"a/1": "small", "a/2": np.random.default_rng(0).bytes(100_000)})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(OSError, match="could not be unpacked.*Free some disk space"):
            archives.unpack(path, nothing_left)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork processes to be killed")
def test_kill_9_leaves_the_complete_folder_or_none(tmp_path):
    members = {f"a/{k}.txt": str(k) * 100 for k in range(400)}
    path, target, rng = pack(tmp_path / "x.tar.gz", members), tmp_path / "place" / "target", random.Random(1)
    kills, place = 0, tmp_path / "place"
    while kills < 40 or not list(place.glob("*.part")):  # until a kill has interrupted the work
        kills += killed(lambda: archives.unpack(path, target), lambda: time.sleep(rng.uniform(0.001, 0.08)))
        if target.exists():
            assert len(tree(target)) == 400
            archives.shutil.rmtree(target)


def test_a_file_that_is_not_an_archive_is_named(tmp_path, nothing_left):
    (tmp_path / "x.zip").write_text("hello")
    with pytest.raises(ValueError, match="not a zip file"):
        archives.unzip(tmp_path / "x.zip")
    with pytest.raises(ValueError, match="not an archive that can be read"):
        archives.unpack(tmp_path / "x.zip", nothing_left)
    with pytest.raises(FileNotFoundError, match="File not found: .*Check the path"):
        archives.unzip(tmp_path / "y.zip")


def test_a_temporary_folder_has_the_archives_name_and_is_deleted_when_python_exits(tmp_path):
    path = pack(tmp_path / "flowers.zip", {"top/a/1.png": "x", "top/b/1.png": "y"})
    script = (
        "import sys; from helpers.data import archives; folder = archives.unzip(sys.argv[1]); "
        "print(folder); print((folder / 'a').is_dir(), archives.set_name(folder)); "
        "print(archives.shown(folder / 'a'))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    folder, known, shown = done.stdout.splitlines()
    assert known == "True flowers" and Path(shown) == Path("flowers.zip/top/a")
    assert not Path(folder).exists() and not Path(folder).parent.exists()


def test_a_given_folder_keeps_its_name_and_place(tmp_path):
    path = pack(tmp_path / "flowers.zip", {"top/a/1.png": "x", "top/b/1.png": "y"})
    folder = archives.unzip(path, tmp_path / "mine")
    assert archives.set_name(folder) == "top" and archives.shown(folder) == str(folder)


@pytest.mark.parametrize("packed", ["lê", "le\u0302"], ids=["Info-ZIP", "Finder"])
def test_undeclared_utf_8_names_in_a_zip(tmp_path, packed):
    """Info-ZIP and macOS write them without the flag; macOS stores an accent as a separate character."""
    path = pack(tmp_path / "x.zip", {"pears/lê/1.png": "x"})
    archived = packed.encode("utf-8")
    content = path.read_bytes()
    assert content.count("lê".encode()) == 2
    path = tmp_path / "y.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("pears/" + "?" * len(archived) + "/1.png")  # ASCII sets no flag
        archive.writestr(info, "x")
    path.write_bytes(path.read_bytes().replace(b"?" * len(archived), archived))
    assert tree(archives.unpack(path, tmp_path / "out")) == {"pears/lê/1.png": b"x"}


def test_names_in_code_page_437_are_kept(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/?pfel.png", "x")
    path.write_bytes(path.read_bytes().replace(b"?", "Ä".encode("cp437")))
    with pytest.warns(UserWarning, match="'x.zip' does not say how its names are encoded.*such as 'a/Äpfel"):
        assert tree(archives.unpack(path, tmp_path / "out")) == {"a/Äpfel.png": b"x"}


def test_a_zip_with_backslashes_has_folders(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("top\\", "top\\a\\1.png", "top\\b\\1.png"):
            archive.writestr(name, "" if name.endswith("\\") else "x")
    assert tree(archives.unpack(path, tmp_path / "out")) == {"top/a/1.png": b"x", "top/b/1.png": b"x"}
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("..\\evil.png", "x")
    with pytest.raises(ValueError, match="leads out of the folder"):
        archives.unpack(tmp_path / "bad.zip", tmp_path / "no")
