"""Sum up the files of a folder that were not read: lines of "path: reason"."""

from collections import defaultdict
from collections.abc import Sequence

from helpers.data.file_kinds import NOTE

MOST_REASONS = 8  # in a message


def missed(skipped: Sequence[str]) -> int:
    """Count the files that should have been images; notes beside the images are left out.

    Args:
        skipped: lines of "path: reason".

    Example:
        >>> missed(["cat/1.heic: a HEIC image; export it as JPEG or PNG", f"cat/labels.csv: {NOTE}"])
        1
    """
    return sum(_reason(line) != NOTE for line in skipped)


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
    reasons = sorted(paths, key=lambda reason: (reason == NOTE, -len(paths[reason])))
    parts = [
        f"{paths[reason][0]}{f' and {more} more' if (more := len(paths[reason]) - 1) else ''}: {reason}"
        for reason in reasons[:MOST_REASONS]
    ]
    rest = sum(len(paths[reason]) for reason in reasons[MOST_REASONS:])
    return ". ".join(parts) + (f". {rest} more for other reasons" if rest else "")


def _reason(line):
    return line.rpartition(": ")[2]
