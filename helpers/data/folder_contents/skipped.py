"""Sum up the files of a folder that were not read: lines of "path: reason"."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from helpers.data.folder_contents.beside import MASK, VERSION
from helpers.data.image_files.file_kinds import NOTE

MOST_REASONS = 8  # in a message
MOST_CLASSES = 5  # in a message
_NOT_MISSED = (NOTE, MASK, VERSION)


def missed(skipped: Sequence[str]) -> int:
    """Count the files that should have been images, without notes, masks and other versions of images.

    Args:
        skipped: lines of "path: reason".

    Example:
        >>> missed(["cat/1.heic: a HEIC image; export it as JPEG or PNG", f"cat/labels.csv: {NOTE}"])
        1
    """
    return sum(_reason(line) not in _NOT_MISSED for line in skipped)


def by_class(skipped: Sequence[str], images: Mapping[str, int], most: float) -> str:
    """Name the classes that lost more than a fraction of their images, in a sentence; else an empty text.

    Args:
        skipped: lines of "path: reason".
        images: number of images that were read, by class.
        most: the fraction.

    Example:
        >>> by_class(["cat/1.jpg: empty file", "dog/1.jpg: empty file"], {"cat": 2, "dog": 99}, 0.1)
        'Of class cat, 1 of 3 images are missing.'
    """
    folders = (
        line.removesuffix(f": {_reason(line)}").split("/")[-2:-1] for line in skipped if missed([line])
    )
    lost = Counter(name for folder in folders for name in folder if name in images)
    few = {name: count for name, count in lost.items() if count > most * (count + images[name])}
    if not few:
        return ""
    of = [f"{name}, {count} of {count + images[name]}" for name, count in few.items()]
    more = f"; and of {len(of) - MOST_CLASSES} more classes" if len(of) > MOST_CLASSES else ""
    return f"Of class {'; of class '.join(of[:MOST_CLASSES])} images are missing{more}."


def by_reason(skipped: Sequence[str]) -> str:
    """Say how many files were skipped for which reason, the most frequent reason first.

    Args:
        skipped: lines of "path: reason"; a reason contains no colon.

    Example:
        >>> by_reason(["cat/1.heic: a HEIC image; export it", "cat/2.heic: a HEIC image; export it"])
        'cat/1.heic and 1 more: a HEIC image; export it'
    """
    paths = defaultdict(list)
    for line in skipped:
        paths[_reason(line)].append(line.removesuffix(f": {_reason(line)}"))
    reasons = sorted(paths, key=lambda reason: (reason in _NOT_MISSED, -len(paths[reason])))
    parts = [
        f"{paths[reason][0]}{f' and {more} more' if (more := len(paths[reason]) - 1) else ''}: {reason}"
        for reason in reasons[:MOST_REASONS]
    ]
    rest = sum(len(paths[reason]) for reason in reasons[MOST_REASONS:])
    return ". ".join(parts) + (f". {rest} more for other reasons" if rest else "")


def _reason(line):
    return line.rpartition(": ")[2]
