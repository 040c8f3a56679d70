"""Files beside the images: masks, other versions of an image, and images outside the class folders."""

import contextlib
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from PIL import Image

from helpers.data.folder_contents.clutter import clutter, is_system_clutter, visible
from helpers.data.folder_contents.layouts import listed
from helpers.data.image_files.file_kinds import HEAD, IMAGE_SUFFIXES, KINDS, NOTE_SUFFIXES, RAW, kind_of
from helpers.data.image_files.reading import printable

MASK = "the mask of another image"
VERSION = "belongs to the image of the same name"
_VERSIONS = {  # such as the video of a Live Photo, and the raw version of a JPEG
    suffix
    for kind in KINDS
    if kind is RAW or kind.name in ("a video", "a sound file", "an array")
    for suffix in kind.suffixes
}
OUTSIDE = "outside the class folders"
BROKEN = "a link to a file or class folder that does not exist"
_MASK = re.compile(  # benign (1)_mask.png, benign (1)_mask_1.png
    r"(.+?)[ _.-]+(?:masks?|gt|ground[ _-]?truth|seg|segmentation|annotation|labels?)(?:[ _-]?\d+)?",
    re.IGNORECASE,
)


def without_masks(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Divide the files of one folder into images, and masks whose image is among them.

    Example:
        >>> images, masks = without_masks([Path(name) for name in ("1.png", "1_mask.png", "2_mask.png")])
        >>> [path.name for path in images], [path.name for path in masks]
        (['1.png', '2_mask.png'], ['1_mask.png'])
    """
    stems = {path.stem for path in files}
    found = (_MASK.fullmatch(path.stem) for path in files)
    masks = {path for path, match in zip(files, found, strict=True) if match and match[1] in stems}
    return [path for path in files if path not in masks], sorted(masks)


def skipped_lines(lost: Mapping[Path, str], read: Iterable[Path]) -> list[str]:
    """Return "folder/file: reason" for files that could not be read.

    Args:
        lost: the reason of each file.
        read: the images that were read. A raw photo, a video, a sound file or an array of the same name,
            such as 1.mov beside 1.jpg, belongs to the image: nothing is lost.

    Example:
        >>> skipped_lines({Path("cat/1.mov"): "a video", Path("cat/2.mov"): "a video"}, [Path("cat/1.jpg")])
        ['cat/1.mov: belongs to the image of the same name', 'cat/2.mov: a video']
    """
    known = {(path.parent, name) for path in read for name in (path.stem, path.name)}
    version = {
        path for path in lost if path.suffix.lower() in _VERSIONS and (path.parent, path.stem) in known
    }
    return [
        f"{printable(f'{path.parent.name}/{path.name}')}: {VERSION if path in version else reason}"
        for path, reason in lost.items()
    ]


def outside(folder: Path) -> list[str]:
    """Return "file: reason" for images and broken links beside the class folders; a README is fine."""
    files = visible(folder)[1]
    lost = {path: OUTSIDE for path in files if _is_image(path)}
    lost |= {path: BROKEN for path in files if path.is_symlink() and not path.exists()}
    return [f"{printable(path.name)}: {reason}" for path, reason in lost.items()]


def _is_image(path):
    """Return whether a file is an image, by its ending or its content."""
    suffix = path.suffix.lower()
    if suffix in IMAGE_SUFFIXES or suffix in NOTE_SUFFIXES or not path.is_file():
        return suffix in IMAGE_SUFFIXES
    with contextlib.suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with open(path, "rb") as file:
            if kind := kind_of(file.read(HEAD), suffix):
                return "image" in kind.name or "photo" in kind.name  # a HEIC image, a raw photo
        with Image.open(path):
            return True
    return False


def ignored_images(folder: Path) -> list[str]:
    """Warn, in at most one sentence, of ignored images and folders of images that may belong to the set."""
    found = [path for path in clutter(folder) if not is_system_clutter(path.name) and _has_images(path)]
    if not found:
        return []
    names = listed([printable(path.relative_to(folder).as_posix()) for path in found])
    return [
        f"{len(found)} of the ignored files and folders contain images: {names}. If they belong to the set, "
        "rename them: a dot at the beginning hides a file, and endings such as .tmp mark temporary files."
    ]


def _has_images(path):
    with contextlib.suppress(OSError):  # a folder that cannot be opened
        files = visible(path)[1] if path.is_dir() else [path]
        return any(file.suffix.lower() in IMAGE_SUFFIXES for file in files)
    return False
