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


@functools.lru_cache(maxsize=1)
def _endings() -> dict[str, set[int]]:
    """The positions of the classes with a name that is, or ends in, these words."""
    found: dict[str, set[int]] = {}
    for k, names in enumerate(imagenet_classes()):
        for words in (_words(name).split() for name in names):
            for start in range(len(words)):
                found.setdefault(" ".join(words[start:]), set()).add(k)
    return found


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
        matches = {k for form in _forms(mine) for k in _endings().get(form, ())}
        if matches:
            found[mine] = tuple(imagenet_classes()[k][0] for k in sorted(matches))
    return found


def _forms(name):
    """Return a class name in lower-case letters, as it is and in possible singular forms."""
    name = _words(name)
    ends = (("", ""), ("s", ""), ("es", ""), ("ies", "y"), ("ves", "f"))
    return {
        name.removesuffix(end) + new
        for end, new in ends
        if name.endswith(end) and len(name) > (len(end) + 2 if end else 1)
    }


def _words(name):
    """Return a name in lower-case letters, with one space between words."""
    return " ".join(re.sub(r"[\W\d_]+", " ", name.lower()).split())
