"""Which of your classes does ImageNet know already? Compared by name, offline. Used in notebook 08."""

import functools
import re
from collections.abc import Iterable

from helpers.environment import ROOT

FILE = ROOT / "datasets" / "imagenet_classes.tsv"


@functools.lru_cache(maxsize=1)
def imagenet_classes() -> tuple[tuple[str, ...], ...]:
    """The names of each of ImageNet's 1000 classes, the usual one first."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return tuple(
        tuple(line.split("\t")[1].split(", ")) for line in lines if line and not line.startswith("#")
    )


def known_to_imagenet(classes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """ImageNet classes that bear the name of one of yours, or end in it, as "Eskimo dog" does in "dog".

    Only English names can match, and a name says nothing about the pictures: look at what is returned.

    Args:
        classes: your class names; "_", "-" and digits do not matter, nor does a plural.

    Returns:
        For each of your classes that has any, the usual names of the ImageNet classes.

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
    """A class name in plain letters, as it is and in the singular."""
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
