"""The catalogue, with generated archives in the layouts of the real ones, from a local server."""

import dataclasses
import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from downloading import Site, isolate, serving
from made_archives import encoded, made_archive

from helpers.data import catalogue, downloads
from helpers.data.image_sets import load_catalogued

SETS = [name for name, e in catalogue.entries().items() if e.layout != "weights"]


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    isolate(monkeypatch, tmp_path)


@pytest.fixture
def served(monkeypatch):
    """Return a function that serves content as the file of an entry, instead of the real sources."""
    import contextlib

    with contextlib.ExitStack() as stack:

        def serve(name: str, content: bytes) -> Site:
            site = stack.enter_context(serving(Site(content)))
            changed = dataclasses.replace(catalogue.entry(name), sources=(site.source,))
            monkeypatch.setitem(catalogue.entries(), name, changed)
            return site

        yield serve


def test_every_entry_is_complete():
    for name, entry in catalogue.entries().items():
        assert name == entry.name and entry.layout in {*catalogue.LAYOUTS, "weights"}
        for source in entry.sources:
            assert re.match(r"https?://", source.url)
            if "neither a checksum nor the size" in entry.known_problems:
                assert (source.checksum, source.size) == ("", 0) and source.url.startswith("https://")
            else:
                assert re.fullmatch(r"sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}", source.checksum)
                assert source.size > 1000
        for about in (entry.title, entry.licence, entry.citation, entry.role, entry.known_problems):
            assert len(about) > 10
        assert re.search(r"https://", entry.licence), "where the licence can be read"
        assert entry.licence in str(entry) and entry.known_problems in str(entry)


def test_urls_sizes_and_checksums_are_the_published_ones(real_data):
    table = real_data("CHECKSUMS.tsv").read_text(encoding="utf-8").splitlines()[1:]
    published = {
        (url, f"{algorithm}:{checksum}"): size
        for _, url, size, algorithm, checksum, _ in (line.split("\t") for line in table)
    }
    for entry in catalogue.entries().values():
        for source in entry.sources:
            if not source.checksum:
                continue
            size = published[source.url, source.checksum]
            assert size in ("", str(source.size)), entry.name


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="'tulips' is not in the catalogue. Choose one of: flowers, "):
        catalogue.folder("tulips")
    with pytest.raises(ValueError, match=r"weights file, not an image set. Use weights\('vgg16'\)"):
        catalogue.folder("vgg16")
    with pytest.raises(ValueError, match=r"image set, not a weights file. Use folder\('malaria'\)"):
        catalogue.weights("malaria")
    with pytest.raises(ValueError, match="image set"):
        catalogue.weights_at_hand("malaria")


@pytest.mark.parametrize("name", SETS)
@pytest.mark.filterwarnings("ignore:.*files were skipped")
def test_each_layout_becomes_class_folders_in_three_splits(served, name, tmp_path):
    site = served(name, made_archive(name))
    data = load_catalogued(name, image_size=16)
    assert data.name == name and len(data.classes) == {"flowers": 3, "cifar10": 10}.get(name, 2)
    splits = [data.y_train, data.y_validation, data.y_test]
    assert all(set(y) == set(data.classes) for y in splits)
    files = list((tmp_path / "cache" / "datasets" / name).rglob("*.*"))
    images = [p for p in files if p.suffix != ".txt"]
    assert len(images) == {
        "flowers": 30,
        "cats_vs_dogs": 42,
        "eurosat": 20,
        "cifar10": 120,
    }.get(name, 80)
    assert len({(p.parent.name, p.name) for p in images}) == len(images) or name == "cifar10"
    about = (tmp_path / "cache" / "datasets" / name / "ABOUT.txt").read_text()
    assert catalogue.entry(name).licence in about and "Split: " in about
    archive = tmp_path / "cache" / "downloads" / catalogue.entry(name).file
    assert archive.with_name(f"{archive.name}.lock").exists() and not archive.exists()
    assert {p.name for p in (tmp_path / "cache" / "datasets").iterdir()} == {name, f"{name}.lock"}
    asked = len(site.requests)
    again = load_catalogued(name, image_size=16)
    np.testing.assert_array_equal(again.X_train, data.X_train)
    assert len(site.requests) == asked == 1


@pytest.mark.parametrize("name", ["malaria", "colorectal_histology"])
def test_no_patient_is_in_two_splits(served, name):
    served(name, made_archive(name))
    pattern = catalogue.entry(name).group
    groups = {
        split.name: {re.search(pattern, p.name)[1] for p in split.glob("*/*")}
        for split in catalogue.folder(name).iterdir()
        if split.is_dir()
    }
    assert len(groups["train"] | groups["test"] | groups["validation"]) == (6 if name == "malaria" else 10)
    assert not groups["train"] & groups["test"] and not groups["train"] & groups["validation"]
    assert not groups["validation"] & groups["test"] and min(map(len, groups.values())) >= 1


def test_a_split_that_cannot_keep_groups_together_says_so():
    classes, groups = np.repeat(["a", "b"], 50), np.repeat(np.arange(10), 10)
    parts, note = catalogue.split_groups(classes, groups)
    assert "one split only" in note and not set(groups[parts["train"]]) & set(groups[parts["test"]])
    parts, note = catalogue.split_groups(classes, np.repeat(np.arange(6), [10, 10, 10, 10, 10, 50]))
    assert "optimistic" in note and all(set(classes[part]) == {"a", "b"} for part in parts.values())
    assert sorted(np.concatenate(list(parts.values()))) == list(range(100))


def test_the_licence_of_the_flowers_is_kept_and_broken_images_are_reported(served):
    served("flowers", made_archive("flowers"))
    assert (catalogue.folder("flowers") / "LICENSE.txt").read_text() == "CC-BY: somebody"
    served("cats_vs_dogs", made_archive("cats_vs_dogs"))
    with pytest.warns(UserWarning, match="2 of 42 files were skipped.*empty file"):
        load_catalogued("cats_vs_dogs", 16)


def test_cifar_pixels_labels_and_test_batch(served):
    served("cifar10", made_archive("cifar10"))
    data = load_catalogued("cifar10", 32)
    assert [len(y) for y in (data.y_train, data.y_validation, data.y_test)] == [80, 20, 20]
    k = data.y_train.tolist().index("bird")
    assert data.X_train[k].reshape(-1, 3).tolist() == [[20, 1, 2]] * 1024


@pytest.mark.parametrize("content", [b"", b"\0" * 3072, b"\x0b" + b"\0" * 3072])
def test_a_file_that_is_not_a_cifar_batch_is_refused(tmp_path, content):
    (tmp_path / "x.bin").write_bytes(content)
    with pytest.raises(ValueError, match="not a batch of CIFAR-10"):
        catalogue.cifar_batch(tmp_path / "x.bin")


def test_no_pickle():
    code = Path(catalogue.__file__).read_text() + Path(downloads.__file__).read_text()
    assert "import pickle" not in code and "allow_pickle" not in code
    assert "python.tar" not in json.dumps([str(e) for e in catalogue.entries().values()])


def test_an_archive_of_another_layout_leaves_nothing(served, tmp_path):
    served("eurosat", made_archive("cats_vs_dogs"))
    with pytest.raises(ValueError, match="does not contain the folder '2750'"):
        catalogue.folder("eurosat")
    assert {p.name for p in (tmp_path / "cache" / "datasets").iterdir()} == {"eurosat.lock"}


def test_leftovers_of_killed_processes_are_removed(served, tmp_path):
    served("eurosat", made_archive("eurosat"))
    for name in ("eurosat.rawpartx1.part", "eurosat.splitpart", "eurosat.rawpart"):
        (tmp_path / "cache" / "datasets" / name / "a").mkdir(parents=True)
    catalogue.folder("eurosat")
    assert {p.name for p in (tmp_path / "cache" / "datasets").iterdir()} == {"eurosat", "eurosat.lock"}


def test_several_at_once_share_one_download(served):
    from concurrent.futures import ThreadPoolExecutor

    site = served("eurosat", made_archive("eurosat"))
    with ThreadPoolExecutor(4) as pool:
        places = list(pool.map(catalogue.folder, ["eurosat"] * 4))
    assert len(set(places)) == 1 and len(site.requests) == 1
    assert len(list(places[0].rglob("*.jpg"))) == 20


def test_a_cache_that_cannot_be_written_names_the_remedy(served, tmp_path):
    served("eurosat", made_archive("eurosat"))
    (tmp_path / "cache").write_text("not a folder")
    with pytest.raises(OSError, match="'eurosat' could not be prepared in .*TRANSFER_CACHE_DIR to a"):
        catalogue.folder("eurosat")


def test_a_disk_that_fills_while_unpacking_leaves_nothing_and_keeps_the_archive(served, tmp_path):
    resource = pytest.importorskip("resource", reason="this system cannot limit the size of files")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("2750/Forest/1.jpg", bytes(500_000))
    site = served("eurosat", buffer.getvalue())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OSError, match="could not be prepared.*Free some disk space"):
            catalogue.folder("eurosat")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {p.name for p in (tmp_path / "cache" / "datasets").iterdir()} == {"eurosat.lock"}
    assert downloads.good(tmp_path / "cache" / "downloads" / "EuroSAT.zip", [site.source])


def test_an_existing_folder_of_that_name_is_used(tmp_path, monkeypatch):
    for kind in "ab":
        (tmp_path / "data" / "flowers" / kind).mkdir(parents=True)
        for n in range(5):
            (tmp_path / "data" / "flowers" / kind / f"{n}.png").write_bytes(encoded("PNG", n))
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(tmp_path / "data"))
    assert load_catalogued("flowers", 16).classes == ("a", "b")
    assert len(load_catalogued("flowers", 16, per_class=3).y_train) == 2, "three per class, split 1 : 1 : 1"
    assert not (tmp_path / "cache").exists()


def test_real_flowers_in_the_data_folder(real_data, monkeypatch):
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(real_data("flowers").parent))
    data = load_catalogued("flowers", 16, per_class=10)
    assert len(data.classes) == 5 and len(data.y_test) + len(data.y_validation) + len(data.y_train) <= 150


@pytest.mark.parametrize("kept, used", [(b"weights" * 1000, True), (b"half of them", False)])
def test_what_keras_has_downloaded_is_used_if_it_is_intact(kept, used, served, tmp_path, monkeypatch):
    served("vgg16_notop", b"weights" * 1000)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    there = tmp_path / "keras" / "models" / catalogue.entry("vgg16_notop").file
    there.parent.mkdir(parents=True)
    there.write_bytes(kept)
    assert (catalogue.weights("vgg16_notop") == there) is used


def test_weights_are_downloaded_the_same_way_and_existing_ones_are_used(served, tmp_path, monkeypatch):
    site = served("vgg16_notop", b"weights" * 1000)
    path = catalogue.weights("vgg16_notop")
    assert path.read_bytes() == site.content and path.is_relative_to(tmp_path / "cache")
    site.behaviours = ["status:404"]
    path.unlink()
    with pytest.raises(downloads.DownloadError, match="404.*Or put vgg16_weights.*TRANSFER_DATA_DIR"):
        catalogue.weights("vgg16_notop")
    own = tmp_path / "data" / "weights" / catalogue.entry("vgg16_notop").file
    own.parent.mkdir(parents=True)
    own.write_bytes(b"mine")
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(tmp_path / "data"))
    assert catalogue.weights("vgg16_notop") == own
