"""Layouts of folders: what is clear is read and said, what is ambiguous is refused with the remedy."""

import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers.data.folder_contents.layouts import layout_of
from helpers.data.folder_contents.split_names import split_of
from helpers.data.folders import load_folder
from helpers.data.image_sets import from_folder


def plant(root: Path, *folders, files=("1.png", "2.png", "3.png", "4.png", "5.png")):
    for folder in folders:
        (root / folder).mkdir(parents=True, exist_ok=True)
        for k, name in enumerate(files):
            Image.new("RGB", (9, 9), (k, 9, 9)).save(root / folder / name)
    return root


@pytest.mark.parametrize(
    "folders, sizes, said",
    [
        (("cat", "dog"), (6, 2, 2), "2 classes, the folders cat, dog; splits drawn at random: 60 % train"),
        (
            ("train/cat", "train/dog", "test/cat", "test/dog"),
            (8, 2, 10),
            "in predefined splits: train from 'train'; test from 'test'; validation is a fifth of train",
        ),
        (
            ("training_set/cat", "training_set/dog", "test_set/cat", "test_set/dog"),
            (8, 2, 10),
            "train from 'training_set'; test from 'test_set'",
        ),
        (("seg_train/cat", "seg_train/dog", "seg_test/cat", "seg_test/dog"), (8, 2, 10), "'seg_test'"),
        (
            ("Train Data/a", "Train Data/b", "Val-Data/a", "Val-Data/b"),
            (10, 10, 0),
            "from 'Val-Data'; no test images",
        ),
        (("train2017/a", "train2017/b", "val2017/a", "val2017/b"), (10, 10, 0), "train from 'train2017'"),
        (("train1/a", "train1/b", "test1/a", "test1/b"), (8, 2, 10), "test from 'test1'"),
        (("trainset/a", "trainset/b", "testset/a", "testset/b"), (8, 2, 10), "train from 'trainset'"),
        (
            ("train/cat", "train/dog"),
            (8, 2, 0),
            "train from 'train'; validation is a fifth of train, drawn at random",
        ),
        (
            ("train", "bus"),
            (6, 2, 2),
            "the folders bus, train; the folder 'train' is read as a class, not as a split",
        ),
    ],
)
def test_clear_layouts_are_read_and_said(tmp_path, folders, sizes, said):
    data = from_folder(plant(tmp_path, *folders), 8)
    assert (len(data.y_train), len(data.y_validation), len(data.y_test)) == sizes
    assert said in data.layout and "read as: 2 classes" in repr(data)


AMBIGUOUS = {
    "images instead of class folders": (
        ("train", "test"),
        "folders train, test, which are named like splits, but without class folders inside: the class of "
        "each image is unknown. Put the images .* such as 'train/cat'. If train, test are the classes",
    ),
    "all three, without classes": (
        ("Train", "Valid", "Test"),
        "the folders Train, Test, Valid.*such as 'Train/cat'",
    ),
    "train alone, without classes": (
        ("train",),
        "the folder 'train', which is named like splits.*'train/cat'",
    ),
    "test beside classes": (
        ("test", "cat", "dog"),
        "'test'.*beside the folders cat, dog.*move it away.*'test_class'",
    ),
    "two splits beside a class": (("train", "test", "cat"), "folders train, test.*beside the folders cat"),
    "validation beside a class": (
        ("val", "cat"),
        "'val'.*beside the folders cat.*If it is a class, rename it",
    ),
    "an unlabelled test set": (
        ("train/cat", "train/dog", "test"),
        "split 'test' in .* contains files .1.png, .... but no class folders. If its images have no labels",
    ),
    "a test set with one dummy class": (
        ("train/cat", "train/dog", "test/unknown"),
        "differ in: cat, dog, unknown.*If the images in 'test' have no labels, move it away",
    ),
    "a training set without classes": (
        ("train", "test/cat", "test/dog"),
        "split 'train'.*such as 'train/cat'",
    ),
    "one class to learn": (("train/cat", "test/cat"), "train' contains only one class, 'cat'"),
    "one level too deep": (
        ("dataset/train/cat", "dataset/train/dog", "dataset/test/cat"),
        "contains a single folder, 'dataset', with the folders test, train. Pass '.*dataset'",
    ),
    "two levels too deep": (
        ("data/data/cat", "data/data/dog"),
        "single folder, 'data', with the folders data. Pass",
    ),
    "splits one level too deep": (
        ("train/train/cat", "train/train/dog", "test/test/cat", "test/test/dog"),
        "train' contains a single folder, 'train', with the folders cat, dog. Move these up into 'train'",
    ),
    "splits inside the classes": (
        ("cat/train", "cat/test", "dog/train", "dog/test"),
        "cat' contains the splits test, train. Splits must be outside the classes: move .* to 'test/cat'",
    ),
    "folds": (
        ("fold1/cat", "fold1/dog", "fold2/cat", "fold2/dog"),
        "folders fold1, fold2 in .* all contain the folders cat, dog. If they are splits, name them train",
    ),
    "another folder beside the splits": (
        ("train/a", "train/b", "extra"),
        "also other folders: extra. .*Rename",
    ),
    "numbered splits without classes": (
        ("train", "test1"),
        "folders train, test1, which are named like splits",
    ),
    "unlabelled images beside classes": (
        ("cat", "dog", "unlabeled"),
        "'unlabeled'.*beside the folders cat, dog",
    ),
    "classes joined with splits": (
        ("cat_train", "dog_train", "cat_test", "dog_test"),
        "folders cat_test, cat_train in .* look like splits of one class or set. .*such as 'train/cat' and",
    ),
    "a set joined with splits": (
        ("asl_train/a", "asl_train/b", "asl_test/a", "asl_test/b"),
        "folders asl_test, asl_train in .* look like splits of one class or set. Name the splits",
    ),
    "segmentation": (("images", "masks"), "images, masks in .* look like images with masks or boxes"),
    "detection": (
        ("train/images", "train/labels"),
        "images, labels in .* look like images with masks or boxes",
    ),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_ambiguous_layouts_are_refused_with_the_remedy(tmp_path, case):
    folders, message = AMBIGUOUS[case]
    with pytest.raises(ValueError, match=message):
        from_folder(plant(tmp_path, *folders), 8)


def test_file_names_that_begin_with_classes_are_pointed_out(tmp_path):
    plant(tmp_path, "train", files=[f"{name}.{k}.png" for name in ("cat", "dog") for k in range(3)])
    plant(tmp_path, "test")
    with pytest.raises(ValueError, match="such as 'train/cat'. The file names begin with cat, dog: if these"):
        from_folder(tmp_path, 8)


def test_file_names_are_pointed_out_where_no_folder_names_a_class(tmp_path):
    plant(tmp_path, "", files=[f"{name}_{k}.png" for name in ("cat", "dog") for k in range(3)])
    with pytest.raises(ValueError, match="no class folders. Create one .*The file names begin with cat, dog"):
        from_folder(tmp_path, 8)


def test_an_empty_split_is_named(tmp_path):
    (plant(tmp_path, "train/a", "train/b") / "test").mkdir()
    with pytest.raises(ValueError, match="split 'test' in .* is empty. Remove it, or add the class folders"):
        from_folder(tmp_path, 8)


def test_class_folders_are_expected_where_splits_are_found(tmp_path):
    plant(tmp_path, "train/a", "train/b", "test/a", "test/b")
    with pytest.raises(
        ValueError, match="contains the splits train, test. Pass one of their folders, such as '.*train'"
    ):
        load_folder(tmp_path, 8)
    assert len(load_folder(tmp_path / "train", 8)[0]) == 10


@pytest.mark.parametrize("other", ["Cat", "cat ", "c\u200bat"])
def test_splits_that_spell_a_class_differently_are_refused_with_the_remedy(tmp_path, other):
    plant(tmp_path, "train/cat", "train/dog", f"test/{other}", "test/dog")
    with pytest.raises(ValueError, match=r"Are .*'cat'.* one class\? Then give them the same name"):
        from_folder(tmp_path, 8)


def test_a_class_that_is_a_broken_link_is_said(tmp_path):
    (plant(tmp_path, "cat", "dog") / "bird").symlink_to(tmp_path / "nowhere")
    with pytest.warns(
        UserWarning, match="1 of 11 files were skipped. bird: a link to a file or class folder"
    ):
        from_folder(tmp_path, 8)


def test_images_outside_the_class_folders_are_said_at_every_level(tmp_path):
    plant(tmp_path, "train/a", "train/b", files=[f"{k}.png" for k in range(20)])
    plant(tmp_path, "", "train", files=["stray.png"])
    with pytest.warns(UserWarning, match="2 of 42 files were skipped"):
        data = from_folder(tmp_path, 8)
    assert data.skipped == (
        "stray.png: outside the class folders",
        "train/stray.png: outside the class folders",
    )


@pytest.mark.parametrize(
    "name, split",
    [
        ("Training", "train"),
        ("test-images", "test"),
        ("validation set", "validation"),
        ("valset", "validation"),
    ]
    + [
        (name, "")
        for name in ("bus", "trainer", "tests", "set", "data", "test_subject", "2017", "train_bus", "")
    ],
)
def test_names_of_splits(name, split):
    assert split_of(name) == split


SOME = st.sampled_from(
    ("train", "Train", "test_set", "val", "validation", "cat", "dog", "images", "masks", "@eaDir")
)
TREE = st.recursive(st.just("file"), lambda inner: st.dictionaries(SOME, inner, max_size=3), max_leaves=8)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    return lambda: tmp_path_factory.mktemp("case")


def grow(folder: Path, branches):
    for name, inside in branches.items():
        if inside == "file":
            (folder / f"{name}.png").touch()
        else:
            (folder / name).mkdir()
            grow(folder / name, inside)


@given(st.dictionaries(SOME, TREE, max_size=4))
@settings(
    max_examples=500,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_every_layout_is_read_as_classes_or_splits_or_refused_in_words(fresh, branches):
    folder = fresh()
    grow(folder, branches)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            layout = layout_of(folder)
        except ValueError as error:
            assert str(folder) in str(error) and len(str(error).split(". ")) > 1, "the folder, and the remedy"
            return
    for inner in layout.folders.values():
        found = {path.name for path in inner.iterdir() if path.is_dir() and path.name != "@eaDir"}
        assert found == set(layout.classes) and len(found) > 1
        assert not any(
            path.is_dir() for name in found for path in (inner / name).iterdir() if path.name != "@eaDir"
        )
    named = {name for name in layout.classes if split_of(name)}
    assert layout.splits or named <= {"train", "Train"}, "no split is read as a class, but a train on rails"
    assert all(name in layout.describe((0.6, 0.2, 0.2)) for name in layout.classes)


PARTS_OF_SETS = [
    "traindata testdata", "TrainData TestData", "trainImages testImages", "trainA trainB testA testB",
    "train_1 train_2", "trn tst", "train dev", "Train Dev Test", "train query", "query gallery",
    "train extra", "entrenamiento prueba validación", "entraînement test", "Trainingsdaten Testdaten",
    "训练集 测试集", "обучение тест", "fold1 fold2 fold3", "split_0 split_1", "100CANON 101CANON",
    "images ground_truth", "imgs gt", "original mask", "input target", "RGB depth", "cat cat_mask",
    "dog dog_ground_truth", "train_x test_x",
]  # fmt: skip


@pytest.mark.parametrize("folders", PARTS_OF_SETS)
def test_parts_of_a_set_are_no_classes(tmp_path, folders):
    with pytest.raises(ValueError, match="like (splits|parts|images with masks)") as refused:
        from_folder(plant(tmp_path, *folders.split()), 8)
    assert "rename" in str(refused.value)


HONEST = [
    "valid invalid", "train bus", "dev ops", "gallery kitchen", "mask no_mask", "1 2 3", "class1 class2",
    "part1 part2", "100watt 200watt", "original fake", "depth width", "control test_strip",
    "2024 2025", "probe needle", "trainer boots", "testa capo", "valley hill", "evaluated raw",
    "surgical_mask n95",
]  # fmt: skip


@pytest.mark.parametrize("folders", HONEST)
def test_names_of_classes_are_read(tmp_path, folders):
    assert from_folder(plant(tmp_path, *folders.split()), 8).classes == tuple(sorted(folders.split()))


@pytest.mark.parametrize("names", ["训练集 测试集", "Trainingsdaten Testdaten", "entrenamiento prueba"])
def test_splits_with_classes_are_read_in_other_languages(tmp_path, names):
    train, test = names.split()
    data = from_folder(plant(tmp_path, *(f"{part}/{name}" for part in (train, test) for name in "ab")), 8)
    assert data.classes == ("a", "b") and f"train from {train!r}; test from {test!r}" in data.layout


@pytest.mark.parametrize(
    "folders, name",
    [(("ill/p1", "ill/p2", "well/p3"), "p1"), (("p1/ill", "p1/well", "p2/ill", "p2/well"), "p1")],
)
def test_merging_folders_keeps_all_images_and_their_groups(tmp_path, folders, name):
    with pytest.raises(
        ValueError, match=f"such as '{name}__1.jpg'.*groups=r'..[.][+][?].__' keeps those of '{name}'"
    ):
        from_folder(plant(tmp_path, *folders), 8)
