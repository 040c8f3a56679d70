"""How a folder of images is laid out: its splits and its classes; what is ambiguous is refused."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.data.archives import shown
from helpers.data.folder_contents.clutter import is_clutter, visible
from helpers.data.folder_contents.names import class_name, too_similar
from helpers.data.folder_contents.split_names import (
    SPLITS,
    are_parts,
    held_out,
    images_with_targets,
    joined_splits,
    named_splits,
    split_of,
)

REMEDY = "Create one sub-folder per class, named after the class, and put its images there."
MOST_NAMES = 10  # of folders in a sentence


@dataclass(frozen=True)
class Layout:
    """Which folders are read, and as what.

    Args:
        folders: the folder that contains the class folders of each split: {"train": ..., "test": ...}.
            Without predefined splits, {"all": the folder itself}.
        classes: the names of the classes.

    Example:
        >>> Layout({"all": Path("pets")}, ("cat", "dog")).describe((0.8, 0.1, 0.1))
        '2 classes, the folders cat, dog; splits drawn at random: 80 % train, 10 % validation, 10 % test'
    """

    folders: dict[str, Path]
    classes: tuple[str, ...]

    @property
    def splits(self) -> bool:
        """Whether the folder has predefined splits."""
        return "all" not in self.folders

    def describe(self, fractions: Sequence[float], grouped: bool = False) -> str:
        """Say how the folder is read.

        Args:
            fractions: shares of the splits, where they are drawn at random.
            grouped: whether groups of images are kept together in them.
        """
        whole = ", each group in one split" if grouped else ""
        classes = f"{len(self.classes)} classes, the folders {listed(self.classes)}"
        if not self.splits:
            shares = zip(("train", "validation", "test"), fractions, strict=True)
            drawn = ", ".join(f"{100 * share:.3g} % {name}" for name, share in shares)
            odd = [name for name in self.classes if split_of(name)]
            note = f"; the folder {odd[0]!r} is read as a class, not as a split" if odd else ""
            return f"{classes}{note}; splits drawn at random{whole}: {drawn}"
        named = [f"{name} from {inner.name!r}" for name, inner in self.folders.items()]
        if "validation" not in self.folders:
            named.append(f"validation is a fifth of train, drawn at random{whole}")
        if "test" not in self.folders:
            named.append("no test images")
        return f"{classes}, in predefined splits: {'; '.join(named)}"


def listed(names: Sequence[str]) -> str:
    """List names, at most ten of them.

    Example:
        >>> listed([str(k) for k in range(12)])
        '0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more'
    """
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def layout_of(folder: Path) -> Layout:
    """Find the splits and the classes of a folder.

    Raises:
        ValueError: If the folder has no class folders, a single one or nested ones; if folders that are named
            like splits have no class folders, differ in their classes, occur twice or lack train; or if other
            folders lie beside the splits.
    """
    inner = {path.name: path for path in visible(folder)[0]}
    _check_names(folder, list(inner))
    named = named_splits(inner)
    others = [name for name in inner if name not in named]
    if any(visible(inner[name])[0] for name in named):
        return _predefined(folder, {name: inner[name] for name in named}, others)
    flat = [name for name in others if not visible(inner[name])[0]]
    named |= held_out(flat, named)
    others = [name for name in others if name not in named]
    if named and not (others and [name.lower() for name in named] == ["train"]):  # a train on rails
        raise _unclear(
            folder, sorted(named, key=lambda name: list(SPLITS.values()).index(named[name])), others
        )
    return Layout({"all": folder}, tuple(sorted(class_name(path.name) for path in class_folders(folder))))


def check_without_splits(folder: Path) -> None:
    """Refuse a folder with predefined splits, where class folders are expected.

    Raises:
        ValueError: If there are splits, or as `layout_of`.
    """
    layout = layout_of(folder)
    if layout.splits:
        raise ValueError(
            f"{shown(folder)!r} contains the splits {listed(list(layout.folders))}. Pass one of their "
            f"folders, such as {shown(layout.folders['train'])!r}, or read all of them with "
            "image_sets.from_folder."
        )


def _check_names(folder, names):
    """Refuse folders whose names join a class, or a set, and a split, and numbered parts of a set."""
    what = "splits of one class or set" if (found := joined_splits(names)) else "parts of one set"
    if found or (are_parts(names) and not any(visible(folder / name)[0] for name in names)):
        raise ValueError(
            f"The folders {listed(found or names)} in {shown(folder)!r} look like {what}. Name the splits "
            "train, val and test, and put one folder per class into each of them, such as 'train/cat' and "
            "'test/cat'. If these folders are classes, rename them."
        )


def _unclear(folder, named, others):
    """Build the error for folders that are named like splits, but contain no class folders."""
    what = (
        f"the folder {named[0]!r}, which is" if len(named) == 1 else f"the folders {listed(named)}, which are"
    )
    start = f"{shown(folder)!r} contains {what} named like splits, but without class folders inside"
    if others:
        return ValueError(
            f"{start}, beside the folders {listed(others)}. If {named[0]!r} is a split, move it away, or "
            f"sort all images into train/CLASS and test/CLASS. If it is a class, rename it, for example to "
            f"'{named[0]}_class'."
        )
    hint, example = _first_words(folder / named[0])
    return ValueError(
        f"{start}: the class of each image is unknown. Put the images of each class into a folder of its "
        f"own, such as '{named[0]}/{example}'.{hint} If {listed(named)} are the classes, rename these "
        f"folders, for example to '{named[0]}_class'."
    )


def _first_words(folder):
    """Say with which few words the file names begin, if each begins several; return the first one, too."""
    found = (re.match(r"[^\W\d_]+", path.name) for path in visible(folder)[1])
    counts = Counter(match[0] if match else "" for match in found)
    if not (2 <= len(counts) <= MOST_NAMES and "" not in counts and min(counts.values()) > 1):
        return "", "cat"
    words = sorted(counts)
    return (
        f" The file names begin with {listed(words)}: if these are the classes, name the folders so.",
        words[0],
    )


def _predefined(folder, splits, others):
    """Check folders that are named like splits, at least one of which contains folders."""
    names = named_splits(splits)
    if others:
        raise ValueError(
            f"{shown(folder)!r} contains splits, but also other folders: {listed(others)}. Splits are "
            "named train, val and test. Rename the other folders or move them away."
        )
    if "train" not in names.values():
        raise ValueError(
            f"{shown(folder)!r} contains {listed(list(names))}, but no train. Add a train folder, or pass "
            "the folder whose sub-folders are the classes."
        )
    split, count = Counter(names.values()).most_common(1)[0]
    if count > 1:
        several = ", ".join(name for name in names if names[name] == split)
        raise ValueError(f"{shown(folder)!r} contains several {split} folders: {several}. Keep one.")
    for name, inner in splits.items():
        _check_split(folder, inner, names[name])
    train = next(name for name in names if names[name] == "train")
    learned = {class_name(path.name) for path in class_folders(splits[train], inside_split=True)}
    for name, inner in splits.items():
        found = {class_name(path.name) for path in visible(inner)[0]}
        if different := sorted(found ^ learned):
            unlabelled = len(found) == 1 and not found & learned
            hint = f" If the images in {name!r} have no labels, move it away." if unlabelled else ""
            if alike := too_similar(different):
                hint = f" Are {' and '.join(map(ascii, alike[0]))} one class? Then give them the same name."
            raise ValueError(
                f"{train!r} and {name!r} in {shown(folder)!r} must contain the same classes, but differ in: "
                f"{', '.join(different)}. Add or remove these class folders.{hint}"
            )
        class_folders(inner, inside_split=True)
    order = [name for split in ("train", "validation", "test") for name in names if names[name] == split]
    return Layout({names[name]: splits[name] for name in order}, tuple(sorted(learned)))


def _check_split(folder, inner, split):
    """Refuse a split without class folders."""
    folders, files = visible(inner)
    if folders:
        return
    if not files:
        remedy = REMEDY if split == "train" else "Remove it, or add the class folders."
        raise ValueError(
            f"The split {inner.name!r} in {shown(folder)!r} is empty{left_aside(inner)}. {remedy}"
        )
    remedy = (
        f"Put the images of each class into a folder of its own, such as '{inner.name}/cat'."
        if split == "train"
        else f"If its images have no labels, move it away; otherwise, sort them into {inner.name}/CLASS."
    )
    raise ValueError(
        f"The split {inner.name!r} in {shown(folder)!r} contains files ({files[0].name}, ...) but no class "
        f"folders. {remedy}"
    )


def class_folders(folder: Path, inside_split: bool = False) -> list[Path]:
    """List the class folders of a folder.

    Args:
        folder: the folder.
        inside_split: whether it is one of several splits, so that it cannot be left out.

    Raises:
        ValueError: If there are no class folders, a single one or nested ones, or if their names are those
            of a data set for detection or segmentation, or if two names are nearly the same.
    """
    folders, files = visible(folder)
    if not folders:
        problem = f"contains files ({files[0].name}, ...) but no class folders" if files else "is empty"
        raise ValueError(
            f"{shown(folder)!r} {problem}{left_aside(folder)}. {REMEDY}{_first_words(folder)[0]}"
        )
    if images_with_targets([path.name for path in folders]):
        raise ValueError(
            f"The folders {listed([path.name for path in folders])} in {shown(folder)!r} look like images "
            "with masks or boxes, for segmentation or detection. Image classification needs classes. "
            f"{REMEDY} If these folders are classes, rename them."
        )
    nested = {path.name: [inner.name for inner in visible(path)[0]] for path in folders}
    if any(nested.values()):
        raise _too_deep(folder, nested, inside_split)
    if len(folders) < 2:
        raise ValueError(
            f"{shown(folder)!r} contains only one class, {folders[0].name!r}; at least two are needed"
            f"{left_aside(folder)}. {REMEDY}"
        )
    if alike := too_similar([path.name for path in folders]):
        raise ValueError(
            f"The class folders {' and '.join(map(ascii, alike[0]))} in {shown(folder)!r} differ only in "
            "case, in spaces, in invisible characters or in the Unicode form of their letters, so other "
            "computers, or people, take them for one folder. Put all images into one of them, or rename one "
            "if they are two classes, for example to "
            f"{class_name(alike[0][-1]).strip() + '_2'!r}."
        )
    return folders


def left_aside(folder: Path) -> str:
    """Name the clutter of a folder in parentheses, for errors about what the folder lacks."""
    names = sorted(path.name for path in folder.iterdir() if is_clutter(path.name))
    return f" (ignored: {listed(names)})" if names else ""


def _too_deep(folder, nested, inside_split):
    """Build the error for folders inside those that should be the class folders."""
    name, inside = next((name, inside) for name, inside in nested.items() if inside)
    inner = shown(folder / name)
    if len(nested) == 1:
        remedy = f"Move these up into {folder.name!r}." if inside_split else f"Pass {inner!r}."
        return ValueError(
            f"{shown(folder)!r} contains a single folder, {name!r}, with the folders {listed(inside)}. "
            + remedy
        )
    if all(split_of(split) for split in inside):
        return ValueError(
            f"{inner!r} contains the splits {listed(inside)}. Splits must be outside the classes: move the "
            f"images to '{inside[0]}/{name}', and those of the other classes likewise."
        )
    first, *more = (set(names) for names in nested.values())
    if len(first) > 1 and all(names == first for names in more):
        return ValueError(
            f"The folders {listed(list(nested))} in {shown(folder)!r} all contain the folders "
            f"{listed(sorted(first))}. If they are splits, name them train, val and test. If they are parts "
            f"of one set, pass only one of them, such as {inner!r}, or merge them. {_merging(name)}"
        )
    return ValueError(
        f"The class folder {inner!r} contains another folder, {inside[0]!r}. Move its images up into "
        f"{name!r}, or pass only {inner!r} if its folders are the classes. {_merging(inside[0])}"
    )


def _merging(name):
    """Say how images keep their names, and their groups, where folders are merged."""
    return (
        f"Before you move images, put the name of their folder before their names, such as '{name}__1.jpg': "
        f"no image replaces another one, and groups=r'^(.+?)__' keeps those of {name!r} together."
    )
