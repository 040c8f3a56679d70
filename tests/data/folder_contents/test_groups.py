"""Groups of images: given by a pattern or a table, kept in one split, and suggested from names alone."""

import dataclasses
import hashlib
import random
import re
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers.data import splits
from helpers.data.folder_contents import groups
from helpers.data.folder_contents.group_patterns import few_originals, suggest
from helpers.data.image_sets import SPLITS, builtin, from_folder

PATIENT = r"^(p\d+)_"


def write(root, folder, names):
    (root / folder).mkdir(parents=True, exist_ok=True)
    for k, name in enumerate(names):
        Image.new("RGB", (9, 9), (k, len(folder), 9)).save(root / folder / name)
    return root


@pytest.fixture
def patients(tmp_path):
    """Six patients with four images each in class a, five others with four each in class b."""
    for name, numbers in (("a", range(6)), ("b", range(6, 11))):
        write(tmp_path, name, [f"p{p}_{k}.png" for p in numbers for k in range(4)])
    return tmp_path


# --- groups that the user names ---


def test_a_pattern_or_a_table_names_the_groups():
    paths = ["a/p1_x.png", "a/p1_y.png", "b/p2_x.png", "b/other.png"]
    assert groups.of_files(paths, PATIENT) == ("p1", "p1", "p2", "b/other.png")
    assert groups.of_files(paths, re.compile(PATIENT)) == groups.of_files(paths, PATIENT)
    table = pd.DataFrame({"file": paths, "patient": [1, 1, 2, 3]})
    assert groups.of_files(paths, table.set_index("file")["patient"]) == ("1", "1", "2", "3")
    for key in (lambda path: path.split("/")[1], lambda path: path.split("/")[1].removesuffix(".png")):
        by_name = {key(path): k // 2 for k, path in enumerate(paths[:2] + paths[3:])} | {"more": 9}
        assert groups.of_files(paths[:2] + paths[3:], by_name) == ("0", "0", "1")


@pytest.mark.parametrize(
    "wrong, error, message",
    [
        ("^p", ValueError, "with the group's name in parentheses.*Received: '.p'"),
        ("(p", ValueError, r"must be a regular expression \(missing \).*Received: '\(p'"),
        (rb"(p)", TypeError, "regular expression, or a dict or pandas Series.*Received: bytes"),
        (re.compile(rb"(p)"), ValueError, "regular expression with the group's name"),
        (["p1", "p1"], TypeError, "table.set_index.'file'..'patient'..*Received: list"),
        (pd.DataFrame({"file": ["1"]}), TypeError, "Received: DataFrame"),
        (lambda path: path, TypeError, "Received: function"),
        ("(slide)", ValueError, "matches no file name. Received: '.slide.'; the first file is 'p0_0.png'"),
        ({"p0_0.png": 1}, ValueError, "no group for the file 'a/p0_1.png'. Its keys must be paths such as"),
        (pd.Series([1, 2], ["x", "x"]), ValueError, "lists 'x' several times"),
    ],
)
def test_unusable_groups_are_refused_by_name(patients, wrong, error, message):
    with pytest.raises(error, match=message):
        from_folder(patients, 8, groups=wrong)


def test_a_table_with_a_missing_or_ambiguous_group_is_refused():
    with pytest.raises(ValueError, match="no group for the file 'a/2.png'"):
        groups.of_files(["a/1.png", "a/2.png"], {"1": "x", "2": float("nan")})
    with pytest.raises(
        ValueError, match="2 files are named '1.png'. The keys of groups must be paths such as 'a/1"
    ):
        groups.of_files(["a/1.png", "b/1.png"], {"1.png": "x"})


@pytest.mark.parametrize(
    "key", ["/images/set/{}", "C:\\images\\set\\{}", "./{}", " {} ", "set/{}"], ids=lambda key: key.format("")
)
def test_a_table_may_have_longer_paths(key):
    paths = ["cat/1.png", "dog/1.png", "dog/2.png"]
    listed = {key.format(path.replace("/", "\\" if "C:" in key else "/")): path[-5] for path in paths}
    assert groups.of_files(paths, listed) == ("1", "1", "2")


def test_paths_that_end_alike_are_not_mistaken_for_each_other():
    listed = {"/one/cat/1.png": "a", "/two/cat/1.png": "b"}
    with pytest.raises(ValueError, match="no group for the file 'cat/1.png'.*first key is '/one/cat/1.png'"):
        groups.of_files(["cat/1.png"], listed)
    assert groups.of_files(["cat/1.png"], listed | {"cat/1.png": "c"}) == ("c",)


def test_a_blank_group_is_missing():
    with pytest.raises(ValueError, match="no group for the file 'a/2.png'"):
        groups.of_files(["a/1.png", "a/2.png"], {"1": "x", "2": " "})


@pytest.mark.parametrize(
    "ending", ["_x{}_y{}", "-row{}-col{}", "_r{}c{}", " (x={}, y={})", " [x={},y={},w=512]", "_Y{}_X{}"]
)
def test_tiles_of_one_image_are_found_whatever_their_coordinates(ending):
    places = [ending.format(256 * k, 256 * m) for k in range(3) for m in (0, 7)]
    found = suggest([f"{c}/slide{c}{k}{place}.png" for c in "ab" for k in range(3) for place in places])
    assert found is not None and set(found.groups) == {f"slide{c}{k}" for c in "ab" for k in range(3)}


def test_each_group_stays_in_one_split(patients):
    data = from_folder(patients, 8, groups=PATIENT)
    assert [len(data.split(part).y) for part in SPLITS] == [28, 8, 8]
    assert data.groups == tuple(path.split("/")[1].split("_")[0] for path in data.paths)
    assert not groups.straddling(data.groups, data.parts)
    assert "each group in one split" in data.layout and "groups: 11" in repr(data)
    for part in SPLITS:
        assert set(data.split(part).y) == {"a", "b"}
        assert data.groups_of(part).tolist() == [
            g for g, p in zip(data.groups, data.parts, strict=True) if p == part
        ]
    assert data.groups == from_folder(patients, 8, groups=PATIENT).groups
    assert data.groups != from_folder(patients, 8, groups=PATIENT, seed=1).groups


def test_too_few_groups_are_an_error_that_counts_them(tmp_path):
    for name, numbers in (("a", range(6)), ("b", (7, 8))):
        write(tmp_path, name, [f"p{p}_{k}.png" for p in numbers for k in range(4)])
    with pytest.raises(ValueError, match="Class 'b' has images of 2 groups, but each of the 3 splits"):
        from_folder(tmp_path, 8, groups=PATIENT)
    assert len(from_folder(tmp_path, 8, (0.5, 0.5, 0), groups=PATIENT).y_test) == 0


def test_the_validation_set_of_predefined_splits_keeps_groups_together(patients, tmp_path_factory):
    root = tmp_path_factory.mktemp("split")
    patients.rename(root / "train")
    write(root, "test/a", ["p0_9.png", "p20_0.png"])
    write(root, "test/b", ["p21_0.png"])
    with pytest.warns(UserWarning, match="1 groups are in several of the predefined splits .a leak!.: p0"):
        data = from_folder(root, 8, groups=PATIENT)
    assert data.y_test.tolist() == ["a", "a", "b"], "reported, not moved"
    learned = [part for part in SPLITS if part != "test"]
    assert len(data.y_validation) and not set(data.groups_of(learned[0])) & set(data.groups_of(learned[1]))
    assert "drawn at random, each group in one split" in data.layout


def test_a_part_of_a_set_keeps_paths_and_groups(patients):
    data = from_folder(patients, 8, groups=PATIENT)
    kept = np.arange(len(data.paths)) % 3 > 0
    part = data.keep(kept)
    for name in ("paths", "groups"):
        assert getattr(part, name) == tuple(np.array(getattr(data, name))[kept])
    assert part.parts.tolist() == data.parts[kept].tolist() and len(part.X_train) == np.sum(
        part.parts == "train"
    )


def test_a_training_sample_is_of_as_many_groups_as_possible(patients):
    data = from_folder(patients, 8, (1, 0, 0), groups=PATIENT)
    X, y, of = splits.training_sample(data, 12)
    assert len(X) == 12 == len(of) and len(set(of)) == 11
    where = [data.groups.index(group) for group in of]
    assert data.y_train[where].tolist() == y.tolist()


# --- splits of groups ---

labelled = st.lists(st.tuples(st.integers(0, 12), st.sampled_from("abc")), min_size=4, max_size=80)


@given(
    labelled,
    st.sampled_from([(0.6, 0.2, 0.2), (0.8, 0.2, 0), (1 / 3, 1 / 3, 1 / 3), (0.4, 0.1, 0.5)]),
    st.integers(0, 9),
)
@settings(max_examples=500, deadline=None, derandomize=True)
def test_whole_groups_are_a_partition_with_each_class_in_each_part_or_an_error(pairs, shares, seed):
    of, y = (np.array(each) for each in zip(*pairs, strict=True))
    wanted = [k for k, share in enumerate(shares) if share]
    try:
        part = splits.whole_groups(y, of, shares, seed)
    except ValueError as error:
        few = min(len(set(of[y == name])) for name in set(y)) < len(wanted)
        assert few == ("has images of" in str(error)), error
        return
    assert set(part) == set(wanted) and len(part) == len(y)
    assert all(len(set(part[of == group])) == 1 for group in of)
    assert all(set(y[part == k]) == set(y) for k in wanted)
    assert np.array_equal(part, splits.whole_groups(y, of, shares, seed))


def test_shares_are_met_with_many_groups():
    rng = np.random.default_rng(0)
    of = np.repeat(np.arange(300), rng.integers(1, 9, 300))
    y = np.array(list("abcde"))[rng.integers(0, 5, 300)][of]
    part = splits.whole_groups(y, of, (0.6, 0.2, 0.2))
    for name in "abcde":
        found = [np.mean(part[y == name] == k) for k in range(3)]
        assert np.allclose(found, (0.6, 0.2, 0.2), atol=0.02)
    assert not np.array_equal(part, splits.whole_groups(y, of, (0.6, 0.2, 0.2), seed=1))


def test_an_order_that_leaves_a_class_out_is_not_the_last_one_tried():
    y, of = np.array(list("bbcaac")), np.array([4, 0, 2, 1, 0, 4])  # the first two orders fail
    part = splits.whole_groups(y, of, (0.5, 0.5))
    assert all(set(y[part == k]) == {"a", "b", "c"} for k in (0, 1))


def test_groups_with_too_many_classes_are_refused():
    with pytest.raises(ValueError, match="Class 'a' has images of 2 groups, but each of the 3 splits"):
        splits.whole_groups(np.array(list("ababba")), [1, 1, 2, 2, 2, 2], (0.4, 0.3, 0.3))
    with pytest.raises(ValueError, match="3 groups cannot be distributed over 2 splits"):
        splits.whole_groups(np.array(list("aabbcc")), [1, 2, 2, 3, 1, 3], (0.5, 0.5))
    y, of = ["a", "b", "a", "b"], [1, 1, 2, 3]
    assert splits.whole_groups(np.array(y), of, (0.5, 0.5)).tolist() in ([0, 0, 1, 1], [1, 1, 0, 0])


@pytest.mark.parametrize(
    "bad, message",
    [([1, 2], "one entry per image. Received: 2 groups for 6"), ([1, 2, 3, 4, 5, None], "1 missing entries")],
)
def test_groups_of_a_split_are_checked(bad, message):
    with pytest.raises(ValueError, match=message):
        splits.split(np.zeros(6), list("aaabbb"), groups=bad)


def test_the_unicode_form_of_a_name_does_not_matter():
    name = "José_1_cat.png"
    for stored in ("NFC", "NFD"):
        paths = [f"cat/{unicodedata.normalize(stored, name)}"]
        for typed in ("NFC", "NFD"):
            assert groups.of_files(paths, {unicodedata.normalize(typed, name): 7}) == ("7",)
            assert groups.of_files(paths, unicodedata.normalize(typed, "^(José_1)")) == ("José_1",)


def test_numbers_that_start_anew_in_each_split_are_no_certain_leak(tmp_path):
    for part, count in (("train", 9), ("test", 6)):
        for name in ("cat", "dog"):
            views = [f"{k:03d}_{side}.png" for k in range(count) for side in ("left", "right")]
            write(tmp_path, f"{part}/{name}", views)
    with pytest.warns(UserWarning, match="Groups of the same name in several classes would be one group"):
        from_folder(tmp_path, 8)
    with pytest.warns(UserWarning, match="6 groups .*.a leak, unless each split counts from the start.: 000"):
        from_folder(tmp_path, 8, groups=r"^(\d+)_")


# --- suggestions from names ---

R = random.Random(0)


def digits(n):
    return "".join(R.choice("0123456789") for _ in range(n))


def hexadecimal(n):
    return "".join(R.choice("0123456789abcdef") for _ in range(n))


def moment():
    day = f"2024{R.randint(1, 12):02}{R.randint(1, 28):02}"
    return f"{day}_{R.randint(0, 23):02}{R.randint(0, 59):02}{R.randint(0, 59):02}"


def uuid():
    return "-".join(map(hexadecimal, (8, 4, 4, 4, 12)))


SERIES = {  # 20 originals per class with 4 images each: name from original and image
    "Keras, one original at a time": lambda o, k: f"img_{o}_0_{R.randrange(10_000)}.jpg",
    "Keras, no prefix": lambda o, k: f"_{o}_{R.randrange(10_000)}.jpeg",
    "Keras, a prefix": lambda o, k: f"aug_{o}_{R.randrange(10_000_000)}.png",
    "Augmentor": lambda o, k: f"cat_original_cat.{o}.jpg_{uuid()}.jpg",
    "Roboflow": lambda o, k: f"IMG_{o}_JPG.rf.{hexadecimal(32)}.jpg",
    "words for augmentation": lambda o, k: f"{o:03d}{('', '_hflip', '_rot90', '_aug_2')[k]}.jpg",
    "turned copies": lambda o, k: f"0a{o}-x___RS_HL 12{o}{('', '_90deg', '_180deg', '_flipLR')[k]}.JPG",
    "copies of Windows": lambda o, k: f"leaf 1{o}{('', ' - Copy', ' - Copy (2)', ' - Copy (3)')[k]}.jpg",
    "patients": lambda o, k: f"patient_{o:02d}_slice_{k:02d}.png",
    "patients last": lambda o, k: f"slice_{k:02d}_patient_{o:02d}.png",
    "Patients": lambda o, k: f"Patient{o}-{17 * k}.png",
    "subjects": lambda o, k: f"sub-{o:02d}_ses-1_{k}.png",
    "persons": lambda o, k: f"person{o}_bacteria_{4 * o + k}.jpeg",
    "TCGA": lambda o, k: f"TCGA-A1-A0{o:02d}_{digits(6)}.png",
    "slides": lambda o, k: f"slide_{o}_tile_{k}_{2 * k}.png",
    "tiles": lambda o, k: f"S{o}-x_tile_{k}_{2 * k}.png",
    "videos": lambda o, k: f"video{o}_frame_{30 * k:04d}.jpg",
    "frames": lambda o, k: f"GOPR{o:04d}.MP4_frame{30 * k}.jpg",
    "burst": lambda o, k: f"IMG_20240101_1200{o:02d}_BURST{k:03d}.jpg",
    "burst of Google": lambda o, k: f"{k:05d}IMG_{k:05d}_BURST202401011200{o:02d}123.jpg",
    "same second": lambda o, k: f"20240101_1200{o:02d}{('', '(0)', '(1)', '(2)')[k]}.jpg",
    "letters": lambda o, k: f"{o:04d}_{'abcd'[k]}.png",
    "letters, the first without": lambda o, k: f"IMG_{o:04d}{('', 'a', 'b', 'c')[k]}.png",
    "eyes": lambda o, k: f"{o}_{('left', 'right')[k % 2]}{('.png', '.jpeg')[k // 2]}",
    "views of a breast": lambda o, k: f"P{o:03d}_{'LR'[k % 2]}_{('CC', 'MLO')[k // 2]}.png",
    "counted": lambda o, k: f"{o:04d}_{k}.png",
    "counted, the first without": lambda o, k: f"IMG_{o:04d}{('', '(1)', '(2)', '(3)')[k]}.png",
    "hashes, counted": lambda o, k: f"{hashlib.md5(bytes([o])).hexdigest()[:6]}_{k + 1}.png",
    "tiles by row and column": lambda o, k: f"S{o:02d}_{k // 2}_{k % 2}.png",
    "tiles by pixel": lambda o, k: f"S{o:02d}b-{k // 2 * 512}-{k % 2 * 512}.png",
    "every 30th frame": lambda o, k: f"GOPR{o:04d}_{30 * k:05d}.png",
    "copies of a German Windows": lambda o, k: (
        f"IMG{o:03d}{('', ' - Kopie', ' - Kopie (2)', ' - Kopie (3)')[k]}.jpg"
    ),
    "copies of a Spanish Windows": lambda o, k: (
        f"IMG{o:03d}{('', ' - copia', ' - copia (2)', ' - copia (3)')[k]}.jpg"
    ),
    "Vietnamese": lambda o, k: f"bệnhnhân_{o}_lát_{k}.png",
    "Vietnamese, as macOS stores it": lambda o, k: unicodedata.normalize("NFD", f"bệnhnhân_{o}_lát_{k}.png"),
    "Chinese": lambda o, k: f"患者{o}_切片{k}.png",
    "Russian": lambda o, k: f"больной_{o}_срез_{k}.png",
    "counted with a word": lambda o, k: f"house{o}_image{k + 1}.png",
}


@pytest.mark.parametrize("way", SERIES)
@pytest.mark.parametrize("shuffled", [False, True])
def test_series_are_found_by_their_names(way, shuffled):
    paths = [f"{name}/{SERIES[way](o, k)}" for name in ("x", "y") for o in range(20) for k in range(4)]
    truth = [k // 4 % 20 for k in range(len(paths))]
    if shuffled:
        paths, truth = map(
            list, zip(*R.sample(list(zip(paths, truth, strict=True)), len(paths)), strict=True)
        )
    found = suggest(paths)
    assert found is not None
    assert len(set(zip(found.groups, truth, strict=True))) == len(set(found.groups)) == 20
    assert found.counts == {"x": (20, 80), "y": (20, 80)}
    assert groups.of_files(paths, found.pattern) == found.groups
    assert "x 20 (80 images)" in found.in_words() and found.pattern in found.in_words()


HONEST = {  # 200 independent images per class: name from number and class
    "serial numbers": lambda k, c: f"{k:04d}.jpg",
    "numbers": lambda k, c: f"{k}.jpg",
    "class and number": lambda k, c: f"{c}{k}.jpg",
    "class, dot, number": lambda k, c: f"{c}.{k}.jpg",
    "class (number)": lambda k, c: f"{c} ({k}).jpg",
    "camera": lambda k, c: f"DSC_{k:04d}.JPG",
    "folder of a camera": lambda k, c: f"{100 + k // 40}_{k % 40 + 1:04d}.JPG",
    "frames of one film": lambda k, c: f"frame_{k:05d}.jpg",
    "scans": lambda k, c: f"scan{k:03d}.tif",
    "one image per patient": lambda k, c: f"patient_{k:03d}.png",
    "one image per export": lambda k, c: f"im{k}_jpg.rf.{hexadecimal(32)}.jpg",
    "hashes": lambda k, c: f"{hexadecimal(32)}.jpg",
    "short hashes": lambda k, c: f"{hexadecimal(6)}.jpg",
    "hexadecimal numbers": lambda k, c: f"{k:03x}.jpg",
    "uuid": lambda k, c: f"{uuid()}.jpg",
    "moments": lambda k, c: f"IMG_{moment()}.jpg",
    "milliseconds": lambda k, c: f"PXL_{moment()}{digits(3)}.jpg",
    "dates, counted": lambda k, c: f"2024-01-{k // 8 + 1:02d}_{k % 8}.jpg",
    "dates, counted, without signs": lambda k, c: f"202401{k // 8 + 1:02d}_{k % 8:03d}.jpg",
    "WhatsApp": lambda k, c: f"IMG-202401{k // 8 + 1:02d}-WA{k % 8:04d}.jpg",
    "WhatsApp on a computer": lambda k, c: f"WhatsApp Image 2024-01-01 at 12.{k // 4:02d}.00 ({k % 4}).jpeg",
    "Flickr": lambda k, c: f"{digits(10)}_{hexadecimal(10)}{R.choice(('', '_n', '_m', '_b', '_z'))}.jpg",
    "ImageNet": lambda k, c: f"n020856{20 + k % 10}_{R.randrange(20_000)}.JPEG",
    "ImageNet, counted": lambda k, c: f"n020856{20 + k % 20}_{k // 20}.JPEG",
    "COCO": lambda k, c: f"COCO_train2014_{R.randrange(500_000):012d}.jpg",
    "Caltech": lambda k, c: f"{('105', '064')[c == 'y']}_{k:04d}.jpg",
    "Caltech, joined": lambda k, c: f"{105 + k % 4}_{k // 4 + 1:04d}.jpg",
    "breeds": lambda k, c: f"{('Abyssinian', 'Bengal', 'beagle')[k % 3]}_{k // 3 + 1}.jpg",
    "persons by name": lambda k, c: f"{('Aaron_Eckhart', 'Bill_Gates')[k % 2]}_{k // 2 + 1:04d}.jpg",
    "birds": lambda k, c: f"Black_Footed_Albatross_{k:04d}_{R.randrange(1_000_000)}.jpg",
    "faces": lambda k, c: (
        f"{R.randrange(90)}_{R.randrange(2)}_{R.randrange(5)}_{20170116 + k % 5}{digits(9)}.jpg"
    ),
    "labels, then numbers": lambda k, c: f"{k % 5}_{k // 5}.png",
    "numbers, then labels": lambda k, c: f"{k}_{int(c == 'y')}.png",
    "folds": lambda k, c: f"fold{k % 20}_{k // 20}.png",
    "batches": lambda k, c: f"batch_{k % 5}_{R.randrange(10_000)}.png",
    "words that occur in augmentation": lambda k, c: f"{('oak', 'ash', 'fir')[k % 3]}_dark_{k // 3}.png",
    "squares of a board": lambda k, c: f"{k // 8 + 1}{'abcdefgh'[k % 8]}.png" if k < 64 else f"0{k}.png",
    "sizes": lambda k, c: f"{k}_640x480.png",
    "versions": lambda k, c: f"v1.0_{k}.png",
    "days, counted twice": lambda k, c: f"2024-{k // 16 + 1:02d}-{k // 8 % 2 + 1:02d}_{k % 8}.jpg",
    "three labels": lambda k, c: f"{R.randrange(80)}_{R.randrange(2)}_{k}.jpg",
    "pairs at random": lambda k, c: f"{R.randrange(1000)}_{R.randrange(1000)}_{k}.png",
}


@pytest.mark.parametrize("way", HONEST)
@pytest.mark.parametrize("images", [8, 20, 60, 200])
def test_honest_names_suggest_nothing(way, images):
    assert suggest([f"{name}/{HONEST[way](k, name)}" for name in ("x", "y") for k in range(images)]) is None


@pytest.mark.parametrize(
    "name",
    (
        "cats_vs_dogs",
        "elpv_solar",
        "flowers",
        "hymenoptera",
        "pacs_cartoon",
        "pacs_photo",
        "pacs_sketch",
        "plankton",
    )
    + ("spoken_digits", "trashnet"),
)
def test_honest_sets_suggest_nothing(real_data, name):
    root = real_data(name)
    paths = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*.*")) if path.is_file()]
    assert len(paths) > 100 and suggest(paths) is None


def test_one_augmented_class_is_enough():
    rare = [f"rare/img_{o}_0_{R.randrange(10_000)}.jpg" for o in range(16) for _ in range(12)]
    found = suggest(rare + [f"common/img_{k}.jpg" for k in range(300)])
    assert found.counts["rare"][0] == 16 and found.counts["common"] == (300, 300)
    assert found.in_words().index("rare 16") < found.in_words().index("common 300"), "the worst class first"


def test_tracks_of_traffic_signs_are_found_in_classes_of_any_size():
    tracks = [7, 74, 75, 47, 66, 62, 14, 48, 47, 49, 67, 44, 70, 72, 26, 21, 14, 37, 40, 7, 12, 11, 13, 17]
    paths = [
        f"{c:05d}/{t:05d}_{k:05d}.png" for c, n in enumerate(tracks) for t in range(n) for k in range(30)
    ]
    assert suggest(paths).counts["00001"] == (74, 2220)


def test_many_classes_are_said_in_one_sentence():
    text = few_originals({f"class {k}": (k, 100) for k in range(1, 1000)})
    assert text.startswith("Independent originals: class 1 1 (100 images)") and text.endswith("of 994 more.")


def test_a_suggestion_is_said_and_not_applied(patients):
    with pytest.warns(UserWarning, match=r"look like .*'p\d_0.png' would belong .*a 6 .24 images.*groups=r'"):
        data = from_folder(patients, 8)
    assert data.groups == () and data.groups_of("test") is None


@given(
    st.lists(
        st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=30), max_size=30, unique=True
    )
    | st.lists(
        st.from_regex(r"[a-z]{0,4}_?[0-9]{1,3}[_ -]?[0-9a-c(]{0,4}\)?\.(png|jpg)", fullmatch=True),
        max_size=40,
        unique=True,
    )
)
@settings(max_examples=500, deadline=None, derandomize=True)
def test_any_names_give_a_pattern_that_can_be_used_or_none(names):
    paths = [f"{'ab'[k % 2]}/{name}" for k, name in enumerate(names)]
    found = suggest(paths)
    if found:
        assert groups.of_files(paths, found.pattern) == found.groups
        assert len(set(found.groups)) < len(paths) and len(found.in_words()) > 50


@given(
    st.text(max_size=12),
    st.lists(
        st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=8), min_size=1, unique=True
    ),
)
@settings(max_examples=500, deadline=None, derandomize=True)
def test_any_pattern_names_a_group_per_file_or_is_refused(pattern, names):
    try:
        found = groups.of_files([f"a/{name}" for name in names], pattern)
    except ValueError as error:
        assert "groups" in str(error) and "Received" in str(error)
    else:
        assert len(found) == len(names) and all(found)


def test_synthetic_sets_have_no_groups():
    data = builtin("streets_day", 3, 2, 1)
    assert (
        data.groups_of("train") is None
        and dataclasses.replace(data, groups=("x",) * 12).groups_of("test").size == 2
    )
