"""Find classes that ImageNet already contains, by name and offline."""

import functools
import re
from collections.abc import Iterable

from helpers.environment import ROOT

FILE = ROOT / "datasets" / "imagenet_classes.tsv"


@functools.lru_cache(maxsize=1)
def imagenet_classes() -> tuple[tuple[str, ...], ...]:
    """Return the names of each of ImageNet's 1000 classes, the usual one first."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return tuple(
        tuple(line.split("\t")[1].split(", ")) for line in lines if line and not line.startswith("#")
    )


def known_to_imagenet(classes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Find ImageNet classes whose name equals one of yours or ends in it, as "Eskimo dog" ends in "dog".

    Only English names can match, and equal names do not mean similar images: check the result.

    Args:
        classes: your class names; "_", "-", digits and plural endings are ignored.

    Returns:
        The usual names of the matching ImageNet classes, for each of your classes that has any.

    Example:
        >>> known_to_imagenet(["bees", "my_cat", "healthy leaf"])["bees"]
        ('bee',)
    """
    found = {}
    for mine in classes:
        matches = [
            names[0]
            for names in imagenet_classes()
            if any(_same(form, n) for n in names for form in _forms(mine))
        ]
        if matches:
            found[mine] = tuple(matches)
    return found


def _forms(name):
    """Return a class name in lower-case letters, as it is and in possible singular forms."""
    name = " ".join(re.sub(r"[\W\d_]+", " ", name.lower()).split())
    ends = (("", ""), ("s", ""), ("es", ""), ("ies", "y"), ("ves", "f"))
    return {
        name.removesuffix(end) + new
        for end, new in ends
        if name.endswith(end) and len(name) > (len(end) + 2 if end else 1)
    }


def _same(mine, theirs):
    theirs = re.sub(r"[\W\d_]+", " ", theirs.lower())
    return theirs == mine or theirs.endswith(f" {mine}")
