"""Names of folders that are splits, or parts of a set, rather than classes."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping


def plain(text: str) -> str:
    r"""Return a text in small letters without accents.

    Example:
        >>> plain("Validaci\u00f3n")
        'validacion'
    """
    parts = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in parts if unicodedata.category(c) != "Mn"))


_WORDS = {  # the last lines: German, French, Spanish, Italian, Portuguese, Russian; Chinese, Japanese, Korean
    "train": "train training trn trainings entrainement apprentissage entrenamiento addestramento "
    "treino treinamento обучение 训练 訓練 学習 训练集 訓練集 훈련 학습",
    "test": "test testing tst prueba pruebas teste prova тест 测试 測試 测试集 測試集 テスト 테스트 시험",
    "validation": "val valid validation validierung validierungs validacion validazione validacao "
    "валидация 验证 驗證 验证集 驗證集 検証 검증",
}
SPLITS = {plain(word): split for split, words in _WORDS.items() for word in words.split()}
_FILLERS = set(
    "set sets data dataset image images img imgs photos pictures folder files seg daten bilder".split()
)
_JOINED = re.compile(  # trainset, testimages, Trainingsdaten
    rf"(?P<split>{'|'.join(sorted(SPLITS, key=len, reverse=True))})_?(?:{'|'.join(_FILLERS)})"
)
_UNLABELLED = set(
    "unlabeled unlabelled unsup predict pred holdout heldout eval evaluation submission".split()
)
_BESIDE = {"dev", "devel", "query", "gallery", "probe", "extra", *_UNLABELLED}  # splits only beside another
_PARTS = {"fold", "split", "subset", "partition", "batch", "chunk", "shard"}
_CAMERA = re.compile(  # folders of memory cards
    r"\d{3}_?(canon|nikon|apple|msdcf|pana|olymp|fuji|gopro|andro|casio|kodak|ricoh|leica|media|photo)",
    re.IGNORECASE,
)
_INPUTS = {"images", "image", "imgs", "img", "jpegimages", "original", "originals", "input", "inputs", "rgb"}
_TARGETS = set(
    "label labels mask masks annot annots annotation annotations segmentation segmentations groundtruth gt "
    "target targets trimap trimaps depth bbox bboxes".split()
)
_OF_AN_IMAGE = {"mask", "masks", "groundtruth", "gt", "segmentation", "segmentations", "annotation"}


def words_of(name: str) -> list[str]:
    """Return the words of a folder's name in small letters, without numbers and words such as "set".

    Example:
        >>> words_of("TrainData_2017"), words_of("trainA"), words_of("hot dog")
        (['train'], ['train', 'a'], ['hot', 'dog'])
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFC", name))
    words = re.findall(r"[^\W\d_]+", plain(apart))
    found = (_JOINED.fullmatch(word) for word in words)
    words = [match["split"] if match else word for match, word in zip(found, words, strict=True)]
    return [word for word in words if word not in _FILLERS]


def split_of(name: str) -> str:
    """Return the split that a folder's name stands for, or an empty text.

    Example:
        >>> [split_of(name) for name in ("Train", "test_set", "val2017", "bus")]
        ['train', 'test', 'validation', '']
    """
    words = words_of(name)
    return SPLITS.get(words[0], "") if len(words) == 1 else ""


def named_splits(names: Collection[str]) -> dict[str, str]:
    """Return the split of each folder that is named like one; "valid" beside "invalid" is a class.

    Example:
        >>> named_splits(["train", "test_set", "bus"])
        {'train': 'train', 'test_set': 'test'}
    """
    opposites = {"invalid"} & {word for name in names for word in words_of(name)}
    return {
        name: split_of(name)
        for name in names
        if split_of(name) and not (opposites and words_of(name) == ["valid"])
    }


def held_out(names: Iterable[str], named: Mapping[str, str]) -> dict[str, str]:
    """Return further folders that are no classes: unlabelled ones, and those such as "dev" beside a split.

    Args:
        names: of the other folders.
        named: split of each folder that is named like one.

    Example:
        >>> held_out(["dev", "cat"], {"train": "train"}), held_out(["dev", "ops"], {})
        ({'dev': 'test'}, {})
    """
    single = {name: words_of(name)[0] for name in names if len(words_of(name)) == 1}
    found = [name for name, word in single.items() if word in _BESIDE]
    if not named and len(found) < 2:
        found = [name for name in found if single[name] in _UNLABELLED]
    return dict.fromkeys(found, "test")


def joined_splits(names: Iterable[str]) -> list[str]:
    """Return folders whose names join one class, or one set, and several splits.

    Example:
        >>> joined_splits(["cats_train", "cats_test", "dogs"]), joined_splits(["control", "test_group"])
        (['cats_train', 'cats_test'], [])
    """
    splits = defaultdict(list)
    for name in names:
        words = words_of(name)
        found = [word for word in words if word in SPLITS]
        if len(found) == 1 and len(words) > 1:
            splits[" ".join(word for word in words if word not in SPLITS)].append((SPLITS[found[0]], name))
    for joined, members in splits.items():
        if len({split for split, _ in members}) > 1 and joined != "class":
            return [name for _, name in members]
    return []


def are_parts(names: Collection[str]) -> bool:
    """Return whether folders are numbered parts of one set, or folders of a camera.

    Example:
        >>> are_parts(["fold1", "fold2"]), are_parts(["100CANON", "101CANON"]), are_parts(["1", "2"])
        (True, True, False)
    """
    words = {" ".join(words_of(name)) for name in names}
    numbered = all(re.search(r"\d", name) for name in names) and len(words) == 1 and words <= _PARTS
    return len(names) > 1 and (numbered or all(map(_CAMERA.fullmatch, names)))


def images_with_targets(names: Collection[str]) -> bool:
    """Return whether folders contain images, and masks or boxes of these images.

    Example:
        >>> images_with_targets(["imgs", "ground_truth"]), images_with_targets(["cat", "cat_mask"])
        (True, True)
        >>> images_with_targets(["mask", "no_mask"])
        False
    """
    joined = {re.sub(r"[\W_]", "", plain(name)) for name in names}
    if joined & _INPUTS and joined & _TARGETS:
        return True
    short = (plain(name).replace("ground_truth", "gt") for name in names)
    ends = (re.fullmatch(r"(.+?)[\W_]+([^\W_]+)", name) for name in short)
    stems = {match[1] for match in ends if match and match[2] in _OF_AN_IMAGE}
    return bool(stems & {plain(name) for name in names})
